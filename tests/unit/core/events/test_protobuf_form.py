"""Bytes count as a CloudEvents protobuf exactly when a protobuf parser takes them as one."""

from __future__ import annotations

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st

from dapr_core.events.protobuf_form import looks_like_cloudevent

STRING, BYTES, MESSAGE, INT32, BOOL = 9, 12, 11, 5, 8


def _cloud_event_class() -> type:
    file = descriptor_pb2.FileDescriptorProto(name="ce.proto", package="t", syntax="proto3")
    any_type = file.message_type.add(name="Any")
    any_type.field.add(name="type_url", number=1, type=STRING, label=1)
    any_type.field.add(name="value", number=2, type=BYTES, label=1)
    value = file.message_type.add(name="Value")
    for number, kind in ((1, BOOL), (2, INT32), (3, STRING), (4, BYTES), (5, STRING), (6, STRING)):
        value.field.add(name=f"v{number}", number=number, type=kind, label=1)
    event = file.message_type.add(name="CloudEvent")
    for number in (1, 2, 3, 4, 7):
        event.field.add(name=f"s{number}", number=number, type=STRING, label=1)
    event.field.add(name="binary", number=6, type=BYTES, label=1)
    event.field.add(name="proto", number=8, type=MESSAGE, type_name=".t.Any", label=1)
    entry = event.nested_type.add(name="AttributesEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=STRING, label=1)
    entry.field.add(name="value", number=2, type=MESSAGE, type_name=".t.Value", label=1)
    event.field.add(name="attributes", number=5, type=MESSAGE, type_name=".t.CloudEvent.AttributesEntry", label=3)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("t.CloudEvent"))


CLOUD_EVENT = _cloud_event_class()


def _parses(data: bytes) -> bool:
    try:
        CLOUD_EVENT.FromString(data)
    except DecodeError:
        return False
    return True


def _tag(number: int, wire: int) -> bytes:
    return bytes([number << 3 | wire])


FIELDS = st.builds(
    lambda number, body: _tag(number, 2) + bytes([len(body)]) + body, st.integers(1, 9), st.binary(max_size=12)
)
NESTED = st.builds(lambda number, inner: _tag(number, 2) + bytes([len(inner)]) + inner, st.sampled_from([5, 8]), FIELDS)


@given(st.lists(FIELDS | NESTED | st.binary(max_size=6), max_size=4).map(b"".join))
@settings(max_examples=300)
def test_the_check_agrees_with_a_protobuf_parser(data: bytes) -> None:
    assert looks_like_cloudevent(data) == _parses(data)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", True),
        (b"\x0a\x01\xff", False),
        (b"\x00", False),
        (b"\x0b\x0c", True),
        (b"\x0b", False),
        (b"\x08\x80", False),
    ],
    ids=["empty", "no UTF-8", "field 0", "group", "open group", "short varint"],
)
def test_edges(data: bytes, expected: bool) -> None:
    assert looks_like_cloudevent(data) is expected
