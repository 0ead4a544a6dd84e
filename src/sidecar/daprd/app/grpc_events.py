"""Topic events as applications and streaming subscribers get them over gRPC (building-blocks.md §1.12).

Pure functions: an event becomes the message that carries it, what an application says becomes verdicts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dapr_core import events
from dapr_core.jsonx import Number
from dapr_core.proto.gen.google.protobuf import struct_pb2
from dapr_core.proto.gen.runtime.v1 import appcallback_pb2 as pb
from daprd.app.contract import TopicEvent, Verdict

VERDICTS: Final = (Verdict.SUCCESS, Verdict.RETRY, Verdict.DROP)
"""By the number of ``TopicEventResponse.TopicEventResponseStatus``."""

_DEEPEST: Final = 100
"""How deep protobuf's parsers follow nested values."""


def verdict_of(status: int) -> Verdict:
    """What a status means; one that nobody defined asks for the message again."""
    return VERDICTS[status] if 0 <= status < len(VERDICTS) else Verdict.RETRY


def topic_event_request(event: TopicEvent) -> pb.TopicEventRequest:
    """The message that carries an event. Raises ``EventError`` for data that is not what it says it is."""
    envelope = event.envelope
    request = pb.TopicEventRequest(
        id=_text(envelope, "id"),
        source=_text(envelope, "source"),
        type=_text(envelope, "type"),
        spec_version=_text(envelope, "specversion"),
        data_content_type=_text(envelope, "datacontenttype"),
        topic=event.topic,
        pubsub_name=event.pubsub,
        path=event.path,
        data=events.payload(envelope),
    )
    fill(request.extensions, events.extensions(envelope))
    return request


def _text(envelope: Mapping[str, Any], name: str) -> str:
    value = envelope.get(name)
    return value if isinstance(value, str) else ""


def fill(struct: struct_pb2.Struct, values: Mapping[str, Any]) -> None:
    """Put JSON values into a Struct, which knows floating-point numbers only."""
    fields = struct.fields
    for name, value in values.items():
        _set(fields[name], value, _DEEPEST)


def _set(target: struct_pb2.Value, value: Any, left: int) -> None:
    if isinstance(value, str):
        target.string_value = value
    elif value is None or left <= 0:
        target.null_value = 0
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int | float | Number):
        target.number_value = float(value)
    elif isinstance(value, Mapping):
        target.struct_value.SetInParent()
        for name, item in value.items():
            _set(target.struct_value.fields[name], item, left - 1)
    elif isinstance(value, list | tuple):
        target.list_value.SetInParent()
        for item in value:
            _set(target.list_value.values.add(), item, left - 1)
    else:
        target.string_value = str(value)
