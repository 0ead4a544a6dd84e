"""Pods without the sidecar they ask for (control-plane.md §4.7)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from dapr_core.kube import Kind, UnreachableError
from dapr_operator.workloads.watchdog import Interval, InvalidIntervalError, Watchdog, has_sidecar, read_interval

Json = dict[str, Any]


@pytest.mark.parametrize("text", ["0", "false", "f", "no", "off", "", "OFF"])
def test_words_for_never(text: str) -> None:
    assert read_interval(text) is None


@pytest.mark.parametrize(
    ("text", "interval"), [("once", Interval(0, once=True)), ("1s", Interval(1)), ("2m", Interval(120))]
)
def test_intervals(text: str, interval: Interval) -> None:
    assert read_interval(text) == interval


@pytest.mark.parametrize("text", ["500ms", "soon", "-1s"])
def test_what_is_no_interval_says_what_to_write(text: str) -> None:
    with pytest.raises(InvalidIntervalError, match="at least 1s"):
        read_interval(text)


def pod(name: str, *containers: str, enabled: str = "true", init: tuple[str, ...] = (), going: bool = False) -> Json:
    return {
        "metadata": {
            "name": name,
            "namespace": "shop",
            "uid": f"uid-{name}",
            "annotations": {"dapr.io/enabled": enabled},
            **({"deletionTimestamp": "now"} if going else {}),
        },
        "spec": {
            "containers": [{"name": container} for container in containers],
            "initContainers": [{"name": container} for container in init],
        },
    }


class FakeCluster:
    def __init__(self, *pods: Json, ready: int = 1, error: Exception | None = None) -> None:
        self.pods = list(pods)
        self.ready = ready
        self.error = error
        self.deleted: list[tuple[str, str]] = []
        self.marked: list[str] = []

    async def list(self, kind: Kind, namespace: str, *, selector: object) -> SimpleNamespace:
        if self.error is not None:
            raise self.error
        return SimpleNamespace(items=[{"status": {"readyReplicas": self.ready}}])

    async def pages(self, kind: Kind, namespace: str, *, selector: Any) -> AsyncIterator[SimpleNamespace]:
        assert selector.labels == "!dapr.io/sidecar-injected,!dapr.io/watchdog-patched"
        yield SimpleNamespace(items=self.pods)

    async def delete(self, kind: Kind, name: str, namespace: str, *, uid: str) -> None:
        self.deleted.append((name, uid))

    async def patch(self, kind: Kind, name: str, change: Json, namespace: str) -> None:
        assert change == {"metadata": {"labels": {"dapr.io/watchdog-patched": "true"}}}
        self.marked.append(name)


def watchdog(cluster: FakeCluster, waits: list[float], **settings: Any) -> Watchdog:
    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        cluster.ready = 1
        await asyncio.sleep(0)

    once = Interval(0, once=True)
    return Watchdog(cluster, once, namespace="dapr-system", sleep=sleep, **settings)  # type: ignore[arg-type]


def test_a_pod_without_its_sidecar_is_deleted_and_others_are_not() -> None:
    cluster = FakeCluster(
        pod("bare", "app"),
        pod("good", "app", "daprd"),
        pod("native", "app", init=("daprd",)),
        pod("silent", "app", enabled="false"),
        pod("going", "app", going=True),
    )
    waits: list[float] = []
    asyncio.run(watchdog(cluster, waits).lead())
    assert cluster.deleted == [("bare", "uid-bare")]
    assert cluster.marked == []


def test_good_pods_are_marked_when_asked_for() -> None:
    cluster = FakeCluster(pod("good", "app", "daprd"))
    asyncio.run(watchdog(cluster, [], labels=True).lead())
    assert cluster.marked == ["good"]


def test_deletions_are_spread_over_the_minute() -> None:
    cluster = FakeCluster(pod("a", "app"), pod("b", "app"))
    waits: list[float] = []
    asyncio.run(watchdog(cluster, waits, per_minute=20).lead())
    assert waits == [3.0, 3.0]


def test_without_an_injector_no_pod_is_touched() -> None:
    cluster = FakeCluster(pod("a", "app"), ready=0)
    waits: list[float] = []
    asyncio.run(watchdog(cluster, waits).lead())
    assert waits[0] == 5.0
    assert cluster.deleted == [("a", "uid-a")]


def test_a_cluster_that_is_away_ends_the_look_and_nothing_else() -> None:
    cluster = FakeCluster(pod("a", "app"), error=UnreachableError("away"))
    assert asyncio.run(watchdog(cluster, []).look()) is False


def test_a_sidecar_may_be_native() -> None:
    assert has_sidecar(pod("a", init=("daprd",)))
    assert not has_sidecar({"spec": {"containers": None}})
