"""One actor's turns (actors-placement.md §3.6)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daprd.blocks.actors.turns import ActorClosedError, StackDepthError, Turns


def run(main: Callable[[], Awaitable[Any]]) -> Any:
    async def limited() -> Any:
        async with asyncio.timeout(10):
            return await main()

    return asyncio.run(limited())


async def breathe() -> None:
    """Let everything happen that can."""
    for _ in range(5):
        await asyncio.sleep(0)


def test_the_first_call_waits_for_nobody() -> None:
    turns = Turns()
    turn = turns.enter_at_once("m")
    assert turn is not None
    assert turns.busy
    turns.leave(turn)
    assert not turns.busy


def test_calls_come_one_after_another_in_their_order() -> None:
    async def main() -> None:
        turns = Turns()
        told: list[str] = []

        async def call(name: str) -> None:
            turn = await turns.enter(name)
            told.append(f"{name} in")
            await asyncio.sleep(0)
            told.append(f"{name} out")
            turns.leave(turn)

        await asyncio.gather(*(call(name) for name in "abc"))
        assert told == ["a in", "a out", "b in", "b out", "c in", "c out"]

    run(main)


def test_a_call_that_comes_back_joins_its_turn() -> None:
    async def main() -> None:
        turns = Turns()
        outer = await turns.enter("m", "id")
        other = asyncio.create_task(turns.enter("m", "other"))
        await breathe()
        inner = await turns.enter("m", "id")
        assert inner is outer
        assert not other.done()
        turns.leave(inner)
        await breathe()
        assert not other.done()
        turns.leave(outer)
        turns.leave(await other)
        assert not turns.busy

    run(main)


def test_a_call_with_the_id_of_a_waiting_turn_waits_with_it_and_runs_beside_it() -> None:
    async def main() -> None:
        turns = Turns()
        first = await turns.enter("m")
        pair = [asyncio.create_task(turns.enter("m", "id")) for _ in range(2)]
        await breathe()
        assert not any(task.done() for task in pair)
        turns.leave(first)
        entered = await asyncio.gather(*pair)
        assert entered[0] is entered[1]
        assert entered[0].depth == 2

    run(main)


def test_a_turn_has_a_greatest_depth_and_a_refused_call_leaves_no_trace() -> None:
    async def main() -> None:
        turns = Turns(max_depth=2)
        turn = await turns.enter("m", "id")
        await turns.enter("m", "id")
        for _ in range(3):
            with pytest.raises(StackDepthError, match="maximum stack depth exceeded"):
                await turns.enter("m", "id")
        assert turn.depth == 2
        turns.leave(turn)
        assert (await turns.enter("m", "id")) is turn

    run(main)


def test_a_waiting_call_that_is_cancelled_gives_up_its_place() -> None:
    async def main() -> None:
        turns = Turns()
        first = await turns.enter("m")
        second = asyncio.create_task(turns.enter("m"))
        third = asyncio.create_task(turns.enter("m"))
        await breathe()
        second.cancel()
        await breathe()
        turns.leave(first)
        turns.leave(await third)
        assert not turns.busy

    run(main)


def test_a_call_cancelled_in_the_moment_of_its_admission_lets_the_next_one_in() -> None:
    async def main() -> None:
        turns = Turns()
        first = await turns.enter("m")
        second = asyncio.create_task(turns.enter("m"))
        third = asyncio.create_task(turns.enter("m"))
        await breathe()
        turns.leave(first)
        second.cancel()
        turns.leave(await third)
        assert second.cancelled()
        assert not turns.busy

    run(main)


def test_a_closed_actor_refuses_who_waits_and_who_comes() -> None:
    async def main() -> None:
        turns = Turns()
        running = await turns.enter("a")
        waiting = asyncio.create_task(turns.enter("b"))
        await breathe()
        turns.close()
        with pytest.raises(ActorClosedError, match="actor is closed, cannot handle b"):
            await waiting
        with pytest.raises(ActorClosedError, match="cannot handle c"):
            await turns.enter("c")
        turns.leave(running)
        assert not turns.busy

    run(main)


def test_who_waits_is_counted() -> None:
    async def main() -> None:
        counts: list[int] = []
        turns = Turns(pending=counts.append)
        first = await turns.enter("a")
        tasks = [asyncio.create_task(turns.enter("b")) for _ in range(2)]
        await breathe()
        assert sum(counts) == 2
        tasks[0].cancel()
        turns.leave(first)
        await tasks[1]
        await breathe()
        assert sum(counts) == 0

    run(main)


steps = st.lists(
    st.tuples(st.sampled_from(["call", "leave", "cancel"]), st.integers(0, 5), st.sampled_from(["", "x", "y"])),
    max_size=40,
)


@settings(max_examples=200, deadline=None)
@given(steps)
def test_whatever_happens_one_turn_runs_and_everybody_gets_in(steps: list[tuple[str, int, str]]) -> None:
    async def main() -> None:
        turns = Turns(max_depth=3)
        inside: list[tuple[Any, str]] = []
        order: list[int] = []

        async def call(number: int, identity: str) -> None:
            turn = await turns.enter("m", identity)
            order.append(number)
            inside.append((turn, identity))

        tasks: list[asyncio.Task[None]] = []
        for step, index, identity in steps:
            if step == "call":
                tasks.append(asyncio.create_task(call(len(tasks), identity)))
            elif step == "leave" and inside:
                turns.leave(inside.pop(index % len(inside))[0])
            elif step == "cancel" and tasks:
                tasks[index % len(tasks)].cancel()
            await breathe()
            assert len({id(turn) for turn, _ in inside}) <= 1
            assert len(inside) <= 3
            assert len(inside) <= 1 or len({identity for _, identity in inside}) == 1
        while inside:
            turns.leave(inside.pop()[0])
            await breathe()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert not turns.busy
        firsts = [number for number in order if steps]
        assert len(firsts) == len(set(firsts))

    run(main)
