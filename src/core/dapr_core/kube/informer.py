"""Keeps the objects of a kind in memory and tells of their changes.

Handlers are plain functions, called on the loop in the order of the news; one that raises is logged and keeps nobody
from the rest. While the cluster is away what is known stays.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import aclosing
from typing import Generic, TypeAlias, TypeVar

from dapr_core.kube.cache import Cache, Change
from dapr_core.kube.client import KubeClient
from dapr_core.kube.reflector import Following, Put, Snapshot, reflect

log = logging.getLogger("dapr.kube")

T = TypeVar("T")
Handler: TypeAlias = Callable[[Change[T]], None]


class Informer(Generic[T]):
    """Follows a kind from ``run`` on.

    Attributes:
        cache: what is known.
    """

    def __init__(self, client: KubeClient, what: Following[T]) -> None:
        self._client = client
        self._what = what
        self._handlers: list[Handler[T]] = []
        self._synced = asyncio.Event()
        self.cache: Cache[T] = Cache()

    @property
    def synced(self) -> bool:
        """Whether everything that was there at the start is known."""
        return self._synced.is_set()

    async def wait_synced(self) -> None:
        """Wait for that."""
        await self._synced.wait()

    def subscribe(self, handler: Handler[T]) -> None:
        """Tell this handler of each change from now on."""
        self._handlers.append(handler)

    async def run(self) -> None:
        """Follow, for ever."""
        news = reflect(self._client, self._what)
        async with aclosing(news):
            async for each in news:
                self._tell(self._changes(each))
                if isinstance(each, Snapshot):
                    self._synced.set()

    def _changes(self, news: object) -> Iterable[Change[T] | None]:
        if isinstance(news, Snapshot):
            return self.cache.replace(news.entries)
        if isinstance(news, Put):
            return [self.cache.put(news.key, news.entry)]
        return [self.cache.remove(news.key)]  # type: ignore[attr-defined]  # the third kind of news

    def _tell(self, changes: Iterable[Change[T] | None]) -> None:
        for change in changes:
            if change is None:
                continue
            for handler in self._handlers:
                try:
                    handler(change)
                except Exception:
                    log.exception("A handler of %s failed for %s", self._what, change.key)
