"""What is wrong with a resource, in its status and as an Event."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from dapr_core.kube import Key, Kind, KubeError, NotFoundError
from dapr_core.kube.errors import Status
from dapr_core.kube.events import Regarding
from dapr_core.kube.kinds import COMPONENT
from dapr_operator.kinds import SERVED
from dapr_operator.resources.checking import CONDITION, condition, differs, problems
from dapr_operator.statuses import Statuses

Json = dict[str, Any]
KEY = Key("ns", "c")

GOOD: Json = {
    "metadata": {"name": "c", "namespace": "ns"},
    "spec": {"type": "state.redis", "version": "v1", "metadata": []},
}
BAD: Json = {"metadata": {"name": "c", "namespace": "ns"}, "spec": {"type": ["x"], "version": "v1", "metadata": 3}}


class FakeCluster:
    def __init__(self, thing: Json | None, *, without_status: bool = False) -> None:
        self.thing = thing
        self.without_status = without_status
        self.written: list[Json] = []
        self.warned: list[str] = []
        self.speechless = 0

    async def get(self, kind: Kind, name: str, namespace: str) -> Json:
        if self.thing is None:
            raise NotFoundError(Status(404))
        return self.thing

    async def patch(self, kind: Kind, name: str, change: Json, namespace: str, *, subresource: str) -> None:
        assert subresource == "status"
        if self.without_status:
            raise NotFoundError(Status(404))
        self.written.append(change["status"]["conditions"][0])
        assert self.thing is not None
        self.thing = self.thing | change

    async def tell(self, regarding: Regarding, action: str, reason: str, note: str) -> None:
        if self.speechless:
            self.speechless -= 1
            raise KubeError(Status(503))
        self.warned.append(note)


def led(cluster: FakeCluster, *things: Json, then: Callable[[Statuses], None] | None = None) -> None:
    """Look at objects one after another, and lead until nothing is left to write."""

    async def main() -> None:
        statuses = Statuses(cluster, cluster)  # type: ignore[arg-type]
        leading = asyncio.create_task(statuses.lead())
        await asyncio.sleep(0)
        for thing in things:
            cluster.thing = thing | {"status": (cluster.thing or {}).get("status", thing.get("status", {}))}
            statuses.look(COMPONENT, KEY, cluster.thing)
            while len(statuses._queue):
                await asyncio.sleep(0.001)
        leading.cancel()

    asyncio.run(main())


@pytest.mark.parametrize("kind", SERVED, ids=str)
def test_every_kind_can_be_judged(kind: Kind) -> None:
    assert problems(kind, {"spec": 3})


def test_each_field_that_does_not_read_is_named() -> None:
    found = " ".join(problems(COMPONENT, BAD))
    assert "spec.type" in found
    assert "spec.metadata" in found
    assert problems(COMPONENT, GOOD) == ()


def test_a_wrong_resource_gets_a_condition_and_an_event() -> None:
    cluster = FakeCluster(None)
    led(cluster, BAD)
    [written] = cluster.written
    assert (written["type"], written["status"]) == (CONDITION, "False")
    assert "spec.metadata" in written["message"]
    assert len(cluster.warned) == 1


def test_an_event_that_cannot_be_written_is_tried_again() -> None:
    cluster = FakeCluster(None)
    cluster.speechless = 1
    led(cluster, BAD)
    assert len(cluster.warned) == len(cluster.written) == 1


def test_a_required_field_that_is_missing_is_named_with_what_to_add() -> None:
    thing = {"spec": {"version": "v1", "metadata": [{"value": "x"}], "unknown": 1}}
    assert [text.partition("; ")[0] for text in problems(COMPONENT, thing)] == [
        "spec.type: it is missing",
        "spec.metadata[0].name: it is missing",
    ]
    assert all("; add " in text for text in problems(COMPONENT, thing))
    # As Go writes what is empty.
    assert problems(COMPONENT, {"spec": {"Type": "", "version": "", "metadata": None}}) == ()


def test_a_good_resource_is_not_written_to() -> None:
    cluster = FakeCluster(None)
    led(cluster, GOOD)
    assert cluster.written == []
    assert cluster.warned == []


def test_a_resource_that_was_mended_says_so() -> None:
    cluster = FakeCluster(None)
    led(cluster, BAD, GOOD)
    assert [one["status"] for one in cluster.written] == ["False", "True"]


def test_the_same_fault_is_written_once_and_keeps_its_time() -> None:
    cluster = FakeCluster(None)
    led(cluster, BAD, BAD)
    assert len(cluster.written) == 1
    later = BAD | {"metadata": BAD["metadata"] | {"generation": 2}}
    first = cluster.written[0] | {"lastTransitionTime": "2020-01-01T00:00:00Z"}
    cluster = FakeCluster(later | {"status": {"conditions": [first]}})
    led(cluster, later)
    assert cluster.written[0]["lastTransitionTime"] == "2020-01-01T00:00:00Z"


def test_definitions_without_a_status_are_lived_with() -> None:
    cluster = FakeCluster(None, without_status=True)
    led(cluster, BAD)
    assert len(cluster.warned) == 1


def test_only_what_a_reader_sees_makes_a_difference() -> None:
    one = condition(("a",), 1, "now")
    assert not differs(one | {"lastTransitionTime": "then"}, one)
    assert differs({}, one)
    assert differs(one | {"message": "b"}, one)
