"""Follows a kind of object for ever: lists it, watches it from there, and begins anew where that is needed.

What ends a watch is no news: the server ends each after some minutes, and it is taken up where it stood. A
resourceVersion that the server has forgotten (410) means to list again; a failure means to wait, longer each time and
never in step with others. Without a resourceVersion there is no place to take up, and each watch begins with a list.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from dapr_core.kube.backoff import Backoff
from dapr_core.kube.cache import Entry
from dapr_core.kube.client import PAGE, SILENCE, WATCH_SECONDS, KubeClient
from dapr_core.kube.errors import ForbiddenError, GoneError, KubeError
from dapr_core.kube.kinds import Kind
from dapr_core.kube.objects import Key, Object, key_of, version_of
from dapr_core.kube.paths import Selector
from dapr_core.kube.watching import EventType

log = logging.getLogger("dapr.kube")

T = TypeVar("T")

QUICK_END: Final = 1.0
"""Seconds: a watch that ends sooner, even in good order, is not repeated at once."""
QUICK_WAIT: Final = 2.0


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[T]):
    """All objects there are."""

    entries: list[tuple[Key, Entry[T]]]


@dataclass(frozen=True, slots=True)
class Put(Generic[T]):
    """One object is new or another one now."""

    key: Key
    entry: Entry[T]


@dataclass(frozen=True, slots=True)
class Removed:
    """One object is gone."""

    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Following(Generic[T]):
    """What is followed, and how.

    Attributes:
        kind, namespace, selector: which objects; of all namespaces when none is named.
        project: what is kept of an object; None leaves the object out.
        metadata_only: let the server send nothing but ``metadata``.
        page: objects a page of a list.
        silence: seconds without any event after which a watch is taken for dead.
        dice: for jitter, from 0 to 1.
    """

    kind: Kind
    namespace: str = ""
    selector: Selector = field(default_factory=Selector)
    project: Callable[[Object], T | None]
    metadata_only: bool = False
    page: int = PAGE
    silence: float = SILENCE
    dice: Callable[[], float] = random.random

    def entry(self, thing: Object) -> Entry[T] | None:
        """What is kept; None leaves it out, and so does an object that cannot be read, with a line in the log."""
        try:
            value = self.project(thing)
        except Exception:
            log.exception("Cannot read an object of %s: %s", self.kind, key_of(thing))
            return None
        return None if value is None else Entry(version_of(thing), value)

    def __str__(self) -> str:
        return f"{self.kind} in namespace {self.namespace}" if self.namespace else str(self.kind)


async def reflect(client: KubeClient, what: Following[T]) -> AsyncGenerator[Snapshot[T] | Put[T] | Removed]:
    """Tell all there is, then all that happens, for ever. Never raises for the server's sake: it waits and goes on."""
    failing = Backoff(dice=what.dice)
    quick = Backoff(maximum=QUICK_WAIT, dice=what.dice)
    loop = asyncio.get_running_loop()
    troubles = _Troubles(what)
    place: str | None = None
    relist_whole = False
    while True:
        try:
            if not place:
                snapshot, place = await _listed(client, what, whole=relist_whole)
                relist_whole = False
                yield snapshot
            began = loop.time()
            watch = _watched(client, what, place)
            async with aclosing(watch):
                async for version, news in watch:
                    troubles.over()
                    failing.reset()
                    place = version or place
                    if news is not None:
                        yield news
            troubles.over()
            failing.reset()
            if loop.time() - began < QUICK_END:
                await asyncio.sleep(quick.next())
            else:
                quick.reset()
        except GoneError as error:
            log.debug("Listing %s again: %s", what, error)
            relist_whole = not place
            place = None
            await asyncio.sleep(quick.next())
        except KubeError as error:
            wait = failing.next()
            troubles.tell(error, wait)
            await asyncio.sleep(wait)


async def _listed(client: KubeClient, what: Following[T], *, whole: bool) -> tuple[Snapshot[T], str]:
    """The objects page by page, so that only what is kept of them is in memory at once; ``whole`` after a page that
    the server had forgotten."""
    entries: list[tuple[Key, Entry[T]]] = []
    version = ""
    size = 0 if whole else what.page
    pages = client.pages(what.kind, what.namespace, selector=what.selector, metadata_only=what.metadata_only, size=size)
    async with aclosing(pages):
        async for page in pages:
            entries.extend(_kept(what, page.items))
            version = page.resource_version
    return Snapshot(entries), version


def _kept(what: Following[T], items: list[Object]) -> Iterator[tuple[Key, Entry[T]]]:
    for thing in items:
        entry = what.entry(thing)
        if entry is not None:
            yield key_of(thing), entry


async def _watched(
    client: KubeClient, what: Following[T], place: str
) -> AsyncGenerator[tuple[str, Put[T] | Removed | None]]:
    """The events of one watch: how far it has come, and what is new."""
    events = client.watch(
        what.kind,
        what.namespace,
        since=place,
        selector=what.selector,
        metadata_only=what.metadata_only,
        seconds=int(WATCH_SECONDS * (1 + what.dice())),
        silence=what.silence,
    )
    async with aclosing(events):
        async for event in events:
            version = version_of(event.object)
            if event.type is EventType.BOOKMARK:
                yield version, None
                continue
            key = key_of(event.object)
            entry = None if event.type is EventType.DELETED else what.entry(event.object)
            yield version, Removed(key) if entry is None else Put(key, entry)


class _Troubles:
    """Says that something is wrong once, and again when it is something else; and that it is over."""

    def __init__(self, what: object) -> None:
        self._what = what
        self._told = ""

    def tell(self, error: KubeError, wait: float) -> None:
        kind = type(error).__name__
        level = logging.DEBUG if kind == self._told else logging.WARNING
        self._told = kind
        remedy = "; its role must allow list and watch" if isinstance(error, ForbiddenError) else ""
        log.log(level, "Cannot follow %s, trying again in %.1f seconds: %s%s", self._what, wait, error, remedy)

    def over(self) -> None:
        if self._told:
            log.info("Following %s again", self._what)
            self._told = ""
