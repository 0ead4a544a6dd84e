"""Placement and the ring against the public project's own Go code: its client library on the stream, its hashing."""

from __future__ import annotations

import contextlib
import json
import random
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from support.foreign import placement_program
from support.placement_process import PlacementProcess, placement
from support.processes import Process, wait_until

from dapr_core.ring import Ring, RingHost

pytestmark = pytest.mark.timeout(600)  # a cold machine builds the peer first


class GoSidecar(Process):
    """A sidecar that reports and acknowledges; each line it prints is an order, the last one the end of its stream."""

    def __init__(self, process: PlacementProcess, name: str, *types: str, namespace: str = "default") -> None:
        super().__init__([placement_program(), "join", process.address, name, "app", namespace, ",".join(types)])

    @property
    def orders(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]

    def hosts(self) -> dict[str, set[str]]:
        """The last table."""
        tables = [order["hosts"] for order in self.orders if order["operation"] == "update"]
        return {kind: set(names) for kind, names in tables[-1].items()} if tables else {}

    def wait_hosts(self, expected: dict[str, set[str]]) -> None:
        wait_until(lambda: self.hosts() == expected, what=f"{expected} at a Go sidecar")


@pytest.fixture(scope="module")
def shared() -> Iterator[PlacementProcess]:
    with placement() as process:
        yield process


def test_go_sidecars_join_and_leave(shared: PlacementProcess) -> None:
    with contextlib.ExitStack() as stack:
        a, b = (stack.enter_context(GoSidecar(shared, name, "cat")) for name in ("a:1", "b:1"))
        client = stack.enter_context(GoSidecar(shared, "c:1"))
        for sidecar in (a, b, client):
            assert isinstance(sidecar, GoSidecar)
            sidecar.wait_hosts({"cat": {"a:1", "b:1"}})
        b.terminate()
        for sidecar in (a, client):
            assert isinstance(sidecar, GoSidecar)
            sidecar.wait_hosts({"cat": {"a:1"}})
            wait_until(lambda s=sidecar: s.orders[-1]["operation"] == "unlock", what="the end of the round")  # type: ignore[misc]
            versions = [order["version"] for order in sidecar.orders]
            assert versions == sorted(versions)


def test_go_unpacks_a_table_that_comes_by_gzip(shared: PlacementProcess) -> None:
    types = [f"type-{number:03}" for number in range(120)]
    with GoSidecar(shared, "a:1", *types, namespace="packed") as sidecar:
        assert isinstance(sidecar, GoSidecar)
        sidecar.wait_hosts({kind: {"a:1"} for kind in types})
        sidecar.wait_for_line('"operation":"unlock"')
        assert [order["factor"] for order in sidecar.orders] == [0, 100, 0]


def test_go_is_told_why_it_is_refused(shared: PlacementProcess) -> None:
    with GoSidecar(shared, "a:1", "dapr.internal.default.other.workflow") as sidecar:
        assert isinstance(sidecar, GoSidecar)
        sidecar.wait_for_line("PermissionDenied")
        assert sidecar.orders[-1]["message"].startswith("entity dapr.internal.default.other.workflow is not allowed")


def test_go_is_told_that_placement_ends() -> None:
    with placement() as process, GoSidecar(process, "a:1", "cat") as sidecar:
        sidecar.wait_for_line('"operation":"unlock"')
        assert process.terminate() == 0
        sidecar.wait_for_line('"code":"Unavailable"')


@pytest.mark.parametrize("factor", [1, 3, 100, 250])
def test_gos_ring_and_ours_give_every_actor_the_same_home(factor: int) -> None:
    dice = random.Random(factor)
    hosts = [f"10.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(256)}:50002" for _ in range(40)]
    ids = ["", "a||b", "ünïcode", "日本", "x" * 500] + [f"actor-{dice.getrandbits(64):x}" for _ in range(3000)]
    done = subprocess.run(
        [placement_program(), "ring", str(factor), ",".join(hosts)],
        input="\n".join(ids) + "\n", capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    ring = Ring([RingHost(name, "app") for name in hosts], factor)
    assert [ring.owner(each).name for each in ids] == done.stdout.splitlines()
