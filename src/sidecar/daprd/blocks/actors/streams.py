"""Hosts that are reached over a stream which they have opened (actors-placement.md §3.10).

What an actor is to do goes out under a number of its stream, and the application answers in any order, naming that
number. A request waits here until the stream takes it: whoever gives up meanwhile takes it back, so that a slow reader
costs no more than those who wait for it.

Several streams may be open at once. A type belongs to the youngest stream that names it; when that ends, to the next.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

from daprd.blocks.actors.host import (
    DEACTIVATION,
    ActorAnswer,
    ActorCall,
    ActorHost,
    Firing,
    HostError,
    HostGoneError,
    PermanentHostError,
)
from daprd.blocks.actors.residence import Residence
from daprd.blocks.actors.settings import TypeSettings, read_configuration

log = logging.getLogger("dapr.runtime.actors.streams")

NOT_CONNECTED: Final = "actor host is not connected"
DISCONNECTED: Final = "actor host disconnected before responding"
_NOT_FOUND: Final = 5
_TEXT: Final = 1024
"""Characters of an application's own error text that are told on."""
_SHOWN: Final = 40
"""Characters of a foreign id that are logged."""


@dataclass(frozen=True, slots=True)
class Departure:
    """The actor is gone from here."""

    actor_type: str
    actor_id: str


Work: TypeAlias = ActorCall | Firing | Departure


@dataclass(frozen=True, slots=True)
class HostRequest:
    """What goes out on a stream; ``number`` is what its answer names."""

    number: str
    work: Work


@dataclass(frozen=True, slots=True)
class Fired:
    """Of a reminder, or of a timer: the actor was told; ``cancel`` asks for no more of them."""

    is_timer: bool
    cancel: bool = False


@dataclass(frozen=True, slots=True)
class Departed:
    """The actor's memory went too."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The application did not do it. ``code`` is a status of gRPC."""

    code: int
    message: str


Answer: TypeAlias = ActorAnswer | Fired | Departed | Refused
T = TypeVar("T", ActorAnswer, Fired)


