"""The client's side of one call."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from mypy_extensions import mypyc_attr

from dapr_core.rpc.grpc.messages import MessageStream, gzip_prefix
from dapr_core.rpc.grpc.status import HTTP_CODES, Code, GrpcError, Status, parse_status
from dapr_core.rpc.h2.errors import ErrorCode
from dapr_core.rpc.h2.headers import HeaderBlock
from dapr_core.rpc.hpack import encode
from dapr_core.rpc.messages import Headers

if TYPE_CHECKING:
    from dapr_core.rpc.grpc.client import ClientConnection

# Code of a call by the HTTP/2 error that ended its stream (gRPC over HTTP/2, "Errors").
_RESET_CODES: dict[int, Code] = {
    ErrorCode.REFUSED_STREAM: Code.UNAVAILABLE,
    ErrorCode.CANCEL: Code.CANCELLED,
    ErrorCode.ENHANCE_YOUR_CALM: Code.RESOURCE_EXHAUSTED,
    ErrorCode.INADEQUATE_SECURITY: Code.PERMISSION_DENIED,
    ErrorCode.CONNECT_ERROR: Code.UNAVAILABLE,
}


def encode_metadata(fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Metadata as a piece of a header block. A caller that sends the same fields again and again keeps the result."""
    return encode(fields)


class AnswerHooks(Protocol):
    """What a call tells of its answer: the hooks of ``ResponseListener``, whatever class has them."""

    def on_headers(self, fields: Headers) -> None:
        """See ``ResponseListener``."""

    def on_message(self, message: bytes) -> None:
        """See ``ResponseListener``."""

    def on_close(self, status: Status) -> None:
        """See ``ResponseListener``."""

    def on_writable(self) -> None:
        """See ``ResponseListener``."""


@mypyc_attr(allow_interpreted_subclasses=True)
class ResponseListener:
    """What a caller does with the answer. The hooks run on the loop; none of them may block.

    ``on_close`` comes exactly once, last. An exception in a hook cancels the call.
    """

    __slots__ = ()

    def on_headers(self, fields: Headers) -> None:
        """The initial metadata: every field in wire order. Left out when the server answers with trailers only.

        The list may be shared with other calls whose headers were the same: do not change it.
        """

    def on_message(self, message: bytes) -> None:
        """A whole message of the server."""

    def on_close(self, status: Status) -> None:
        """The call is over."""

    def on_writable(self) -> None:
        """What was queued has gone out, after ``stream.writable`` was false."""


_SILENT: AnswerHooks = ResponseListener()


