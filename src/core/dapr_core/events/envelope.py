"""Build the envelope of a published message.

The bytes are those of Go's encoder for a sorted map; since the attributes of a new envelope are known, their order is
written down here and only the values are encoded. Attributes: building-blocks.md §1.3; events given by the client:
§1.4.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from dapr_core import jsonx
from dapr_core.events.content_types import is_cloudevent, is_encoded, is_json
from dapr_core.events.metadata import expiration, overrides, rfc3339

DEFAULT_SOURCE: Final = "Dapr"
DEFAULT_TYPE: Final = "com.dapr.event.sent"
DEFAULT_CONTENT_TYPE: Final = "text/plain"
SPEC_VERSION: Final = "1.0"


class EventError(ValueError):
    """A payload that claims to be a CloudEvent is none; the text is the decoder's."""


class Trace(NamedTuple):
    """The trace context of a message: W3C ``traceparent`` and ``tracestate``, empty when there is none."""

    parent: str = ""
    state: str = ""


NO_TRACE = Trace()
_NO_METADATA: Mapping[str, str] = {}


def compose(
    data: bytes,
    *,
    topic: str,
    pubsub: str,
    source: str,
    content_type: str,
    now: datetime,
    new_id: Callable[[], str],
    trace: Trace = NO_TRACE,
    metadata: Mapping[str, str] = _NO_METADATA,
    handles_ttl: bool = False,
) -> bytes:
    """The bytes for the broker: ``adopt`` for a CloudEvent, ``wrap`` for anything else. Raises ``EventError``."""
    if content_type and is_cloudevent(content_type):
        return adopt(data, topic=topic, pubsub=pubsub, now=now, trace=trace, metadata=metadata, handles_ttl=handles_ttl)
    return wrap(
        data,
        topic=topic,
        pubsub=pubsub,
        source=source,
        content_type=content_type,
        now=now,
        new_id=new_id,
        trace=trace,
        metadata=metadata,
        handles_ttl=handles_ttl,
    )


def wrap(
    data: bytes,
    *,
    topic: str,
    pubsub: str,
    source: str,
    content_type: str,
    now: datetime,
    new_id: Callable[[], str],
    trace: Trace = NO_TRACE,
    metadata: Mapping[str, str] = _NO_METADATA,
    handles_ttl: bool = False,
) -> bytes:
    """A new envelope around a payload that is no CloudEvent.

    Args:
        data: the payload as the client sent it.
        topic: the topic asked for, without a namespace prefix.
        pubsub: the component's name.
        source: the application's id.
        content_type: the payload's; empty means ``text/plain``.
        now: aware, in the zone the envelope's ``time`` shall show.
        new_id: gives the event's id, unless metadata sets one.
        trace: the context of the publishing span.
        metadata: the request's; ``cloudevent.*`` override attributes, a TTL sets ``expiration``.
        handles_ttl: the component keeps time to live itself, so that the envelope gets no ``expiration``.
    """
    given = overrides(metadata) if metadata else {}
    expires = expiration(metadata, now) if metadata and not handles_ttl else None
    parent = given.get("traceparent") or given.get("traceid") or trace.parent
    subject = given.get("subject")
    quote = jsonx.quote
    content_type = content_type or DEFAULT_CONTENT_TYPE
    traced = quote(parent) if parent else '""'
    expiring = f',"expiration":"{expires}"' if expires else ""
    about = f',"subject":{quote(subject)}' if subject else ""
    attributes = (
        f',"datacontenttype":{quote(content_type)}{expiring}'
        f',"id":{quote(given.get("id") or new_id())}'
        f',"pubsubname":{quote(pubsub)}'
        f',"source":{quote(given.get("source", source) or DEFAULT_SOURCE)}'
        f',"specversion":"{SPEC_VERSION}"{about}'
        f',"time":"{rfc3339(now)}"'
        f',"topic":{quote(topic)}'
        f',"traceid":{traced},"traceparent":{traced}'
        f',"tracestate":{quote(given.get("tracestate", trace.state))}'
        f',"type":{quote(given.get("type") or DEFAULT_TYPE)}}}'
    )
    return _data_field(data, content_type) + attributes.encode()


def adopt(
    data: bytes,
    *,
    topic: str,
    pubsub: str,
    now: datetime,
    trace: Trace = NO_TRACE,
    metadata: Mapping[str, str] = _NO_METADATA,
    handles_ttl: bool = False,
) -> bytes:
    """The client's own CloudEvent, with what is missing filled in and ``topic`` and ``pubsubname`` set.

    Raises:
        EventError: the payload is no JSON object.
    """
    try:
        event = jsonx.outline_exact(data, levels=1)
    except jsonx.JSONError as error:
        raise EventError(error.stream_text) from None
    if not isinstance(event, dict):
        raise EventError(jsonx.mismatch(event, "map[string]interface {}"))
    _complete(event, now, trace)
    event["topic"] = topic
    event["pubsubname"] = pubsub
    expires = expiration(metadata, now) if metadata and not handles_ttl else None
    if expires:
        event["expiration"] = expires
    return jsonx.dumps_decoded(event)


def _complete(event: dict[str, Any], now: datetime, trace: Trace) -> None:
    """Fill in defaults; a trace is set as a whole, never half (§1.4)."""
    if event.get("source") is None:
        event["source"] = DEFAULT_SOURCE
    if event.get("type") is None:
        event["type"] = DEFAULT_TYPE
    if event.get("specversion") is None:
        event["specversion"] = SPEC_VERSION
    if "time" not in event:
        event["time"] = rfc3339(now)
    if "traceid" not in event:
        event["traceid"] = event["traceparent"] = trace.parent
    if "tracestate" not in event:
        event["tracestate"] = trace.state


def _data_field(data: bytes, content_type: str) -> bytes:
    """The envelope's beginning: the payload as JSON, as text or as base64, by its content type."""
    if is_json(content_type):
        try:
            return b'{"data":' + jsonx.canonical(data)
        except jsonx.JSONError:
            pass  # not what it says it is: kept as text, as any other text
    elif is_encoded(content_type, data):
        return b'{"data_base64":"' + base64.b64encode(data) + b'"'
    return b'{"data":' + jsonx.quote(data.decode(errors="surrogateescape")).encode()
