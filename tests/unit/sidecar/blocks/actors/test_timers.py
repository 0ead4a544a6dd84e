"""When timers come, how often, and what keeps them from it (actors-placement.md §5.3, §5.4); in simulated time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.simulated_time import clock, simulate

from dapr_core.errors import DaprError
from daprd.blocks.actors.host import Firing
from daprd.blocks.actors.timers import InvalidTimerError, TimerRequest, Timers
from daprd.catalogue import actors as rows


class Told:
    """Notes when which timer was told; each telling takes ``takes`` seconds and fails where ``fails``."""

    def __init__(self, takes: float = 0.0, fails: bool = False) -> None:
        self.times: list[tuple[str, str, float]] = []
        self.takes = takes
        self.fails = fails

    async def __call__(self, firing: Firing) -> bool:
        self.times.append((firing.actor_id, firing.name, asyncio.get_running_loop().time()))
        await asyncio.sleep(self.takes)
        if self.fails:
            raise DaprError(rows.INVOKE_METHOD, error="no")
        return False

    def of(self, name: str) -> list[float]:
        return [round(at, 6) for _, other, at in self.times if other == name]


@contextlib.asynccontextmanager
async def running(told: Told, **options: Any) -> AsyncIterator[Timers]:
    timers = Timers(told, clock=clock, **options)
    task = asyncio.create_task(timers.run())
    try:
        yield timers
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def request(name: str = "t", actor: str = "tom", **fields: Any) -> TimerRequest:
    return TimerRequest("Cat", actor, name, **fields)


def times(seconds: float, told: Told | None = None, **fields: Any) -> list[float]:
    """When one timer comes within so many seconds."""
    told = told or Told()

    async def main() -> list[float]:
        async with running(told) as timers:
            timers.put(request(**fields))
            await asyncio.sleep(seconds)
        return told.of("t")

    return simulate(main)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [0.0]),
        ({"due_time": "2s"}, [2.0]),
        ({"due_time": "PT2S"}, [2.0]),
        ({"due_time": "2026-01-01T00:00:03Z"}, [3.0]),
        ({"period": "3s"}, [0.0, 3.0, 6.0, 9.0]),
        ({"due_time": "1s", "period": "PT4S"}, [1.0, 5.0, 9.0]),
        ({"due_time": "1s", "period": "R3/PT2S"}, [1.0, 3.0, 5.0]),
        ({"due_time": "1s", "period": "R1/PT2S"}, [1.0]),
        ({"due_time": "1s", "period": "2s", "ttl": "4s"}, [1.0, 3.0]),
        ({"due_time": "1s", "period": "0s"}, [1.0]),
    ],
)
def test_a_timer_comes_when_it_was_asked_for(fields: dict[str, str], expected: list[float]) -> None:
    assert times(10, **fields) == expected


def test_the_next_comes_by_the_plan_and_not_by_how_long_the_last_took() -> None:
    assert times(10, Told(takes=1), period="3s") == [0.0, 3.0, 6.0, 9.0]


def test_one_that_takes_longer_than_its_period_does_not_pile_up() -> None:
    told = Told(takes=5)
    assert times(12, told, period="2s") == [0.0, 5.0, 10.0]


def test_failures_do_not_stop_it() -> None:
    assert times(7, Told(fails=True), period="3s") == [0.0, 3.0, 6.0]


def test_calendar_periods_are_added_as_the_calendar_has_them() -> None:
    day = 86_400.0
    assert times(60 * day, period="P1M") == [0.0, 31 * day, 59 * day]


def test_timers_of_one_actor_come_one_after_another_and_of_others_at_once() -> None:
    async def main() -> list[tuple[str, str, float]]:
        told = Told(takes=1)
        async with running(told) as timers:
            for actor in ("tom", "tim"):
                for name, due in (("b", "20ms"), ("a", "10ms"), ("c", "30ms")):
                    timers.put(request(name, actor, due_time=due))
            await asyncio.sleep(10)
        return told.times

    found = simulate(main)
    for actor in ("tom", "tim"):
        mine = [(name, round(at, 6)) for other, name, at in found if other == actor]
        assert mine == [("a", 0.01), ("b", 1.01), ("c", 2.01)]


def test_a_timer_of_the_same_name_takes_the_place_of_the_first() -> None:
    async def main() -> list[float]:
        told = Told()
        async with running(told) as timers:
            timers.put(request(due_time="2s", period="2s"))
            timers.put(request(due_time="5s"))
            await asyncio.sleep(20)
            assert len(timers) == 0
        return told.of("t")

    assert simulate(main) == [5.0]


def test_one_that_was_dropped_while_it_waited_for_another_does_not_come() -> None:
    async def main() -> list[str]:
        told = Told(takes=2)
        async with running(told) as timers:
            timers.put(request("first"))
            timers.put(request("second", due_time="1s"))
            await asyncio.sleep(1.5)
            timers.remove(("Cat", "tom", "second"))
            await asyncio.sleep(10)
        return [name for _, name, _ in told.times]

    assert simulate(main) == ["first"]


def test_the_number_of_timers_is_told() -> None:
    counted: list[tuple[str, int]] = []

    async def main() -> None:
        async with running(Told(), counted=lambda kind, count: counted.append((kind, count))) as timers:
            timers.put(request("a", due_time="1s"))
            timers.put(request("a", due_time="2s"))
            timers.put(request("b", due_time="1s"))
            await asyncio.sleep(3)

    simulate(main)
    assert counted == [("Cat", 1), ("Cat", 2), ("Cat", 1), ("Cat", 0)]


@given(st.integers(100, 400))
def test_timers_that_are_set_again_and_again_leave_nothing_behind(often: int) -> None:
    async def main() -> int:
        timers = Timers(Told(), clock=clock)
        for _ in range(often):
            timers.put(request(due_time="1h"))
        return len(timers._heap)

    assert simulate(main) <= 65


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"due_time": "soon"}, "error parsing timer due time: unsupported time/duration format: soon"),
        ({"period": "often"}, "invalid timer period: parse error: unsupported duration format: often"),
        ({"period": "R0/PT1S"}, "invalid timer period: has zero repetitions"),
        ({"ttl": "then"}, "error parsing timer TTL: unsupported time/duration format: then"),
        ({"due_time": "R2/PT1S"}, "error parsing timer due time: repetitions are not allowed"),
        ({"due_time": "1s", "ttl": "-1s"}, "timer Cat||tom||t has already expired"),
    ],
)
def test_what_is_no_timer_is_refused_with_its_field(fields: dict[str, str], text: str) -> None:
    async def main() -> None:
        with pytest.raises(InvalidTimerError) as caught:
            Timers(Told(), clock=clock).put(request(**fields))
        assert str(caught.value).startswith(text)

    simulate(main)
