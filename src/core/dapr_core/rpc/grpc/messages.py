"""Length-prefixed messages on an HTTP/2 stream (gRPC over HTTP/2, "Length-Prefixed-Message").

Most messages arrive alone in one DATA frame and are cut out of it directly; everything else is gathered until a
message is whole. Sizes are checked when the prefix is read, before anything is gathered.
"""

from __future__ import annotations

import zlib

from dapr_core.rpc.grpc.status import Code, GrpcError
from dapr_core.rpc.h2.connection import Connection
from dapr_core.rpc.h2.stream import Stream

DEFAULT_MESSAGE_LIMIT = 4_194_304
"""Octets of one message; gRPC's default and Dapr's ``--max-body-size``."""


def prefix(message: bytes) -> bytes:
    """The message behind its five octets."""
    return b"\x00%b%b" % (len(message).to_bytes(4, "big"), message)


def gzip_prefix(message: bytes) -> bytes:
    """The message compressed, behind its five octets; as it is when gzip does not make it smaller."""
    deflater = zlib.compressobj(wbits=31)
    packed = deflater.compress(message) + deflater.flush()
    if len(packed) >= len(message):
        return prefix(message)
    return b"\x01%b%b" % (len(packed).to_bytes(4, "big"), packed)


def _too_large(size: int, limit: int) -> GrpcError:
    # The text is grpc-go's, which clients of Dapr know.
    return GrpcError(Code.RESOURCE_EXHAUSTED, f"grpc: received message larger than max ({size} vs. {limit})")


def _inflate(message: bytes, limit: int) -> bytes:
    """A gzip message, decompressed up to the limit."""
    inflater = zlib.decompressobj(wbits=31)
    try:
        data = inflater.decompress(message, limit + 1)
    except zlib.error as error:
        raise GrpcError(Code.INTERNAL, f"grpc: failed to decompress the received message: {error}") from error
    if len(data) > limit:
        raise _too_large(len(data), limit)
    if not inflater.eof:
        raise GrpcError(Code.INTERNAL, "grpc: failed to decompress the received message: truncated gzip data")
    return data


class MessageStream(Stream):
    """A stream of messages. Subclasses take ``on_message`` and turn a ``GrpcError`` into the end of the call."""

    __slots__ = ("_encoding", "_have", "_limit", "_need", "_parts")

    def __init__(self, connection: Connection, stream_id: int, limit: int) -> None:
        super().__init__(connection, stream_id)
        self._limit = limit
        self._encoding = b"identity"
        self._parts: list[bytes] | None = None
        self._have = 0
        self._need = 0

    def on_message(self, message: bytes) -> None:
        """One whole message."""
        raise NotImplementedError

    def read_messages(self, data: bytes) -> None:
        """Take octets of the body, deliver the messages they complete. Raises GrpcError."""
        if self._parts is None:
            size = len(data) - 5
            if size >= 0 and data[0] == 0 and int.from_bytes(data[1:5], "big") == size:
                if size > self._limit:
                    raise _too_large(size, self._limit)
                self.on_message(data[5:])
                return
        elif self._have + len(data) < self._need:
            self._parts.append(data)
            self._have += len(data)
            return
        else:
            self._parts.append(data)
            data = b"".join(self._parts)
            self._parts = None
        self._cut(data)

    def _cut(self, data: bytes) -> None:
        at, end = 0, len(data)
        while end - at >= 5 and not self.closed:
            size = int.from_bytes(data[at + 1 : at + 5], "big")
            if size > self._limit:
                raise _too_large(size, self._limit)
            stop = at + 5 + size
            if stop > end:
                return self._gather(data, at, 5 + size)
            message = data[at + 5 : stop]
            if data[at]:
                message = self._decompress(data[at], message)
            at = stop
            self.on_message(message)
        return self._gather(data, at, 5)

    def _gather(self, data: bytes, at: int, need: int) -> None:
        if at < len(data):
            self._parts = [data[at:]]
            self._have = len(data) - at
            self._need = need

    def _decompress(self, flag: int, message: bytes) -> bytes:
        if flag != 1:
            raise GrpcError(Code.INTERNAL, f"grpc: received unexpected payload format {flag}")
        if self._encoding == b"identity":
            raise GrpcError(Code.INTERNAL, "grpc: compressed flag set with identity or empty encoding")
        return _inflate(message, self._limit)

    def require_no_rest(self) -> None:
        """The body has ended. Raises GrpcError when it did so inside a message."""
        if self._parts is not None:
            raise GrpcError(Code.INTERNAL, "unexpected EOF")
