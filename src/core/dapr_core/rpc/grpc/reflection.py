"""Ask a gRPC server which services it has (gRPC's server reflection protocol).

Servers offer the protocol as ``v1alpha``, ``v1`` or both, with the same messages under two names. The older one is
asked first, because the components of today offer it for certain. One request and three fields of the answer are all
that is needed, so the messages are read as fields that a message without any of its own has kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet

from dapr_core.proto.gen.google.protobuf.empty_pb2 import Empty
from dapr_core.rpc.grpc.client import Channel
from dapr_core.rpc.grpc.status import Code, GrpcError
from dapr_core.rpc.grpc.stub import StreamStream

PATH = "/grpc.reflection.{}.ServerReflection/ServerReflectionInfo"
_LIST_SERVICES = Empty.FromString(b"\x3a\x01*")  # ServerReflectionRequest.list_services = 7
_SERVICES, _REFUSAL = 6, 7  # of ServerReflectionResponse
_SERVICE = 1  # of ListServiceResponse
_NAME = 1  # of ServiceResponse
_CODE, _TEXT = 1, 2  # of ErrorResponse


async def list_services(channel: Channel, *, timeout: float | None = None) -> list[str]:
    """The full names of a server's services, reflection itself included, in the server's order.

    ``timeout`` is in seconds, for each of at most two questions.

    Raises:
        GrpcError: the server cannot be reached or refuses; UNIMPLEMENTED when it has no reflection.
    """
    try:
        return await _ask(channel, "v1alpha", timeout)
    except GrpcError as error:
        if error.code is not Code.UNIMPLEMENTED:
            raise
    return await _ask(channel, "v1", timeout)


async def _ask(channel: Channel, version: str, timeout: float | None) -> list[str]:
    method: StreamStream[Empty, Empty] = StreamStream(channel, PATH.format(version), Empty)
    names: list[str] = []
    async with method(timeout=timeout) as call:
        await call.send(_LIST_SERVICES)
        await call.end()
        async for answer in call:
            try:
                names += _names(answer)
            except (DecodeError, UnicodeDecodeError) as error:
                raise GrpcError(Code.INTERNAL, f"malformed answer of the reflection service: {error}") from error
    return names


def _names(answer: Empty) -> list[str]:
    """The services an answer lists. Raises ``GrpcError`` when it is a refusal."""
    for refusal in _messages(answer, _REFUSAL):
        code = next((value for value in _values(refusal, _CODE) if isinstance(value, int)), 0)
        text = b"".join(_bytes(refusal, _TEXT)).decode("utf-8", "replace")
        raise GrpcError(Code(code) if 0 < code <= max(Code) else Code.UNKNOWN, text)
    services = [service for listing in _messages(answer, _SERVICES) for service in _messages(listing, _SERVICE)]
    return [name.decode() for service in services for name in _bytes(service, _NAME)]


def _messages(message: Empty, number: int) -> Iterator[Empty]:
    return (Empty.FromString(value) for value in _bytes(message, number))


def _bytes(message: Empty, number: int) -> list[bytes]:
    return [value for value in _values(message, number) if isinstance(value, bytes)]


def _values(message: Empty, number: int) -> list[object]:
    fields = UnknownFieldSet(message)
    return [fields[index].data for index in range(len(fields)) if fields[index].field_number == number]
