"""Hostile bytes against the readers of messages: the internal wire, events, mDNS, API bodies, trace contexts, times and
expressions. Each takes what it reads or refuses it by its own error; where somebody else reads the same, both agree.

hypothesis runs here with the suite; for long runs with coverage guidance see ``support.guided``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from google.protobuf.message import DecodeError
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dapr_components.nameresolution import announcement
from dapr_components.nameresolution.dnsmessage import MalformedError
from dapr_components.nameresolution.dnsmessage import Message as Datagram
from dapr_core import jsonx
from dapr_core.errors import DaprError
from dapr_core.events import EventError
from dapr_core.events.incoming import has_expired, payload, receive
from dapr_core.events.protobuf_form import looks_like_cloudevent
from dapr_core.proto.gen.internals.v1 import service_invocation_pb2 as pb
from dapr_core.rpc.messages import Response
from dapr_core.telemetry import tracecontext
from dapr_core.timing.cron import parse_schedule
from dapr_core.timing.duration import parse_nanoseconds
from dapr_core.timing.instant import parse_rfc3339
from dapr_core.timing.iso8601 import parse_moment, parse_period
from daprd.api.http.state_bodies import BodyError, bulk_get_body, save_items, transaction_body
from daprd.app.contract import AppChannelError, TopicEvent
from daprd.app.topics import SubscriptionsError, bulk_verdicts_of, parse_subscriptions, verdict_of
from daprd.mesh import codec
from daprd.policy.cel import (
    BadExpressionError,
    compile_expression,
    library,  # noqa: F401  # it changes the recursion limit when it is loaded: before a test, not within
)
from daprd.policy.cel.values import CELError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVENT = TopicEvent("/e", "bus", "t", {"id": "1"}, b"{}", "application/json")


# --- The targets: bytes in; anything but what they expect is a defect


def fuzz_internal_requests(data: bytes) -> None:
    """Any bytes are read or refused; what protobuf has read and written anew is read as protobuf reads it."""
    _read(codec.decode_request, data)
    try:
        message = pb.InternalInvokeRequest.FromString(data)
    except DecodeError:
        return
    got = _read(codec.decode_request, _known(message))
    if got is None:
        return
    inner = message.message
    assert (got.method, got.content_type) == (inner.method, inner.content_type.encode())
    assert (got.data, got.type_url) == (inner.data.value, inner.data.type_url.encode())
    assert (got.has_message, got.has_extension) == (message.HasField("message"), inner.HasField("http_extension"))
    assert got.query == inner.http_extension.querystring.encode()
    wanted = sorted((key.encode(), [value.encode() for value in item.values]) for key, item in message.metadata.items())
    assert sorted((spelt, list(values)) for _, values, spelt in got.entries) == wanted


def fuzz_internal_responses(data: bytes) -> None:
    """As for requests."""
    _read(codec.decode_response, data)
    try:
        message = pb.InternalInvokeResponse.FromString(data)
    except DecodeError:
        return
    got = _read(codec.decode_response, _known(message))
    if got is None:
        return
    assert (got.data, got.content_type) == (message.message.data.value, message.message.content_type.encode())
    assert got.message == message.status.message
    assert got.status_details == [detail.SerializeToString() for detail in message.status.details]


def fuzz_internal_chunks(data: bytes) -> None:
    """Messages of the streaming form."""
    _read(codec.decode_chunk, data)
    for kind, field in ((pb.InternalInvokeRequestStream, "request"), (pb.InternalInvokeResponseStream, "response")):
        try:
            message: Any = kind.FromString(data)
        except DecodeError:
            continue
        got = _read(codec.decode_chunk, _known(message))
        assert got is not None
        assert (got.data, got.seq) == (message.payload.data, message.payload.seq)
        assert (got.leading is not None) == message.HasField(field)


def _known(message: Any) -> bytes:
    """A message without the fields that protobuf has kept unread; it keeps even groups that are none."""
    message.DiscardUnknownFields()
    data: bytes = message.SerializeToString()
    return data


def _read(decode: Callable[[bytes], Any], data: bytes) -> Any:
    try:
        return decode(data)
    except (codec.CodecError, codec.HeaderError):
        return None


def fuzz_events(data: bytes) -> None:
    """A broker's message as an event, in each mode, and what delivery asks of it."""
    looks_like_cloudevent(data)
    head, _, body = data.partition(b"\n")
    kind = head.decode("latin-1")
    metadata = {"ce_id": kind, "ce_type": kind, "traceparent": kind, "cloudEvent.x": kind}
    for content_type, raw in (("", False), (kind, False), ("application/octet-stream", False), ("", True)):
        try:
            got = receive(
                body, topic="t", pubsub="bus", content_type=content_type, raw=raw, new_id=lambda: "1", metadata=metadata
            )
            has_expired(got.event, NOW)
            payload(got.event)
        except EventError:
            continue


