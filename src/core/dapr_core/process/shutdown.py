"""How a process ends: what signals mean, how long the end may take, and what the exit code is (api.md §7.2).

``Shutdown`` is the request to end, whoever makes it: a signal, the shutdown API, a failed task. The first SIGTERM or
SIGINT asks for a graceful end, the second ends the process at once with failure; SIGHUP asks for a restart in the same
process. ``ShutdownSequence`` is what a sidecar then does: an optional phase that goes on serving, then the stop within
the grace time. Its steps come in as functions and its clock is the loop's, so that tests can hold both.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from dapr_core.timing.duration import format_seconds

log = logging.getLogger("dapr.runtime")
signals_log = logging.getLogger("dapr.signals")

Step = Callable[[], Awaitable[None]]

_NAMES: Final = {signal.SIGTERM: "terminated", signal.SIGINT: "interrupt", signal.SIGHUP: "hangup"}


class ExitCode(IntEnum):
    """Exit codes of every process of ours."""

    OK = 0
    FAILURE = 1
    USAGE = 2


class Shutdown:
    """A request to end or to restart, and whether it came."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.immediate = False
        """The shutdown API asked: the phase that goes on serving is left out."""
        self.restart = False
        """A restart was asked for, not an end."""

    @property
    def requested(self) -> bool:
        """Whether a request came."""
        return self._event.is_set()

    def request(self, *, immediate: bool = False, restart: bool = False) -> None:
        """Ask for the end. An end outweighs a restart, also one asked for before."""
        self.restart = restart if not self.requested else self.restart and restart
        self.immediate = self.immediate or immediate
        self._event.set()

    async def wait(self) -> None:
        """Wait for the first request."""
        await self._event.wait()


async def ended_before(work: Coroutine[Any, Any, None], shutdown: Shutdown) -> bool:
    """Do work until it ends, raising its failure, or until the process is asked to end: then it is cancelled, and
    False is given."""
    working = asyncio.ensure_future(work)
    asked = asyncio.ensure_future(shutdown.wait())
    try:
        await asyncio.wait([working, asked], return_when=asyncio.FIRST_COMPLETED)
    finally:
        asked.cancel()
        ended = working.done()
        working.cancel()
        await asyncio.wait([working])
    if ended:
        working.result()
    return ended


class Signals:
    """Binds the process's signals to a ``Shutdown``, until closed."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        restartable: bool,
        exit_now: Callable[[int], object] = os._exit,
    ) -> None:
        self._loop = loop
        self._exit_now = exit_now
        self._asked = False
        self._target: Shutdown | None = None
        self._bound = [signal.SIGTERM, signal.SIGINT, *([signal.SIGHUP] if restartable else [])]
        self.bind()

    def bind(self) -> None:
        """Take the signals; again, where a library has taken them meanwhile."""
        for number in self._bound:
            self._loop.add_signal_handler(number, self._received, number)

    def direct(self, target: Shutdown) -> None:
        """Let signals go to this request from now on; a signal that came before anybody listened is passed on."""
        self._target = target
        if self._asked:
            target.request()

    def close(self) -> None:
        """Give the signals back."""
        for number in self._bound:
            with contextlib.suppress(ValueError, RuntimeError):
                self._loop.remove_signal_handler(number)

    def _received(self, number: signal.Signals) -> None:
        name = _NAMES.get(number, signal.Signals(number).name)
        if number == signal.SIGHUP:
            signals_log.info("Received signal '%s'; restarting", name)
            if self._target is not None:
                self._target.request(restart=True)
            return
        if self._asked:
            signals_log.info("Received signal '%s' again; exiting at once", name)
            self._exit_now(ExitCode.FAILURE)
            return
        self._asked = True
        signals_log.info("Received signal '%s'; beginning shutdown", name)
        if self._target is not None:
            self._target.request()


@dataclass(frozen=True, slots=True)
class ShutdownSequence:
    """The end of a sidecar.

    Attributes:
        block: seconds to go on serving (``--dapr-block-shutdown-duration``); None leaves the phase out.
        grace: seconds the stop may take (``--dapr-graceful-shutdown-seconds``); None is no limit.
        quiesce: stops subscriptions and input bindings for good while APIs go on; called only with ``block``.
        app_unhealthy: returns when the application is unhealthy, at once if it already is.
        drain: stops taking work and waits for what is in flight (phase 1).
        close: closes components, servers and connections (phase 2, under the grace time).
    """

    block: float | None
    grace: float | None
    quiesce: Step
    app_unhealthy: Step
    drain: Step
    close: Step

    async def run(self, *, immediate: bool = False) -> ExitCode:
        """Go through the phases. ``immediate`` leaves out the one that goes on serving.

        Returns:
            ``OK`` after a clean end; ``FAILURE`` when the grace time passed or a step failed.
        """
        if self.block is not None and self.block > 0 and not immediate:
            await self._go_on_serving(self.block)
        code = ExitCode.OK
        if not await _guarded("draining", self.drain):
            code = ExitCode.FAILURE
        if self.grace is None:
            log.warning("Graceful shutdown timeout is infinite, will wait indefinitely to shutdown")
        try:
            async with asyncio.timeout(self.grace):
                closed = await _guarded("closing", self.close)
        except TimeoutError:
            log.error("Graceful shutdown timeout exceeded, forcing shutdown")
            return ExitCode.FAILURE
        return code if closed else ExitCode.FAILURE

    async def _go_on_serving(self, block: float) -> None:
        shown = format_seconds(block)
        log.info("Blocking graceful shutdown for %s or until app reports unhealthy...", shown)
        await _guarded("stopping deliveries", self.quiesce)
        try:
            async with asyncio.timeout(block):
                await self.app_unhealthy()
        except TimeoutError:
            log.info("Block shutdown period expired, entering shutdown...")
        else:
            log.info("App reported unhealthy, entering shutdown...")


async def _guarded(what: str, step: Step) -> bool:
    try:
        await step()
    except Exception:
        log.exception("Error while %s", what)
        return False
    return True
