"""Request metadata that concerns events: ``rawPayload``, the time to live, and overrides of attributes.

Keys are compared without case, except ``rawPayload`` (building-blocks.md §1.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from dapr_core.timing.duration import InvalidDurationError, parse_nanoseconds

RAW_PAYLOAD: Final = "rawPayload"
_TRUE = frozenset(("1", "t", "T", "TRUE", "true", "True"))
_FALSE = frozenset(("0", "f", "F", "FALSE", "false", "False"))
_OVERRIDES = frozenset(("id", "source", "type", "subject", "traceid", "traceparent", "tracestate"))
_PREFIX: Final = "cloudevent."
_MAX_SECONDS = (2**63 - 1) // 10**9


def is_raw_payload(metadata: Mapping[str, str]) -> bool:
    """Whether the payload goes without an envelope.

    Raises:
        ValueError: the value is none of Go's words for a boolean; the text is the documented one.
    """
    value = metadata.get(RAW_PAYLOAD)
    if value is None or value in _FALSE:
        return False
    if value in _TRUE:
        return True
    raise ValueError(f"rawPayload value must be a valid boolean: actual is '{value}'")


def expiration(metadata: Mapping[str, str], now: datetime) -> str | None:
    """When a message with this metadata expires, as RFC 3339; None without a usable ``ttl`` or ``ttlInSeconds``.

    ``now`` must be aware. Values are Go durations or whole seconds; what is neither, or not positive, counts as absent.
    """
    text = _property(metadata, "ttl") or _property(metadata, "ttlinseconds")
    if not text:
        return None
    seconds = _seconds(text)
    if seconds <= 0:
        return None
    try:
        return rfc3339(now.astimezone(UTC) + timedelta(seconds=min(seconds, _MAX_SECONDS)))
    except OverflowError:
        return rfc3339(datetime.max.replace(tzinfo=UTC))


def overrides(metadata: Mapping[str, str]) -> dict[str, str]:
    """The attributes that ``cloudevent.*`` keys set, by attribute name; an empty value is an override too."""
    found: dict[str, str] = {}
    for key, value in metadata.items():
        if len(key) > len(_PREFIX) and key[: len(_PREFIX)].lower() == _PREFIX:
            name = key[len(_PREFIX) :].lower()
            if name in _OVERRIDES:
                found[name] = value
    return found


def rfc3339(moment: datetime) -> str:
    """An aware time to the second, with ``Z`` when its zone is UTC's offset."""
    text = moment.isoformat(timespec="seconds")
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def _property(metadata: Mapping[str, str], folded: str) -> str:
    for key, value in metadata.items():
        if len(key) == len(folded) and key.lower() == folded:
            return value
    return ""


def _seconds(text: str) -> float:
    try:
        return parse_nanoseconds(text) / 1e9
    except InvalidDurationError:
        pass
    try:
        return int(text) if text.lstrip("+-").isdecimal() and text.isascii() else 0
    except ValueError:
        return 0