def fuzz_answers_to_events(data: bytes) -> None:
    """What an application says: its subscriptions, and its verdicts."""
    try:
        parse_subscriptions(data)
    except SubscriptionsError:
        pass
    for status in (200, 404, 500):
        for read in (lambda r: verdict_of(r, EVENT), lambda r: bulk_verdicts_of(r, ["1", "2"])):
            try:
                read(Response(status, [], data))
            except AppChannelError:
                pass


def fuzz_datagrams(data: bytes) -> None:
    """mDNS: a message or a refusal; a message written anew is the same, and never finds what was not announced."""
    try:
        message = Datagram.decode(data)
    except MalformedError:
        return
    assert all(b"app" in data.lower() for _ in announcement.read(message, "app"))
    again = Datagram.decode(message.encode())
    assert len(again.answers) == len(message.answers)


def fuzz_state_bodies(data: bytes) -> None:
    """The bodies of the state API."""
    for read in (save_items, bulk_get_body, transaction_body):
        try:
            read(data)
        except (BodyError, DaprError):
            pass


def fuzz_json(data: bytes) -> None:
    """All ways to read JSON accept the same documents, as Python's own reader does but for its extensions."""
    outcomes = set()
    for read in (jsonx.loads, jsonx.loads_exact, jsonx.loads_go):
        try:
            read(data)
        except jsonx.JSONError:
            outcomes.add(False)
        else:
            outcomes.add(True)
    assert len(outcomes) == 1 or b"e" in data.lower()  # a float that Go's float64 cannot hold
    if True in outcomes:
        json.loads(data.decode("utf-8", "replace"))
        exact = jsonx.loads_exact(data)
        assert jsonx.loads_exact(jsonx.dumps(exact)) == exact


def fuzz_trace_contexts(data: bytes) -> None:
    """Trace contexts in text and in binary; what was read can be written and read again."""
    context = tracecontext.parse_traceparent(data, data)
    tracecontext.parse_tracestate(data)
    binary = tracecontext.decode_binary(data)
    for found in (context, binary):
        if found is not None:
            again = tracecontext.decode_binary(tracecontext.encode_binary(found))
            assert again is not None
            assert (again.trace_id, again.span_id) == (found.trace_id, found.span_id)


def fuzz_times(data: bytes) -> None:
    """Schedules, durations, instants and periods."""
    text = data.decode("utf-8", "replace")
    for parse in (parse_schedule, parse_nanoseconds, parse_rfc3339, parse_period, lambda text: parse_moment(text, NOW)):
        try:
            parse(text)
        except ValueError:
            pass


def fuzz_expressions(data: bytes) -> None:
    """Routing rules: an expression that compiles gives a value or an error of its own."""
    try:
        program = compile_expression(data.decode("utf-8", "replace"))
    except BadExpressionError:
        return
    try:
        program({"event": {"type": "a", "data": {"n": 1, "list": [1, "b"]}}})
    except (CELError, BadExpressionError):
        pass


TARGETS: dict[str, Callable[[bytes], None]] = {
    name.removeprefix("fuzz_"): target for name, target in list(globals().items()) if name.startswith("fuzz_")
}


# --- hypothesis on each of them

_KEYS = st.text(max_size=4) | st.sampled_from(
    [
        "key", "value", "etag", "options", "metadata", "operations", "operation", "request", "keys", "parallelism",
        "statuses", "entryId", "status", "pubsubname", "topic", "route", "routes", "rules", "match", "path", "default",
        "data", "data_base64", "datacontenttype", "expiration", "id", "specversion", "retryPolicy", "concurrency",
    ]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=10,
)
DOCUMENT = JSON.map(lambda value: json.dumps(value).encode())


