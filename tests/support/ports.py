"""Ephemeral ports for processes that must be told theirs before they start."""

from __future__ import annotations

import socket


def free_ports(count: int) -> list[int]:
    """Distinct ports that were free a moment ago, taken from the kernel's ephemeral range all at once."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for sock in sockets:
            sock.bind(("127.0.0.1", 0))
        return [sock.getsockname()[1] for sock in sockets]
    finally:
        for sock in sockets:
            sock.close()


def free_port() -> int:
    """One free port."""
    return free_ports(1)[0]
