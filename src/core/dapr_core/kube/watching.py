"""A watch: one answer that goes on, with an event a line (API concepts, "Efficient detection of changes").

``WatchReader`` turns pieces of bytes into events and knows no socket. An event ``ERROR`` ends the watch as the error
that it holds; the usual one is 410, for a resourceVersion that the server has forgotten.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dapr_core.kube.errors import BadAnswerError, api_error, status_of
from dapr_core.kube.objects import Object

MAX_EVENT: Final = 16 * 1024 * 1024
"""Bytes of an event; etcd takes objects of 1.5 MiB."""


class EventType(StrEnum):
    """What happened."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"
    BOOKMARK = "BOOKMARK"


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """What happened to which object; that of a bookmark has nothing but a resourceVersion."""

    type: EventType
    object: Object


class WatchReader:
    """Splits a stream into events. ``limit`` bounds one event, in bytes."""

    def __init__(self, limit: int = MAX_EVENT) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[WatchEvent]:
        """Take a piece; the events that are complete with it.

        Raises:
            ApiError: the server ended the watch.
            BadAnswerError: what came is no event, or is longer than the limit.
        """
        *lines, rest = data.split(b"\n")
        events = []
        for line in lines:
            self._keep(line)
            whole = b"".join(self._parts)
            self._parts, self._size = [], 0
            if whole.strip():
                events.append(_event(whole))
        self._keep(rest)
        return events

    @property
    def pending(self) -> int:
        """Bytes of an event that is not complete."""
        return self._size

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._limit:
            raise BadAnswerError(f"an event of a watch is longer than {self._limit} bytes")
        if piece:
            self._parts.append(piece)


def _event(line: bytes) -> WatchEvent:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise BadAnswerError("a watch sent something that is no JSON") from None
    kind = value.get("type") if isinstance(value, dict) else None
    thing = value.get("object") if isinstance(value, dict) else None
    if not isinstance(thing, dict):
        raise BadAnswerError("a watch sent an event without an object")
    if kind == "ERROR":
        raise api_error(status_of(thing, 500))
    try:
        return WatchEvent(EventType(str(kind)), thing)
    except ValueError:
        raise BadAnswerError(f"a watch sent an event of the unknown type {str(kind)[:40]!r}") from None
