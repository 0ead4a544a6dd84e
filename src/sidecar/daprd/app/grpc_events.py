"""Topic events as applications and streaming subscribers get them over gRPC (building-blocks.md §1.12).

Pure functions: an event becomes the message that carries it, what an application says becomes verdicts.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from google.protobuf.message import DecodeError

from dapr_core import events, jsonx
from dapr_core.jsonx import Number
from dapr_core.proto.gen.google.protobuf import struct_pb2
from dapr_core.proto.gen.runtime.v1 import appcallback_pb2 as pb
from dapr_core.rpc.grpc.status import Code, Status, encode_binary
from dapr_core.rpc.messages import Headers
from dapr_core.telemetry.tracecontext import NO_SPAN, parse_traceparent
from dapr_core.telemetry.tracecontext import encode_binary as encode_trace
from daprd.app.contract import AppAnswerError, TopicEvent, Verdict
from daprd.app.topics import ZERO_TRACEPARENT, event_headers, traceparent_of
from daprd.catalogue.invoke import grpc_name

log = logging.getLogger("dapr.runtime.processor.pubsub.subscription.grpc")

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


# -- batches


def bulk_request(path: str, body: bytes) -> pb.TopicEventBulkRequest:
    """The message that carries a batch, made from its JSON envelope."""
    envelope = jsonx.loads_exact(body)
    request = pb.TopicEventBulkRequest(
        id=_text(envelope, "id"),
        metadata=envelope.get("metadata") or {},
        topic=_text(envelope, "topic"),
        pubsub_name=_text(envelope, "pubsubname"),
        type=_text(envelope, "type"),
        path=path,
    )
    for item in envelope["entries"]:
        entry = request.entries.add(entry_id=item["entryId"], metadata=item.get("metadata") or {})
        event = item["event"]
        if isinstance(event, str):
            entry.bytes = base64.b64decode(event)
        else:
            _fill_event(entry.cloud_event, event)
    return request


def _fill_event(target: pb.TopicEventCERequest, envelope: Mapping[str, Any]) -> None:
    target.id = _text(envelope, "id")
    target.source = _text(envelope, "source")
    target.type = _text(envelope, "type")
    target.spec_version = _text(envelope, "specversion")
    target.data_content_type = _text(envelope, "datacontenttype")
    target.data = events.payload(envelope)
    fill(target.extensions, events.extensions(envelope))


def bulk_verdicts(answer: pb.TopicEventBulkResponse, entry_ids: Sequence[str]) -> dict[str, Verdict]:
    """A verdict for every entry sent; what the application does not mention is tried again."""
    verdicts = dict.fromkeys(entry_ids, Verdict.RETRY)
    for item in answer.statuses:
        if item.entry_id in verdicts:
            verdicts[item.entry_id] = verdict_of(item.status)
        else:
            log.warning("app answered for an entry it was not sent: %s", item.entry_id[:100])
    return verdicts


# -- failures


def verdict_of_failure(status: Status, event_id: str) -> Verdict:
    """What a failing answer says about an event: without the method it is dropped.

    Raises:
        AppAnswerError: any other failure; the event may be tried again.
    """
    if status.code == Code.UNIMPLEMENTED:
        log.warning("non-retriable error returned from app while processing pub/sub event %s: %s",
                    event_id, go_text(status))  # fmt: skip
        return Verdict.DROP
    message = f"error returned from app while processing pub/sub event {event_id}: {go_text(status)}"
    log.debug("%s", message)
    raise AppAnswerError(message, int(status.code))


def go_text(status: Status) -> str:
    """A status as Go prints it, which is what logs and messages hold."""
    return f"rpc error: code = {grpc_name(int(status.code))} desc = {status.message}"


def details_of(status: Status) -> list[bytes]:
    """The details of a status, each a serialized ``google.protobuf.Any``; what cannot be read is left out."""
    if status.details is None:
        return []
    from dapr_core.proto.gen.google.rpc import status_pb2  # only failures with details need it

    try:
        return [detail.SerializeToString() for detail in status_pb2.Status.FromString(status.details).details]
    except DecodeError:
        return []


# -- metadata


def event_metadata(metadata: Mapping[str, str], trace_from: Mapping[str, Any], *, tracing: bool) -> Headers:
    """A message's metadata as fields of its callback, with the trace context of its event, if that has one."""
    fields = [pair for pair in event_headers(metadata, "") if pair[0] not in _NOT_METADATA]
    trace = traceparent_of(trace_from) if tracing else None
    return fields if trace is None else [*fields, *_context(trace)]


def trace_metadata(metadata: Mapping[str, str], *, tracing: bool) -> Headers:
    """The trace context of a binding's event: its own, or all zeros."""
    if not tracing:
        return []
    given = {key.lower(): value for key, value in metadata.items()}
    return _context(traceparent_of(given) or ZERO_TRACEPARENT)


def plain_metadata(metadata: Mapping[str, str]) -> dict[str, str]:
    """A binding's metadata without the trace context, which goes its own way."""
    return {key: value for key, value in metadata.items() if key.lower() not in ("traceparent", "tracestate")}


def _context(traceparent: bytes) -> Headers:
    span = parse_traceparent(traceparent) or NO_SPAN
    return [(b"traceparent", span.traceparent), (b"grpc-trace-bin", encode_binary(encode_trace(span)))]


_NOT_METADATA: Final = frozenset({b"content-type", b"traceparent", b"tracestate", b"user-agent", b"grpc-trace-bin"})
