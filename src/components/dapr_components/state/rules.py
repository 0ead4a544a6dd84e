"""Rules that every state store keeps (components.md §2.0): options, entity tags, times of expiry, key patterns.

The texts of refusals are those the public components give, since they reach clients inside the block's error.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from dapr_components.contract import ComponentError
from dapr_components.state.contract import Operation

FIRST_WRITE = "first-write"
LAST_WRITE = "last-write"
STRONG = "strong"
EVENTUAL = "eventual"
TTL_EXPIRE_TIME = "ttlExpireTime"
"""Response metadata: when a value expires, RFC 3339 in UTC."""
SEPARATOR = "||"

_INTEGER = re.compile(r"[+-]?[0-9]+")
_INT64_LIMIT = 2**63
_LONGEST_INT64 = 40  # leading zeros are allowed, so this is more than 20
_SHOWN = 200

_CONCURRENCY = frozenset({"", FIRST_WRITE, LAST_WRITE})
_CONSISTENCY = frozenset({"", EVENTUAL, STRONG})


def check_options(operation: Operation) -> None:
    """Refuse unknown words for concurrency and consistency. Raises ``ComponentError``."""
    if operation.concurrency not in _CONCURRENCY:
        raise ComponentError(f"unrecognized concurrency model '{operation.concurrency}'")
    if operation.consistency not in _CONSISTENCY:
        raise ComponentError(f"unrecognized consistency model '{operation.consistency}'")


def parse_int64(function: str, text: str) -> int:
    """An integer as Go's ``strconv`` reads it into 64 bits.

    Raises:
        ValueError: it is none; the text is that of ``function`` (``Atoi``, ``ParseInt``).
    """
    reason = "invalid syntax"
    if _INTEGER.fullmatch(text):
        # The interpreter refuses to convert very long texts, which are out of range anyway.
        value = int(text) if len(text) <= _LONGEST_INT64 else _INT64_LIMIT
        if -_INT64_LIMIT <= value < _INT64_LIMIT:
            return value
        reason = "value out of range"
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
    quoted = shown.replace("\\", "\\\\").replace('"', '\\"')
    raise ValueError(f'strconv.{function}: parsing "{quoted}": {reason}')


def rfc3339(seconds: float) -> str:
    """A time (seconds since the epoch) in UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def like_pattern(pattern: str) -> re.Pattern[str]:
    """A regular expression for a pattern of ``%``, ``_`` and ``\\``. Raises ``ComponentError`` when it is empty."""
    if not pattern:
        raise ComponentError("the pattern of a key listing is empty: use '%' for every key")
    parts: list[str] = []
    escaped = False
    for char in pattern:
        if escaped or char not in "%_\\":
            parts.append(re.escape(char))
            escaped = False
        elif char == "\\":
            escaped = True
        else:
            parts.append(".*" if char == "%" else ".")
    return re.compile("".join(parts), re.DOTALL)


def page_start(token: str) -> int:
    """The position a continuation token names. Raises ``ComponentError``."""
    if not token:
        return 0
    if not token.isdecimal():
        raise ComponentError(f"continuation token {token!r} is no number: use the token of the page before")
    return int(token)


def prefix_of(prefix: str) -> str:
    """A prefix to delete by, ending in the separator. Raises ``ComponentError`` when it is empty."""
    if not prefix or prefix == SEPARATOR:
        raise ComponentError("the prefix to delete by is empty")
    return prefix if prefix.endswith(SEPARATOR) else prefix + SEPARATOR


def page_of(keys: Sequence[str], start: int, size: int) -> tuple[list[str], str]:
    """``size`` keys from ``start`` (0: all of them), and the token of the next page."""
    end = start + size if size > 0 else len(keys)
    return list(keys[start:end]), str(end) if end < len(keys) else ""
