"""From ``main()`` to a running loop and back to an exit code.

uvloop is installed when it is there; everything works without it. After the start a process calls ``settle``: what
was imported and built by then lives until the end, so the garbage collector need not walk it again and again, and the
pages stay shared with forked children.

Nothing here needs an environment: no PATH, no HOME, no USER.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Final, NoReturn

from dapr_core.process.shutdown import ExitCode

log = logging.getLogger("dapr.runtime")

TURN = 0.0005
"""Seconds that a thread keeps the interpreter's lock while others want it. Python's own 5 ms would be the loop's wait
each time it wakes beside a thread that computes."""

_YOUNG: Final = 10_000
"""Objects made before the collector looks at them. Python's own 700 are a dozen calls of the data plane, all of them
still under way, so that it finds nothing and looks again at once; this many cost about a megabyte."""


def run(main: Callable[[], Coroutine[Any, Any, int]]) -> NoReturn:
    """Run a process's coroutine on a new loop and exit with the code it returns.

    An exception that gets here is a defect or a start that failed: it is logged as fatal and the code is 1.
    """
    code: int = ExitCode.FAILURE
    sys.setswitchinterval(TURN)
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            code = runner.run(main())
    except KeyboardInterrupt:
        code = ExitCode.FAILURE
    except Exception as error:
        log.critical("Fatal error from runtime: %s", error or type(error).__name__, exc_info=error)
    flush()
    sys.exit(code)


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """How to make the loop: uvloop's where it installs, else asyncio's own (None)."""
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def settle() -> None:
    """Call once the process is up: collect what the start left, take the rest out of the collector's sight, and let it
    look at what is new less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])


def flush() -> None:
    """Push out what stdout and stderr still hold; a closed pipe is nobody's problem at the end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            continue
