"""Keys that have work to be done."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from dapr_core.kube.workqueue import WorkQueue


def run(main: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(20):
            await main()

    asyncio.run(limited())


async def until_idle(queue: WorkQueue[str]) -> None:
    while len(queue):
        await asyncio.sleep(0.001)


def test_a_key_that_waits_is_worked_on_once() -> None:
    async def main() -> None:
        done: list[str] = []

        async def work(key: str) -> bool:
            done.append(key)
            return True

        queue = WorkQueue(work)
        for key in ("a", "b", "a"):
            queue.add(key)
        running = asyncio.create_task(queue.run())
        await until_idle(queue)
        running.cancel()
        assert done == ["a", "b"]

    run(main)


def test_a_key_asked_for_while_it_is_worked_on_comes_again_and_never_twice_at_once() -> None:
    async def main() -> None:
        started, release = asyncio.Event(), asyncio.Event()
        busy: Counter[str] = Counter()
        count = 0

        async def work(key: str) -> bool:
            nonlocal count
            busy[key] += 1
            assert busy[key] == 1
            started.set()
            await release.wait()
            busy[key] -= 1
            count += 1
            return True

        queue = WorkQueue(work, workers=4)
        queue.add("a")
        running = asyncio.create_task(queue.run())
        await started.wait()
        queue.add("a")
        queue.add("a")
        release.set()
        await until_idle(queue)
        running.cancel()
        assert count == 2

    run(main)


def test_a_key_that_failed_comes_again() -> None:
    async def main() -> None:
        tries = 0

        async def work(key: str) -> bool:
            nonlocal tries
            tries += 1
            return tries == 2

        queue = WorkQueue(work)
        queue.add("a")
        running = asyncio.create_task(queue.run())
        await until_idle(queue)
        running.cancel()
        assert tries == 2

    run(main)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from("abc"), max_size=20), st.integers(1, 4))
def test_the_last_request_for_a_key_is_followed_by_work(keys: list[str], workers: int) -> None:
    async def main() -> None:
        asked: Counter[str] = Counter()
        seen: dict[str, int] = {}

        async def work(key: str) -> bool:
            seen[key] = asked[key]
            await asyncio.sleep(0)
            return True

        queue = WorkQueue(work, workers=workers)
        running = asyncio.create_task(queue.run())
        for key in keys:
            asked[key] += 1
            queue.add(key)
            await asyncio.sleep(0)
        await until_idle(queue)
        running.cancel()
        assert seen == dict(asked)

    run(main)
