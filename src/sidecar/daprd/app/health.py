"""Whether the application is healthy: a pure counter of probes, and the loop that feeds it (api.md §5.5).

An application starts unhealthy; one good probe makes it healthy, a threshold of bad ones makes it unhealthy again. A
good probe in between does not forgive the bad ones, only a change of status does.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

_log = logging.getLogger("dapr.runtime")


@dataclass(frozen=True, slots=True)
class HealthSettings:
    """Times in seconds. ``threshold`` below 1 counts as 3.

    Raises:
        ValueError: the interval is not positive, or the time-out is longer than the interval.
    """

    interval: float = 5.0
    timeout: float = 0.5
    threshold: int = 3

    def __post_init__(self) -> None:
        if self.interval <= 0:
            raise ValueError("value for 'health-probe-interval' must be greater than 0")
        if self.timeout > self.interval:
            raise ValueError("value for 'health-probe-timeout' must be smaller than 'health-probe-interval'")


class HealthCounter:
    """The rule without a clock."""

    __slots__ = ("_failures", "_threshold", "healthy")

    def __init__(self, threshold: int) -> None:
        self._threshold = threshold if threshold > 0 else 3
        self._failures = 0
        self.healthy = False

    def observe(self, good: bool) -> bool:
        """Take one probe's outcome. True when it changed the status."""
        if good:
            if self.healthy:
                return False
        else:
            self._failures += 1
            if not self.healthy or self._failures < self._threshold:
                return False
        self.healthy = good
        self._failures = 0
        return True


class AppHealth:
    """Probes the application until cancelled and tells about changes, one after the other.

    Args:
        probe: one probe; must not raise for an application that is merely down.
        changed: told each change; the next one waits until it is done, probing goes on meanwhile.
        record: told each probe's outcome and how many milliseconds it took.
    """

    def __init__(
        self,
        probe: Callable[[], Awaitable[bool]],
        settings: HealthSettings,
        changed: Callable[[bool], Awaitable[None]],
        *,
        record: Callable[[bool, float], None] | None = None,
    ) -> None:
        self._probe = probe
        self._settings = settings
        self._changed = changed
        self._record = record
        self._counter = HealthCounter(settings.threshold)
        self._wake = asyncio.Event()

    @property
    def healthy(self) -> bool:
        """The status as of the last probe."""
        return self._counter.healthy

    async def run(self) -> None:
        """Probe at once and then at every interval."""
        teller = asyncio.ensure_future(self._tell())
        loop = asyncio.get_running_loop()
        due = loop.time()
        try:
            while True:
                await self._once()
                # Probes keep their rhythm; what a slow one missed is not made up for.
                due = max(due + self._settings.interval, loop.time())
                await asyncio.sleep(due - loop.time())
        finally:
            teller.cancel()
            await asyncio.wait([teller])

    async def _once(self) -> None:
        started = time.perf_counter()
        reason = "the probe was not answered with success"
        try:
            async with asyncio.timeout(self._settings.timeout):
                good = await self._probe()
        except TimeoutError:
            good, reason = False, f"no answer to the probe within {self._settings.timeout:g}s"
        if self._record is not None:
            self._record(good, (time.perf_counter() - started) * 1000)
        if self._counter.observe(good):
            if good:
                _log.info("App entered healthy status")
            else:
                _log.warning("App entered un-healthy status: %s", reason)
            self._wake.set()

    async def _tell(self) -> None:
        told = False
        while True:
            await self._wake.wait()
            self._wake.clear()
            while told != self._counter.healthy:
                told = self._counter.healthy
                try:
                    await self._changed(told)
                except Exception as error:  # noqa: BLE001 - whatever a listener does, probing and telling go on
                    _log.error("acting on the app's health failed: %s", error, exc_info=error)
