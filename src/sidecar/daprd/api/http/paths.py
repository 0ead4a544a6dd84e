"""What a request target says before any route is looked at: its path, cleaned, and whether its escapes are whole.

Cleaning is POSIX path cleaning of the *escaped* path: doubled slashes collapse, ``.`` and ``..`` resolve, a trailing
slash goes (api.md §1.1). Almost every path is clean already and is passed on as it came.
"""

from __future__ import annotations

import re
from typing import Final

_BROKEN_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ABSOLUTE: Final = re.compile(rb"[A-Za-z][A-Za-z0-9+.\-]*://[^/?#]*")


def path_of(target: bytes) -> bytes:
    """The escaped path of a request target, in origin form also when the client sent the absolute form."""
    path = target.partition(b"?")[0]
    if not path.startswith(b"/"):
        match = _ABSOLUTE.match(path)
        path = (path[match.end() :] if match else path) or b"/"
    return path


def has_broken_escape(path: bytes) -> bool:
    """Whether a percent sign is not followed by two hex digits; such a request line is no HTTP at all."""
    return b"%" in path and _BROKEN_ESCAPE.search(path) is not None


def clean(path: bytes) -> bytes:
    """The path after POSIX cleaning; ``/`` when nothing is left."""
    if b"//" not in path and b"/." not in path and not (path.endswith(b"/") and path != b"/"):
        return path
    kept: list[bytes] = []
    for segment in path.split(b"/"):
        if segment == b"..":
            del kept[-1:]
        elif segment not in (b"", b"."):
            kept.append(segment)
    return b"/" + b"/".join(kept)
