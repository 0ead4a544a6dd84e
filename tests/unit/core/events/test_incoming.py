"""A broker's message becomes the event that applications, rules and gRPC see."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core import events
from dapr_core.events import Incoming

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


def receive(data: bytes, **changes: Any) -> Incoming:
    arguments: dict[str, Any] = {
        "topic": "raw",
        "pubsub": "bus",
        "content_type": "",
        "raw": False,
        "new_id": lambda: "an-id",
        "metadata": {},
    }
    return events.receive(data, **(arguments | changes))


def test_a_raw_payload_is_wrapped_without_a_time() -> None:
    got = receive(b'{"raw":1}', raw=True)
    assert got.body == (
        b'{"data_base64":"eyJyYXciOjF9","datacontenttype":"application/octet-stream","id":"an-id","pubsubname":"bus",'
        b'"source":"Dapr","specversion":"1.0","topic":"raw","type":"com.dapr.event.sent"}'
    )
    assert events.payload(got.event) == b'{"raw":1}'
    assert events.extensions(got.event) == {"topic": "raw", "pubsubname": "bus"}


def test_trace_fields_of_a_raw_message_come_from_its_metadata() -> None:
    event = receive(b"x", raw=True, metadata={"traceid": "i", "traceparent": "p", "tracestate": "s"}).event
    assert (event["traceid"], event["traceparent"], event["tracestate"]) == ("p", "p", "s")
    assert "traceparent" not in receive(b"x", raw=True, metadata={"traceid": "i"}).event


def test_an_event_is_delivered_as_its_own_bytes() -> None:
    data = b'{ "b":1.50, "a":"<" }'
    got = receive(data, metadata={"traceparent": "p"})
    assert got.body is data
    assert got.event["traceid"] == got.event["traceparent"] == "p"


def test_trace_fields_that_an_event_has_are_kept() -> None:
    event = receive(b'{"traceid":"i","traceparent":"p"}', metadata={"traceparent": "q", "traceid": "j"}).event
    assert (event["traceid"], event["traceparent"]) == ("i", "p")


def test_binary_mode_takes_attributes_from_metadata() -> None:
    got = receive(
        b"\x00\xff", content_type="application/octet-stream", metadata={"CE_Type": "t", "ce_id": "1", "other": "x"}
    )
    assert got.body == b"\x00\xff"
    assert got.event == {"type": "t", "id": "1", "data": b"\x00\xff", "datacontenttype": "application/octet-stream"}
    assert events.payload(got.event) == b"\x00\xff"


@pytest.mark.parametrize("data", [b"text", b"[1]", b"null", b"", b'{"a":'], ids=repr)
def test_what_is_no_event_is_refused(data: bytes) -> None:
    with pytest.raises(events.EventError):
        receive(data)


@pytest.mark.parametrize(
    ("expiration", "expired"),
    [
        ("2026-11-23T19:59:59Z", True),
        ("2026-11-23T20:00:01Z", False),
        ("2026-11-23T21:59:00+02:00", True),
        ("", False),
        ("soon", False),
        (5, False),
        (None, False),
        ("2020-01-01T00:00:00", False),
    ],
    ids=str,
)
def test_an_event_expires_by_its_own_attribute(expiration: object, expired: bool) -> None:
    assert events.has_expired({"expiration": expiration}, NOW) is expired
    assert not events.has_expired({}, NOW)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            {"datacontenttype": "application/json", "data": {"s": "<é>", "n": 1}},
            b'{"n":1,"s":"\\u003c\xc3\xa9\\u003e"}',
        ),
        ({"datacontenttype": "application/json", "data": "drop"}, b'"drop"'),
        ({"datacontenttype": "text/plain", "data": "hello"}, b"hello"),
        ({"datacontenttype": "application/xml", "data": "<a/>"}, b"<a/>"),
        ({"datacontenttype": "text/plain", "data": 5}, b""),
        ({"datacontenttype": "application/octet-stream", "data_base64": "AAEC"}, b"\x00\x01\x02"),
        ({"datacontenttype": "foo/bar", "data": "x"}, b""),
        ({"data": "x"}, b""),
        ({}, b""),
    ],
    ids=str,
)
def test_a_grpc_application_gets_data_by_content_type(event: dict[str, Any], expected: bytes) -> None:
    assert events.payload(event) == expected


@pytest.mark.parametrize("value", ["%%%", 5, "A"], ids=repr)
def test_bad_base64_cannot_be_delivered_by_grpc(value: object) -> None:
    with pytest.raises(events.EventError, match="data_base64"):
        events.payload({"data_base64": value})


def test_extensions_are_all_attributes_without_a_field_of_their_own() -> None:
    event = {"id": "1", "source": "s", "type": "t", "specversion": "1.0", "datacontenttype": "a/b", "data": 1, "x": [2]}
    assert events.extensions(event) == {"x": [2]}


@given(
    st.binary(max_size=60) | st.text('{}[]":,abc0123', max_size=30).map(str.encode),
    st.sampled_from(["", "application/json", "application/octet-stream", "text/plain"]),
    st.booleans(),
    st.dictionaries(st.sampled_from(["traceid", "traceparent", "tracestate", "ce_id", "CE_type"]), st.text(max_size=5)),
)
def test_any_bytes_are_an_event_or_refused(data: bytes, kind: str, raw: bool, metadata: dict[str, str]) -> None:
    try:
        got = receive(data, content_type=kind, raw=raw, metadata=metadata)
    except events.EventError:
        assert not raw
        assert kind != "application/octet-stream"
    else:
        assert got.body == data or raw
        assert events.has_expired(got.event, NOW) in (True, False)
        assert isinstance(events.extensions(got.event), dict)
