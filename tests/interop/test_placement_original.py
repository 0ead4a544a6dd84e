"""The same story told to the original's placement and to ours: every sidecar in it hears the same orders.

``DAPR_PLACEMENT`` names a binary of the public project's placement (v1.17 or newer); it is not built here, since that
takes half of Kubernetes' client libraries. With Go at hand: ``go build github.com/dapr/dapr/cmd/placement`` in a module
that requires ``github.com/dapr/dapr``.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.placement_process import PlacementProcess
from support.placement_sidecar import StreamSidecar, host
from support.ports import free_ports
from support.processes import Process

from dapr_core.proto.gen.placement.v1.placement_pb2 import Host

ORIGINAL = os.environ.get("DAPR_PLACEMENT", "")
TIMEOUT = "--disseminate-timeout=4s"
QUIET = 0.5
"""Seconds without a word after which a story goes on."""

pytestmark = [
    pytest.mark.skipif(not ORIGINAL, reason="DAPR_PLACEMENT names no placement of the public project"),
    pytest.mark.timeout(300),
]


class Original(PlacementProcess):
    """The original, with the flags of its own tests."""

    def __init__(self) -> None:
        self.name = "placement-a"
        self.port, self.healthz_port, self.metrics_port, raft = free_ports(4)
        command = [
            ORIGINAL, f"--id={self.name}", f"--initial-cluster={self.name}=127.0.0.1:{raft}",
            f"--port={self.port}", "--listen-address=127.0.0.1",
            f"--healthz-port={self.healthz_port}", "--healthz-listen-address=127.0.0.1",
            f"--metrics-port={self.metrics_port}", "--tls-enabled=false", "--metadata-enabled=true", TIMEOUT,
        ]  # fmt: skip
        Process.__init__(self, command)


class Cast:
    """The sidecars of one story, in a namespace of its own; ``heard`` is what each of them has heard."""

    def __init__(self, process: PlacementProcess, namespace: str) -> None:
        self.process = process
        self.namespace = namespace
        self._streams: dict[str, StreamSidecar] = {}
        self._stack = contextlib.ExitStack()

    def join(self, name: str, *types: str, operation: int = 1, acknowledge: bool = True) -> StreamSidecar:
        report = host(f"{name}:1", *types, namespace=self.namespace, operation=operation)
        stream = StreamSidecar(self.process.address, report, acknowledge=acknowledge)
        self._streams[name] = self._stack.enter_context(stream)
        self.rest()
        return stream

    def says(self, name: str, *types: str, operation: int = 1, version: int | None = None) -> None:
        message = host(f"{name}:1", *types, namespace=self.namespace, operation=operation)
        if version is not None:
            message = Host(id="app", namespace=self.namespace, operation=operation, version=version)
        self._streams[name].send(message)
        self.rest()

    def leaves(self, name: str) -> None:
        self._streams[name].close()
        self.rest()

    def answers(self, name: str) -> None:
        """From now on, and what is open."""
        stream = self._streams[name]
        stream.acknowledge = True
        stream.ack(stream.orders[-1])
        self.rest()

    def rest(self, seconds: float = QUIET) -> None:
        """Wait until nobody has heard anything for a while."""
        before = -1
        while before != (before := sum(len(s.orders) + s.ended for s in self._streams.values())):
            time.sleep(seconds)

    def heard(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, stream in self._streams.items():
            tables = {kind: sorted(hosts) for kind, hosts in stream.hosts.items()}
            end = (stream.error.code(), stream.error.details()) if stream.error is not None else None
            found[name] = (stream.words, tables, end)
        return found | {"state": self.process.namespaces().get(self.namespace)}

    def close(self) -> None:
        self._stack.close()


def comings_and_goings(cast: Cast) -> None:
    cast.join("a", "dog", "cat")
    cast.join("b", "cat")
    cast.join("client")
    cast.leaves("b")
    cast.leaves("client")


def reports_that_change(cast: Cast) -> None:
    cast.join("a", "dog", "cat")
    cast.join("b")
    cast.says("a", "cat", "dog")
    cast.says("a", "emu")
    cast.says("a")


def the_end_of_input(cast: Cast) -> None:
    cast.join("a", "cat").end()
    cast.rest()


def arrivals_in_mid_round(cast: Cast) -> None:
    cast.join("a", "cat", acknowledge=False)
    cast.join("b", "cat")
    cast.join("c", "dog")
    cast.join("client")
    cast.answers("a")


def a_change_in_mid_round(cast: Cast) -> None:
    cast.join("a", "cat")
    cast.join("b", "cat").acknowledge = False
    cast.says("a", "emu")
    cast.says("a", "fox")
    cast.answers("b")


def a_departure_in_mid_round(cast: Cast) -> None:
    cast.join("a", "cat")
    cast.join("b", "cat")
    cast.join("c", "dog").acknowledge = False
    cast.says("a", "emu")
    cast.leaves("b")
    cast.answers("c")


def a_sidecar_of_before(cast: Cast) -> None:
    cast.join("a", "cat", operation=0, acknowledge=False)
    for _ in range(3):
        cast.says("a", "cat", operation=0)
    cast.says("a", "cat", "dog", operation=0)


def one_that_does_not_answer(cast: Cast) -> None:
    cast.join("a", "cat")
    cast.join("b", "cat", acknowledge=False).wait_ended()
    cast.rest()


def a_push_that_is_not_acknowledged(cast: Cast) -> None:
    cast.join("client", acknowledge=False)
    cast.join("a", "cat")


def an_acknowledgement_of_the_past(cast: Cast) -> None:
    cast.join("a", "cat")
    cast.says("a", "dog")
    cast.join("b", "cat", acknowledge=False)
    cast.says("b", operation=2, version=1)


def a_later_message_that_is_refused(cast: Cast) -> None:
    cast.join("a", "cat")
    cast.says("a", "dapr.internal.x.y.z")


STORIES = [
    comings_and_goings, reports_that_change, the_end_of_input, arrivals_in_mid_round, a_change_in_mid_round,
    a_departure_in_mid_round, a_sidecar_of_before, one_that_does_not_answer, a_push_that_is_not_acknowledged,
    an_acknowledgement_of_the_past, a_later_message_that_is_refused,
]  # fmt: skip


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[PlacementProcess, PlacementProcess]]:
    found = (Original(), PlacementProcess(TIMEOUT))
    try:
        for process in found:
            process.wait_ready()
            process.wait_leading()
        yield found
    finally:
        for process in found:
            process.terminate()


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_all_hear_the_same(both: tuple[PlacementProcess, PlacementProcess], story: Callable[[Cast], None]) -> None:
    heard = []
    for process in both:
        cast = Cast(process, story.__name__)
        try:
            story(cast)
            heard.append(cast.heard())
        finally:
            cast.close()
    assert heard[0] == heard[1]
