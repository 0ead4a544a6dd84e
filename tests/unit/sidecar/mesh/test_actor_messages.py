"""Calls of actors on the internal wire: protobuf reads what we write, and we read what others may write."""

from __future__ import annotations

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st

from dapr_core.proto.gen.internals.v1 import service_invocation_pb2 as pb
from daprd.mesh import codec
from daprd.mesh.actors import encode_head
from daprd.mesh.codec.actors import decode_answer, decode_call, encode_answer, encode_call

names = st.from_regex(rb"x-[a-z0-9]{1,20}", fullmatch=True)
values = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=200).map(str.encode)
headers = st.lists(st.tuples(names, values), max_size=6, unique_by=lambda pair: pair[0])
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=200)
bodies = st.one_of(st.binary(max_size=300), st.integers(0, 1 << 15).map(bytes))


@settings(deadline=None)
@given(headers=headers, method=texts, actor_type=texts, actor_id=texts, data=bodies, query=texts)
def test_a_call_is_what_protobuf_and_we_read(
    headers: list[tuple[bytes, bytes]], method: str, actor_type: str, actor_id: str, data: bytes, query: str
) -> None:
    head, _ = encode_head(method, headers, query.encode(), b"text/plain")
    message = encode_call(head, data, actor_type, actor_id)

    read = pb.InternalInvokeRequest.FromString(message)
    assert (read.actor.actor_type, read.actor.actor_id) == (actor_type, actor_id)
    assert (read.message.method, read.message.data.value, read.ver) == (method, data, 1)
    assert (read.message.content_type, read.message.http_extension.verb) == ("text/plain", 4)
    assert read.message.http_extension.querystring == query
    assert len(read.metadata) == len(headers)

    # As another runtime may write it: its own order, the body inside the one message.
    for written in (message, read.SerializeToString()):
        request, kind, name, body = decode_call(written)
        assert (kind, name, body) == (actor_type, actor_id, data)
        assert (request.method, request.query, request.content_type) == (method, query.encode(), b"text/plain")
        assert sorted((name, values) for name, values, _ in request.entries) == sorted(
            (name, (value,)) for name, value in headers
        )


@settings(deadline=None)
@given(headers=headers, data=bodies)
def test_an_answer_is_what_protobuf_and_we_read(headers: list[tuple[bytes, bytes]], data: bytes) -> None:
    message = encode_answer(codec.encode_response(200, headers, content_type=b"text/plain"), data)

    read = pb.InternalInvokeResponse.FromString(message)
    assert (read.status.code, read.message.data.value, read.message.content_type) == (200, data, "text/plain")
    for written in (message, read.SerializeToString()):
        response, body = decode_answer(written)
        assert (response.status, response.content_type, body) == (200, b"text/plain", data)
        assert sorted((name, values) for name, values, _ in response.entries) == sorted(
            (name, (value,)) for name, value in headers
        )


def test_calls_of_one_method_share_their_head_whatever_actor_and_body() -> None:
    head, _ = encode_head("go", [(b"x-a", b"1")], b"", b"")
    heads = [decode_call(encode_call(head, b"%d" % n, "Cat", str(n)))[0] for n in range(4)]
    assert heads[1] is heads[2] is heads[3]


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_hostile_bytes_are_refused_or_mean_what_protobuf_says(data: bytes) -> None:
    try:
        _, kind, name, _ = decode_call(data)
    except (codec.CodecError, codec.HeaderError):
        return
    assert isinstance(kind, str)
    assert isinstance(name, str)


@pytest.mark.parametrize("data_first", [True, False])
@settings(deadline=None)
@given(cut=st.integers(1, 400))
def test_a_call_that_was_cut_off_is_refused(data_first: bool, cut: int) -> None:
    head, _ = encode_head("go", [(b"x-a", b"1" * 100)], b"", b"text/plain")
    message = encode_call(head, b"x" * 200, "Cat", "tom")
    if not data_first:
        message = pb.InternalInvokeRequest.FromString(message).SerializeToString()
    try:
        pb.InternalInvokeRequest.FromString(message[:-cut])
    except DecodeError:
        with pytest.raises(codec.CodecError):
            decode_call(message[:-cut])
