"""The profiler's port (``--enable-profiling``; observability.md §17): where the sidecar spends its time and memory.

The paths are the original's (``/debug/pprof/…``); what they answer is what Python's tools read. ``profile`` samples the
stacks of all threads for some seconds and answers in the folded form of flame graphs; ``heap`` compares where memory
was allocated before and after the same time; ``threads`` shows every stack once. One request at a time, since sampling
costs: another gets 409.
"""

from __future__ import annotations

import asyncio
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from types import FrameType

from dapr_core.rpc.messages import Request, Response

DEFAULT_SECONDS = 5.0
MOST_SECONDS = 60.0
INTERVAL = 0.005
"""Seconds between samples: 200 a second see what matters and cost a few percent."""
TOP = 50

_TEXT = [(b"content-type", b"text/plain; charset=utf-8")]
_INDEX = (
    "/debug/pprof/profile?seconds=5   folded stacks, for flame graph tools\n"
    "/debug/pprof/heap?seconds=5      memory allocated meanwhile, by line\n"
    "/debug/pprof/threads             the stack of every thread now\n"
)


class Profiler:
    """Serves the paths. ``handle`` is a server's handler."""

    def __init__(self) -> None:
        self._busy = asyncio.Lock()

    async def handle(self, request: Request) -> Response:
        """Answer one request."""
        path, _, query = request.target.decode("latin-1").partition("?")
        work = {"profile": sample_stacks, "heap": compare_heap}.get(path.removeprefix("/debug/pprof/"))
        if path.rstrip("/") == "/debug/pprof":
            return Response(200, list(_TEXT), _INDEX.encode())
        if path == "/debug/pprof/threads":
            return Response(200, list(_TEXT), thread_stacks().encode())
        if work is None:
            return Response(404, list(_TEXT), b"404 page not found\n")
        if self._busy.locked():
            return Response(409, list(_TEXT), b"a profile is being taken; try again when it is done\n")
        async with self._busy:
            text = await asyncio.to_thread(work, _seconds(query))
        return Response(200, list(_TEXT), text.encode())


def _seconds(query: str) -> float:
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name == "seconds" and value.replace(".", "", 1).isascii() and value.replace(".", "", 1).isdigit():
            return min(max(float(value), INTERVAL), MOST_SECONDS)
    return DEFAULT_SECONDS


def sample_stacks(
    seconds: float, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
) -> str:
    """The stacks of all threads but this one, folded: frames from outside in, then how often they were seen."""
    import threading

    own = threading.get_ident()
    seen: Counter[str] = Counter()
    until = clock() + seconds
    while clock() < until:
        for thread, frame in sys._current_frames().items():
            if thread != own:
                seen[_folded(frame)] += 1
        sleep(INTERVAL)
    return "".join(f"{stack} {count}\n" for stack, count in seen.most_common())


def _folded(frame: FrameType | None) -> str:
    names = []
    while frame is not None:
        code = frame.f_code
        names.append(f"{frame.f_globals.get('__name__', '?')}.{code.co_qualname}")
        frame = frame.f_back
    return ";".join(reversed(names))


def compare_heap(seconds: float, *, sleep: Callable[[float], None] = time.sleep) -> str:
    """What was allocated during ``seconds`` and is still there, by line, the largest first."""
    import tracemalloc

    tracemalloc.start()
    try:
        before = tracemalloc.take_snapshot()
        sleep(seconds)
        after = tracemalloc.take_snapshot()
    finally:
        tracemalloc.stop()
    return "".join(f"{each}\n" for each in after.compare_to(before, "lineno")[:TOP])


def thread_stacks() -> str:
    """Every thread's stack, as a traceback shows it."""
    return "\n".join(
        f"thread {thread}\n{''.join(traceback.format_stack(frame))}" for thread, frame in sys._current_frames().items()
    )
