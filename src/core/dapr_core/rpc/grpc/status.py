"""Codes, statuses and errors of gRPC, and how a status travels in trailers (gRPC over HTTP/2, "Responses")."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from enum import IntEnum

from dapr_core.rpc.messages import Headers


class Code(IntEnum):
    """google.rpc.Code."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


_CODES = {str(code.value).encode(): code for code in Code}

# Code by HTTP status of an answer that is not gRPC (gRPC's "HTTP to gRPC Status Code Mapping").
HTTP_CODES = {
    400: Code.INTERNAL,
    401: Code.UNAUTHENTICATED,
    403: Code.PERMISSION_DENIED,
    404: Code.UNIMPLEMENTED,
    429: Code.UNAVAILABLE,
    502: Code.UNAVAILABLE,
    503: Code.UNAVAILABLE,
    504: Code.UNAVAILABLE,
}


class Status:
    """How a call ended, as its caller sees it.

    ``details`` is the serialized google.rpc.Status of ``grpc-status-details-bin``, or None. ``trailers`` are the raw
    fields of the trailers, in wire order; status and list may be shared with other calls, so never change them.
    ``unprocessed`` says that the server never looked at the call, so that it may
    be repeated whatever it does.
    """

    __slots__ = ("code", "details", "message", "trailers", "unprocessed")

    def __init__(
        self,
        code: Code,
        message: str = "",
        *,
        details: bytes | None = None,
        trailers: Headers | None = None,
        unprocessed: bool = False,
    ) -> None:
        self.code = code
        self.message = message
        self.details = details
        self.trailers: Headers = [] if trailers is None else trailers
        self.unprocessed = unprocessed

    @property
    def ok(self) -> bool:
        """The call succeeded."""
        return self.code == 0

    def __repr__(self) -> str:
        return f"<Status {self.code.name} {self.message!r}>"


class GrpcError(Exception):
    """A call failed, or is to fail: raised by stubs, and by handlers to answer with a status.

    ``trailers`` are further fields for (or from) the trailers.
    """

    def __init__(
        self,
        code: Code,
        message: str = "",
        *,
        details: bytes | None = None,
        trailers: Sequence[tuple[bytes, bytes]] = (),
        unprocessed: bool = False,
    ) -> None:
        super().__init__(f"{code.name}: {message}")
        self.code = code
        self.message = message
        self.details = details
        self.trailers = trailers
        self.unprocessed = unprocessed

    @classmethod
    def of(cls, status: Status) -> GrpcError:
        """The error of a status that is not OK."""
        return cls(
            status.code,
            status.message,
            details=status.details,
            trailers=status.trailers,
            unprocessed=status.unprocessed,
        )


_ESCAPED = re.compile(rb"%([0-9A-Fa-f]{2})")
_PLAIN_MESSAGE = re.compile(r"(?! )[\x20-\x24\x26-\x7e]*(?<! )")


def encode_message(message: str) -> bytes:
    """Percent-encode a status message: printable ASCII except ``%`` stays, and spaces at its ends, which HTTP/2 forbids
    (RFC 9113 section 8.2.1)."""
    if _PLAIN_MESSAGE.fullmatch(message):
        return message.encode()
    raw = message.encode("utf-8", "replace")
    encoded = b"".join([b"%c" % byte if 0x20 <= byte <= 0x7E and byte != 0x25 else b"%%%02X" % byte for byte in raw])
    inner = encoded.strip(b" ")
    before = len(encoded) - len(encoded.lstrip(b" "))
    return b"%20" * before + inner + b"%20" * (len(encoded) - len(inner) - before)


def decode_message(value: bytes) -> str:
    """Undo ``encode_message``; escapes that are none are left as they are, as the protocol asks."""
    if b"%" in value:
        value = _ESCAPED.sub(lambda match: bytes((int(match[1], 16),)), value)
    return value.decode("utf-8", "replace")


def encode_binary(value: bytes) -> bytes:
    """The value of a ``-bin`` field: base64 without padding."""
    return b64encode(value).rstrip(b"=")


def decode_binary(value: bytes) -> bytes:
    """The octets of a ``-bin`` field; padding is accepted. Raises ValueError."""
    try:
        return b64decode(value + b"=" * (-len(value) % 4), validate=True)
    except Base64Error as error:
        raise ValueError("malformed base64 in a binary metadata value") from error


def parse_status(fields: Headers) -> Status:
    """The status in trailers (or in a trailers-only answer)."""
    code: Code | None = None
    message = ""
    details = None
    for name, value in fields:
        if name == b"grpc-status":
            code = _CODES.get(value, Code.UNKNOWN)
        elif name == b"grpc-message":
            message = decode_message(value)
        elif name == b"grpc-status-details-bin":
            try:
                details = decode_binary(value)
            except ValueError:
                details = None  # the status itself is still good
    if code is None:
        return Status(Code.INTERNAL, "server closed the stream without sending a status", trailers=fields)
    return Status(code, message, details=details, trailers=fields)


def status_fields(code: int, message: str, details: bytes | None) -> list[tuple[bytes, bytes]]:
    """The fields that carry a status, in the order the original sends them."""
    fields = [(b"grpc-status", b"%d" % code), (b"grpc-message", encode_message(message))]
    if details is not None:
        fields.append((b"grpc-status-details-bin", encode_binary(details)))
    return fields
