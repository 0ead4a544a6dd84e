"""A sidecar of the public project at the other end: grpc-go over go-spiffe's credentials, which it is built on."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.calls import call
from support.echo_app import EchoApp, echo_app
from support.foreign import spiffe_program
from support.identities import Authority
from support.manifests import finding
from support.mtls import World, announced, world, write_pem
from support.processes import Process

from daprd.mesh import codec

pytestmark = pytest.mark.timeout(600)  # a cold machine builds the peer first

GO = "spiffe://public/ns/default/go"
OURS = "spiffe://public/ns/default/ours"
ENTRIES = [(b"dapr-caller-app-id", b"liar"), (b"X-Mine", b"1")]


@pytest.fixture(scope="module")
def here() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture(scope="module")
def app() -> Iterator[EchoApp]:
    with echo_app() as running:
        yield running


def go_calls(
    here: World, folder: Path, port: int, expected: str, identity: str = GO, issuer: Authority | None = None
) -> subprocess.CompletedProcess[str]:
    """The Go sidecar calls a port, where it expects an id; it shows one itself."""
    files = write_pem(folder, here.identity(identity, issuer=issuer), here.root)
    message = codec.encode_chunk(codec.encode_request(b"from-go", codec.VERBS["POST"], ENTRIES), b"hello", 0)
    command = [spiffe_program(), "call-sidecar", *map(str, files), f"127.0.0.1:{port}", expected, message.hex()]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_go_sidecar_calls_ours(here: World, app: EchoApp, tmp_path: Path) -> None:
    with here.daprd("ours", app_port=app.port) as ours:
        done = go_calls(here, tmp_path, ours.internal_port, OURS)
        assert done.returncode == 0, done.stderr
        chunk = codec.decode_chunk(bytes.fromhex(done.stdout.splitlines()[0]))
        assert chunk.leading is not None
        assert codec.decode_response(chunk.leading).status == 200
        told = next(each for each in app.received if each.target == "/from-go")
        assert (told.body, told.header("x-mine"), told.header("dapr-caller-app-id")) == (b"hello", "1", "go")


def test_a_go_sidecar_refuses_ours_by_its_id(here: World, app: EchoApp, tmp_path: Path) -> None:
    with here.daprd("ours", app_port=app.port) as ours:
        done = go_calls(here, tmp_path, ours.internal_port, OURS + "2")
    assert done.returncode == 1
    assert f"authentication handshake failed: unexpected ID {OURS}" in done.stderr.replace('\\"', "")


def test_ours_refuses_a_go_sidecar_that_no_anchor_vouches_for(here: World, app: EchoApp, tmp_path: Path) -> None:
    with here.daprd("ours", app_port=app.port) as ours:
        done = go_calls(here, tmp_path, ours.internal_port, OURS, issuer=Authority("another"))
        ours.wait_for_line("Refused a TLS connection: the peer's certificate is not accepted")
    assert done.returncode == 1
    assert done.stderr.startswith("Unavailable")


@pytest.mark.parametrize(
    ("identity", "accepted"), [(GO, True), ("spiffe://foreign/ns/default/go", True), (GO + "2", False)]
)
def test_ours_calls_a_go_sidecar_that_is_the_right_one(
    identity: str, accepted: bool, here: World, tmp_path: Path
) -> None:
    files = write_pem(tmp_path, here.identity(identity), here.root)
    answer = codec.encode_chunk(codec.encode_response(200, [(b"x-go", b"1")]), b"from go", 0)
    names = tmp_path / "names.db"
    with (
        Process([spiffe_program(), "serve-sidecar", *map(str, files), answer.hex()]) as go,
        here.daprd("ours", config=finding(names)) as ours,
        announced(here, names, "go", int(go.wait_for_line(""))),
    ):
        got = call(ours.http_port, "GET", "/v1.0/invoke/go/method/x", timeout=60)
        if accepted:
            assert (got.status, got.body, got.headers["x-go"]) == (200, b"from go", "1")
            assert go.wait_for_line("called by ") == f"called by {OURS}"
        else:
            assert got.status == 500
            assert "unexpected SPIFFE ID" in got.text
            assert "called by" not in go.output
