"""Join an untrusted path to a root so that the result never lies outside, whatever symbolic links say.

The path is walked part by part, as if the root were ``/``: ``..`` stops at the root, and a link's target is read inside
the root, absolute or not. Parts that do not exist yet are kept, so that files can be created. Between the walk and the
use of its result the tree must not be changed by somebody hostile; the walk alone cannot hold that.
"""

from __future__ import annotations

import os
from pathlib import Path

MAX_LINKS = 255
"""Links followed before a loop is assumed; the kernel's own limit is 40."""


class PathLoopError(OSError):
    """More links than ``MAX_LINKS``."""


def secure_join(root: Path, untrusted: str) -> Path:
    """The place of ``untrusted`` below ``root``.

    Args:
        root: an absolute path without links.
        untrusted: any text, with ``/`` between its parts.

    Raises:
        PathLoopError: the links do not end.
        ValueError: the text holds a NUL.
    """
    if "\0" in untrusted:
        raise ValueError("a file name cannot hold a NUL byte")
    waiting = list(reversed(untrusted.split("/")))
    here: list[str] = []
    links = 0
    while waiting:
        part = waiting.pop()
        if part in ("", "."):
            continue
        if part == "..":
            if here:
                here.pop()
            continue
        target = _link_target(root.joinpath(*here, part))
        if target is None:
            here.append(part)
            continue
        links += 1
        if links > MAX_LINKS:
            raise PathLoopError(f"too many symbolic links in {untrusted!r}")
        if target.startswith("/"):
            here.clear()
        waiting.extend(reversed(target.split("/")))
    return root.joinpath(*here)


def _link_target(path: Path) -> str | None:
    try:
        return os.readlink(path)
    except OSError:  # not a link, or nothing there yet
        return None
