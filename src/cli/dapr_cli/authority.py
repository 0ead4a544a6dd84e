"""The certificate authority of this machine: a ``sentry`` that `dapr init --with-sentry` starts.

It listens on loopback only and believes whoever reaches it, as sentry does outside Kubernetes. Root and issuer lie in
``<root>/sentry/credentials``, for the user alone. Lifetimes come from the Configuration of `dapr init`, as they do for
the sidecars.
"""

from __future__ import annotations

import http.client
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import ports
from .background import Background

MODULE = "dapr_sentry.main"
MODE = 0o700
PROBE_TIMEOUT = 0.5
HEALTHY = (200, 204)


class Authority(Background):
    """The sentry whose data lives in ``folder``; ``config`` is its Configuration file, if that is there."""

    title = "sentry"
    preferred_port = 50001
    port_flag = "sentry-port"

    def __init__(self, folder: Path, config: Path) -> None:
        super().__init__(folder)
        self._config = config

    @property
    def credentials(self) -> Path:
        """Root, issuer and key."""
        return self.folder / "credentials"

    @property
    def anchors(self) -> Path:
        """The roots that its workloads trust."""
        return self.credentials / "ca.crt"

    @property
    def address(self) -> str:
        """Where it listens, or did; empty where none was set up."""
        record = self.record()
        return f"{ports.LOOPBACK}:{record.port}" if record is not None else ""

    def prepare(self) -> None:
        self.credentials.mkdir(mode=MODE, parents=True, exist_ok=True)

    def command(self, port: int, health_port: int) -> Sequence[str]:
        words = [
            *(sys.executable, "-m", MODULE),
            *("--issuer-credentials", str(self.credentials)),
            *("--port", str(port), "--listen-address", ports.LOOPBACK),
            *("--healthz-port", str(health_port), "--healthz-listen-address", ports.LOOPBACK),
            "--enable-metrics=false",
        ]
        return [*words, "--config", str(self._config)] if self._config.exists() else words

    def environment(self) -> Mapping[str, str]:
        # NAMESPACE is where applications are; sidecars look for sentry in the namespace `default`.
        return {name: value for name, value in os.environ.items() if name != "NAMESPACE"}

    def answers(self, port: int, health_port: int) -> bool:
        return is_healthy(health_port)


def is_healthy(port: int) -> bool:
    """Whether a service's own health check on this loopback port says that it serves."""
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=PROBE_TIMEOUT)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status in HEALTHY
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
