"""A sidecar's life as its surroundings see it: how it starts, what it logs, which signals end it with which code."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import manifests
from support.calls import Answer as Reply
from support.calls import call
from support.echo_app import Answer, EchoApp, Received, echo_app
from support.processes import daprd

INVOKE = "/v1.0/invoke/app/method/slow"


class SlowApp:
    """An application whose ``/slow`` answers when it is released."""

    def __init__(self) -> None:
        self.released = threading.Event()

    def rule(self, request: Received) -> Answer | None:
        if request.target != "/slow":
            return None
        self.released.wait(20)
        return Answer(200, b"done", [("Content-Type", "text/plain")])


@pytest.fixture
def slow() -> Iterator[tuple[SlowApp, EchoApp]]:
    behaviour = SlowApp()
    with echo_app(behaviour.rule) as app:
        yield behaviour, app
        behaviour.released.set()


def in_background(work: Callable[[], Reply]) -> tuple[threading.Thread, list[Reply]]:
    answers: list[Reply] = []

    def run() -> None:
        try:
            answers.append(work())
        except OSError:
            return

    thread = threading.Thread(target=run)
    thread.start()
    return thread, answers


# -- the start


def test_an_empty_environment_is_enough() -> None:
    with daprd("bare", bare=True) as sidecar:
        assert Path(f"/proc/{sidecar.popen.pid}/environ").read_bytes() == b""
        assert call(sidecar.http_port, "GET", "/v1.0/metadata").json["id"] == "bare"
        assert sidecar.terminate() == 0
    assert "Traceback" not in sidecar.output


HEAVY = {
    "pydantic", "aiohttp", "fastapi", "kopf", "grpc", "cryptography", "cel", "celpy", "zeroconf", "redis",
    "prometheus_client", "requests", "jinja2", "argparse",
}  # fmt: skip


def test_a_plain_start_loads_nothing_heavy(tmp_path: Path) -> None:
    stores = (manifests.component("store", "state.in-memory"), manifests.component("bus", "pubsub.in-memory"))
    folder = manifests.folder(tmp_path, *stores)
    with daprd("light", resources=folder, python=("-X", "importtime")) as sidecar:
        assert call(sidecar.http_port, "GET", "/v1.0/metadata").status == 200
        sidecar.terminate()
    loaded = {line.rpartition("|")[2].strip() for line in sidecar.lines if line.startswith("import time:")}
    assert "daprd.runtime.runtime" in loaded
    assert HEAVY & {name.partition(".")[0] for name in loaded} == set()


TEXT = re.compile(
    r'time="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:\d\d)" level=(debug|info|warning) msg=("(\\.|[^"\\])*"|\S+) '
    r'app_id=logged (\S+=(\S+|".*") )*instance=(\S+|".*") (\S+=(\S+|".*") )*scope=dapr\S* type=log ver=\S+'
)
FIRST, LAST = "Starting Dapr Runtime -- version", "Daprd shutdown gracefully"


def test_logs_are_text_of_documented_form() -> None:
    with daprd("logged", "--log-level=debug") as sidecar:
        sidecar.terminate()
    assert [line for line in sidecar.lines if not TEXT.fullmatch(line)] == []
    assert FIRST in sidecar.lines[0]
    assert LAST in sidecar.lines[-1]


def test_logs_are_json_of_documented_form() -> None:
    with daprd("logged", "--log-as-json") as sidecar:
        sidecar.terminate()
    entries = [json.loads(line) for line in sidecar.lines]
    assert all(list(entry) == sorted(entry) for entry in entries)
    assert all(entry.keys() >= {"instance", "level", "msg", "scope", "time", "type", "ver"} for entry in entries)
    assert {entry["app_id"] for entry in entries} == {"logged"}
    assert entries[0]["msg"].startswith(FIRST)
    assert entries[-1]["msg"] == LAST


def test_logs_go_to_a_file_when_one_is_named(tmp_path: Path) -> None:
    log = tmp_path / "daprd.log"
    with daprd("logged", f"--log-file={log}") as sidecar:
        sidecar.terminate()
    assert sidecar.lines == []
    assert FIRST in log.read_text().splitlines()[0]


@pytest.mark.parametrize(
    ("flags", "code", "says"),
    [
        (("--no-such-flag",), 2, "no-such-flag"),
        (("--app-id=a", "--dapr-http-port=many"), 2, "dapr-http-port"),
        ((), 1, "parameter app-id cannot be empty"),
        (("--app-id=a.b",), 1, "parameter app-id cannot contain dots"),
        (("--app-id=a", "--mode=moon"), 1, "invalid value for 'mode': moon"),
        (("--app-id=a", "--log-level=loud"), 1, "invalid value for --log-level: loud"),
        (("--app-id=a", "--config=/no/such/file.yaml"), 1, "/no/such/file.yaml"),
    ],
    ids=["unknown flag", "bad value", "no app id", "dots", "mode", "log level", "no such file"],
)
def test_a_command_line_that_is_wrong_ends_with_its_code_and_one_clear_line(
    flags: tuple[str, ...], code: int, says: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "daprd.main", *flags], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == code
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_taken_port_is_named_and_ends_the_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with daprd("taken", f"--dapr-http-port={port}", ready=None) as sidecar:
            assert sidecar.popen.wait(20) == 1
            line = sidecar.wait_for_line("Fatal error from runtime")
    assert str(port) in line


# -- the end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_one_signal_lets_calls_in_flight_finish(number: signal.Signals, slow: tuple[SlowApp, EchoApp]) -> None:
    behaviour, app = slow
    with daprd("app", app_port=app.port) as sidecar:
        thread, answers = in_background(lambda: call(sidecar.http_port, "GET", INVOKE))
        app.wait_for(lambda request: request.target == "/slow")
        sidecar.popen.send_signal(number)
        sidecar.wait_for_line("beginning shutdown")
        behaviour.released.set()
        assert sidecar.popen.wait(15) == 0
        thread.join()
    assert [(answer.status, answer.body) for answer in answers] == [(200, b"done")]
    sidecar.wait_for_line(LAST)


def test_the_second_signal_ends_it_at_once(slow: tuple[SlowApp, EchoApp]) -> None:
    _, app = slow
    with daprd("app", "--dapr-graceful-shutdown-seconds=30", app_port=app.port) as sidecar:
        thread, answers = in_background(lambda: call(sidecar.http_port, "GET", INVOKE))
        app.wait_for(lambda request: request.target == "/slow")
        sidecar.popen.send_signal(signal.SIGTERM)
        sidecar.wait_for_line("beginning shutdown")
        sidecar.popen.send_signal(signal.SIGINT)
        assert sidecar.popen.wait(5) == 1
        thread.join()
    assert answers == []


def test_the_grace_time_is_what_the_flag_says(slow: tuple[SlowApp, EchoApp]) -> None:
    _, app = slow
    with daprd("app", "--dapr-graceful-shutdown-seconds=1", app_port=app.port) as sidecar:
        thread, _ = in_background(lambda: call(sidecar.http_port, "GET", INVOKE))
        app.wait_for(lambda request: request.target == "/slow")
        started = time.monotonic()
        assert sidecar.terminate() == 1
        assert 0.9 < time.monotonic() - started < 6
        thread.join()
    assert "Graceful shutdown timeout exceeded, forcing shutdown" in sidecar.output


def test_a_blocked_shutdown_goes_on_serving_for_its_time(tmp_path: Path) -> None:
    folder = manifests.folder(tmp_path, manifests.component("store", "state.in-memory"))
    with daprd("app", "--dapr-block-shutdown-duration=1s", resources=folder) as sidecar:
        started = time.monotonic()
        sidecar.popen.send_signal(signal.SIGTERM)
        sidecar.wait_for_line("Blocking graceful shutdown for 1s or until app reports unhealthy...")
        assert call(sidecar.http_port, "POST", "/v1.0/state/store", [{"key": "k", "value": 1}]).status == 204
        assert sidecar.popen.wait(15) == 0
        assert time.monotonic() - started > 0.9
    assert "Block shutdown period expired, entering shutdown..." in sidecar.output


def test_an_unhealthy_application_ends_a_blocked_shutdown() -> None:
    well = threading.Event()
    well.set()
    health = ("--enable-app-health-check", "--app-health-probe-interval=1", "--app-health-threshold=1")
    with (
        echo_app(lambda r: Answer(200 if well.is_set() else 500) if r.target == "/healthz" else None) as app,
        daprd("app", "--dapr-block-shutdown-duration=60s", *health, app_port=app.port) as sidecar,
    ):
        sidecar.popen.send_signal(signal.SIGTERM)
        sidecar.wait_for_line("Blocking graceful shutdown for 1m0s")
        well.clear()
        assert sidecar.popen.wait(15) == 0
    assert "App reported unhealthy, entering shutdown..." in sidecar.output


@pytest.mark.parametrize(
    ("headers", "code", "says"),
    [
        ({}, 0, "Shutdown requested via API"),
        ({"dapr-force-shutdown": "true"}, 1, "Force shutdown requested, exiting immediately without graceful shutdown"),
    ],
    ids=["gracefully", "by force"],
)
def test_the_shutdown_api_ends_the_process(headers: dict[str, str], code: int, says: str) -> None:
    with daprd("app", "--dapr-block-shutdown-duration=60s") as sidecar:
        assert call(sidecar.http_port, "POST", "/v1.0/shutdown", headers=headers).status == 204
        assert sidecar.popen.wait(15) == code
    assert says in sidecar.output
