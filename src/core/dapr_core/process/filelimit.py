"""How many files a process may have open: as many as it is allowed to ask for.

The limit that a process starts with is often 1,024, kept low for programs that use ``select``; what it may raise that
to is far higher (getrlimit(2)). Each connection is an open file, so whoever has one for every sidecar asks at its
start, as Go's runtime does for every program.
"""

from __future__ import annotations

import resource
from typing import Final

ENOUGH: Final = 1_048_576
"""Files that are asked for at most; some systems allow any number, and nothing here needs more."""


def raise_file_limit() -> int:
    """Raise the limit of open files as far as allowed; gives what is in force then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):
        return soft  # a sandbox may forbid even what the limit allows
    return wanted
