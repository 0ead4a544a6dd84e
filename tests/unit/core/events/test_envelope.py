"""Published payloads get the envelope that the original writes, byte for byte."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core import events, jsonx

NOW = datetime(2026, 11, 23, 20, 17, 38, 123456, tzinfo=UTC)
W3C = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def compose(data: bytes, content_type: str, **changes: Any) -> bytes:
    arguments: dict[str, Any] = {
        "topic": "single",
        "pubsub": "bus",
        "source": "cbapp",
        "now": NOW,
        "new_id": lambda: "an-id",
    }
    return events.compose(data, content_type=content_type, **(arguments | changes))


def new_envelope(data_field: str, content_type: str, *, trace: str = "", state: str = "") -> bytes:
    return (
        f'{{{data_field},"datacontenttype":"{content_type}","id":"an-id","pubsubname":"bus","source":"cbapp",'
        f'"specversion":"1.0","time":"2026-11-23T20:17:38Z","topic":"single","traceid":"{trace}",'
        f'"traceparent":"{trace}","tracestate":"{state}","type":"com.dapr.event.sent"}}'
    ).encode()


# Payload, content type and the data field an application received (recordings of the original, app callbacks).
RECORDED = {
    "JSON": (b'{"n": 1}', "application/json", '"data":{"n":1}'),
    "text": (b"hello", "text/plain", '"data":"hello"'),
    "bytes": (b"\x00\x01\x02", "application/octet-stream", '"data_base64":"AAEC"'),
    "xml": (b"<a/>", "application/xml", '"data":"\\u003ca/\\u003e"'),
    "bad JSON": (b"{bad", "application/json", '"data":"{bad"'),
    "HTML characters and floats": (
        b'{"h": "<&>\\u00e9", "f": 1.5, "big": 12345678901234567890}',
        "application/json",
        '"data":{"big":12345678901234567890,"f":1.5,"h":"\\u003c\\u0026\\u003eé"}',
    ),
    "JSON string": (b'"drop"', "application/json", '"data":"drop"'),
    "JSON with parameters": (b"[1]", "Application/JSON; charset=utf-8", '"data":[1]'),
    "unknown type": (b"{}", "foo/bar", '"data":"{}"'),
    "CloudEvents protobuf": (b"\xff", "application/cloudevents+protobuf", '"data_base64":"/w=="'),
    "protobuf that is an event": (b"\x0a\x01a", "application/x-protobuf", '"data_base64":"CgFh"'),
    "protobuf that is none": (b"\x0a\x05a", "application/x-protobuf", '"data":"\\n\\u0005a"'),
    "no UTF-8": (b"a\xffb", "text/plain", '"data":"a\\ufffdb"'),
}


@pytest.mark.parametrize(("data", "content_type", "data_field"), RECORDED.values(), ids=RECORDED)
def test_a_payload_is_carried_by_its_content_type(data: bytes, content_type: str, data_field: str) -> None:
    assert compose(data, content_type) == new_envelope(data_field, content_type)


def test_no_content_type_means_plain_text() -> None:
    assert compose(b"hello", "") == new_envelope('"data":"hello"', "text/plain")


def test_the_trace_context_stands_in_the_envelope() -> None:
    got = compose(b'{"n": 1}', "application/json", trace=events.Trace(W3C, "a=b"))
    assert got == new_envelope('"data":{"n":1}', "application/json", trace=W3C, state="a=b")


def test_metadata_overrides_attributes() -> None:
    names = ("id", "source", "type", "subject", "traceid", "traceparent", "tracestate")
    metadata = {f"CloudEvent.{name}": f"o-{name}" for name in names} | {"cloudevent.topic": "x", "foo": "bar"}
    got = compose(b'{"n": 2}', "application/json", metadata=metadata)
    assert got == (
        b'{"data":{"n":2},"datacontenttype":"application/json","id":"o-id","pubsubname":"bus","source":"o-source",'
        b'"specversion":"1.0","subject":"o-subject","time":"2026-11-23T20:17:38Z","topic":"single",'
        b'"traceid":"o-traceparent","traceparent":"o-traceparent","tracestate":"o-tracestate","type":"o-type"}'
    )


def test_a_trace_id_override_counts_when_no_traceparent_is_given() -> None:
    event = json.loads(compose(b"x", "text/plain", metadata={"cloudevent.traceid": "t"}, trace=events.Trace(W3C)))
    assert (event["traceid"], event["traceparent"]) == ("t", "t")


def test_empty_overrides_fall_back_to_the_library_defaults() -> None:
    metadata = {"cloudevent.id": "", "cloudevent.source": "", "cloudevent.type": "", "cloudevent.subject": ""}
    event = json.loads(compose(b"x", "text/plain", metadata=metadata))
    assert (event["id"], event["source"], event["type"]) == ("an-id", "Dapr", "com.dapr.event.sent")
    assert "subject" not in event


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"ttlInSeconds": "60"}, "2026-11-23T20:18:38Z"),
        ({"TTLINSECONDS": "60"}, "2026-11-23T20:18:38Z"),
        ({"ttl": "1m30s"}, "2026-11-23T20:19:08Z"),
        ({"ttl": "2", "ttlInSeconds": "60"}, "2026-11-23T20:17:40Z"),
        ({"ttlInSeconds": "0"}, None),
        ({"ttlInSeconds": "-5"}, None),
        ({"ttlInSeconds": "soon"}, None),
        ({"ttlInSeconds": ""}, None),
        ({"ttlInSeconds": "1.5"}, None),
        ({"other": "60"}, None),
        ({"ttlInSeconds": "9" * 18}, "2319-03-05T20:04:54Z"),
    ],
    ids=str,
)
@pytest.mark.parametrize("content_type", ["application/json", "application/cloudevents+json"])
def test_a_time_to_live_sets_the_expiration(metadata: dict[str, str], expected: str | None, content_type: str) -> None:
    event = json.loads(compose(b"{}", content_type, metadata=metadata))
    assert event.get("expiration") == expected
    event = json.loads(compose(b"{}", content_type, metadata=metadata, handles_ttl=True))
    assert "expiration" not in event


def test_time_is_shown_in_the_zone_given() -> None:
    zone = timezone(timedelta(hours=2))
    assert json.loads(compose(b"x", "text/plain", now=NOW.astimezone(zone)))["time"] == "2026-11-23T22:17:38+02:00"


def test_a_clients_event_is_kept_and_completed() -> None:
    given_event = (
        b'{"specversion": "1.0", "id": "my-id", "source": "me", "type": "my.type", "datacontenttype": '
        b'"application/json", "data": {"x": 1}, "ext1": "e", "time": "2020-01-01T00:00:00Z", "topic": "other"}'
    )
    assert compose(given_event, "application/cloudevents+json; charset=utf-8") == (
        b'{"data":{"x":1},"datacontenttype":"application/json","ext1":"e","id":"my-id","pubsubname":"bus",'
        b'"source":"me","specversion":"1.0","time":"2020-01-01T00:00:00Z","topic":"single","traceid":"",'
        b'"traceparent":"","tracestate":"","type":"my.type"}'
    )


def test_a_minimal_event_gets_defaults_but_no_id() -> None:
    assert compose(b'{"data": "x"}', "application/cloudevents+json") == (
        b'{"data":"x","pubsubname":"bus","source":"Dapr","specversion":"1.0","time":"2026-11-23T20:17:38Z",'
        b'"topic":"single","traceid":"","traceparent":"","tracestate":"","type":"com.dapr.event.sent"}'
    )


def test_trace_fields_of_a_clients_event_are_kept_or_set_as_a_whole() -> None:
    trace = events.Trace(W3C, "a=b")
    kept = json.loads(compose(b'{"traceid":5,"traceparent":{"x":1},"tracestate":true}', CE, trace=trace))
    assert (kept["traceid"], kept["traceparent"], kept["tracestate"]) == (5, {"x": 1}, True)
    replaced = json.loads(compose(b'{"traceparent":"old"}', CE, trace=trace))
    assert (replaced["traceid"], replaced["traceparent"], replaced["tracestate"]) == (W3C, W3C, "a=b")


CE = events.CLOUDEVENTS_JSON


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"[]", "json: cannot unmarshal array into Go value of type map[string]interface {}"),
        (b"null", "json: cannot unmarshal null into Go value of type map[string]interface {}"),
        (b'{"a":1', "unexpected EOF"),
        (b"", "EOF"),
        (b"{} x", "invalid character 'x' after top-level value"),
    ],
    ids=["array", "null", "truncated", "empty", "trailing"],
)
def test_what_is_no_object_is_no_event(data: bytes, text: str) -> None:
    with pytest.raises(events.EventError) as caught:
        compose(data, CE)
    assert str(caught.value) == text


@pytest.mark.parametrize("word", ["1", "t", "T", "TRUE", "true", "True"])
def test_gos_true_words_ask_for_a_raw_payload(word: str) -> None:
    assert events.is_raw_payload({"rawPayload": word})


@pytest.mark.parametrize(
    "metadata", [{}, {"rawPayload": "false"}, {"rawPayload": "0"}, {"rawpayload": "true"}], ids=str
)
def test_anything_else_does_not(metadata: dict[str, str]) -> None:
    assert not events.is_raw_payload(metadata)


@pytest.mark.parametrize("word", ["yes", "", "tRUE"])
def test_a_raw_payload_value_that_is_no_boolean_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=f"^rawPayload value must be a valid boolean: actual is '{word}'$"):
        events.is_raw_payload({"rawPayload": word})


@given(
    st.binary(max_size=60) | st.text().map(str.encode),
    st.sampled_from(["application/json", "text/plain", "application/octet-stream", "application/x-protobuf", ""]),
    st.dictionaries(st.sampled_from(["cloudevent.id", "cloudevent.subject", "ttl"]), st.text(max_size=5)),
    st.text(max_size=8),
)
def test_every_envelope_is_canonical_json_that_holds_the_payload(
    data: bytes, content_type: str, metadata: dict[str, str], topic: str
) -> None:
    got = compose(data, content_type, metadata=metadata, topic=topic)
    event = jsonx.loads_exact(got)
    assert jsonx.dumps(event) == got.replace(b"\\ufffd", "�".encode())
    assert event["topic"] == topic
    if "data_base64" in event:
        assert base64.b64decode(event["data_base64"]) == data
    elif content_type == "text/plain":
        assert event["data"] == "".join(
            "�" if "\ud7ff" < c < "\ue000" else c for c in data.decode(errors="surrogateescape")
        )
