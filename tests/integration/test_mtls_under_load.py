"""Rotation under load: two sidecars call one another at a steady rate while everything that secures the call changes.

Certificates live for a sixth of the time. The issuer is replaced, then the root, stage by stage; in between sentry is
killed and comes back. Not one call fails, and no retry hides one that did. ``make soak`` takes a minute; the short
form, in the suite, is the same on certificates that live shorter.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest
from support import manifests
from support.calls import call
from support.credentials import put
from support.echo_app import echo_app
from support.grpc_app import grpc_app, recorded_app
from support.identities import Authority, pem
from support.processes import Daprd, daprd
from support.sentry_process import Sentry, sentry
from support.steady_calls import short_lives

LIFE = float(os.environ.get("DAPR_SOAK_LIFE", "6"))
"""Seconds that a certificate lives; the whole takes six such lives."""
OUTAGE = 0.2
"""How long nobody starts the sentry that was killed, in lives."""
RATE = 25.0
"""Calls a second of each worker."""


@dataclass
class Load:
    """What the workers have seen."""

    calls: int = 0
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, failure: str, seconds: float) -> None:
        with self.lock:
            self.calls += 1
            self.slowest = max(self.slowest, seconds)
            if failure:
                self.failures.append(failure)


def by_http(load: Load, caller: Daprd, stop: threading.Event) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", caller.http_port, timeout=30)
    body = b"x" * 1024
    for due in pace(stop):
        started = time.monotonic()
        connection.request("POST", "/v1.0/invoke/web/method/load", body)
        answer = connection.getresponse()
        text = answer.read()
        load.note(
            "" if answer.status == 200 else f"{due:.2f}: {answer.status} {text[:300]!r}", time.monotonic() - started
        )
    connection.close()


def by_stream(load: Load, caller: Daprd, stop: threading.Event) -> None:
    """Bodies that arrive slowly, and that nobody could send a second time."""

    def pieces() -> Iterator[bytes]:
        for _ in range(4):
            yield b"x" * 4096
            time.sleep(0.05)

    connection = http.client.HTTPConnection("127.0.0.1", caller.http_port, timeout=30)
    for due in pace(stop):
        started = time.monotonic()
        chunked = {"Transfer-Encoding": "chunked"}
        connection.request("POST", "/v1.0/invoke/web/method/slowly", pieces(), headers=chunked, encode_chunked=True)
        answer = connection.getresponse()
        text = answer.read()
        failure = "" if answer.status == 200 else f"{due:.2f}: {answer.status} {text[:300]!r}"
        load.note(failure, time.monotonic() - started)
    connection.close()


def by_proxy(load: Load, caller: Daprd, stop: threading.Event) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{caller.grpc_port}") as channel:
        say = channel.unary_unary("/my.Echo/Say")
        for due in pace(stop):
            started = time.monotonic()
            failure = ""
            try:
                assert say(b"x" * 1024, metadata=[("dapr-app-id", "rpc")], timeout=30) == b"x" * 1024
            except grpc.RpcError as error:
                failure = f"{due:.2f}: {error.code()} {error.details()}"
            load.note(failure, time.monotonic() - started)


def pace(stop: threading.Event) -> Iterator[float]:
    """The moments of a steady rate, in seconds since the first."""
    begun = time.monotonic()
    number = 0
    while not stop.is_set():
        yield time.monotonic() - begun
        number += 1
        stop.wait(max(0.0, begun + number / RATE - time.monotonic()))


@contextlib.contextmanager
def loaded(caller: Daprd) -> Iterator[Load]:
    """Workers that call as long as the block runs."""
    load, stop = Load(), threading.Event()
    workers = [threading.Thread(target=work, args=(load, caller, stop)) for work in (by_http, by_stream, by_proxy)]
    for worker in workers:
        worker.start()
    try:
        yield load
    finally:
        stop.set()
        for worker in workers:
            worker.join()


def rotations(process: Daprd) -> int:
    text = call(process.metrics_port, "GET", "/").text
    found = re.search(r"^dapr_runtime_mtls_workload_cert_rotated_total\{[^}]*\} (\d+)", text, re.MULTILINE)
    return int(found[1]) if found else 0


def no_retries(folder: Path) -> Path:
    """Resources that take the built-in retries away, so that each failure is seen."""
    none = {"policy": "constant", "duration": "1ms", "maxRetries": 0}
    targets = {"apps": {"web": {"retry": "none"}, "rpc": {"retry": "none"}}}
    spec = {"policies": {"retries": {"none": none}}, "targets": targets}
    return manifests.folder(folder, manifests.resource("Resiliency", "none", spec))


@contextlib.contextmanager
def three_sidecars(authority: Sentry, anchors: Path, folder: Path) -> Iterator[tuple[Daprd, Daprd, Daprd]]:
    """One that calls, and two that are called: by HTTP, and by proxied gRPC."""
    flags = ("--enable-mtls", f"--sentry-address={authority.address}")
    env = {"DAPR_TRUST_ANCHORS_FILE": str(anchors)}
    with (
        echo_app() as web_app,
        grpc_app(recorded_app()) as rpc_app,
        daprd("web", *flags, env=env, app_port=web_app.port) as web,
        daprd("rpc", *flags, "--app-protocol=grpc", env=env, app_port=rpc_app.port) as rpc,
        daprd("caller", *flags, env=env, resources=no_retries(folder / "resources")) as caller,
    ):
        yield caller, web, rpc


def assert_nothing_was_lost(load: Load, seconds: float, sidecars: Sequence[Daprd]) -> None:
    renewed = [rotations(process) for process in sidecars]
    print(f"{load.calls} calls in {seconds:.0f} s, slowest {load.slowest * 1000:.0f} ms, renewals {renewed}")
    assert load.failures == []
    assert load.calls > RATE * seconds
    assert min(renewed) >= seconds // LIFE
    assert not [line for process in sidecars for line in process.lines if "Closing a connection" in line]


@pytest.mark.quiet
@pytest.mark.timeout(300)
def test_no_call_fails_while_everything_that_secures_it_changes(tmp_path: Path) -> None:
    credentials, anchors = tmp_path / "credentials", tmp_path / "anchors.crt"
    credentials.mkdir()
    old, new = Authority("old"), Authority("new")
    put(credentials, Authority("first issuer", issuer=old), old)
    anchors.write_bytes(pem(old.certificate))
    flag = short_lives(tmp_path, f"{LIFE:g}s")
    with sentry(credentials, flag) as authority, three_sidecars(authority, anchors, tmp_path) as sidecars:
        begun = time.monotonic()

        def lives() -> float:
            return (time.monotonic() - begun) / LIFE

        def until(moment: float) -> None:
            time.sleep(max(0.0, (moment - lives()) * LIFE))

        with loaded(sidecars[0]) as load:
            until(1.0)
            put(credentials, Authority("second issuer", issuer=old), old)
            until(2.0)
            publish(anchors, old, new)
            for process in sidecars:
                process.wait_for_line("The trust anchors have changed; there are 2 now")
            authority.terminate(signal.SIGKILL)
            # Whoever was about to renew has half a life left; sentry takes its time to start, too.
            until(2.0 + OUTAGE)
            again = Sentry(credentials, flag, f"--port={authority.port}")
            try:
                again.wait_ready()
                until(3.5)
                put(credentials, Authority("third issuer", issuer=new), new, old)
                # The longest leaf of the old root must have ended before its anchor is withdrawn.
                until(max(5.0, lives() + 1.3))
                publish(anchors, new)
                for process in sidecars:
                    process.wait_for_line("The trust anchors have changed; there are 1 now")
                until(max(6.0, lives() + 0.6))
            finally:
                again.terminate()
        assert_nothing_was_lost(load, time.monotonic() - begun, sidecars)


@pytest.mark.quiet
@pytest.mark.timeout(300)
def test_no_call_fails_while_dapr_mtls_rotates_the_root(tmp_path: Path) -> None:
    credentials, home = tmp_path / "credentials", tmp_path / "home"
    for folder in (credentials, home):
        folder.mkdir()
    flag = short_lives(tmp_path, f"{LIFE:g}s")
    with sentry(credentials, flag) as authority:
        anchors = credentials / "ca.crt"
        root = anchors.read_bytes()
        with three_sidecars(authority, anchors, tmp_path) as sidecars:
            begun = time.monotonic()
            with loaded(sidecars[0]) as load:
                done = subprocess.run(
                    [
                        sys.executable, "-m", "dapr_cli.main", "mtls", "renew-certificate",
                        f"--issuer-credentials={credentials}", f"--leaf-life={LIFE:g}s", "--timeout=120",
                    ],
                    env={**os.environ, "HOME": str(home)}, capture_output=True, text=True, timeout=200, check=False,
                )  # fmt: skip
                assert "stage 3 of 3" in done.stdout, done.stdout + done.stderr
                for process in sidecars:
                    process.wait_for_line("The trust anchors have changed; there are 1 now")
                time.sleep(LIFE / 2)
            assert root not in anchors.read_bytes()
            assert_nothing_was_lost(load, time.monotonic() - begun, sidecars)


def publish(anchors: Path, *roots: Authority) -> None:
    """Replace the sidecars' anchors, all at once."""
    draft = anchors.with_suffix(".draft")
    draft.write_bytes(pem(*[root.certificate for root in roots]))
    draft.replace(anchors)
