"""``bindings.cron``: ticks when they are due, overlapping but bounded, and none after stopping."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.bindings import binding

from dapr_components.bindings.contract import InputBinding, ReadEvent
from dapr_components.bindings.cron import CronBinding, go_time
from dapr_components.contract import ComponentContext, ComponentError, Metadata


class Ticks:
    """A handler that counts; ``hold`` keeps handlers waiting while it is clear."""

    def __init__(self) -> None:
        self.events: list[ReadEvent] = []
        self.finished = 0
        self.hold = asyncio.Event()
        self.hold.set()

    async def __call__(self, event: ReadEvent) -> bytes | None:
        self.events.append(event)
        await self.hold.wait()
        self.finished += 1
        return b"answer"

    async def wait(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.events) < count:
                await asyncio.sleep(0.002)


def test_a_tick_carries_when_it_was_due_and_no_data() -> None:
    async def main() -> None:
        async with binding("bindings.cron", InputBinding, {"schedule": "@every 5ms"}) as cron:  # type: ignore[type-abstract]
            ticks = Ticks()
            await cron.read(ticks)
            await ticks.wait(3)
            event = ticks.events[0]
            assert event.data == b""
            assert event.metadata["timeZone"] == "Local"
            assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,9})? \+0000 UTC", event.metadata["readTimeUTC"])

    asyncio.run(main())


def test_ticks_overlap_when_a_handler_is_slow() -> None:
    async def main() -> None:
        async with binding("bindings.cron", InputBinding, {"schedule": "@every 5ms"}) as cron:  # type: ignore[type-abstract]
            ticks = Ticks()
            ticks.hold.clear()
            await cron.read(ticks)
            await ticks.wait(3)
            assert ticks.finished == 0
            ticks.hold.set()

    asyncio.run(main())


def test_the_number_of_overlapping_handlers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dapr_components.bindings.cron.MAX_OVERLAP", 2)

    async def main() -> None:
        async with binding("bindings.cron", InputBinding, {"schedule": "@every 1ms"}) as cron:  # type: ignore[type-abstract]
            ticks = Ticks()
            ticks.hold.clear()
            await cron.read(ticks)
            await ticks.wait(2)
            await asyncio.sleep(0.03)
            assert len(ticks.events) == 2
            ticks.hold.set()

    asyncio.run(main())


def test_stopping_waits_for_running_handlers_and_ends_the_ticks() -> None:
    async def main() -> None:
        async with binding("bindings.cron", InputBinding, {"schedule": "@every 2ms"}) as cron:  # type: ignore[type-abstract]
            ticks = Ticks()
            ticks.hold.clear()
            await cron.read(ticks)
            await ticks.wait(1)
            stopping = asyncio.create_task(cron.stop_reading())
            await asyncio.sleep(0.01)
            assert not stopping.done()
            ticks.hold.set()
            await stopping
            seen = len(ticks.events)
            assert ticks.finished == seen
            await asyncio.sleep(0.02)
            assert len(ticks.events) == seen
            await cron.read(ticks)
            await ticks.wait(seen + 1)

    asyncio.run(main())


def test_a_handler_that_fails_does_not_end_the_ticks() -> None:
    async def main() -> None:
        async with binding("bindings.cron", InputBinding, {"schedule": "@every 2ms"}) as cron:  # type: ignore[type-abstract]
            calls = 0

            async def broken(event: ReadEvent) -> bytes | None:
                nonlocal calls
                calls += 1
                raise RuntimeError("no")

            await cron.read(broken)
            async with asyncio.timeout(10):
                while calls < 3:
                    await asyncio.sleep(0.002)

    asyncio.run(main())


def test_missed_ticks_are_not_made_up_for() -> None:
    async def main() -> None:
        start = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
        moments = iter([start, start + timedelta(hours=3)])
        last = start + timedelta(hours=3)

        def now() -> datetime:
            return next(moments, last)

        cron = CronBinding(ComponentContext(name="b", type="bindings.cron", version="v1", app_id="a"), now=now)
        await cron.init(Metadata({"schedule": "0 * * * * *"}))
        ticks = Ticks()
        await cron.read(ticks)
        await ticks.wait(1)
        await asyncio.sleep(0.01)
        await cron.close()
        assert len(ticks.events) == 1

    asyncio.run(main())


@pytest.mark.parametrize("schedule", ["*/5 * * * *", "*/5 * * * * *", "@daily", "@every 1h30m"])
def test_five_and_six_fields_and_descriptors_are_schedules(schedule: str) -> None:
    async def main() -> None:
        async with binding("bindings.cron", InputBinding, {"schedule": schedule}):  # type: ignore[type-abstract]
            pass

    asyncio.run(main())


@pytest.mark.parametrize(
    ("metadata", "text"),
    [({}, "schedule not set"), ({"schedule": "often"}, "'often'"), ({"schedule": "61 * * * *"}, "above maximum")],
    ids=["missing", "no schedule", "out of range"],
)
def test_a_wrong_schedule_is_explained(metadata: dict[str, str], text: str) -> None:
    async def main() -> None:
        with pytest.raises(ComponentError, match=text):
            async with binding("bindings.cron", InputBinding, metadata):  # type: ignore[type-abstract]
                pass

    asyncio.run(main())


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (1795464690_070781566, "2026-11-23 20:11:30.070781566 +0000 UTC"),
        (1795464690_500000000, "2026-11-23 20:11:30.5 +0000 UTC"),
        (0, "1970-01-01 00:00:00 +0000 UTC"),
    ],
)
def test_times_are_written_as_go_does(nanoseconds: int, text: str) -> None:
    assert go_time(nanoseconds) == text


@given(st.integers(0, 4 * 10**18))
def test_a_written_time_reads_back(nanoseconds: int) -> None:
    text = go_time(nanoseconds).removesuffix(" +0000 UTC")
    whole, _, fraction = text.partition(".")
    moment = datetime.fromisoformat(whole + "+00:00")
    assert int(moment.timestamp()) * 10**9 + int(fraction.ljust(9, "0")) == nanoseconds
