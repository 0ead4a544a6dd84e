"""Choosing and checking TCP ports on this machine."""

from __future__ import annotations

import errno
import random
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
IANA_FIRST_EPHEMERAL = 49152
"""RFC 6335 §6; what systems without ``EPHEMERAL_RANGE`` use."""
FIRST_CHOICE = 20_000
FEWEST_CHOICES = 1000
TRIES = 100

_choice = random.SystemRandom()


def free_ports(count: int) -> list[int]:
    """Distinct ports that were free a moment ago; all are held at once, so that none comes twice.

    They lie below the range from which the kernel takes the ports of outgoing connections, so that no such connection
    can take one before the process that was told it has bound it.
    """
    held: list[socket.socket] = []
    try:
        while len(held) < count:
            held.append(_bound_somewhere())
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()


def _bound_somewhere() -> socket.socket:
    """A socket on a free port of the choice, or where there is none on one that the kernel gives."""
    end = _first_ephemeral()
    if end - FIRST_CHOICE >= FEWEST_CHOICES:
        for _ in range(TRIES):
            try:
                return _bound(_choice.randrange(FIRST_CHOICE, end))
            except OSError:
                continue
    return _bound(0)


def _first_ephemeral() -> int:
    """Where the kernel's range for outgoing connections begins."""
    try:
        return int(EPHEMERAL_RANGE.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return IANA_FIRST_EPHEMERAL


def is_free(port: int, address: str = LOOPBACK) -> bool:
    """Whether a listener could bind ``port``; connections of the past that still linger do not count."""
    try:
        _bound(port, address).close()
    except (OSError, OverflowError):
        return False
    return True


def is_free_on_loopback(port: int) -> bool:
    """Whether ``port`` is free on 127.0.0.1 and, where the machine has it, on ::1."""
    return is_free(port) and _free_on_ipv6(port)


def _free_on_ipv6(port: int) -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("::1", port))
    except OSError as error:
        return error.errno != errno.EADDRINUSE
    return True


def loopback_addresses() -> tuple[str, ...]:
    """The loopback addresses of this machine: 127.0.0.1, and ::1 where the machine has it (RFC 4291 §2.5.3).

    Clients that are told ``localhost`` may try either first.
    """
    try:
        _bound(0, "::1").close()
    except OSError:
        return (LOOPBACK,)
    return (LOOPBACK, "::1")


def is_listening(port: int, address: str = LOOPBACK, timeout: float = 0.5) -> bool:
    """Whether somebody accepts connections on ``port``."""
    try:
        with socket.create_connection((address, port), timeout):
            return True
    except OSError:
        return False


def _bound(port: int, address: str = LOOPBACK) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    probe = socket.socket(family, socket.SOCK_STREAM)
    try:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((address, port))
    except BaseException:
        probe.close()
        raise
    return probe
