"""What the codec writes of gRPC invocations, protobuf reads; what protobuf writes of them, the codec reads."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dapr_core.proto.gen.common.v1 import common_pb2
from dapr_core.proto.gen.google.protobuf import any_pb2
from dapr_core.proto.gen.internals.v1 import service_invocation_pb2 as pb
from daprd.mesh import codec

names = st.from_regex(rb"[a-z][a-z0-9-]{0,20}", fullmatch=True)
values = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=300).map(str.encode)
fields = st.lists(st.tuples(names, values), max_size=8)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=200)


def grouped(pairs: list[tuple[bytes, bytes]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name.decode(), []).append(value.decode())
    return found


@given(
    method=texts, verb=st.integers(0, 9), data=st.binary(max_size=300), type_url=texts, query=texts, kind=texts,
    extension=st.booleans(), metadata=fields,
)  # fmt: skip
def test_protobuf_reads_a_grpc_callers_request(
    method: str,
    verb: int,
    data: bytes,
    type_url: str,
    query: str,
    kind: str,
    extension: bool,
    metadata: list[tuple[bytes, bytes]],
) -> None:
    invoke = codec.encode_invoke(
        method.encode(), verb, data=data, type_url=type_url.encode(), query=query.encode(),
        content_type=kind.encode(), extension=extension,
    )  # fmt: skip
    read = pb.InternalInvokeRequest.FromString(codec.encode_grpc_request(invoke, metadata))

    assert read.ver == 1
    assert {key: list(value.values) for key, value in read.metadata.items()} == grouped(metadata)
    message = read.message
    assert (message.method, message.content_type) == (method, kind)
    assert (message.data.value, message.data.type_url) == (data, type_url)
    assert message.HasField("http_extension") is extension
    if extension:
        assert (message.http_extension.verb, message.http_extension.querystring) == (verb, query)


@given(
    code=st.integers(0, 16), message=texts, details=st.lists(st.binary(max_size=50), max_size=3), headers=fields,
    trailers=fields, kind=texts, type_url=texts, data=st.binary(max_size=300),
)  # fmt: skip
def test_both_read_a_grpc_applications_answer(
    code: int,
    message: str,
    details: list[bytes],
    headers: list[tuple[bytes, bytes]],
    trailers: list[tuple[bytes, bytes]],
    kind: str,
    type_url: str,
    data: bytes,
) -> None:
    packed = [any_pb2.Any(type_url="t", value=detail).SerializeToString() for detail in details]
    raw = codec.encode_grpc_response(
        code, message, packed, headers, trailers, content_type=kind.encode(), type_url=type_url.encode(), data=data
    )

    read = pb.InternalInvokeResponse.FromString(raw)
    assert (read.status.code, read.status.message) == (code, message)
    assert [detail.value for detail in read.status.details] == details
    assert {key: list(value.values) for key, value in read.headers.items()} == grouped(headers)
    assert {key: list(value.values) for key, value in read.trailers.items()} == grouped(trailers)
    assert (read.message.content_type, read.message.data.value) == (kind, data)

    if kind.isprintable():
        ours = codec.decode_response(raw)
        assert (ours.status, ours.message, ours.status_details) == (code, message, packed)
        assert (ours.data, ours.type_url, ours.content_type) == (data, type_url.encode(), kind.encode())
        assert {name.decode(): [value.decode() for value in held] for name, held, _ in ours.trailers} == grouped(
            trailers
        )


@given(data=st.binary(max_size=300), kind=texts, type_url=texts)
def test_protobuf_reads_the_answer_to_a_client(data: bytes, kind: str, type_url: str) -> None:
    raw = codec.encode_invoked(data, kind.encode(), type_url.encode())
    read = common_pb2.InvokeResponse.FromString(raw)
    assert (read.data.value, read.data.type_url, read.content_type) == (data, type_url, kind)
