"""An outcome that is still to come: steps in order, one listener, detours, cancellation, and awaiting it."""

from __future__ import annotations

import asyncio
import functools
import gc
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from dapr_core.rpc.deferred import Converted, Deferred, Detour, detoured

Outcome = tuple[Any, BaseException | None]


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test in an event loop of its own."""

    @functools.wraps(test)
    def run(**given: Any) -> None:
        asyncio.run(test(**given))

    return run


def doubled(value: int | None, error: BaseException | None) -> int:
    if error is not None:
        raise error
    assert value is not None
    return 2 * value


def forgiven(value: int | None, error: BaseException | None) -> int:
    return -1 if value is None else value


def heard(deferred: Deferred[int]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    deferred.tell(lambda value, error: outcomes.append((value, error)))
    return outcomes


def test_steps_run_at_once_and_in_order_each_with_what_the_one_before_left() -> None:
    deferred = Deferred[int]()
    deferred.after(doubled)
    deferred.after(lambda value, error: doubled(value, error) + 1)
    outcomes = heard(deferred)
    deferred.settle(3)
    assert outcomes == [(13, None)]
    assert deferred.done


def test_what_a_step_raises_is_the_outcome_until_another_makes_a_value_of_it() -> None:
    wrong = ValueError("wrong")

    def fails(value: int | None, error: BaseException | None) -> int:
        raise wrong

    failing, saved = Deferred[int](), Deferred[int]()
    for deferred in (failing, saved):
        deferred.after(fails)
        deferred.after(doubled)
    saved.after(forgiven)
    ends = heard(failing), heard(saved)
    failing.settle(1)
    saved.settle(1)
    assert ends == ([(None, wrong)], [(-1, None)])


def test_the_first_outcome_counts() -> None:
    deferred = Deferred[int]()
    outcomes = heard(deferred)
    deferred.settle(1)
    deferred.settle(2)
    deferred.cancel()
    assert outcomes == [(1, None)]


def test_steps_and_listeners_that_come_late_hear_the_outcome_at_once() -> None:
    deferred = Deferred[int]()
    deferred.settle(4)
    deferred.after(doubled)
    assert heard(deferred) == [(8, None)]


def test_what_the_listener_raises_comes_out_where_the_outcome_was_brought() -> None:
    deferred = Deferred[int]()

    def fails(value: int | None, error: BaseException | None) -> None:
        raise RuntimeError("in the listener")

    deferred.tell(fails)
    with pytest.raises(RuntimeError, match="in the listener"):
        deferred.settle(1)


def test_cancelling_stops_the_work_and_tells_the_steps() -> None:
    class Work(Deferred[int]):
        stopped = 0

        def abandoned(self) -> None:
            Work.stopped += 1
            self.settle(None, RuntimeError("came while it was being stopped"))

    deferred = Work()
    deferred.after(doubled)
    outcomes = heard(deferred)
    deferred.cancel()
    deferred.cancel()
    assert Work.stopped == 1
    ((value, error),) = outcomes
    assert value is None
    assert isinstance(error, asyncio.CancelledError)


@in_loop
async def test_an_awaited_outcome_is_given_or_raised() -> None:
    good, bad, over = Deferred[int](), Deferred[int](), Deferred[int]()
    for deferred in (good, bad, over):
        deferred.after(doubled)
    over.settle(3)
    loop = asyncio.get_running_loop()
    loop.call_soon(good.settle, 1)
    loop.call_soon(bad.settle, None, ValueError("no"))
    assert (await good, await over) == (2, 6)
    with pytest.raises(ValueError, match="no"):
        await bad


@in_loop
async def test_a_cancelled_waiter_cancels_the_work() -> None:
    deferred = Deferred[int]()
    waiting = asyncio.ensure_future(_wait(deferred))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert deferred.settled


async def _wait(deferred: Deferred[int]) -> int:
    return await deferred


async def _give(value: int, after: asyncio.Event) -> int:
    await after.wait()
    return value


def _by_step(deferred: Deferred[int], way: Coroutine[Any, Any, int]) -> None:
    def detours(value: int | None, error: BaseException | None) -> int:
        raise Detour(way)

    deferred.after(detours)
    deferred.settle(1)


def _at_the_source(deferred: Deferred[int], way: Coroutine[Any, Any, int]) -> None:
    deferred.settle(None, Detour(way))


@pytest.mark.parametrize("leave", [_by_step, _at_the_source])
@in_loop
async def test_the_steps_behind_a_detour_follow_when_it_has_ended(
    leave: Callable[[Deferred[int], Coroutine[Any, Any, int]], None],
) -> None:
    deferred, event = Deferred[int](), asyncio.Event()
    leave(deferred, _give(20, event))
    deferred.after(doubled)
    assert (deferred.settled, deferred.done) == (True, False)
    event.set()
    assert await deferred == 40


@pytest.mark.parametrize("begun", [True, False])
@in_loop
async def test_a_cancelled_detour_ends_its_coroutine_and_tells_the_steps(begun: bool) -> None:
    deferred, event = Deferred[int](), asyncio.Event()
    _at_the_source(deferred, _give(20, event))
    if begun:
        await asyncio.sleep(0)
    deferred.cancel()
    with pytest.raises(asyncio.CancelledError):
        await deferred


def test_a_step_may_leave_a_value_of_another_type() -> None:
    deferred = Deferred[int]()
    text = deferred.turned(lambda value, error: f"{doubled(value, error)}!")
    text.after(lambda value, error: f"<{value}>")
    deferred.settle(2)
    assert heard(deferred) == [("<4!>", None)]


def test_work_that_is_stopped_may_leave_something_else_to_whoever_still_wants_it() -> None:
    stopped, cancelled = Deferred[int](), Deferred[int]()
    for deferred in (stopped, cancelled):
        deferred.after(forgiven)
    ends = heard(stopped), heard(cancelled)
    stopped.stop()
    cancelled.cancel()
    assert ends == ([(-1, None)], [(-1, None)])
    assert (stopped.unwanted, cancelled.unwanted) == (False, True)


@in_loop
async def test_the_outcome_of_a_coroutine_is_one_like_any_other() -> None:
    event = asyncio.Event()
    deferred = detoured(_give(4, event))
    deferred.after(doubled)
    event.set()
    assert await deferred == 8


def test_an_outcome_is_made_of_another() -> None:
    good, bad, unfit = Deferred[int](), Deferred[int](), Deferred[int]()
    ends: list[tuple[str | None, BaseException | None]] = []
    for source in (good, bad, unfit):
        made = Converted[int, str](lambda value: str(10 // value))
        made.tell(lambda *end: ends.append(end))
        made.of(source)
    wrong = ValueError("wrong")
    good.settle(5)
    bad.settle(None, wrong)
    unfit.settle(0)
    assert ends[:2] == [("2", None), (None, wrong)]
    assert isinstance(ends[2][1], ZeroDivisionError)


def test_cancelling_what_is_made_of_another_cancels_that() -> None:
    source = Deferred[int]()
    made = Converted[int, str](str)
    made.of(source)
    ends: list[BaseException | None] = []
    made.tell(lambda value, error: ends.append(error))
    made.cancel()
    assert source.settled
    assert [type(error) for error in ends] == [asyncio.CancelledError]


def test_what_is_made_of_nothing_yet_can_be_cancelled() -> None:
    made = Converted[int, str](str)
    ends: list[BaseException | None] = []
    made.tell(lambda value, error: ends.append(error))
    made.cancel()
    assert [type(error) for error in ends] == [asyncio.CancelledError]


@pytest.mark.parametrize("error", [None, ValueError("no")], ids=["a value", "an error"])
def test_both_are_free_when_the_outcome_is_told(error: Exception | None) -> None:
    """Nothing waits for the collector, which would have much to do for calls by the thousand."""
    source = Deferred[int]()
    made = Converted[int, str](str)
    made.of(source)
    gc.collect()
    gc.disable()
    try:
        source.settle(5, error)
        del source, made
        assert gc.collect() == 0
    finally:
        gc.enable()
