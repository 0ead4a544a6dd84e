"""Applications of `dapr run` under mutual TLS: real sidecars, the sentry of `dapr init`, and a root that is rotated."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from support.cli import Cli, gone, only, unique_id
from support.ports import free_ports
from support.processes import wait_until

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.svid import identity_of
from dapr_core.identity.tls import client_context

pytestmark = pytest.mark.timeout(300)

UP = "You're up and running!"
APP = """
import http.server, json, os
class App(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        told = {name.lower(): value for name, value in self.headers.items()}
        body = json.dumps({"path": self.path, "caller": told.get("dapr-caller-app-id")}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["APP_PORT"])), App).serve_forever()
"""
LIFE = "10s"
CONFIGURATION = f"""\
apiVersion: dapr.io/v1alpha1
kind: Configuration
metadata: {{name: daprConfig}}
spec:
  mtls: {{enabled: true, sentryAddress: x, controlPlaneTrustDomain: localhost, workloadCertTTL: {LIFE}}}
"""


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    """A command line with a sentry of its own, whose certificates live for some seconds."""
    cli = Cli(tmp_path)
    cli.root.mkdir()
    (cli.root / "config.yaml").write_text(CONFIGURATION)
    done = cli.run("init", "--slim", "--with-sentry", "--sentry-port", str(free_ports(1)[0]))
    assert done.returncode == 0, done.stdout + done.stderr
    yield cli
    cli.close()
    cli.run("uninstall", "--all")


def listed(cli: Cli, app_id: str) -> dict[str, Any]:
    return only(json.loads(cli.run("list", "-o", "json").stdout), app_id)


def anchors(cli: Cli) -> TrustBundle:
    return TrustBundle.parse((cli.root / "sentry/credentials/ca.crt").read_bytes())


def run_app(cli: Cli, app_id: str, *flags: str) -> None:
    [port] = free_ports(1)
    command = ("run", "--app-id", app_id, "--app-port", str(port), *flags, "--", sys.executable, "-c", APP)
    cli.start(*command).wait_for(UP, timeout=60)


def call(port: int, callee: str) -> dict[str, Any]:
    url = f"http://127.0.0.1:{port}/v1.0/invoke/{callee}/method/hello"
    with urllib.request.urlopen(url, timeout=20) as answer:
        return dict(json.load(answer))


def shown_by(port: int, bundle: TrustBundle) -> x509.Certificate:
    """The certificate of a server that a client with these anchors and no identity comes to see."""
    context = client_context(bundle)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain, context.wrap_socket(plain) as tls:
        der = tls.getpeercert(True)
    assert der is not None
    return x509.load_der_x509_certificate(der)


class Calls:
    """Calls one after another on a thread, as long as the block runs; none may fail."""

    def __init__(self, port: int, callee: str) -> None:
        self._port, self._callee = port, callee
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on)
        self.count = 0
        self.failure: Exception | None = None

    def __enter__(self) -> Calls:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        assert self.failure is None, f"after {self.count} calls: {self.failure}"

    def _go_on(self) -> None:
        while not self._over.wait(0.02):
            try:
                call(self._port, self._callee)
            except (OSError, ValueError) as error:
                self.failure = error
                return
            self.count += 1

    def go_on_for(self, more: int) -> None:
        wanted = self.count + more
        wait_until(lambda: self.count >= wanted or self.failure is not None, what=f"{more} more calls", timeout=60)


def test_two_applications_call_each_other_by_mutual_tls(cli: Cli) -> None:
    callee, caller = unique_id("callee"), unique_id("caller")
    [internal] = free_ports(1)
    run_app(cli, callee, "--dapr-internal-grpc-port", str(internal))
    run_app(cli, caller)
    assert call(listed(cli, caller)["httpPort"], callee) == {"path": "/hello", "caller": caller}
    assert str(identity_of(shown_by(internal, anchors(cli)))) == f"spiffe://public/ns/default/{callee}"
    other = client_context(TrustBundle.of(anchors(cli).anchors[0]))
    other.maximum_version = ssl.TLSVersion.TLSv1_2  # where a server refuses a client without identity in the handshake
    with (
        socket.create_connection(("127.0.0.1", internal), timeout=10) as plain,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        other.wrap_socket(plain)


def test_an_application_that_stays_out_is_not_called(cli: Cli, tmp_path: Path) -> None:
    callee, caller = unique_id("callee"), unique_id("stranger")
    (tmp_path / "plain.yaml").write_text("spec: {mtls: {enabled: false}}")
    run_app(cli, callee)
    run_app(cli, caller, "--config", "plain.yaml")
    with pytest.raises(urllib.error.HTTPError) as caught:
        call(listed(cli, caller)["httpPort"], callee)
    assert caught.value.code >= 500
    caught.value.close()


def test_no_call_fails_while_the_root_is_rotated_and_nothing_is_restarted(cli: Cli) -> None:
    callee, caller = unique_id("callee"), unique_id("caller")
    [internal] = free_ports(1)
    run_app(cli, callee, "--dapr-internal-grpc-port", str(internal))
    run_app(cli, caller)
    old = anchors(cli)
    with Calls(listed(cli, caller)["httpPort"], callee) as calls:
        calls.go_on_for(20)
        done = cli.run("mtls", "renew-certificate", "--timeout", "90", timeout=120)
        assert "The old root is trusted no more" in done.stdout, done.stdout + done.stderr
        calls.go_on_for(50)
    new = anchors(cli)
    assert len(new.anchors) == 1
    assert new != old
    assert identity_of(shown_by(internal, new))
    with pytest.raises(ssl.SSLCertVerificationError):
        shown_by(internal, old)


def test_no_call_fails_while_sentry_is_killed_and_comes_back(cli: Cli) -> None:
    callee, caller = unique_id("callee"), unique_id("caller")
    run_app(cli, callee)
    run_app(cli, caller)
    pid = json.loads((cli.root / "sentry/process.json").read_text())["pid"]
    with Calls(listed(cli, caller)["httpPort"], callee) as calls:
        calls.go_on_for(20)
        os.kill(pid, signal.SIGKILL)
        assert gone(pid)
        calls.go_on_for(20)
        assert cli.run("init", "--slim").returncode == 0
        calls.go_on_for(100)


def test_the_applications_of_a_run_file_call_each_other_by_mutual_tls(cli: Cli, tmp_path: Path) -> None:
    callee, caller = unique_id("callee"), unique_id("caller")
    internal, *app_ports = free_ports(3)
    apps = [
        {"appID": app_id, "appDirPath": "apps", "appPort": port, "command": [sys.executable, "-c", APP]}
        for app_id, port in zip((callee, caller), app_ports, strict=True)
    ]
    (tmp_path / "apps").mkdir()
    apps[0]["daprInternalGRPCPort"] = internal
    (tmp_path / "dapr.yaml").write_text(json.dumps({"version": 1, "apps": apps}))
    cli.start("run", "-f", "dapr.yaml").wait_for(f'Started Dapr with app id "{caller}"', timeout=60)
    assert call(listed(cli, caller)["httpPort"], callee) == {"path": "/hello", "caller": caller}
    assert str(identity_of(shown_by(internal, anchors(cli)))) == f"spiffe://public/ns/default/{callee}"
