"""Calls of actors between sidecars, written and read: ``InternalInvokeRequest`` with an actor, and its answer.

Fields of a message may stand in any order, and what occurs twice is merged (protobuf's encoding guide). So the body
goes first, then the actor, and behind them in one piece what calls have in common: the reader finds that piece without
a walk and knows it again, however many actors there are. Any other order is read as well.
"""

from __future__ import annotations

from typing import Final

from google.protobuf.message import DecodeError

from dapr_core.proto.gen.internals.v1.service_invocation_pb2 import Actor
from daprd.mesh.codec.fields import CodecError, skip, span, varint
from daprd.mesh.codec.messages import RequestMessage, ResponseMessage
from daprd.mesh.codec.reading import decode_request, decode_response

_ACTOR: Final = 0x22
_REQUEST: Final = (b"\x1a", b"\x12", b"\x12")
"""Tags of a request's message, of the ``Any`` in it, and of the body in that."""
_RESPONSE: Final = (b"\x22", b"\x0a", b"\x12")


def encode_call(head: bytes, data: bytes, actor_type: str, actor_id: str) -> bytes:
    """A call of an actor; ``head`` is an encoded ``InternalInvokeRequest`` with neither body nor actor."""
    kind, name = actor_type.encode(), actor_id.encode()
    kind_size, name_size = varint(len(kind)), varint(len(name))
    size = varint(len(kind) + len(kind_size) + len(name) + len(name_size) + 2)
    return b"".join((_first(_REQUEST, data), b"\x22", size, b"\x0a", kind_size, kind, b"\x12", name_size, name, head))


def encode_answer(head: bytes, data: bytes) -> bytes:
    """Its answer; ``head`` is an encoded ``InternalInvokeResponse`` without a body."""
    return _first(_RESPONSE, data) + head


def _first(tags: tuple[bytes, bytes, bytes], data: bytes) -> bytes:
    """A message with nothing but a body."""
    size = varint(len(data))
    value = len(data) + len(size) + 1
    value_size = varint(value)
    outer = varint(value + len(value_size) + 1)
    return b"".join((tags[0], outer, tags[1], value_size, tags[2], size, data))


def decode_call(message: bytes) -> tuple[RequestMessage, str, str, bytes]:
    """The head of a call, its actor's type and id (empty where it names none), and its body.

    Raises:
        CodecError: the bytes are no such message.
        HeaderError: a metadata entry could not be an HTTP header.
    """
    parted = _body_first(message, _REQUEST)
    if parted is not None:
        data, pos = parted
        if message[pos : pos + 1] == b"\x22":
            start, stop = span(message, pos + 1, len(message))
            head = decode_request(message[stop:])
            if not (head.data or head.has_actor):
                return head, *_actor(message[start:stop]), data
    request = decode_request(message)
    return request, *_actor(_last_actor(message)), request.data


def decode_answer(message: bytes) -> tuple[ResponseMessage, bytes]:
    """The head of an answer, and its body.

    Raises:
        CodecError: the bytes are no such message.
        HeaderError: a header entry could not be an HTTP header.
    """
    parted = _body_first(message, _RESPONSE)
    if parted is not None:
        data, pos = parted
        head = decode_response(message[pos:])
        if not head.data:
            return head, data
    response = decode_response(message)
    return response, response.data


def _body_first(message: bytes, tags: tuple[bytes, bytes, bytes]) -> tuple[bytes, int] | None:
    """The body, and where the rest begins, if the message begins as we begin ours; None if it does not."""
    pos, rest, end = 0, -1, len(message)
    try:
        for tag in tags:
            if message[pos] != tag[0]:
                return None
            size = message[pos + 1]
            pos += 2
            if size > 0x7F:
                # Nearly all are below 16 KiB; ``span`` takes the others.
                if message[pos] > 0x7F:
                    pos, stop = span(message, pos - 1, end)
                    size = stop - pos
                else:
                    size = size & 0x7F | message[pos] << 7
                    pos += 1
            if rest < 0:
                rest = pos + size
            elif pos + size != rest:
                return None
    except (CodecError, IndexError):
        return None  # whatever is wrong is for the walk over all of it to say
    return (message[pos:rest], rest) if rest <= end else None


def _last_actor(message: bytes) -> bytes:
    """The ``Actor`` in a request; empty where there is none."""
    pos, end = 0, len(message)
    found = b""
    while pos < end:
        if message[pos] == _ACTOR:
            start, pos = span(message, pos + 1, end)
            found = message[start:pos]
        else:
            pos = skip(message, pos, end)
    return found


def _actor(raw: bytes) -> tuple[str, str]:
    """Type and id of an ``Actor``."""
    try:
        # Both in their order, each shorter than 128 bytes: what nearly all are.
        first = raw[1]
        second = raw[first + 3]
        if raw[0] == 0x0A and raw[first + 2] == 0x12 and first < 0x80 and first + second + 4 == len(raw):
            return raw[2 : first + 2].decode(), raw[first + 4 :].decode()
    except (IndexError, UnicodeDecodeError):
        pass  # read below, or refused there
    actor = Actor()
    try:
        actor.ParseFromString(raw)
    except DecodeError as error:
        raise CodecError(str(error)) from None
    return actor.actor_type, actor.actor_id
