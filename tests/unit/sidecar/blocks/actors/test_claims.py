"""Claims: a change of hosts waits for calls, or cancels them; calls of other types never notice (§3.3, §3.9)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from dapr_core.errors import DaprError
from dapr_core.ring import Ring, RingHost
from dapr_core.rpc.deferred import detoured
from daprd.blocks.actors.claims import Claims, RebalancedError
from daprd.blocks.actors.hosts import HostTable


def table(**types: list[str]) -> HostTable:
    return HostTable({name: Ring([RingHost(host, "app") for host in hosts]) for name, hosts in types.items()})


def run(main: Callable[[], Awaitable[Any]]) -> Any:
    async def limited() -> Any:
        async with asyncio.timeout(10):
            return await main()

    return asyncio.run(limited())


async def in_a_task(claims: Claims, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    async with claims.claim("cat"):
        return await work()


async def by_its_outcome(claims: Claims, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    hold = claims.hold("cat")
    begun = detoured(work())
    hold.on(begun)

    def ended(value: Any, error: BaseException | None) -> Any:
        error = hold.release(error)
        if error is not None:
            raise error
        return value

    begun.after(ended)
    return await begun


either_way = pytest.mark.parametrize("claimed", [in_a_task, by_its_outcome])
"""How a call holds its type."""
Claimed = Callable[[Claims, Callable[[], Coroutine[Any, Any, Any]]], Coroutine[Any, Any, Any]]


async def for_ever() -> None:
    await asyncio.Event().wait()


async def breathe() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_before_the_first_table_calls_wait() -> None:
    async def main() -> None:
        claims = Claims()
        waiting = asyncio.create_task(claims.wait_for("cat"))
        await breathe()
        assert not waiting.done()
        first = table(cat=["a:1"])
        claims.install(first)
        await breathe()
        assert not waiting.done()
        claims.unblock()
        assert await waiting is first

    run(main)


def test_only_types_whose_hosts_change_wait() -> None:
    async def main() -> None:
        claims = Claims()
        claims.install(table(cat=["a:1"], dog=["a:1"]))
        claims.unblock()
        assert claims.install(table(cat=["a:1", "b:1"], dog=["a:1"])) == {"cat"}
        assert claims.open_for("cat") is None
        assert claims.open_for("dog") is not None
        claims.unblock()
        assert claims.open_for("cat") is not None

    run(main)


def test_without_a_table_everybody_waits_again() -> None:
    claims = Claims()
    claims.install(table(cat=["a:1"]))
    claims.unblock()
    claims.lose()
    assert claims.open_for("cat") is None


@either_way
def test_draining_waits_for_calls_in_flight(claimed: Claimed) -> None:
    async def main() -> None:
        claims = Claims()
        release = asyncio.Event()

        async def work() -> str:
            await release.wait()
            return "done"

        calling = asyncio.create_task(claimed(claims, work))
        await breathe()
        assert claims.held("cat") == 1
        draining = asyncio.create_task(claims.drain({"cat": 5.0, "dog": 5.0}))
        await breathe()
        assert not draining.done()
        release.set()
        assert await draining == ()
        assert await calling == "done"

    run(main)


@either_way
@pytest.mark.parametrize("limit", [0.0, 0.01])
def test_calls_that_take_too_long_are_cancelled_and_may_be_tried_again(limit: float, claimed: Claimed) -> None:
    async def main() -> None:
        claims = Claims()
        calling = asyncio.create_task(claimed(claims, for_ever))
        await breathe()
        assert await claims.drain({"cat": limit}) == ("cat",)
        with pytest.raises(RebalancedError):
            await calling
        assert claims.held("cat") == 0

    run(main)


@either_way
def test_a_call_that_its_caller_cancels_is_cancelled_for_good(claimed: Claimed) -> None:
    async def main() -> None:
        claims = Claims()
        calling = asyncio.create_task(claimed(claims, for_ever))
        await breathe()
        calling.cancel()
        await asyncio.gather(claims.drain({"cat": 0.0}), return_exceptions=True)
        with pytest.raises(asyncio.CancelledError):
            await calling

    run(main)


@either_way
def test_a_call_that_is_drained_and_that_its_caller_gives_up_is_not_tried_again(claimed: Claimed) -> None:
    async def main() -> None:
        claims = Claims()
        calling = asyncio.create_task(claimed(claims, for_ever))
        await breathe()
        draining = asyncio.create_task(claims.drain({"cat": 0.0}))
        calling.cancel()
        await draining
        with pytest.raises(asyncio.CancelledError):
            await calling

    run(main)


@either_way
def test_a_call_that_fails_while_it_is_drained_keeps_its_own_error(claimed: Claimed) -> None:
    async def main() -> None:
        claims = Claims()

        async def work() -> None:
            try:
                await for_ever()
            except asyncio.CancelledError:
                raise ValueError("mine") from None

        calling = asyncio.create_task(claimed(claims, work))
        await breathe()
        await claims.drain({"cat": 0.0})
        with pytest.raises(ValueError, match="mine"):
            await calling
        assert calling.cancelling() == 0

    run(main)


def test_whoever_waits_for_a_table_that_will_never_come_is_refused() -> None:
    async def main() -> None:
        claims = Claims()
        waiting = asyncio.create_task(claims.wait_for("cat"))
        await breathe()
        claims.close()
        for work in (waiting, claims.wait_for("cat")):
            with pytest.raises(DaprError, match="actor runtime is closed"):
                await work

    run(main)


def test_a_caller_that_gives_up_leaves_no_trace_at_the_gate() -> None:
    async def main() -> None:
        claims = Claims()
        waiting = asyncio.create_task(claims.wait_for("cat"))
        await breathe()
        waiting.cancel()
        await breathe()
        assert claims._waiting == []

    run(main)
