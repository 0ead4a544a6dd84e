"""A leader works while it holds the lease, stops in time, and hands over at once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from support.fake_kube import Answer, Asked, BreakOff, fake_api, refusal

from dapr_core.kube import KubeClient
from dapr_core.kube.election import ElectionSettings
from dapr_core.kube.leader import Leader

QUICK = {"lease_duration": 30, "renew_deadline": 1.0, "retry_period": 0.1}


def run(work: Coroutine[Any, Any, Any]) -> Any:
    async def bounded() -> Any:
        async with asyncio.timeout(60):
            return await work

    return asyncio.run(bounded())


class LeaseApi:
    """A Lease on a fake server; ``broken`` takes its answers away."""

    def __init__(self) -> None:
        self.lease: dict[str, Any] | None = None
        self.version = 0
        self.broken = False

    def __call__(self, asked: Asked) -> Answer | BreakOff:
        if self.broken:
            return BreakOff()
        if asked.method == "GET":
            return refusal(404, "NotFound") if self.lease is None else Answer(self.lease)
        thing = asked.object
        if asked.method == "POST" and self.lease is not None:
            return refusal(409, "AlreadyExists")
        if asked.method == "PUT" and thing["metadata"]["resourceVersion"] != str(self.version):
            return refusal(409, "Conflict")
        self.version += 1
        thing["metadata"]["resourceVersion"] = str(self.version)
        self.lease = thing
        return Answer(thing)

    @property
    def holder(self) -> str:
        return "" if self.lease is None else self.lease["spec"]["holderIdentity"]


class Work:
    """Something that runs until it is cancelled."""

    def __init__(self) -> None:
        self.running = asyncio.Event()
        self.ended = asyncio.Event()

    async def __call__(self) -> None:
        self.running.set()
        self.ended.clear()
        try:
            await asyncio.Event().wait()
        finally:
            self.running.clear()
            self.ended.set()


def leader(client: KubeClient, identity: str) -> Leader:
    return Leader(client, "l", "n", ElectionSettings(identity=identity, **QUICK))  # type: ignore[arg-type]


def test_one_of_two_works_and_the_other_takes_over_at_once_when_it_stops() -> None:
    async def story() -> None:
        api = LeaseApi()
        async with fake_api(api) as server, KubeClient(server.config()) as client:
            first, second = Work(), Work()
            one = asyncio.ensure_future(leader(client, "one").run(first))
            await first.running.wait()
            two = asyncio.ensure_future(leader(client, "two").run(second))
            await asyncio.sleep(0.5)
            assert not second.running.is_set()
            one.cancel()
            await asyncio.wait([one])
            assert first.ended.is_set()
            assert api.holder in ("", "two")
            async with asyncio.timeout(15):  # less than the lease: it was released
                await second.running.wait()
            assert api.lease is not None
            assert api.lease["spec"]["leaseTransitions"] == 1
            two.cancel()
            await asyncio.wait([two])

    run(story())


def test_a_leader_that_cannot_renew_stops_to_work_in_time_and_goes_on_when_it_can() -> None:
    async def story() -> None:
        api = LeaseApi()
        async with fake_api(api) as server, KubeClient(server.config()) as client:
            work = Work()
            one = leader(client, "one")
            task = asyncio.ensure_future(one.run(work))
            await work.running.wait()
            assert one.leads
            api.broken = True
            await work.ended.wait()
            assert not one.leads
            api.broken = False
            await work.running.wait()
            task.cancel()
            await asyncio.wait([task])
            assert api.holder == ""

    run(story())


def test_a_leader_whose_lease_another_one_took_stops_to_work() -> None:
    async def story() -> None:
        api = LeaseApi()
        async with fake_api(api) as server, KubeClient(server.config()) as client:
            work = Work()
            task = asyncio.ensure_future(leader(client, "one").run(work))
            await work.running.wait()
            assert api.lease is not None
            api.version += 1
            api.lease["metadata"]["resourceVersion"] = str(api.version)
            api.lease["spec"] = {**api.lease["spec"], "holderIdentity": "two"}
            await work.ended.wait()
            assert api.holder == "two"
            task.cancel()
            await asyncio.wait([task])
            assert api.holder == "two"

    run(story())


def test_what_the_work_raises_is_raised_and_the_lease_released() -> None:
    async def story() -> None:
        api = LeaseApi()

        async def work() -> None:
            raise RuntimeError("no good")

        async with fake_api(api) as server, KubeClient(server.config()) as client:
            with pytest.raises(RuntimeError, match="no good"):
                await leader(client, "one").run(work)
            assert api.lease is not None
            assert api.holder == ""

    run(story())


def test_work_that_ends_releases_the_lease() -> None:
    async def story() -> None:
        api = LeaseApi()

        async def work() -> None:
            assert api.holder == "one"

        async with fake_api(api) as server, KubeClient(server.config()) as client:
            await leader(client, "one").run(work)
            assert api.holder == ""

    run(story())
