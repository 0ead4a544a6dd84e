"""Actors that are parts of the sidecar: what they do beside their turns, and how that ends; simulated time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from support.simulated_time import simulate

from dapr_core.ring import Ring, RingHost
from daprd.blocks.actors.claims import Claims
from daprd.blocks.actors.host import ActorAnswer, ActorCall, Firing, HostError
from daprd.blocks.actors.hosts import HostTable
from daprd.blocks.actors.inside import InternalActor, InternalHost
from daprd.blocks.actors.names import internal_type, is_reserved
from daprd.blocks.actors.residence import Residence
from daprd.blocks.actors.settings import TypeSettings
from daprd.blocks.actors.turns import ActorClosedError

OWN = "127.0.0.1:1"
TYPE = internal_type("default", "app", "watcher")


class Watcher(InternalActor):
    """Counts what it is told; ``work`` takes ten seconds, and a stream tells each second of the count."""

    def __init__(self, actor_type: str, actor_id: str) -> None:
        self.actor_id = actor_id
        self.told: list[tuple[str, float]] = []
        self.deactivated = False
        self.streaming = 0

    def note(self, what: str) -> None:
        self.told.append((what, asyncio.get_running_loop().time()))

    async def invoke(self, call: ActorCall) -> ActorAnswer:
        self.note(call.method)
        if call.method == "work":
            await asyncio.sleep(10)
        return ActorAnswer(self.actor_id.encode(), status=404, type_url=b"type.googleapis.com/x")

    async def stream(self, call: ActorCall) -> AsyncGenerator[ActorAnswer, None]:  # type: ignore[override]
        self.streaming += 1
        try:
            while True:
                yield ActorAnswer(b"%d" % len(self.told))
                await asyncio.sleep(1)
        finally:
            self.streaming -= 1

    async def fire(self, firing: Firing) -> bool:
        self.note(firing.turn_name)
        return False

    async def deactivate(self) -> None:
        self.deactivated = True


class Stage:
    """One type of watchers in a residence."""

    def __init__(self, **settings: Any) -> None:
        self.claims = Claims()
        self.reports: list[list[str]] = []
        self.residence = Residence(OWN, self.claims, offers=lambda: True, changed=self.changed)
        self.made: list[Watcher] = []
        self.host = InternalHost(self.make, beside=["look"])
        self.settings = TypeSettings(**settings)

    def make(self, actor_type: str, actor_id: str) -> Watcher:
        self.made.append(Watcher(actor_type, actor_id))
        return self.made[-1]

    async def begin(self) -> Stage:
        await self.residence.register({TYPE: self.settings}, self.host)
        return self

    async def changed(self) -> None:
        self.reports.append(list(self.residence.types()))

    async def watch(self, seen: list[bytes]) -> None:
        async def emit(answer: ActorAnswer) -> None:
            seen.append(answer.data)

        await self.residence.stream(call("watch"), emit)


def call(method: str, actor_id: str = "one") -> ActorCall:
    return ActorCall(TYPE, actor_id, method)


def test_its_types_are_the_runtimes_own() -> None:
    assert TYPE == "dapr.internal.default.app.watcher"
    assert is_reserved(TYPE)


def test_an_actor_is_made_once_and_forgotten_when_it_is_let_go() -> None:
    async def main() -> None:
        stage = await Stage().begin()
        assert (await stage.residence.invoke(call("go"))).data == b"one"
        await stage.residence.invoke(call("go"))
        assert (len(stage.made), len(stage.host)) == (1, 1)
        await stage.residence.let_go(TYPE, "one")
        assert stage.made[0].deactivated
        assert len(stage.host) == 0
        await stage.residence.invoke(call("go"))
        assert len(stage.made) == 2

    simulate(main)


def test_types_come_and_go_without_a_word_of_the_application() -> None:
    async def main() -> None:
        stage = await Stage().begin()
        assert not stage.residence.registered.is_set()
        stage.residence.registered.set()  # the application has said what it hosts
        await stage.residence.invoke(call("go"))
        await stage.residence.unregister([TYPE], stage.host)
        assert stage.residence.registered.is_set()
        assert stage.reports == [[TYPE], []]
        assert stage.made[0].deactivated

    simulate(main)


def test_calls_take_turns_but_for_the_methods_that_need_none() -> None:
    async def main() -> None:
        stage = await Stage().begin()
        await asyncio.gather(
            stage.residence.invoke(call("work")), stage.residence.invoke(call("go")),
            stage.residence.invoke(call("look")),
        )  # fmt: skip
        assert stage.made[0].told == [("work", 0.0), ("look", 0.0), ("go", 10.0)]

    simulate(main)


@pytest.mark.parametrize(("skip_lock", "at"), [(False, 10.0), (True, 0.0)])
def test_a_reminder_comes_beside_the_turns_if_it_says_so(skip_lock: bool, at: float) -> None:
    async def main() -> None:
        stage = await Stage().begin()
        firing = Firing(TYPE, "one", "run", skip_lock=skip_lock)
        await asyncio.gather(stage.residence.invoke(call("work")), stage.residence.fire(firing))
        assert ("remind/run", at) in stage.made[0].told

    simulate(main)


def test_a_stream_goes_on_beside_turns_and_keeps_its_actor_from_being_idle() -> None:
    async def main() -> None:
        stage = await Stage(idle=5).begin()
        seen: list[bytes] = []
        idling = asyncio.create_task(stage.residence.run())
        watching = asyncio.create_task(stage.watch(seen))
        await asyncio.sleep(20.5)
        assert len(seen) == 21
        await stage.residence.invoke(call("go"))
        await asyncio.sleep(1)
        assert seen[-1] == b"1"
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        assert stage.made[0].streaming == 0
        assert not stage.made[0].deactivated
        await asyncio.sleep(6)
        assert stage.made[0].deactivated
        idling.cancel()
        await asyncio.gather(idling, return_exceptions=True)

    simulate(main)


def test_an_actor_at_work_is_not_let_go() -> None:
    async def main() -> None:
        stage = await Stage().begin()
        watching = asyncio.create_task(stage.watch([]))
        await asyncio.sleep(0.1)
        await stage.residence.let_go(TYPE, "one")
        assert not stage.made[0].deactivated
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

    simulate(main)


def test_what_goes_on_beside_turns_ends_with_the_actor() -> None:
    async def main() -> None:
        stage = await Stage().begin()
        watching = asyncio.create_task(stage.watch([]))
        await asyncio.sleep(0.1)
        await stage.residence.unregister([TYPE], stage.host)
        with pytest.raises(ActorClosedError):
            await watching
        assert stage.made[0].streaming == 0

    simulate(main)


def test_a_change_of_hosts_does_not_wait_for_a_stream() -> None:
    async def main() -> None:
        claims = Claims()
        claims.install(HostTable({TYPE: Ring([RingHost(OWN, "app")])}))
        claims.unblock()

        async def watch() -> None:
            async with claims.claim(TYPE, endless=True):
                await asyncio.Event().wait()

        async def work() -> None:
            async with claims.claim(TYPE):
                await asyncio.sleep(1)

        tasks = [asyncio.create_task(each()) for each in (watch, work)]
        await asyncio.sleep(0)
        assert await claims.drain({TYPE: 60.0}) == ()
        assert asyncio.get_running_loop().time() == 1.0
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(each).__name__ for each in results] == ["RebalancedError", "NoneType"]

    simulate(main)


def test_a_failure_of_the_actor_is_the_streams() -> None:
    class Broken(Watcher):
        async def stream(self, call: ActorCall) -> AsyncGenerator[ActorAnswer, None]:  # type: ignore[override]
            yield ActorAnswer(b"first")
            raise HostError("no such instance exists")

    async def main() -> None:
        stage = Stage()
        stage.host = InternalHost(Broken)
        await stage.begin()
        seen: list[bytes] = []
        with pytest.raises(HostError, match="no such instance exists"):
            await stage.watch(seen)
        assert seen == [b"first"]
        with contextlib.suppress(HostError):
            await stage.residence.stream(call("watch", "two"), lambda answer: asyncio.sleep(0))

    simulate(main)
