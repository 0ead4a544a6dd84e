"""Ports are chosen where nothing takes them before their listener does."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from dapr_cli import ports


@pytest.fixture
def kernel_range(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "ip_local_port_range"
    monkeypatch.setattr(ports, "EPHEMERAL_RANGE", path)
    return path


def test_ports_are_distinct_and_can_be_bound() -> None:
    chosen = ports.free_ports(20)
    assert len(set(chosen)) == 20
    assert all(ports.is_free(port) for port in chosen)


def test_ports_lie_outside_the_range_of_outgoing_connections(kernel_range: Path) -> None:
    kernel_range.write_text("25000\t60999\n")
    assert all(ports.FIRST_CHOICE <= port < 25_000 for port in ports.free_ports(20))


def test_without_a_known_range_that_of_the_standard_is_kept_free(kernel_range: Path) -> None:
    assert all(ports.FIRST_CHOICE <= port < ports.IANA_FIRST_EPHEMERAL for port in ports.free_ports(20))


def test_where_the_kernel_uses_every_port_it_gives_them(kernel_range: Path) -> None:
    kernel_range.write_text("1024\t65535\n")
    chosen = ports.free_ports(3)
    assert len(set(chosen)) == 3
    assert all(ports.is_free(port) for port in chosen)


def test_a_port_that_is_taken_is_passed_over(kernel_range: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken, free = ports.free_ports(2)
    kernel_range.write_text("60000 60999")

    class Choice:
        answers = iter([taken, taken, free])

        def randrange(self, start: int, stop: int) -> int:
            return next(self.answers)

    monkeypatch.setattr(ports, "_choice", Choice())
    with socket.create_server((ports.LOOPBACK, taken)):
        assert ports.free_ports(1) == [free]
