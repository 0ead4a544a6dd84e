"""Signals, the phases of a stop, and exit codes."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable

import pytest

from dapr_core.process.shutdown import ExitCode, Shutdown, ShutdownSequence, Signals


class Steps:
    """The steps of a sequence, recorded; each may be replaced."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def step(self, name: str, work: Callable[[], Awaitable[None]] | None = None) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            self.taken.append(name)
            if work is not None:
                await work()

        return run

    def sequence(
        self,
        *,
        block: float | None = None,
        grace: float | None = 5.0,
        unhealthy: Callable[[], Awaitable[None]] | None = None,
        drain: Callable[[], Awaitable[None]] | None = None,
        close: Callable[[], Awaitable[None]] | None = None,
    ) -> ShutdownSequence:
        return ShutdownSequence(
            block=block,
            grace=grace,
            quiesce=self.step("quiesce"),
            app_unhealthy=self.step("unhealthy", unhealthy),
            drain=self.step("drain", drain),
            close=self.step("close", close),
        )


async def forever() -> None:
    await asyncio.Event().wait()


async def broken() -> None:
    raise RuntimeError("no")


def test_without_a_block_the_sidecar_drains_and_closes() -> None:
    steps = Steps()
    assert asyncio.run(steps.sequence().run()) == ExitCode.OK
    assert steps.taken == ["drain", "close"]


def test_a_block_goes_on_serving_until_its_time_is_over(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "dapr")
    steps = Steps()
    assert asyncio.run(steps.sequence(block=0.01, unhealthy=forever).run()) == ExitCode.OK
    assert steps.taken == ["quiesce", "unhealthy", "drain", "close"]
    assert caplog.messages == [
        "Blocking graceful shutdown for 10ms or until app reports unhealthy...",
        "Block shutdown period expired, entering shutdown...",
    ]


def test_an_unhealthy_application_ends_the_block(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "dapr")
    steps = Steps()
    assert asyncio.run(steps.sequence(block=180).run()) == ExitCode.OK
    assert caplog.messages == [
        "Blocking graceful shutdown for 3m0s or until app reports unhealthy...",
        "App reported unhealthy, entering shutdown...",
    ]


def test_the_shutdown_api_leaves_the_block_out() -> None:
    steps = Steps()
    assert asyncio.run(steps.sequence(block=180, unhealthy=forever).run(immediate=True)) == ExitCode.OK
    assert steps.taken == ["drain", "close"]


def test_the_grace_time_ends_in_failure(caplog: pytest.LogCaptureFixture) -> None:
    steps = Steps()
    assert asyncio.run(steps.sequence(grace=0.01, close=forever).run()) == ExitCode.FAILURE
    assert "Graceful shutdown timeout exceeded, forcing shutdown" in caplog.messages


def test_no_grace_time_waits_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    assert asyncio.run(Steps().sequence(grace=None).run()) == ExitCode.OK
    assert caplog.messages == ["Graceful shutdown timeout is infinite, will wait indefinitely to shutdown"]


@pytest.mark.parametrize("which", ["drain", "close"])
def test_a_step_that_fails_does_not_stop_the_stop_and_shows_in_the_code(which: str) -> None:
    steps = Steps()
    sequence = steps.sequence(drain=broken) if which == "drain" else steps.sequence(close=broken)
    assert asyncio.run(sequence.run()) == ExitCode.FAILURE
    assert steps.taken == ["drain", "close"]


def test_an_end_outweighs_a_restart() -> None:
    shutdown = Shutdown()
    shutdown.request(restart=True)
    assert (shutdown.requested, shutdown.restart) == (True, True)
    shutdown.request(immediate=True)
    assert (shutdown.restart, shutdown.immediate) == (False, True)
    shutdown.request(restart=True)
    assert not shutdown.restart


async def received(number: signal.Signals, times: int = 1) -> tuple[Shutdown, list[int]]:
    exits: list[int] = []
    shutdown = Shutdown()
    signals = Signals(asyncio.get_running_loop(), restartable=True, exit_now=exits.append)
    signals.direct(shutdown)
    try:
        for _ in range(times):
            os.kill(os.getpid(), number)
            await asyncio.wait_for(shutdown.wait(), 5)
            while times > 1 and not exits and _ == times - 1:
                await asyncio.sleep(0.001)
    finally:
        signals.close()
    return shutdown, exits


@pytest.mark.parametrize(
    ("number", "name"), [(signal.SIGTERM, "terminated"), (signal.SIGINT, "interrupt")], ids=["SIGTERM", "SIGINT"]
)
def test_the_first_signal_asks_for_a_graceful_end(
    number: signal.Signals, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "dapr")
    shutdown, exits = asyncio.run(received(number))
    assert (shutdown.requested, shutdown.restart, exits) == (True, False, [])
    assert caplog.messages == [f"Received signal '{name}'; beginning shutdown"]


def test_the_second_signal_exits_at_once_with_failure() -> None:
    _, exits = asyncio.run(received(signal.SIGTERM, times=2))
    assert exits == [ExitCode.FAILURE]


def test_a_hangup_asks_for_a_restart(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "dapr")
    shutdown, _ = asyncio.run(received(signal.SIGHUP))
    assert (shutdown.requested, shutdown.restart) == (True, True)
    assert caplog.messages == ["Received signal 'hangup'; restarting"]


def test_a_signal_that_came_before_anybody_listened_is_passed_on() -> None:
    async def main() -> None:
        signals = Signals(asyncio.get_running_loop(), restartable=False)
        first, second = Shutdown(), Shutdown()
        signals.direct(first)
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(first.wait(), 5)
            signals.direct(second)
            assert second.requested
        finally:
            signals.close()

    asyncio.run(main())
