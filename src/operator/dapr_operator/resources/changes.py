"""What a sidecar hears of changes: its own view of them, one at a time, never more than it can take.

An object may come into an application's scope, or leave it, without being made or deleted; for the sidecar that is
the same. A sidecar that is slow hears of an object once, as it is in the end: what waits is bounded by the number of
objects, and nobody waits for the slow one.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from enum import IntEnum
from typing import Final, NamedTuple

from dapr_core.kube import Key
from dapr_operator.resources.resource import Resource

GATHERED: Final = 0.02
"""Seconds that news wait after others were told: what comes many at a time leaves in one write for each sidecar, which
is most of what it costs."""


class Event(IntEnum):
    """What became of an object; the numbers are those of the wire (``ResourceEventType``)."""

    CREATED = 1
    UPDATED = 2
    DELETED = 3


class Change(NamedTuple):
    """What became of it, and the object: the last one it was, when it is deleted."""

    event: Event
    resource: Resource


def seen_by(visible: Callable[[Resource], bool], old: Resource | None, new: Resource | None) -> Change | None:
    """A change as somebody sees it to whom only some objects are visible; None when it is none to them."""
    before = old is not None and visible(old)
    after = new is not None and visible(new)
    if after:
        assert new is not None
        return Change(Event.UPDATED if before else Event.CREATED, new)
    if before:
        assert old is not None
        return Change(Event.DELETED, old)
    return None


def merged(waiting: Event, later: Event) -> Event:
    """Two changes of one object as one, for somebody who has heard of neither."""
    if later is Event.DELETED:
        # Also what was created just now: the sidecar may have found it in a list meanwhile.
        return Event.DELETED
    if waiting is Event.DELETED:
        return Event.UPDATED
    return waiting


class Subscription:
    """The changes for one sidecar, as an asynchronous iterator; it ends after ``close``."""

    def __init__(self, namespace: str, visible: Callable[[Resource], bool]) -> None:
        self.namespace = namespace
        self._visible = visible
        self._waiting: OrderedDict[Key, Change] = OrderedDict()
        self._news = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def tell(self, old: Resource | None, new: Resource | None) -> None:
        """An object changed."""
        change = seen_by(self._visible, old, new)
        if change is None:
            return
        key = change.resource.key
        before = self._waiting.get(key)
        if before is not None:
            change = Change(merged(before.event, change.event), change.resource)
        self._waiting[key] = change
        self._news.set()

    def close(self) -> None:
        """End it; what waits is dropped, for the sidecar lists everything when it comes again."""
        self._closed = True
        self._news.set()

    async def __aiter__(self) -> AsyncIterator[Change]:
        while True:
            await self._news.wait()
            if self._closed:
                return
            while self._waiting and not self._closed:
                yield self._waiting.popitem(last=False)[1]
            if not self._closed:
                self._news.clear()
                await asyncio.sleep(GATHERED)