@st.composite
def spoilt(draw: st.DrawFn, sound: st.SearchStrategy[bytes]) -> bytes:
    """Sound bytes with some changed, left out or put in."""
    data = bytearray(draw(sound))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=4))
    return bytes(data)


@st.composite
def protobuf(draw: st.DrawFn, depth: int = 3) -> bytes:
    """Fields of any number and type, messages within messages."""
    out = b""
    for _ in range(draw(st.integers(0, 4))):
        number = draw(st.integers(1, 6))
        if draw(st.booleans()):
            out += bytes([number << 3, draw(st.integers(0, 127))])
        else:
            inner = draw(protobuf(depth - 1)) if depth and draw(st.booleans()) else draw(st.binary(max_size=12))
            inner = inner[:127]
            out += bytes([number << 3 | 2, len(inner)]) + inner
    return out


LABEL = st.sampled_from([b"app", b"_dapr", b"_tcp", b"local", b"x"]) | st.binary(min_size=1, max_size=8)
NAME = st.lists(LABEL, max_size=4).map(lambda labels: b"".join(bytes([len(label)]) + label for label in labels) + b"\0")
RECORD = st.builds(
    lambda name, kind, data: name + kind.to_bytes(2, "big") + b"\0\1\0\0\0\x78" + len(data).to_bytes(2, "big") + data,
    NAME | st.just(b"\xc0\x0c"),
    st.sampled_from([1, 12, 16, 28, 33]),
    st.binary(max_size=20) | NAME | NAME.map(lambda name: b"\0\0\0\0\x1f\x90" + name),
)
DATAGRAM = st.lists(RECORD, max_size=4).map(
    lambda records: b"\0\0\x84\0\0\0" + len(records).to_bytes(2, "big") + b"\0\0\0\0" + b"".join(records)
)


@settings(max_examples=300, deadline=None)
@given(spoilt(protobuf()))
def test_the_internal_wire_is_read_or_refused(data: bytes) -> None:
    fuzz_internal_requests(data)
    fuzz_internal_responses(data)
    fuzz_internal_chunks(data)


@settings(max_examples=300, deadline=None)
@given(spoilt(DOCUMENT))
@example(b"[" * 5000)
@example(b'{"a":1e999}')
def test_documents_are_read_or_refused(data: bytes) -> None:
    fuzz_json(data)
    fuzz_state_bodies(data)
    fuzz_answers_to_events(data)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([b"", b"application/json", b"application/cloudevents+json", b"text/plain", b"\xff"]),
    spoilt(DOCUMENT | protobuf()),
)
def test_messages_of_brokers_are_events_or_refused(kind: bytes, data: bytes) -> None:
    fuzz_events(kind + b"\n" + data)


@settings(max_examples=300, deadline=None)
@given(spoilt(DATAGRAM) | st.binary(max_size=60))
def test_datagrams_are_read_or_refused(data: bytes) -> None:
    fuzz_datagrams(data)


@settings(max_examples=200, deadline=None)
@given(
    spoilt(st.just(b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01") | st.just(b"a=1,b@c=2"))
    | spoilt(st.just(bytes(2) + b"x" * 16 + b"\1" + b"y" * 8 + b"\2\1"))
)
def test_trace_contexts_are_read_or_ignored(data: bytes) -> None:
    fuzz_trace_contexts(data)


@settings(max_examples=300, deadline=None)
@given(
    spoilt(
        st.sampled_from(
            [
                b"0 30 3-6,20 * * MON",
                b"@every 1h30m",
                b"1h2m3.5s",
                b"P1Y2M3DT4H5M6S",
                b"R5/PT1S",
                b"2026-01-01T00:00:00.5+01:00",
                b"TZ=Europe/Berlin 0 0 * * *",
            ]
        )
    )
)
def test_times_are_read_or_refused(data: bytes) -> None:
    fuzz_times(data)


@settings(max_examples=200, deadline=None)
@given(
    spoilt(
        st.sampled_from(
            [
                b'event.type == "a" && event.data.n > 0',
                b"has(event.data.list) || size(event.type) in [1]",
                b'event.type.startsWith("a") ? 1 : -2.5',
            ]
        )
    )
)
def test_expressions_compile_or_are_refused(data: bytes) -> None:
    fuzz_expressions(data)
