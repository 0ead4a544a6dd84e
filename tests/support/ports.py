"""Ports for processes that must be told theirs before they start."""

from __future__ import annotations

from dapr_cli import ports


def free_ports(count: int) -> list[int]:
    """Distinct ports that were free a moment ago, and that no outgoing connection of this machine is given."""
    return ports.free_ports(count)


def free_port() -> int:
    """One free port."""
    return free_ports(1)[0]
