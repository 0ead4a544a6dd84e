"""The protobuf bytes of an invocation between sidecars, written and read by hand.

``InternalInvokeRequestStream`` and ``InternalInvokeResponseStream`` (wire.md) travel once or more per call and are
mostly maps of headers, which cost the generated classes several microseconds each way. Here a message is joined from
remembered pieces and read by walking over its tags; a header entry that came by before (same bytes) is not parsed
again. The bytes are those any protobuf runtime would write and read: tests hold this codec against the generated
classes.

Memories hold header entries of clients and are therefore bounded in number and size, and never keep names that carry
credentials.
"""

from __future__ import annotations

from daprd.mesh.codec.fields import CodecError, field
from daprd.mesh.codec.grpcforms import (
    encode_grpc_request,
    encode_grpc_response,
    encode_invoke,
    encode_invoked,
    encode_metadata,
)
from daprd.mesh.codec.messages import VERB_NAMES, VERBS, Chunk, Entry, HeaderError, RequestMessage, ResponseMessage
from daprd.mesh.codec.reading import decode_chunk, decode_request, decode_response
from daprd.mesh.codec.writing import (
    encode_chunk,
    encode_headers,
    encode_request,
    encode_response,
    header_entry,
    with_data,
)

__all__ = [
    "VERBS",
    "VERB_NAMES",
    "Chunk",
    "CodecError",
    "Entry",
    "HeaderError",
    "RequestMessage",
    "ResponseMessage",
    "decode_chunk",
    "decode_request",
    "decode_response",
    "encode_chunk",
    "encode_grpc_request",
    "encode_grpc_response",
    "encode_headers",
    "encode_invoke",
    "encode_invoked",
    "encode_metadata",
    "encode_request",
    "encode_response",
    "field",
    "header_entry",
    "with_data",
]
