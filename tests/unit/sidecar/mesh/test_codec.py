"""The hand-written codec of the internal wire agrees with protobuf's own, in both directions."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st
from support import recordings

from dapr_core.proto.gen.internals.v1 import service_invocation_pb2 as pb
from dapr_core.rpc.fields import canonical
from daprd.mesh import codec
from daprd.mesh.codec import memory, reading, writing

RECORDED = recordings.load("internal-grpc")["entries"]

names = st.from_regex(rb"[a-z][a-z0-9-]{0,20}", fullmatch=True)
values = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=300).map(str.encode)
headers = st.lists(st.tuples(names, values), max_size=8)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=200)


def grouped(pairs: list[tuple[bytes, bytes]]) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for name, value in pairs:
        result.setdefault(canonical(name).decode(), []).append(value.decode())
    return result


@given(headers=headers, method=texts, verb=st.integers(0, 9), query=texts, kind=values)
def test_protobuf_reads_the_request_that_the_codec_writes(
    headers: list[tuple[bytes, bytes]], method: str, verb: int, query: str, kind: bytes
) -> None:
    raw = codec.encode_request(method.encode(), verb, headers, query=query.encode(), content_type=kind)

    read = pb.InternalInvokeRequest.FromString(raw)
    assert read.ver == 1
    assert {key: list(value.values) for key, value in read.metadata.items()} == grouped(headers)
    assert (read.message.method, read.message.content_type) == (method, kind.decode())
    assert (read.message.http_extension.verb, read.message.http_extension.querystring) == (verb, query)
    assert read.message.HasField("http_extension")


@given(headers=headers, method=texts, verb=st.integers(0, 9), query=texts, kind=values, data=st.binary(max_size=300))
def test_the_codec_reads_the_request_that_protobuf_writes(
    headers: list[tuple[bytes, bytes]], method: str, verb: int, query: str, kind: bytes, data: bytes
) -> None:
    message = pb.InternalInvokeRequest(ver=1)  # type: ignore[arg-type]
    for name, value in headers:
        message.metadata[name.decode()].values.append(value.decode())
    message.message.method = method
    message.message.content_type = kind.decode()
    message.message.data.value = data
    message.message.http_extension.verb = verb  # type: ignore[assignment]
    message.message.http_extension.querystring = query

    read = codec.decode_request(message.SerializeToString())

    assert sorted((name, list(values)) for name, values, _ in read.entries) == sorted(
        (name.lower().encode(), [value.encode() for value in values])
        for name, values in {
            key.lower(): list(item.values) for key, item in message.metadata.items()
        }.items()
    )  # fmt: skip
    assert (read.version, read.method, read.content_type) == (1, method, kind)
    assert (read.verb, read.query.decode(), read.data) == (verb, query, data)
    assert read.has_message
    assert read.has_extension


@given(status=st.integers(0, 999), headers=headers, kind=values, data=st.none() | st.binary(max_size=300))
def test_protobuf_and_the_codec_agree_on_responses(
    status: int, headers: list[tuple[bytes, bytes]], kind: bytes, data: bytes | None
) -> None:
    raw = codec.encode_response(status, headers, content_type=kind, data=data)
    read = pb.InternalInvokeResponse.FromString(raw)
    assert read.status.code == status
    assert {key: list(value.values) for key, value in read.headers.items()} == grouped(headers)
    assert (read.message.content_type, read.message.data.value) == (kind.decode(), data or b"")

    again = codec.decode_response(read.SerializeToString())
    assert (again.status, again.content_type, again.data) == (status, kind, data or b"")
    assert len(again.entries) == len(read.headers)


@given(leading=st.binary(max_size=20), data=st.binary(max_size=5000), seq=st.integers(0, 2**63))
def test_a_chunk_survives_the_way_through_protobuf(leading: bytes, data: bytes, seq: int) -> None:
    request = codec.encode_request(leading.hex().encode(), 1, []) if leading else b""
    raw = codec.encode_chunk(request, data, seq)
    read = pb.InternalInvokeRequestStream.FromString(raw)
    assert read.HasField("request") == bool(leading)
    assert (read.payload.data, read.payload.seq) == (data, seq if data else 0)

    chunk = codec.decode_chunk(read.SerializeToString())
    assert (chunk.leading is not None) == bool(leading)
    assert (chunk.data, chunk.seq, chunk.has_payload) == (data, seq if data else 0, bool(data))


@given(raw=st.binary(max_size=80))
def test_bytes_that_protobuf_refuses_never_crash_the_codec(raw: bytes) -> None:
    try:
        chunk = codec.decode_chunk(raw)
        codec.decode_request(chunk.leading or raw)
        codec.decode_response(chunk.leading or raw)
    except (codec.CodecError, codec.HeaderError):
        pass


@pytest.mark.parametrize(
    ("raw", "valid"),
    [
        (b"\x08\x00\x53\x54", True),
        (b"\x53\x08\x01\x12\x01x\x5b\x5c\x54", True),
        (b"\x53\x5b\x54\x5c", False),
        (b"\x53", False),
        (b"\x54", False),
        (b"\x53" * 101 + b"\x54" * 101, False),
    ],
    ids=["empty", "filled and nested", "crossed", "never ended", "never begun", "too deep"],
)
def test_groups_of_an_older_protobuf_are_passed_over(raw: bytes, valid: bool) -> None:
    if valid:
        assert codec.decode_chunk(raw).leading is None
        pb.InternalInvokeRequestStream.FromString(raw)
        return
    with pytest.raises(codec.CodecError):
        codec.decode_chunk(raw)
    with pytest.raises(DecodeError):
        pb.InternalInvokeRequestStream.FromString(raw)


@given(raw=st.binary(max_size=60))
def test_what_the_codec_takes_for_a_chunk_protobuf_takes_too_but_for_the_inside(raw: bytes) -> None:
    try:
        pb.InternalInvokeRequestStream.FromString(raw)
    except DecodeError:
        return
    codec.decode_chunk(raw)


def recorded_messages(name: str) -> list[tuple[str, str, bytes]]:
    return [
        (entry["name"], event["from"], base64.b64decode(event["base64"]))
        for entry in RECORDED
        for call in entry.get("calls", [])
        if call["method"].endswith(name)
        for event in call["events"]
        if "base64" in event and "decode_error" not in event
    ]


@pytest.mark.parametrize("sender", ["client", "server"])
def test_recorded_stream_messages_are_read_as_protobuf_reads_them(sender: str) -> None:
    messages = [item for item in recorded_messages("/CallLocalStream") if item[1] == sender]
    assert len(messages) > 100
    for name, _, raw in messages:
        chunk = codec.decode_chunk(raw)
        if sender == "client":
            request = pb.InternalInvokeRequestStream.FromString(raw)
            assert (chunk.data, chunk.seq) == (request.payload.data, request.payload.seq), name
            if chunk.leading is not None:
                read = codec.decode_request(chunk.leading)
                assert read.method == request.request.message.method, name
                assert {key.decode(): [value.decode() for value in values] for _, values, key in read.entries} == {
                    key: list(item.values) for key, item in request.request.metadata.items()
                }, name
        else:
            response = pb.InternalInvokeResponseStream.FromString(raw)
            assert (chunk.data, chunk.seq) == (response.payload.data, response.payload.seq), name
            if chunk.leading is not None:
                assert codec.decode_response(chunk.leading).status == response.response.status.code, name


@pytest.mark.parametrize("name", ["authorization", "cookie", "dapr-api-token", "x-api-key", "set-cookie"])
def test_headers_that_carry_credentials_are_not_remembered(name: str) -> None:
    codec.encode_headers([(name.encode(), b"do-not-keep")])
    message = pb.InternalInvokeRequest()
    message.metadata[name].values.append("do-not-keep")
    for _ in range(3):
        codec.decode_request(message.SerializeToString())

    assert not [pair for pair in writing._written if pair[1] == b"do-not-keep"]
    assert not [raw for raw in reading._read if b"do-not-keep" in raw]


def test_a_head_that_comes_again_means_the_same() -> None:
    raw = codec.encode_request(b"m", 3, [(b"x-comes-again", b"1")], content_type=b"text/plain")
    first, second, third = [codec.decode_request(raw) for _ in range(3)]
    assert first is not second is third
    assert first.entries == third.entries == [(b"x-comes-again", (b"1",), b"X-Comes-Again")]


@given(
    name=names.filter(bool),
    items=st.lists(values, max_size=3),
    ends=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    wrong=st.tuples(st.integers(0, 40), st.integers(0, 255)),
)
def test_the_short_way_to_read_an_entry_and_the_general_one_agree(
    name: bytes, items: list[bytes], ends: tuple[int, int], wrong: tuple[int, int]
) -> None:
    raw = codec.header_entry(canonical(name), items)
    reading._read_any_entry(raw)  # the short way knows the name from now on
    at, byte = wrong
    broken = raw[:at] + bytes((byte,)) + raw[at + 1 :]
    for variant in (raw, raw[ends[0] : len(raw) - ends[1]], broken):
        assert outcome(reading._read_entry, variant) == outcome(reading._read_any_entry, variant)


def outcome(read: Callable[[bytes], codec.Entry], raw: bytes) -> object:
    try:
        return read(raw)
    except (codec.CodecError, codec.HeaderError) as error:
        return type(error), str(error)


def test_memories_are_bounded() -> None:
    for number in range(memory.ENTRIES + 10):
        codec.encode_headers([(b"x-many", str(number).encode())])
    assert len(writing._written) <= memory.ENTRIES


@pytest.mark.parametrize(
    ("key", "value"),
    [("x-a", "one\r\nx-b: two"), ("x-a", "nul\0"), ("x a", "1"), ("", "1"), ("x-a\r\nx-b", "1")],
    ids=["value with a line break", "value with NUL", "space in the name", "no name", "name with a line break"],
)
def test_metadata_that_could_break_an_http_message_is_refused(key: str, value: str) -> None:
    message = pb.InternalInvokeRequest()
    message.metadata[key].values.append(value)
    with pytest.raises(codec.HeaderError):
        codec.decode_request(message.SerializeToString())


def test_a_value_that_is_not_utf8_cannot_be_sent() -> None:
    with pytest.raises(codec.HeaderError, match="string field contains invalid UTF-8"):
        codec.encode_headers([(b"x-latin", b"caf\xe9")])
