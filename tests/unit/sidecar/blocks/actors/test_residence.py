"""Actors that live here: one at a time, for as long as anybody wants something of them (§3.6–3.9); simulated time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from support.simulated_time import simulate

from dapr_core.ring import Ring, RingHost
from dapr_core.rpc.deferred import Deferred
from daprd.blocks.actors.claims import Claims
from daprd.blocks.actors.host import ActorAnswer, ActorCall, ActorHost, Firing, HostError, NotHostedError
from daprd.blocks.actors.hosts import HostTable
from daprd.blocks.actors.residence import Residence
from daprd.blocks.actors.settings import Reentrancy, TypeSettings
from daprd.blocks.actors.turns import ActorClosedError, StackDepthError
from daprd.policy.policies import ResiliencyPolicies

OWN = "127.0.0.1:1"


class Home(ActorHost):
    """Notes what it is told; a call takes ``takes`` seconds."""

    def __init__(self, takes: float = 1.0) -> None:
        self.takes = takes
        self.told: list[tuple[str, str, float]] = []
        self.reentrancy: list[str] = []
        self.refuses = False

    def note(self, what: str, actor_id: str) -> None:
        self.told.append((what, actor_id, round(asyncio.get_running_loop().time(), 6)))

    async def invoke(self, call: ActorCall) -> ActorAnswer:
        self.note(call.method, call.actor_id)
        self.reentrancy.append(call.reentrancy_id)
        await asyncio.sleep(self.takes)
        return ActorAnswer(b"done")

    async def fire(self, firing: Firing) -> bool:
        self.note(firing.turn_name, firing.actor_id)
        await asyncio.sleep(self.takes)
        return False

    async def deactivate(self, actor_type: str, actor_id: str) -> None:
        self.note("deactivate", actor_id)
        if self.refuses:
            raise HostError("no", "status_code_500")


class Stage:
    def __init__(self, *, store: bool = True, **options: Any) -> None:
        self.claims = Claims()
        self.store = store
        self.reports: list[list[str]] = []
        self.residence = Residence(OWN, self.claims, offers=lambda: self.store, changed=self.changed, **options)

    async def changed(self) -> None:
        self.reports.append(list(self.residence.types()))

    def deactivations(self, home: Home) -> list[tuple[str, float]]:
        return [(name, at) for what, name, at in home.told if what == "deactivate"]


@contextlib.asynccontextmanager
async def running(stage: Stage) -> AsyncIterator[Residence]:
    task = asyncio.create_task(stage.residence.run())
    try:
        yield stage.residence
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def call(actor_id: str = "tom", method: str = "go", chain: str = "") -> ActorCall:
    return ActorCall("Cat", actor_id, method, reentrancy_id=chain)


def test_calls_timers_and_others_of_one_actor_come_one_after_another() -> None:
    async def main() -> None:
        stage, home = Stage(), Home()
        await stage.residence.register({"Cat": TypeSettings()}, home)
        await asyncio.gather(
            stage.residence.invoke(call(method="a")),
            stage.residence.fire(Firing("Cat", "tom", "t", is_timer=True)),
            stage.residence.invoke(call(method="b")),
            stage.residence.invoke(call("tim", "c")),
        )
        assert [each for each in home.told if each[1] == "tom"] == [
            ("a", "tom", 0.0),
            ("timer/t", "tom", 1.0),
            ("b", "tom", 2.0),
        ]
        assert ("c", "tim", 0.0) in home.told

    simulate(main)


def test_a_call_that_is_given_up_leaves_its_turn_to_the_next_whether_it_ran_or_waited() -> None:
    async def main() -> None:
        stage = Stage()
        begun: list[Deferred[ActorAnswer]] = []

        class Telling(Home):
            def begin(self, call: ActorCall) -> Deferred[ActorAnswer]:
                self.note(call.method, call.actor_id)
                begun.append(Deferred())
                return begun[-1]

        home = Telling()
        await stage.residence.register({"Cat": TypeSettings()}, home)
        calls = [stage.residence.invoke(call(method=name)) for name in "abcd"]
        assert [what for what, _, _ in home.told] == ["a"]
        calls[1].cancel()  # before it stands in the line
        await asyncio.sleep(0.1)
        calls[2].cancel()
        calls[0].cancel()
        await asyncio.sleep(0.1)
        assert [what for what, _, _ in home.told] == ["a", "d"]
        begun[1].settle(ActorAnswer(b"done"))
        assert (await calls[3]).data == b"done"
        assert not any(actor.turns.busy for actor in stage.residence._types["Cat"].residents._actors.values())

    simulate(main)


def test_an_actor_is_deactivated_when_nobody_has_used_it_for_long_enough() -> None:
    async def main() -> None:
        stage, home = Stage(), Home(takes=3)
        await stage.residence.register({"Cat": TypeSettings(idle=10)}, home)
        async with running(stage) as residence:
            await residence.invoke(call("tom"))  # begins at 0
            await asyncio.sleep(2)
            await residence.invoke(call("tim"))  # begins at 5
            await asyncio.sleep(60)
            assert stage.deactivations(home) == [("tom", 10.0), ("tim", 15.0)]
            assert residence.counts() == {"Cat": 0}
            await residence.invoke(call("tom"))
            assert residence.active("Cat", "tom")

    simulate(main)


def test_an_actor_at_work_is_left_alone() -> None:
    async def main() -> None:
        stage, home = Stage(), Home(takes=35)
        await stage.residence.register({"Cat": TypeSettings(idle=10)}, home)
        async with running(stage) as residence:
            await residence.invoke(call())
            assert stage.deactivations(home) == []
            await asyncio.sleep(20)
            assert len(stage.deactivations(home)) == 1

    simulate(main)


def test_types_without_a_store_are_not_offered() -> None:
    async def main() -> None:
        stage, home = Stage(store=False), Home()
        await stage.residence.register({"Cat": TypeSettings()}, home)
        assert stage.reports == [[]]
        stage.store = True
        await stage.residence.offers_changed()
        assert stage.reports[-1] == ["Cat"]
        await stage.residence.invoke(call())
        stage.store = False
        await stage.residence.offers_changed()
        assert stage.reports[-1] == []
        assert len(stage.deactivations(home)) == 1

    simulate(main)


def test_a_host_that_is_gone_takes_its_types_and_actors_with_it() -> None:
    async def main() -> None:
        stage, home = Stage(), Home()
        await stage.residence.register({"Cat": TypeSettings(), "Dog": TypeSettings()}, home)
        await stage.residence.invoke(call())
        await stage.residence.unregister(["Cat", "Dog"], home)
        assert stage.reports[-1] == []
        assert not stage.residence.registered.is_set()
        assert [name for name, _ in stage.deactivations(home)] == ["tom"]
        with pytest.raises(NotHostedError):
            await stage.residence.invoke(call())

    simulate(main)


def test_a_host_that_departs_is_gone_when_the_table_says_so() -> None:
    async def main() -> None:
        stage, home = Stage(), Home(takes=1)
        await stage.residence.register({"Cat": TypeSettings(drain=3)}, home)
        assert stage.residence.longest_drain == 3
        stage.claims.install(HostTable({"Cat": Ring([RingHost(OWN, "app"), RingHost("10.0.0.2:1", "app")])}))
        stage.claims.unblock()
        await stage.residence.invoke(call())
        leaving = asyncio.create_task(stage.residence.depart())
        await asyncio.sleep(0.1)
        assert stage.reports[-1] == []
        await stage.residence.unlocked()  # the end of a round that knew nothing of it yet
        await asyncio.sleep(0.1)
        assert not leaving.done()
        changed = stage.claims.install(HostTable({"Cat": Ring([RingHost("10.0.0.2:1", "app")])}))
        await stage.residence.rebalance(changed)
        stage.claims.unblock()
        await stage.residence.unlocked()
        await leaving
        assert [name for name, _ in stage.deactivations(home)] == ["tom"]

    simulate(main)


def test_what_another_host_has_taken_over_stays() -> None:
    async def main() -> None:
        stage, old, new = Stage(), Home(), Home()
        await stage.residence.register({"Cat": TypeSettings()}, old)
        await stage.residence.register({"Cat": TypeSettings()}, new)
        await stage.residence.unregister(["Cat"], old)
        assert stage.residence.types() == ["Cat"]
        await stage.residence.invoke(call())
        assert (old.told, len(new.told)) == ([], 1)

    simulate(main)


def test_actors_that_live_elsewhere_now_are_deactivated_and_the_others_stay() -> None:
    async def main() -> None:
        stage, home = Stage(), Home(takes=0)
        await stage.residence.register({"Cat": TypeSettings()}, home)
        ids = [str(number) for number in range(50)]
        for name in ids:
            await stage.residence.invoke(call(name))
        ring = Ring([RingHost(OWN, "app"), RingHost("10.0.0.2:1", "app")])
        changed = stage.claims.install(HostTable({"Cat": ring}))
        await stage.residence.rebalance(changed)
        gone = {name for name, _ in stage.deactivations(home)}
        assert gone == {name for name in ids if ring.owner(name).name != OWN}
        assert stage.residence.counts() == {"Cat": len(ids) - len(gone)}

    simulate(main)


@pytest.mark.parametrize(
    ("settings", "ends"), [(TypeSettings(drain=5), 5.0), (TypeSettings(drain=5, drain_at_all=False), 0.0)]
)
def test_a_call_that_runs_has_its_time_to_end(settings: TypeSettings, ends: float) -> None:
    async def main() -> None:
        stage, home = Stage(), Home(takes=100)
        await stage.residence.register({"Cat": settings}, home)
        stage.claims.install(HostTable({"Cat": Ring([RingHost(OWN, "app")])}))
        stage.claims.unblock()

        async def calling() -> None:
            async with stage.claims.claim("Cat"):
                await stage.residence.invoke(call())

        task = asyncio.create_task(calling())
        await asyncio.sleep(0)
        await stage.residence.rebalance(stage.claims.install(HostTable({"Cat": Ring([RingHost("b:1", "app")])})))
        assert asyncio.get_running_loop().time() == ends
        with pytest.raises(Exception, match="placement is disseminating"):
            await task

    simulate(main)


def test_placement_that_is_lost_deactivates_everything() -> None:
    async def main() -> None:
        stage, home = Stage(), Home(takes=0)
        home.refuses = True  # an application that fails does not keep them
        await stage.residence.register({"Cat": TypeSettings(), "Dog": TypeSettings()}, home)
        await stage.residence.invoke(call())
        await stage.residence.invoke(ActorCall("Dog", "rex", "go"))
        await stage.residence.lost()
        assert {name for name, _ in stage.deactivations(home)} == {"tom", "rex"}
        assert stage.residence.counts() == {"Cat": 0, "Dog": 0}

    simulate(main)


def test_calls_that_wait_for_an_actor_that_is_deactivated_may_be_made_again() -> None:
    async def main() -> None:
        stage, home = Stage(), Home(takes=10)
        await stage.residence.register({"Cat": TypeSettings()}, home)
        first = asyncio.ensure_future(stage.residence.invoke(call()))
        second = asyncio.ensure_future(stage.residence.invoke(call(method="later")))
        await asyncio.sleep(1)
        await stage.residence.lost()
        with pytest.raises(ActorClosedError, match="cannot handle later"):
            await second
        assert (await first).data == b"done"

    simulate(main)


def test_a_call_of_the_same_chain_enters_while_the_first_waits_for_it() -> None:
    async def main() -> None:
        stage = Stage()

        class Calling(Home):
            async def invoke(self, call_: ActorCall) -> ActorAnswer:
                self.note(call_.method, call_.actor_id)
                inner: Any = call(method=call_.method + "+", chain=call_.reentrancy_id)
                return await stage.residence.invoke(inner)

        home = Calling()
        await stage.residence.register({"Cat": TypeSettings(reentrancy=Reentrancy(True, 3))}, home)
        with pytest.raises(StackDepthError):
            await stage.residence.invoke(call(method="go"))
        assert [what for what, _, _ in home.told] == ["go", "go+", "go++"]

    simulate(main)


def test_a_chain_begins_with_the_first_call_and_is_told_to_the_application() -> None:
    async def main() -> None:
        stage, home = Stage(), Home()
        await stage.residence.register({"Cat": TypeSettings(reentrancy=Reentrancy(True, 3))}, home)
        first, second = call(), call(chain="mine")
        await stage.residence.invoke(first)
        await stage.residence.invoke(second)
        assert len(home.reentrancy[0]) == 36
        assert (b"dapr-reentrancy-id", home.reentrancy[0].encode()) in first.headers
        assert home.reentrancy[1] == "mine"

    simulate(main)


def test_an_actor_that_is_let_go_is_active_again_only_when_that_is_over() -> None:
    async def main() -> None:
        stage = Stage()

        class Slow(Home):
            async def deactivate(self, actor_type: str, actor_id: str) -> None:
                self.note("deactivate", actor_id)
                await asyncio.sleep(3)
                self.note("deactivated", actor_id)

        home = Slow(takes=0)
        await stage.residence.register({"Cat": TypeSettings()}, home)
        await stage.residence.invoke(call("tom"))
        await stage.residence.invoke(call("tim"))
        leaving = asyncio.create_task(stage.residence.lost())
        await asyncio.sleep(1)
        await stage.residence.invoke(call("tom"))
        await stage.residence.invoke(call("new"))
        await leaving
        tom = [(what, at) for what, name, at in home.told if name == "tom"]
        assert tom == [("go", 0.0), ("deactivate", 0.0), ("deactivated", 3.0), ("go", 3.0)]

    simulate(main)


def test_a_turn_has_the_time_that_a_policy_gives_it_once_it_has_begun() -> None:
    async def main() -> None:
        policies = ResiliencyPolicies.from_specs(
            [{"policies": {"timeouts": {"short": "2s"}}, "targets": {"actors": {"Cat": {"timeout": "short"}}}}]
        )
        stage, home = Stage(limit=policies.actor_turn), Home(takes=1.5)
        await stage.residence.register({"Cat": TypeSettings()}, home)
        both = await asyncio.gather(stage.residence.invoke(call()), stage.residence.invoke(call()))
        assert [answer.data for answer in both] == [b"done", b"done"]  # waiting for the turn is no part of it
        home.takes = 5
        began = asyncio.get_running_loop().time()
        with pytest.raises(HostError, match="context deadline exceeded"):
            await stage.residence.invoke(call())
        assert asyncio.get_running_loop().time() - began == 2.0

    simulate(main)
