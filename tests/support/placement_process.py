"""Placement as a real process on ephemeral loopback ports."""

from __future__ import annotations

import contextlib
import json
import re
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

from support.ports import free_ports
from support.processes import Process, http_status, wait_until


class PlacementProcess(Process):
    """One placement; ``name`` is its id."""

    def __init__(
        self, *flags: str, name: str = "placement-a", env: Mapping[str, str] | None = None, metadata: bool = True
    ) -> None:
        self.name = name
        self.port, self.healthz_port, self.metrics_port = free_ports(3)
        command = [
            sys.executable, "-m", "dapr_placement.main", f"--id={name}",
            f"--port={self.port}", "--listen-address=127.0.0.1",
            f"--healthz-port={self.healthz_port}", "--healthz-listen-address=127.0.0.1",
            f"--metrics-port={self.metrics_port}", "--metrics-listen-address=127.0.0.1",
        ]  # fmt: skip
        if metadata:
            command.append("--metadata-enabled")
        super().__init__([*command, *flags], env=env)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def wait_ready(self) -> None:
        """Wait until it serves; whether it leads is another question."""

        def ready() -> bool:
            if self.popen.poll() is not None:
                raise AssertionError(f"placement ended with {self.popen.returncode}:\n{self.output}")
            return http_status(self.healthz_port, "/healthz") == 200

        wait_until(ready, what="placement's /healthz")

    def wait_leading(self) -> None:
        wait_until(lambda: self.metrics().get("dapr_placement_leader_status") == 1, what=f"{self.name} leading")

    def state(self) -> Any:
        """What ``/placement/state`` says."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.healthz_port}/placement/state", timeout=10) as answer:
            return json.load(answer)

    def namespaces(self) -> dict[str, Any]:
        """Tables by namespace."""
        found: dict[str, Any] = (self.state() or {}).get("tables", {})
        return found

    def hosts(self, namespace: str = "default") -> dict[str, list[str]]:
        """Host names in the table with their actor types."""
        return {host["name"]: host["entities"] for host in self.namespaces().get(namespace, {}).get("hosts", [])}

    def metrics(self) -> dict[str, float]:
        """Every placement metric by its name with labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/", timeout=10) as answer:
            text = answer.read().decode()
        rows = re.findall(r"^(dapr_placement\S+) (\S+)$", text, re.MULTILINE)
        return {name: float(value) for name, value in rows}


@contextlib.contextmanager
def placement(
    *flags: str, name: str = "placement-a", env: Mapping[str, str] | None = None, metadata: bool = True
) -> Iterator[PlacementProcess]:
    """A running placement that leads."""
    process = PlacementProcess(*flags, name=name, env=env, metadata=metadata)
    try:
        process.wait_ready()
        process.wait_leading()
        yield process
    finally:
        process.terminate()
