"""Foreign HTTP/2 tools and a real sidecar: h2spec and h2load on both API ports, curl and nghttp on the HTTP port."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import foreign
from support.processes import Daprd, daprd

pytestmark = pytest.mark.timeout(600)  # a cold machine builds h2spec first
PATH = "/v1.0/metadata"


@pytest.fixture(scope="module")
def sidecar() -> Iterator[Daprd]:
    with daprd("tools") as running:
        yield running


def output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("port", ["http_port", "grpc_port"])
def test_h2spec_finds_no_fault(sidecar: Daprd, port: str) -> None:
    command = [foreign.go_program("h2spec"), "-p", str(getattr(sidecar, port)), "-P", PATH, "-o", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110)
    failures = done.stdout.partition("Failures:")[2]
    assert "145 tests, 145 passed, 0 skipped, 0 failed" in done.stdout, failures


@pytest.mark.parametrize("flag", ["--http1.1", "--http2", "--http2-prior-knowledge"])
def test_curl_is_answered_in_the_protocol_it_asks_for(sidecar: Daprd, flag: str) -> None:
    url = f"http://127.0.0.1:{sidecar.http_port}{PATH}"
    text = output(foreign.program("curl"), "-s", flag, url, "-w", " %{http_code} %{http_version}")
    version = "1.1" if flag == "--http1.1" else "2"
    assert text.startswith('{"id":"tools"')
    assert text.endswith(f" 200 {version}")


@pytest.mark.parametrize("flag", ["--http2", "--http2-prior-knowledge"])
def test_curl_posts_a_body_of_some_size(sidecar: Daprd, flag: str) -> None:
    url = f"http://127.0.0.1:{sidecar.http_port}/v1.0/invoke/nobody/method/x"
    sized = ["--data-binary", "x" * 100_000, "-w", "%{http_code}", "-o", "/dev/null"]
    assert output(foreign.program("curl"), "-s", flag, url, *sized) == "500"


def test_curl_is_not_answered_in_http2_where_it_is_switched_off() -> None:
    curl = foreign.program("curl")
    with daprd("off", env={"DAPR_HTTP_DISABLE_H2C": "true"}) as running:
        url = f"http://127.0.0.1:{running.http_port}{PATH}"
        assert output(curl, "-s", "--http2", url, "-w", " %{http_version}").endswith(" 1.1")
        refused = subprocess.run([curl, "-s", "--http2-prior-knowledge", url], capture_output=True, timeout=20)
    assert refused.returncode != 0


@pytest.mark.parametrize("flags", [["-n"], ["-nu"]], ids=["prior knowledge", "upgrade"])
def test_nghttp_is_answered(sidecar: Daprd, flags: list[str]) -> None:
    text = output(foreign.program("nghttp"), *flags, "-v", f"http://127.0.0.1:{sidecar.http_port}{PATH}")
    assert "\x1b" not in text
    assert ":status: 200" in text


@pytest.mark.parametrize("streams", [1, 100])
def test_h2load_loses_no_request(sidecar: Daprd, streams: int) -> None:
    url = f"http://127.0.0.1:{sidecar.http_port}{PATH}"
    text = output(foreign.program("h2load"), "-n", "2000", "-c", "4", "-m", str(streams), url)
    assert re.search(r"2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout", text), text


@pytest.mark.parametrize("streams", [1, 100])
def test_h2load_calls_the_grpc_port_and_loses_no_call(sidecar: Daprd, streams: int, tmp_path: Path) -> None:
    """An empty message to the health service; h2load counts what has a complete answer of status 200."""
    message = tmp_path / "empty"
    message.write_bytes(bytes(5))
    url = f"http://127.0.0.1:{sidecar.grpc_port}/grpc.health.v1.Health/Check"
    fields = ["-H", "content-type: application/grpc", "-H", "te: trailers", "-d", str(message)]
    text = output(foreign.program("h2load"), "-n", "2000", "-c", "4", "-m", str(streams), *fields, url)
    assert re.search(r"2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout", text), text
    assert re.search(r"status codes: 2000 2xx", text), text
