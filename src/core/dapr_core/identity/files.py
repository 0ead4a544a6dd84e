"""Tells when one of a few files has changed, within half a second, on every file system.

Credentials come as files that people copy, scripts rename and Kubernetes swaps by a symbolic link; network file
systems announce none of that. So what the paths lead to is looked at four times a second: a handful of ``stat`` calls.
Whoever is told reads the files again; a burst of changes is told once, when it is over.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from typing import Final, TypeAlias

INTERVAL: Final = 0.25
"""Seconds between looks; a change is told after the first look that finds everything as the one before."""
LONGEST_BURST: Final = 8
"""Looks after which a change is told although files go on changing."""

State: TypeAlias = tuple[tuple[int, int, int, int] | None, ...]


async def changes(
    paths: Sequence[str | os.PathLike[str]], *, seen: State | None = None, interval: float = INTERVAL
) -> AsyncIterator[None]:
    """Yield after each burst of changes to any of the files (made, written, replaced, removed), for ever.

    Args:
        paths: the files; they need not exist.
        seen: what ``look`` gave before they were read, so that no change since then is missed; None is now.
        interval: seconds between looks.
    """
    seen = look(paths) if seen is None else seen
    while True:
        await asyncio.sleep(interval)
        now = look(paths)
        if now == seen:
            continue
        for _ in range(LONGEST_BURST):
            await asyncio.sleep(interval)
            before, now = now, look(paths)
            if now == before:
                break
        seen = now
        yield


def look(paths: Sequence[str | os.PathLike[str]]) -> State:
    """What tells two states of the files apart."""
    return tuple([_file(path) for path in paths])


def _file(path: str | os.PathLike[str]) -> tuple[int, int, int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size
