"""Tells when files under the resource directories may have changed.

On Linux the kernel says so (inotify); elsewhere, and where a watch cannot be had, names, sizes and times are compared
every second. Either way a burst of events (an editor saves in several steps, Kubernetes swaps a symbolic link) becomes
one, and events are hints only: whoever is told reads the directories again and compares.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

log = logging.getLogger("dapr.runtime.hotreload.loader.disk")

SETTLE = 0.1
"""Seconds of quiet that end a burst: longer than an editor's save, shorter than a person notices."""
POLL = 1.0


async def changes(directories: Sequence[str]) -> AsyncIterator[None]:
    """Yield once when the watch stands (what changed before it is unknown), then after each burst, for ever."""
    log.info("Watching directories: [%s]", " ".join(directories))
    if sys.platform == "linux":
        try:
            async for _ in _inotify(directories):
                yield
        except OSError as error:
            log.warning("Cannot watch %s by inotify (%s); comparing them every second", " ".join(directories), error)
    async for _ in _poll(directories):
        yield


async def _inotify(directories: Sequence[str]) -> AsyncIterator[None]:
    from asyncinotify import Inotify, Mask

    mask = Mask.CREATE | Mask.CLOSE_WRITE | Mask.DELETE | Mask.MOVED_TO | Mask.MOVED_FROM | Mask.ATTRIB
    with Inotify() as watcher:
        for directory in directories:
            watcher.add_watch(directory, mask)
        yield
        while True:
            await watcher.get()
            while True:
                try:
                    async with asyncio.timeout(SETTLE):
                        await watcher.get()
                except TimeoutError:
                    break
            yield


async def _poll(directories: Sequence[str]) -> AsyncIterator[None]:
    seen = await asyncio.to_thread(_snapshot, directories)
    yield
    while True:
        await asyncio.sleep(POLL)
        now = await asyncio.to_thread(_snapshot, directories)
        if now != seen:
            seen = now
            yield


def _snapshot(directories: Sequence[str]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for directory in directories:
        for path in Path(directory).glob("*"):
            try:
                status = path.stat()
            except OSError:  # gone between listing and looking
                continue
            found[str(path)] = (status.st_mtime_ns, status.st_size)
    return found
