"""Ports for processes that must be told theirs before they start.

Between the choice and the process's own bind a port is free, and another test, here or in a worker beside, could be
given it too. So each port that was given is reserved for a while: by a name among the abstract Unix sockets, which all
processes of this machine see and which goes away with its holder (unix(7)).
"""

from __future__ import annotations

import atexit
import socket
import sys
from collections import deque

from dapr_cli import ports

HELD = 100
"""Reservations kept by one process: the latest, far more than the processes of one test need."""

_reservations: deque[socket.socket] = deque()


def free_ports(count: int) -> list[int]:
    """Distinct ports that were free a moment ago, and that nobody else is given: no test, no outgoing connection."""
    found: list[int] = []
    while len(found) < count:
        found += [port for port in ports.free_ports(count - len(found)) if _reserved(port)]
    return found


def free_port() -> int:
    """One free port."""
    return free_ports(1)[0]


def _reserved(port: int) -> bool:
    if sys.platform != "linux":
        return True
    name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        name.bind(f"\0dapr-tests-port-{port}")
    except OSError:
        name.close()
        return False
    _reservations.append(name)
    if len(_reservations) > HELD:
        _reservations.popleft().close()
    return True


@atexit.register
def _release() -> None:
    while _reservations:
        _reservations.pop().close()