class _Waiting:
    """A request and who waits for its answer; without a number while it has not gone out."""

    __slots__ = ("answer", "number", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.number = ""
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()


class StreamHost(ActorHost):
    """The application at the other end of one stream.

    Args:
        types: that it hosts, with their settings.
    """

    def __init__(self, types: Mapping[str, TypeSettings]) -> None:
        self.types = types
        self.ended = asyncio.Event()
        """Set when the sidecar ends the stream."""
        self._closed = False
        self._count = 0
        self._news = asyncio.Event()
        self._queue: dict[_Waiting, None] = {}
        self._sent: dict[str, _Waiting] = {}

    # --- What an actor is to do

    async def invoke(self, call: ActorCall) -> ActorAnswer:
        answer = await self._asked(call)
        if isinstance(answer, Refused) and answer.code == _NOT_FOUND:
            raise PermanentHostError(f"actor method not found: {call.method}")
        return _expected(answer, ActorAnswer, "invoke")

    async def fire(self, firing: Firing) -> bool:
        what = "timer" if firing.is_timer else "reminder"
        answer = _expected(await self._asked(firing), Fired, what)
        if answer.is_timer is not firing.is_timer:
            raise _unexpected(what)
        return answer.cancel

    async def deactivate(self, actor_type: str, actor_id: str) -> None:
        try:
            async with asyncio.timeout(DEACTIVATION):
                answer = await self._asked(Departure(actor_type, actor_id))
        except HostGoneError:
            return  # there is nobody left to tell, and a line for each actor would say no more than that
        except TimeoutError:
            raise HostError(f"the application has not confirmed it within {DEACTIVATION:g} seconds") from None
        if isinstance(answer, Refused):
            raise _failure(answer)
        if not isinstance(answer, Departed):
            raise _unexpected("deactivate")

    async def _asked(self, work: Work) -> Answer:
        if self._closed:
            raise HostGoneError(NOT_CONNECTED)
        waiting = _Waiting(work)
        self._queue[waiting] = None
        self._news.set()
        try:
            return await waiting.answer
        finally:
            self._queue.pop(waiting, None)
            self._sent.pop(waiting.number, None)

    # --- What the stream carries

    def __len__(self) -> int:
        """Requests that wait to go out, or for their answers."""
        return len(self._queue) + len(self._sent)

    async def next(self) -> HostRequest:
        """The next request to go out, once there is one. Whoever carries requests takes one when there is room."""
        while not self._queue:
            self._news.clear()
            await self._news.wait()
        waiting = next(iter(self._queue))
        del self._queue[waiting]
        self._count += 1
        waiting.number = str(self._count)
        self._sent[waiting.number] = waiting
        return HostRequest(waiting.number, waiting.work)

    def deliver(self, number: str, answer: Answer) -> None:
        """The application's answer to the request of this number."""
        waiting = self._sent.pop(number, None)
        if waiting is not None:
            if not waiting.answer.done():
                waiting.answer.set_result(answer)
        elif number.isdecimal() and number.isascii() and len(number) < _SHOWN and 0 < int(number) <= self._count:
            log.debug("Dropping an actor callback response of which nobody waits any more, id=%s", number)
        else:
            log.warning("Dropping actor callback response with unknown id=%r", number[:_SHOWN])

    def close(self) -> None:
        """The stream is over: whoever waits is told, and nothing is taken any more."""
        self._closed = True
        for waiting in (*self._queue, *self._sent.values()):
            if not waiting.answer.done():
                waiting.answer.set_exception(HostGoneError(DISCONNECTED))
        self._queue.clear()
        self._sent.clear()


def _expected(answer: Answer, kind: type[T], what: str) -> T:
    if isinstance(answer, kind):
        return answer
    raise _failure(answer) if isinstance(answer, Refused) else _unexpected(what)


def _failure(answer: Refused) -> HostError:
    # The text travels in headers: it is cut, and nothing is left behind the colon where there is none.
    return HostError(f"error from actor service: {answer.message[:_TEXT]}".rstrip(" "))


def _unexpected(what: str) -> HostError:
    return HostError(f"actor host returned an unexpected response type for {what}")


class HostStreams:
    """The streams of one sidecar.

    Args:
        residence: where their types are hosted.
        dissemination: seconds that a new table may take to come (``--actors-disseminate-timeout``).
    """

    def __init__(self, residence: Residence, dissemination: float) -> None:
        self._residence = residence
        self._dissemination = dissemination
        self._open: list[StreamHost] = []

    def host(self, configuration: Mapping[str, Any]) -> StreamHost:
        """A host of the types that an application names, in the form of ``/dapr/config``; not open yet.

        Raises:
            InvalidSettingsError: the configuration does not read.
        """
        hosted = read_configuration(configuration, self._dissemination)
        for complaint in hosted.complaints:
            log.warning("%s", complaint)
        return StreamHost(hosted.types)

    async def open(self, host: StreamHost) -> None:
        """Let it host its types, instead of whoever did. To be closed also where this is cancelled."""
        if host.types:
            log.info("Registering hosted actors: %s", " ".join(host.types))
        self._open.append(host)
        await self._residence.register(host.types, host)

    async def close(self, host: StreamHost) -> None:
        """Its stream is over: its types go to the youngest stream that names them too, or nobody hosts them."""
        owned = [name for name in host.types if self._youngest(name) is host]
        host.close()
        if host.types:
            log.info("A stream that hosted actors has ended: %s", " ".join(host.types))
        if host in self._open:
            self._open.remove(host)
        for name in owned:
            heir = self._youngest(name)  # looked for anew each time: streams come and go while types are reported
            if heir is not None:
                await self._residence.register({name: heir.types[name]}, heir)
        await self._residence.unregister(list(host.types), host)
        if self._open:  # somebody still says which types it hosts
            self._residence.registered.set()

    async def release(self) -> None:
        """The sidecar ends: deactivate what lives here while there is somebody to tell, then end the streams."""
        if not self._open:
            return
        await self._residence.close()
        for host in self._open:
            host.ended.set()

    def _youngest(self, actor_type: str) -> StreamHost | None:
        return next((host for host in reversed(self._open) if actor_type in host.types), None)
