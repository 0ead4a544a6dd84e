"""Length-prefixed messages on an HTTP/2 stream (gRPC over HTTP/2, "Length-Prefixed-Message").

Most messages arrive alone in one DATA frame and are cut out of it directly; everything else is gathered until a
message is whole. Sizes are checked when the prefix is read, before anything is gathered.
"""

from __future__ import annotations

import zlib
from struct import Struct
from typing import Final

from mypy_extensions import mypyc_attr

from dapr_core.rpc.grpc.status import Code, GrpcError
from dapr_core.rpc.h2.connection import Connection
from dapr_core.rpc.h2.frames import DATA
from dapr_core.rpc.h2.stream import LONG, Stream

CONTENT_TYPE: Final = b"application/grpc"
"""Of a call whose messages are protobuf; ``+json`` and the like behind it name another coding (its "subtype")."""
DEFAULT_MESSAGE_LIMIT: Final = 4_194_304
"""Octets of one message; gRPC's default and Dapr's ``--max-body-size``."""
_read_prefix = Struct(">BL").unpack_from
_pack_frame = Struct(">HBBBLBL").pack
"""The header of a DATA frame (see ``h2.frames``), and the prefix of a message that is not compressed."""


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


@mypyc_attr(allow_interpreted_subclasses=True)
class MessageStream(Stream):
    """A stream of messages. Subclasses take ``on_message`` and turn a ``GrpcError`` into the end of the call."""

    __slots__ = ("_encoding", "_flag", "_limit", "_missing", "_parts")

    def __init__(self, connection: Connection, stream_id: int, limit: int) -> None:
        super().__init__(connection, stream_id)
        self._limit = limit
        self._encoding = b"identity"
        self._parts: list[bytes] | None = None
        """Of the message that is not whole, without its prefix, while ``_missing`` octets are not here; or with
        ``_flag`` below zero the only part: the beginning of a prefix."""
        self._missing = 0
        self._flag = 0

    def on_message(self, message: bytes) -> None:
        """One whole message."""
        raise NotImplementedError

    def send_plain(self, message: bytes, end: bool = False) -> None:
        """Send a message as it is, behind its prefix."""
        connection, size = self.connection, len(message)
        framed = size + 5
        if (
            framed <= LONG
            and framed <= self._send_window
            and framed <= connection.send_window
            and self.id
            and self.local_open
            and not (self._queue or connection.choked)
        ):
            # The commonest case by far: ``send_data``, with the prefix packed together with the frame's header.
            self._send_window -= framed
            connection.send_window -= framed
            connection.emit(_pack_frame(framed >> 8, framed & 0xFF, DATA, end, self.id, 0, size) + message)
            if end:
                self._local_end()
        elif framed <= LONG:
            self.send_data(prefix(message), end)
        else:  # too much to be copied for five octets
            self.send_pieces((b"\x00" + size.to_bytes(4, "big"), message), end)

    def read_messages(self, data: bytes) -> None:
        """Take octets of the body, deliver the messages they complete. Raises GrpcError."""
        parts = self._parts
        if parts is None:
            size = len(data) - 5
            if size >= 0 and _read_prefix(data) == (0, size):
                if size > self._limit:
                    raise _too_large(size, self._limit)
                self.on_message(data[5:])
                return
            self._cut(data, 0)
        elif self._flag < 0:
            self._parts = None
            self._cut(parts[0] + data, 0)
        else:
            self._continue(parts, data)

    def _continue(self, parts: list[bytes], data: bytes) -> None:
        """Go on with a message that was cut."""
        left = len(data) - self._missing
        if left < 0:
            parts.append(data)
            self._missing = -left
            return
        parts.append(data[: self._missing])
        self._parts = None
        self._deliver(self._flag, b"".join(parts))
        if left:
            self._cut(data, self._missing)

    def _cut(self, data: bytes, at: int) -> None:
        end = len(data)
        while end - at >= 5 and not self.closed:
            flag, size = data[at], int.from_bytes(data[at + 1 : at + 5], "big")
            if size > self._limit:
                raise _too_large(size, self._limit)
            at += 5
            stop = at + size
            if stop > end:
                self._parts = [data[at:]]
                self._missing = stop - end
                self._flag = flag
                return
            message = data[at:stop]
            at = stop
            self._deliver(flag, message)
        if at < end:
            self._parts = [data[at:]]
            self._flag = -1

    def _deliver(self, flag: int, message: bytes) -> None:
        self.on_message(self._decompress(flag, message) if flag else message)

    def _decompress(self, flag: int, message: bytes) -> bytes:
        if flag != 1:
            raise GrpcError(Code.INTERNAL, f"grpc: received unexpected payload format {flag}")
        if self._encoding == b"identity":
            raise GrpcError(Code.INTERNAL, "grpc: compressed flag set with identity or empty encoding")
        return _inflate(message, self._limit)

    @property
    def unfinished(self) -> bool:
        """A message has begun and is not whole."""
        return self._parts is not None

    def require_no_rest(self) -> None:
        """The body has ended. Raises GrpcError when it did so inside a message."""
        if self._parts is not None:
            raise GrpcError(Code.INTERNAL, "unexpected EOF")
