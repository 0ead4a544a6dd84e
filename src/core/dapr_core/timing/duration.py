"""Durations in Go's notation: ``1h30m``, ``500ms``, ``-1.5s``.

Manifests, flags and job schedules all write durations this way, and log lines print them back. The exact value is a
whole number of nanoseconds in 64 bits, as in Go; most callers want seconds as a float, for timers.

Go reads a fraction to the nanosecond and drops what is finer; so do we (integer arithmetic, no float on the way).
"""

from __future__ import annotations

import re
from typing import Final

from dapr_core.quoting import quoted

NANOSECOND: Final = 1
MICROSECOND: Final = 1_000
MILLISECOND: Final = 1_000_000
SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE

_UNITS: Final = {
    "ns": NANOSECOND,
    "us": MICROSECOND,
    "µs": MICROSECOND,  # U+00B5, micro sign
    "μs": MICROSECOND,  # U+03BC, Greek mu
    "ms": MILLISECOND,
    "s": SECOND,
    "m": MINUTE,
    "h": HOUR,
}
_TERM: Final = re.compile(r"([0-9]*)(?:\.([0-9]*))?([^0-9.]*)")
_MAX: Final = 2**63 - 1
_LONGEST: Final = 1_000  # characters; a longer text is no duration anybody means


class InvalidDurationError(ValueError):
    """The text is not a duration; the message names it and what is wrong with it."""


def parse_nanoseconds(text: str) -> int:
    """Read a Go duration as whole nanoseconds.

    Raises:
        InvalidDurationError: the text is empty, lacks a unit, names an unknown unit, or overflows 64 bits.
    """
    sign, rest = _split_sign(text)
    if rest == "0":
        return 0
    if not rest or len(rest) > _LONGEST:
        raise InvalidDurationError(f"invalid duration {_quoted(text)}")
    total, position = 0, 0
    while position < len(rest):
        term = _TERM.match(rest, position)
        if term is None or term.end() == position:
            raise InvalidDurationError(f"invalid duration {_quoted(text)}")
        total += _term_value(term, text)
        position = term.end()
    if total > _MAX + (sign < 0):
        raise InvalidDurationError(f"invalid duration {_quoted(text)}: it does not fit 64 bits of nanoseconds")
    return sign * total


def parse_seconds(text: str) -> float:
    """Read a Go duration as seconds. Raises ``InvalidDurationError``."""
    return parse_nanoseconds(text) / SECOND


def format_nanoseconds(value: int) -> str:
    """Write whole nanoseconds as Go prints a duration: ``1h30m0s``, ``500ms``, ``1.5s``, ``0s``."""
    if value == 0:
        return "0s"
    sign, rest = ("-", -value) if value < 0 else ("", value)
    if rest < SECOND:
        return sign + _below_a_second(rest)
    hours, rest = divmod(rest, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    text = f"{_decimal(rest, SECOND)}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    if hours:
        text = f"{hours}h{text}"
    return sign + text


def format_seconds(value: float) -> str:
    """Write seconds as Go prints a duration, to the nanosecond."""
    return format_nanoseconds(round(value * SECOND))


def _split_sign(text: str) -> tuple[int, str]:
    if text[:1] == "-":
        return -1, text[1:]
    if text[:1] == "+":
        return 1, text[1:]
    return 1, text


def _term_value(term: re.Match[str], text: str) -> int:
    whole, fraction, unit = term.groups()
    if not whole and not fraction:
        raise InvalidDurationError(f"invalid duration {_quoted(text)}")
    if not unit:
        raise InvalidDurationError(f"missing unit in duration {_quoted(text)}: write it as in 500ms, 10s or 1h30m")
    scale = _UNITS.get(unit)
    if scale is None:
        raise InvalidDurationError(
            f"unknown unit {_quoted(unit)} in duration {_quoted(text)}: use one of ns, us, ms, s, m, h"
        )
    value = int(whole or "0") * scale
    if fraction:
        value += int(fraction) * scale // 10 ** len(fraction)
    return value


def _below_a_second(value: int) -> str:
    for unit, scale in (("ms", MILLISECOND), ("µs", MICROSECOND)):
        if value >= scale:
            return _decimal(value, scale) + unit
    return f"{value}ns"


def _decimal(value: int, scale: int) -> str:
    whole, rest = divmod(value, scale)
    if not rest:
        return str(whole)
    digits = len(str(scale)) - 1
    return f"{whole}.{rest:0{digits}d}".rstrip("0")


def _quoted(text: str) -> str:
    return quoted(text if len(text) <= 80 else text[:77] + "...")
