"""The placement service of this machine, which `dapr init` starts: it tells sidecars where actors live.

It listens on loopback only. Where there is a certificate authority beside it, it speaks mutual TLS as the sidecars do,
and nobody without an identity is served.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import ports
from .authority import Authority, is_healthy
from .background import Background

MODULE = "dapr_placement.main"
MODE = 0o700


class Placement(Background):
    """The placement whose log and record live in ``folder``; ``authority`` may or may not have been set up."""

    title = "placement service"
    preferred_port = 50005
    port_flag = "placement-port"

    def __init__(self, folder: Path, authority: Authority) -> None:
        super().__init__(folder)
        self._authority = authority

    @property
    def secured(self) -> bool:
        """Whether only sidecars with an identity are served."""
        return self._authority.record() is not None

    @property
    def address(self) -> str:
        """Where it listens, or did; empty where none was set up."""
        record = self.record()
        return f"{ports.LOOPBACK}:{record.port}" if record is not None else ""

    def prepare(self) -> None:
        self.folder.mkdir(mode=MODE, parents=True, exist_ok=True)

    def command(self, port: int, health_port: int) -> Sequence[str]:
        words = [
            *(sys.executable, "-m", MODULE),
            *("--port", str(port), "--listen-address", ports.LOOPBACK),
            *("--healthz-port", str(health_port), "--healthz-listen-address", ports.LOOPBACK),
            "--enable-metrics=false",
        ]
        if self.secured:
            words += ["--tls-enabled", "--trust-anchors-file", str(self._authority.anchors)]
            words += ["--sentry-address", self._authority.address]
        return words

    def environment(self) -> Mapping[str, str]:
        # NAMESPACE is where applications are; sidecars look for placement in the namespace `default`.
        return {name: value for name, value in os.environ.items() if name != "NAMESPACE"}

    def answers(self, port: int, health_port: int) -> bool:
        return is_healthy(health_port)
