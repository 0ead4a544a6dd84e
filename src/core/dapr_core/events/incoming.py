"""Read a broker's message as a CloudEvent (building-blocks.md §1.10), and what delivery asks of it (§1.12)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from dapr_core import jsonx
from dapr_core.events.content_types import is_binary, is_cloudevent, is_json, is_string
from dapr_core.events.envelope import DEFAULT_SOURCE, DEFAULT_TYPE, SPEC_VERSION, EventError

_BINARY_PREFIX: Final = "ce_"
_ATTRIBUTES_OF_THE_REQUEST = frozenset(
    ("id", "source", "datacontenttype", "type", "specversion", "data", "data_base64")
)


@dataclass(slots=True)
class Incoming:
    """A message as an event. ``body`` is what an HTTP application gets; ``event`` is what rules and gRPC look at."""

    event: dict[str, Any]
    body: bytes


def receive(
    data: bytes,
    *,
    topic: str,
    pubsub: str,
    content_type: str,
    raw: bool,
    new_id: Callable[[], str],
    metadata: Mapping[str, str],
) -> Incoming:
    """Turn a message into an event.

    Args:
        data: the message's bytes.
        topic: the topic without its namespace prefix.
        pubsub: the component's name.
        content_type: the message's; empty counts as JSON.
        raw: the subscription asks for raw payloads, so the bytes are wrapped here.
        new_id: gives the id of an event made here.
        metadata: the message's, where trace fields and (for binary mode) attributes come from.

    Raises:
        EventError: the bytes are no JSON object though they should be.
    """
    if raw:
        event = from_raw_payload(data, topic=topic, pubsub=pubsub, event_id=new_id())
        _adopt_trace(event, metadata)
        return Incoming(event, jsonx.dumps(event))
    if content_type and is_binary(content_type):
        return Incoming(_from_binary_mode(data, content_type, metadata), data)
    event = _decode(data)
    if metadata:
        _adopt_trace(event, metadata)
    return Incoming(event, data)


def from_raw_payload(data: bytes, *, topic: str, pubsub: str, event_id: str) -> dict[str, Any]:
    """The event around a raw payload; it carries no time, since nobody knows when it was sent."""
    return {
        "id": event_id,
        "specversion": SPEC_VERSION,
        "datacontenttype": "application/octet-stream",
        "source": DEFAULT_SOURCE,
        "type": DEFAULT_TYPE,
        "topic": topic,
        "pubsubname": pubsub,
        "data_base64": base64.b64encode(data).decode(),
    }


def has_expired(event: Mapping[str, Any], now: datetime) -> bool:
    """Whether the event's ``expiration`` lies before ``now`` (aware). What is no RFC 3339 time never expires."""
    text = event.get("expiration")
    if not text or not isinstance(text, str):
        return False
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return False
    return moment.tzinfo is not None and moment < now


def payload(event: Mapping[str, Any]) -> bytes:
    """The event's data as a gRPC application gets it: bytes by content type, empty for unknown kinds.

    Raises:
        EventError: ``data_base64`` is no base64 text.
    """
    encoded = event.get("data_base64")
    if encoded is not None:
        if not isinstance(encoded, str):
            raise EventError("data_base64 is not a string")
        try:
            return base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise EventError(f"data_base64 is not base64: {error}") from None
    data = event.get("data")
    if isinstance(data, bytes):
        return data
    kind = event.get("datacontenttype")
    if data is None or not isinstance(kind, str):
        return b""
    if is_string(kind):
        return data.encode(errors="replace") if isinstance(data, str) else b""
    if is_json(kind) or is_cloudevent(kind):
        return jsonx.dumps(data)
    return b""


def extensions(event: Mapping[str, Any]) -> dict[str, Any]:
    """All attributes that the gRPC request has no field of its own for."""
    return {key: value for key, value in event.items() if key not in _ATTRIBUTES_OF_THE_REQUEST}


def _decode(data: bytes) -> dict[str, Any]:
    try:
        event = jsonx.loads_exact(data)
    except jsonx.JSONError as error:
        raise EventError(str(error)) from None
    if not isinstance(event, dict):
        raise EventError(jsonx.mismatch(event, "map[string]interface {}"))
    return event


def _from_binary_mode(data: bytes, content_type: str, metadata: Mapping[str, str]) -> dict[str, Any]:
    """Attributes came as ``ce_*`` metadata, the data as it is."""
    event: dict[str, Any] = {}
    for key, value in metadata.items():
        folded = key.lower()
        if folded.startswith(_BINARY_PREFIX):
            event[folded[len(_BINARY_PREFIX) :]] = value
    event["data"] = data
    event["datacontenttype"] = content_type
    return event


def _adopt_trace(event: dict[str, Any], metadata: Mapping[str, str]) -> None:
    """Fill trace fields that the event lacks from the message; ``traceparent`` also stands for ``traceid``."""
    if "traceid" not in event and "traceid" in metadata:
        event["traceid"] = metadata["traceid"]
    if "traceparent" not in event and "traceparent" in metadata:
        event["traceparent"] = event["traceid"] = metadata["traceparent"]
    if "tracestate" not in event and "tracestate" in metadata:
        event["tracestate"] = metadata["tracestate"]
