"""Run input bindings and take their events to the application (building-blocks.md §2.2, §2.3).

Bindings read while the application is healthy. Whether it wants a binding at all is asked when reading starts, unless
the manifest's ``direction`` says so already. What the application answers goes back to the binding; a failure, after
the inbound policy has had its say, is the binding's to handle.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from dapr_components.bindings.contract import InputBinding, ReadEvent
from dapr_components.contract import ComponentError
from daprd.app.contract import AppAnswerError, AppChannel
from daprd.blocks.bindings.observer import BindingsObserver
from daprd.blocks.failures import root_cause
from daprd.policy.contract import Policies

log = logging.getLogger("dapr.runtime.processor.binding")

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0
DRAIN_LIMIT = 30.0


@dataclass(frozen=True, slots=True)
class Source:
    """An input binding in service. ``asked`` False: its manifest says that the application wants it."""

    name: str
    route: str
    binding: InputBinding
    asked: bool


class InputBindings:
    """The input bindings in service, and whether they read."""

    def __init__(
        self, policies: Policies, observer: BindingsObserver, *, jitter: Callable[[], float] = random.random
    ) -> None:
        self._policies = policies
        self._observer = observer
        self._jitter = jitter
        self._sources: dict[str, Source] = {}
        self._readers: dict[str, _Reader] = {}
        self._channel: AppChannel | None = None
        self._turn = asyncio.Lock()

    def __contains__(self, name: object) -> bool:
        return name in self._sources

    async def add(self, source: Source) -> None:
        """Take a binding into service; it reads at once if reading is on."""
        async with self._turn:
            self._sources[source.name] = source
            if self._channel is not None:
                await self._begin(source, self._channel)

    async def remove(self, name: str) -> None:
        """Take a binding out of service; its events in flight finish first. Unknown names are ignored."""
        async with self._turn:
            self._sources.pop(name, None)
            reader = self._readers.pop(name, None)
            if reader is not None:
                await reader.end()

    async def start(self, channel: AppChannel) -> None:
        """The application is healthy: ask what it wants, and read that."""
        async with self._turn:
            self._channel = channel
            idle = [source for name, source in self._sources.items() if name not in self._readers]
            await asyncio.gather(*(self._begin(source, channel) for source in idle))

    async def stop(self) -> None:
        """The application is unhealthy, or the sidecar ends: read no more; events in flight finish."""
        async with self._turn:
            self._channel = None
            readers = list(self._readers.values())
            self._readers.clear()
            await asyncio.gather(*(reader.end() for reader in readers))

    async def _begin(self, source: Source, channel: AppChannel) -> None:
        try:
            wanted = not source.asked or await channel.wants_binding(source.route, source.name)
        except Exception as error:  # noqa: BLE001 - not fatal: the other bindings read
            logging.getLogger("dapr.runtime").warning("failed to read from bindings: %s", error)
            return
        if not wanted:
            log.info("app has not subscribed to binding %s.", source.name)
            return
        reader = _Reader(source, channel, self._policies, self._observer, self._jitter)
        self._readers[source.name] = reader
        reader.begin()


class _Reader:
    """One binding that reads, or is being started."""

    def __init__(
        self,
        source: Source,
        channel: AppChannel,
        policies: Policies,
        observer: BindingsObserver,
        jitter: Callable[[], float],
    ) -> None:
        self._source = source
        self._channel = channel
        self._policies = policies
        self._observer = observer
        self._jitter = jitter
        self._closed = False
        self._running = False
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._starting: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start in the background, again and again until it works."""
        self._starting = asyncio.create_task(self._start(), name=f"read binding {self._source.name}")

    async def _start(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._source.binding.read(self._handle)
            except Exception as error:  # noqa: BLE001 - tried again until it works or reading ends
                log.error("error reading from input binding %s: %s", self._source.name, error)
            else:
                self._running = True
                return
            await asyncio.sleep(pause * (0.5 + self._jitter() / 2))
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _handle(self, event: ReadEvent) -> bytes | None:
        """The binding's handler: the application's answer, or the failure that is left after all attempts."""
        if self._closed:
            raise ComponentError("input binding is closed")
        self._in_flight += 1
        self._idle.clear()
        started = time.perf_counter()
        success = False
        try:
            answer = await self._deliver(event)
            success = True
        except Exception as error:  # noqa: BLE001 - logged, and the binding's to handle
            cause = root_cause(error)
            log.error("error invoking app for input binding %s: %s", self._source.name, cause)
            raise cause from None
        finally:
            self._in_flight -= 1
            if self._in_flight == 0:
                self._idle.set()
            self._observer.input(self._source.name, success, (time.perf_counter() - started) * 1000)
        return answer

    async def _deliver(self, event: ReadEvent) -> bytes:
        route, name = self._source.route, self._source.name
        policy = self._policies.component(name, "Binding", "inbound")
        if policy is None:
            return await self._channel.binding_event(route, event.data, event.metadata, name)

        async def attempt() -> bytes | AppAnswerError:
            try:
                return await self._channel.binding_event(route, event.data, event.metadata, name)
            except AppAnswerError as answer:
                return answer  # a value, so that the policy can look at its code

        outcome = await policy.run(
            attempt, failed=lambda result: result.code if isinstance(result, AppAnswerError) else None
        )
        if isinstance(outcome, AppAnswerError):
            raise outcome
        return outcome

    async def end(self) -> None:
        """Read no more, refuse what still comes, and wait for what is in flight, but not for ever."""
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait([self._starting])
        self._closed = True
        if self._running:
            try:
                async with asyncio.timeout(DRAIN_LIMIT):
                    await self._source.binding.stop_reading()
                    await self._idle.wait()
            except TimeoutError:
                log.warning("input binding %s: events still run after %d s; giving up waiting",
                            self._source.name, DRAIN_LIMIT)  # fmt: skip
            except Exception as error:  # noqa: BLE001 - it must not keep the other bindings from ending
                log.warning("error ending input binding %s: %s", self._source.name, error)
