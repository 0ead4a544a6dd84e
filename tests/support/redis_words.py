"""``redis-cli`` for tests: one command with its arguments, one parsed answer."""

from __future__ import annotations

import socket
from typing import Any

import hiredis


def ask(port: int, *words: str) -> Any:
    """The answer to a command; texts are decoded, an error of the server is raised."""
    reader = hiredis.Reader(encoding="utf-8", errors="backslashreplace")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(hiredis.pack_command(words))
        while (answer := reader.gets()) is False:
            data = connection.recv(65536)
            if not data:
                raise ConnectionError(f"the server left without an answer to {words[0]}")
            reader.feed(data)
    if isinstance(answer, hiredis.ReplyError):
        raise answer
    return answer


def table(port: int, key: str) -> dict[str, str]:
    """A hash."""
    flat = ask(port, "HGETALL", key)
    return dict(zip(flat[::2], flat[1::2], strict=True))
