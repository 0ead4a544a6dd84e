"""Groups of tasks, and services in their order."""

from __future__ import annotations

import asyncio

import pytest

from dapr_core.process.service import Service, ServiceGroup
from dapr_core.process.supervise import Supervisor, TaskEndedError


async def forever() -> None:
    await asyncio.Event().wait()


async def fails(error: Exception) -> None:
    raise error


async def nothing() -> None:
    return


def test_the_first_failure_ends_the_wait_and_the_rest_is_cancelled() -> None:
    async def main() -> None:
        group = Supervisor("test")
        watched = group.start("watched", forever())
        group.start("broken", fails(ValueError("first")))
        with pytest.raises(ValueError, match="first"):
            await group.wait()
        assert group.names == ["watched"]
        assert await group.stop()
        assert watched.cancelled()

    asyncio.run(main())


def test_a_task_that_returns_leaves_the_others_unless_it_is_essential() -> None:
    async def main() -> None:
        group = Supervisor("test")
        await group.start("done", nothing())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(group.wait(), 0.01)
        group.start("server", nothing(), essential=True)
        with pytest.raises(TaskEndedError, match="server ended unexpectedly"):
            await group.wait()

    asyncio.run(main())


def test_a_stopping_group_takes_no_new_work() -> None:
    async def main() -> None:
        group = Supervisor("test")
        assert await group.stop()
        with pytest.raises(RuntimeError, match="stopping"):
            group.start("late", nothing())

    asyncio.run(main())


def test_a_task_that_does_not_end_is_left_behind_after_the_limit() -> None:
    async def main() -> None:
        release = asyncio.Event()

        async def stubborn() -> None:
            while not release.is_set():
                try:
                    await release.wait()
                except asyncio.CancelledError:
                    continue

        group = Supervisor("test")
        task = group.start("stubborn", stubborn())
        await asyncio.sleep(0)
        assert not await group.stop(0.01)
        release.set()
        await task

    asyncio.run(main())


class Recorded(Service):
    stop_limit = 0.05

    def __init__(self, name: str, events: list[str], *, broken: str = "") -> None:
        self.name = name
        self.events = events
        self.broken = broken

    async def start(self) -> None:
        self.events.append(f"start {self.name}")
        if self.broken == "start":
            raise OSError("cannot start")

    async def stop(self) -> None:
        self.events.append(f"stop {self.name}")
        if self.broken == "stop":
            raise RuntimeError("cannot stop")
        if self.broken == "hang":
            await asyncio.Event().wait()


def test_services_stop_in_the_reverse_of_their_start() -> None:
    async def main() -> None:
        events: list[str] = []
        group = ServiceGroup()
        for name in "abc":
            await group.start(Recorded(name, events))
        assert await group.stop()
        assert events == ["start a", "start b", "start c", "stop c", "stop b", "stop a"]

    asyncio.run(main())


@pytest.mark.parametrize("broken", ["stop", "hang"])
def test_a_service_that_does_not_stop_keeps_nobody_else_from_stopping(broken: str) -> None:
    async def main() -> None:
        events: list[str] = []
        group = ServiceGroup()
        await group.start(Recorded("a", events))
        await group.start(Recorded("b", events, broken=broken))
        assert not await group.stop()
        assert events[-2:] == ["stop b", "stop a"]

    asyncio.run(main())


def test_a_service_that_fails_to_start_is_stopped_and_the_others_stay() -> None:
    async def main() -> None:
        events: list[str] = []
        group = ServiceGroup()
        await group.start(Recorded("a", events))
        with pytest.raises(OSError, match="cannot start"):
            await group.start(Recorded("b", events, broken="start"))
        assert events == ["start a", "start b", "stop b"]
        assert await group.stop()
        assert events[-1] == "stop a"

    asyncio.run(main())
