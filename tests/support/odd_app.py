"""An application that misbehaves: it reads a request and then does with its connection whatever a test says."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator

from support.echo_app import Received, read_request

Behaviour = Callable[[socket.socket, Received], None]
"""Given the connection and what came on it. The connection is closed when it returns."""

INIT = {"/dapr/config": b"{}", "/dapr/subscribe": b"[]"}


class OddApp:
    """``behaviour`` may be set at any time; it never sees what the sidecar asks at its start."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.received: list[Received] = []
        self.released = threading.Event()
        """For behaviours that wait; set at the latest when the application closes."""
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), connection, connection.makefile("rb") as stream:
            request = read_request(stream)
            if request is None:
                return
            if request.target in INIT:
                body = INIT[request.target]
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
                )
                return
            self.received.append(request)
            self.behaviour(connection, request)

    def close(self) -> None:
        self.released.set()
        self._listener.close()


@contextlib.contextmanager
def odd_app(behaviour: Behaviour) -> Iterator[OddApp]:
    """A running application."""
    app = OddApp(behaviour)
    try:
        yield app
    finally:
        app.close()


def says(data: bytes) -> Behaviour:
    """Sends bytes and closes."""
    return lambda connection, _: connection.sendall(data)


def closes(connection: socket.socket, _: Received) -> None:
    """Ends in good order without a word."""


def resets(connection: socket.socket, _: Received) -> None:
    """Dies: the kernel answers for it with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
