"""Sentry as a real process on ephemeral loopback ports."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from cryptography import x509

from dapr_core.proto.gen.sentry.v1.sentry_pb2 import SignCertificateResponse
from support.ports import free_ports
from support.processes import Process, http_status, wait_until


class Sentry(Process):
    """One sentry; ``credentials`` is its directory."""

    def __init__(self, credentials: Path, *flags: str, env: Mapping[str, str] | None = None) -> None:
        self.credentials = credentials
        self.port, self.healthz_port, self.metrics_port, self.oidc_port = free_ports(4)
        command = [
            sys.executable, "-m", "dapr_sentry.main",
            f"--issuer-credentials={credentials}", f"--port={self.port}", "--listen-address=127.0.0.1",
            f"--healthz-port={self.healthz_port}", "--healthz-listen-address=127.0.0.1",
            f"--metrics-port={self.metrics_port}", "--metrics-listen-address=127.0.0.1",
            f"--oidc-server-listen-port={self.oidc_port}", "--oidc-server-listen-address=127.0.0.1",
        ]  # fmt: skip
        super().__init__([*command, *flags], env=env)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def anchors(self) -> bytes:
        return (self.credentials / "ca.crt").read_bytes()

    def wait_ready(self) -> None:
        def ready() -> bool:
            if self.popen.poll() is not None:
                raise AssertionError(f"sentry ended with {self.popen.returncode}:\n{self.output}")
            return http_status(self.healthz_port, "/healthz") == 200

        wait_until(ready, what="sentry's /healthz")


@contextlib.contextmanager
def sentry(credentials: Path, *flags: str, env: Mapping[str, str] | None = None) -> Iterator[Sentry]:
    """A running sentry."""
    process = Sentry(credentials, *flags, env=env)
    try:
        process.wait_ready()
        yield process
    finally:
        process.terminate()


def chain_of(response: SignCertificateResponse) -> list[x509.Certificate]:
    """The certificates of an answer."""
    return x509.load_pem_x509_certificates(response.workload_certificate)