class ClientStream(MessageStream):
    """One call as its caller drives it: send messages, ``end``, or ``cancel``."""

    __slots__ = ("_closed", "_deadline_slot", "deadline", "listener", "owner")

    def __init__(self, owner: ClientConnection, listener: AnswerHooks) -> None:
        super().__init__(owner.core, 0, owner.message_limit)
        self.owner = owner
        self.listener = listener
        self.deadline: float | None = None
        self._deadline_slot = 0
        self._closed = False

    def send_message(self, message: bytes, end: bool = False) -> None:
        """Send a serialized message, and with ``end`` nothing more. Look at ``writable`` before producing many."""
        self.send_plain(message, end)

    def send_compressed(self, message: bytes, end: bool = False) -> None:
        """Send a message by gzip: for calls that were begun with ``grpc-encoding: gzip`` in their metadata."""
        self.send_data(gzip_prefix(message), end)

    def end(self) -> None:
        """Send nothing more."""
        self.send_data(b"", True)

    def cancel(self, message: str = "context canceled") -> None:
        """Give the call up: the server is told, the listener gets CANCELLED. Ignored on a call that is over."""
        self._abandon(Status(Code.CANCELLED, message))

    def expire(self) -> None:
        """The deadline has passed."""
        self._abandon(Status(Code.DEADLINE_EXCEEDED, "context deadline exceeded"))

    def _abandon(self, status: Status) -> None:
        if not self._closed:
            self.reset(ErrorCode.CANCEL)
            self.connection.guarded(self, lambda: self._close(status))

    def on_headers(self, block: HeaderBlock, end: bool) -> None:
        if end:
            self._trailers(block)
            return
        if block.parsed is not True:
            fault = _head_fault(block)
            if fault is not None:
                # Not gRPC: a proxy or a web server answered. Its body is of no use.
                self._abandon(fault)
                return
            block.parsed = True
        for name, value in block.fields:
            if name == b"grpc-encoding":
                self._encoding = value
        self.listener.on_headers(block.fields)

    def _trailers(self, block: HeaderBlock) -> None:
        status: Status
        if isinstance(block.parsed, Status):
            status = block.parsed
        else:
            block.parsed = status = _final_status(block)
        if self.unfinished and status.code == 0:
            status = Status(Code.INTERNAL, "unexpected EOF", trailers=block.fields)
        if self.local_open:
            # The answer is complete; whatever we still had to send is of no use to the server.
            self.reset(ErrorCode.NO_ERROR)
        self._close(status)

    def on_data(self, data: bytes, end: bool) -> None:
        if self._closed:
            return
        try:
            if data:
                self.read_messages(data)
        except GrpcError as error:
            self._abandon(Status(error.code, error.message))
            return
        if end:
            self._abandon(Status(Code.INTERNAL, "server closed the stream without sending trailers"))

    def on_message(self, message: bytes) -> None:
        if not self._closed:
            self.listener.on_message(message)

    def on_reset(self, code: int, reason: str) -> None:
        if self._closed:
            return
        if code == ErrorCode.CANCEL and self.deadline is not None and self.owner.loop.time() >= self.deadline:
            self._close(Status(Code.DEADLINE_EXCEEDED, "context deadline exceeded"))
            return
        if code == ErrorCode.CONNECT_ERROR and not reason.startswith("grpc: "):
            reason = f"error reading from server: {reason}"  # grpc-go's words
        kind = _RESET_CODES.get(code, Code.INTERNAL)
        self._close(Status(kind, reason, unprocessed=code == ErrorCode.REFUSED_STREAM))

    def on_writable(self) -> None:
        if not self._closed:
            self.listener.on_writable()

    def _close(self, status: Status) -> None:
        self._closed = True
        if self.deadline is not None:
            self.owner.deadlines.discard(self, self._deadline_slot)
        # The listener usually knows us: without this, every call would be a cycle for the garbage collector.
        listener, self.listener = self.listener, _SILENT
        listener.on_close(status)

    def expire_at(self, deadline: float) -> None:
        """Put the call under a deadline (loop time)."""
        self.deadline = deadline
        self._deadline_slot = self.owner.deadlines.add(self, deadline)


def _final_status(block: HeaderBlock) -> Status:
    """The status in trailers; an answer without one that is no gRPC either is judged by its HTTP status."""
    if b":status" in block.pseudo and not any(name == b"grpc-status" for name, _ in block.fields):
        fault = _head_fault(block)
        if fault is not None:
            return fault
    return parse_status(block.fields)


def _head_fault(block: HeaderBlock) -> Status | None:
    """Why an answer's headers are not those of gRPC, as the status that the call gets."""
    http_status = int(block.pseudo[b":status"])
    if http_status != 200:
        phrase = HTTPStatus(http_status).phrase if http_status in HTTPStatus._value2member_map_ else ""
        text = f"unexpected HTTP status code received from server: {http_status} ({phrase})"
        return Status(HTTP_CODES.get(http_status, Code.UNKNOWN), text)
    for name, value in block.fields:
        if name == b"content-type":
            if value.startswith(b"application/grpc"):
                return None
            text = f"received unexpected content-type {value.decode('latin-1')!r}"
            return Status(Code.UNKNOWN, text)
    return Status(Code.UNKNOWN, "malformed header: missing HTTP content-type")
