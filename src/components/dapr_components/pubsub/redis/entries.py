"""Stream entries as bytes: what XADD is given, and what XREADGROUP, XCLAIM and XPENDING answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from dapr_components.pubsub.redis.settings import StreamSettings
from dapr_core import jsonx

EntryId: TypeAlias = bytes
"""``<milliseconds>-<sequence>`` as the server writes it."""


@dataclass(slots=True)
class Entry:
    """One entry of a stream."""

    id: EntryId
    data: bytes
    metadata: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Pending:
    """One line of XPENDING: an entry delivered and not acknowledged. ``idle`` in milliseconds."""

    id: EntryId
    consumer: bytes
    idle: int


def xadd(
    topic: str, data: bytes, metadata: Mapping[str, str] | None, settings: StreamSettings, now: float
) -> tuple[bytes | str | int, ...]:
    """The command that appends a message. ``now`` in seconds since the epoch decides what a TTL trims."""
    command: list[bytes | str | int] = [b"XADD", topic]
    if settings.max_len_approx:
        command += (b"MAXLEN", b"~", settings.max_len_approx)
    elif settings.stream_ttl:
        command += (b"MINID", b"~", b"%d-1" % int((now - settings.stream_ttl) * 1000))
    command += (b"*", b"data", data)
    if metadata is not None:
        command += (b"metadata", jsonx.dumps(dict(metadata)) if metadata else b"{}")
    return tuple(command)


def parse_read(reply: Any) -> list[Entry]:
    """Entries of an XREADGROUP on one stream; a time-out answers nil."""
    if not reply:
        return []
    return [entry for _stream, entries in reply for raw in entries if (entry := parse_entry(raw)) is not None]


def parse_entry(raw: Any) -> Entry | None:
    """One entry; None for one that was deleted from the stream (a nil, or an id without fields)."""
    if raw is None or raw[1] is None:
        return None
    fields = dict(zip(raw[1][::2], raw[1][1::2], strict=False))
    return Entry(raw[0], fields.get(b"data", b""), _metadata(fields.get(b"metadata")))


def parse_pending(reply: Any) -> list[Pending]:
    """Lines of the extended form of XPENDING."""
    return [Pending(line[0], line[1], line[2]) for line in reply or []]


def after(entry_id: EntryId) -> bytes:
    """The smallest id greater than one, for the next page of XPENDING (servers before 6.2 know no open interval)."""
    milliseconds, _, sequence = entry_id.partition(b"-")
    return b"%s-%d" % (milliseconds, int(sequence or b"0") + 1)


def _metadata(text: bytes | None) -> dict[str, str] | None:
    if text is None:
        return None
    if text == b"{}":
        return {}
    try:
        value = jsonx.loads(text)
    except jsonx.JSONError:
        return None  # written by somebody else: the message itself still counts
    if not isinstance(value, dict):
        return None
    return {key: item for key, item in value.items() if isinstance(item, str)}
