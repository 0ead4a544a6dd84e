"""When an application counts as healthy, and who is told."""

from __future__ import annotations

import asyncio
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daprd.app.health import AppHealth, HealthCounter, HealthSettings
from daprd.app.ready import wait_for_app


def changes(threshold: int, probes: str) -> str:
    """The status after each probe; ``+`` is a good one."""
    counter = HealthCounter(threshold)
    shown = ""
    for probe in probes:
        counter.observe(probe == "+")
        shown += "H" if counter.healthy else "u"
    return shown


@pytest.mark.parametrize(
    ("threshold", "probes", "statuses"),
    [
        (3, "---+", "uuuH"),
        (3, "+---", "HHHu"),
        (3, "+--+-", "HHHHu"),
        (1, "+-+-", "HuHu"),
        (2, "+--+-+-", "HHuHHHu"),
        (0, "+--", "HHH"),
    ],
    ids=[
        "starts unhealthy, one good probe is enough",
        "a threshold of bad ones",
        "a good one in between does not forgive",
        "threshold of one",
        "a change of status forgives",
        "no threshold means three",
    ],
)
def test_the_status_follows_the_probes(threshold: int, probes: str, statuses: str) -> None:
    assert changes(threshold, probes) == statuses


@given(st.integers(1, 5), st.text("+-", max_size=40))
def test_a_change_is_reported_exactly_when_the_status_changes(threshold: int, probes: str) -> None:
    counter = HealthCounter(threshold)
    for probe in probes:
        before = counter.healthy
        assert counter.observe(probe == "+") is (counter.healthy != before)


@pytest.mark.parametrize(
    ("settings", "text"),
    [({"interval": 0.0}, "health-probe-interval"), ({"interval": 1.0, "timeout": 2.0}, "must be smaller than")],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, float], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        HealthSettings(**settings)  # type: ignore[arg-type]


def test_probing_starts_at_once_and_tells_each_change_in_order(caplog: pytest.LogCaptureFixture) -> None:
    answers = [True, False, False, True]
    told: list[bool] = []
    recorded: list[bool] = []

    async def main() -> None:
        done = asyncio.Event()

        async def probe() -> bool:
            return answers.pop(0) if answers else True

        async def changed(healthy: bool) -> None:
            told.append(healthy)
            if told == [True, False, True]:
                done.set()

        health = AppHealth(
            probe,
            HealthSettings(interval=0.02, timeout=0.02, threshold=2),
            changed,
            record=lambda good, elapsed: recorded.append(good),
        )
        task = asyncio.ensure_future(health.run())
        async with asyncio.timeout(5):
            await done.wait()
        assert health.healthy
        task.cancel()
        await asyncio.wait([task])

    with caplog.at_level(logging.INFO, "dapr.runtime"):
        asyncio.run(main())
    assert recorded[:4] == [True, False, False, True]
    assert [record.getMessage().split(":")[0] for record in caplog.records] == [
        "App entered healthy status",
        "App entered un-healthy status",
        "App entered healthy status",
    ]


def test_a_probe_that_takes_too_long_is_a_bad_one_and_a_failing_listener_stops_nothing() -> None:
    told: list[bool] = []

    async def main() -> None:
        done = asyncio.Event()
        probes = 0

        async def probe() -> bool:
            nonlocal probes
            probes += 1
            if probes > 1:
                await asyncio.Event().wait()
            return True

        async def changed(healthy: bool) -> None:
            told.append(healthy)
            if not healthy:
                done.set()
            raise RuntimeError("the listener fails")

        health = AppHealth(probe, HealthSettings(interval=0.02, timeout=0.01, threshold=1), changed)
        task = asyncio.ensure_future(health.run())
        async with asyncio.timeout(5):
            await done.wait()
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(main())
    assert told == [True, False]


def test_waiting_for_the_app_ends_when_its_port_accepts(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> int:
        server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
        port: int = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        waiting = asyncio.ensure_future(wait_for_app("127.0.0.1", port, "http", pause=0.01))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", port)
        async with asyncio.timeout(5):
            await waiting
        server.close()
        await server.wait_closed()
        return port

    with caplog.at_level(logging.INFO, "dapr.runtime"):
        port = asyncio.run(main())
    assert [record.getMessage() for record in caplog.records] == [
        f"application protocol: http. waiting on port {port}.  "
        "This will block until the app is listening on that port.",
        f"application discovered on port {port}",
    ]
