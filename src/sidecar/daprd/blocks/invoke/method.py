"""Normalising the method of a call, which is a path at the callee (api.md §3.3).

The same rule runs at the caller and at the callee, so that access policies and dispatch see one form and no spelling
slips past them.
"""

from __future__ import annotations

import re
from typing import Final

from dapr_core.quoting import quoted

_SUSPECT: Final = re.compile(r"[#?\x00-\x1f\x7f]")
_FORBIDDEN: Final = "#?\0"
_REMEMBERED: Final = 1024
_REMEMBERED_METHOD: Final = 256
_clean: dict[str, str] = {}
"""Methods that were found good, as they are called again and again. Bounded in number and length."""


class MethodError(ValueError):
    """The method holds what no path may hold; the text says what and where."""


def normalise(method: str) -> str:
    """The method as a clean relative path; empty for the root.

    Raises:
        MethodError: it holds ``#``, ``?``, NUL or another control character.
    """
    known = _clean.get(method)
    if known is not None:
        return known
    if _SUSPECT.search(method):
        raise MethodError("invalid method: " + _complaint(method))
    cleaned = clean(method)
    if len(method) <= _REMEMBERED_METHOD:
        if len(_clean) >= _REMEMBERED:
            _clean.clear()
        _clean[method] = cleaned
    return cleaned


def clean(method: str) -> str:
    """POSIX cleaning without the check: no empty, ``.`` or ``..`` segments, no slash at either end."""
    if "//" not in method and "." not in method and method[:1] != "/" and method[-1:] != "/":
        return method
    kept: list[str] = []
    for segment in method.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    return "/".join(kept)


def _complaint(method: str) -> str:
    if any(char in method for char in _FORBIDDEN):
        return f"method contains forbidden character: {quoted(method)}"
    match = _SUSPECT.search(method)
    at = 0 if match is None else len(method[: match.start()].encode("utf-8", "surrogateescape"))
    return f"method contains control character at position {at}: {quoted(method)}"
