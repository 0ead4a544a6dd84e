"""Keeps the running sidecar true to its resources (building-blocks.md §6.9).

A source says that something may have changed; the resources are read again, compared with what is in force, and the
differences applied: deleted, updated, created. A comparison is also made at a steady interval, in case a hint was
lost. Disk is the only source of a standalone sidecar; the operator's streams are another source of the same hints.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from dapr_core.resources.loader import LoadedResources
from daprd.runtime.changes import Changes, compare, keep_missing

log = logging.getLogger("dapr.runtime.hotreload")

reconciler_log = logging.getLogger("dapr.runtime.hotreload.reconciler")

KINDS = "'Component', 'Subscription', 'Configuration', 'HTTPEndpoint' and 'Resiliency'"


class Reloader:
    """Reads, compares, applies; one round at a time."""

    def __init__(
        self,
        *,
        load: Callable[[], LoadedResources],
        apply: Callable[[Changes], Awaitable[None]],
        current: LoadedResources,
        configuration: str,
        interval: float,
    ) -> None:
        """``load`` runs in a thread; ``apply`` may raise, which ends ``run`` and with it the runtime."""
        self._load = load
        self._apply = apply
        self._current = current
        self._configuration = configuration
        self._interval = interval

    async def run(self, hints: AsyncIterator[None]) -> None:
        """Apply changes until cancelled."""
        log.info(
            "Hot reloading enabled. Daprd will reload %s resources when they are added, updated or deleted.", KINDS
        )
        for kind in ("Component", "Subscription"):
            reconciler_log.info("Starting to watch %s updates", kind)
        for kind in ("Configuration", "HTTPEndpoint", "Resiliency"):
            reconciler_log.info("Starting to watch %s updates for SIGHUP reload", kind)
        waiting = asyncio.ensure_future(anext(hints))
        try:
            while True:
                await asyncio.wait({waiting}, timeout=self._interval)
                if waiting.done():
                    waiting.result()
                    waiting = asyncio.ensure_future(anext(hints))
                await self.reconcile()
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)

    async def reconcile(self) -> None:
        """One round. A load that fails as a whole is logged and changes nothing.

        While a document does not read, nothing is taken down for being absent: it may be the very one.
        """
        loaded = await asyncio.to_thread(self._load)
        fatal = [problem for problem in loaded.problems if problem.severity == "fatal"]
        for problem in fatal:
            log.error("Resources are not reloaded: %s", problem)
        if fatal:
            return
        if any(problem.document for problem in loaded.problems):
            loaded = keep_missing(self._current, loaded)
        found = compare(self._current, loaded, configuration=self._configuration)
        for problem in loaded.warnings:
            if problem not in self._current.warnings:
                log.warning("%s", problem)
        if found:
            await self._apply(found)
        self._current = loaded
