"""The server's side of one call.

A method is registered as a factory: called with the ``ServerStream`` when the request's headers arrive, it returns the
``CallListener`` that gets the messages. Everything happens in callbacks on the loop, so a call costs neither a task nor
a future; ``service`` puts coroutines on top for everything that is not the data plane.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

from mypy_extensions import mypyc_attr

from dapr_core.rpc.grpc.messages import CONTENT_TYPE, MessageStream, gzip_prefix
from dapr_core.rpc.grpc.status import Code, GrpcError, status_fields
from dapr_core.rpc.grpc.timeouts import parse_timeout
from dapr_core.rpc.h2.connection import Connection
from dapr_core.rpc.h2.errors import ErrorCode
from dapr_core.rpc.h2.headers import HeaderBlock
from dapr_core.rpc.hpack import encode
from dapr_core.rpc.messages import Headers, Peer

if TYPE_CHECKING:
    from dapr_core.rpc.grpc.server import ServerConnection

ACCEPTED_ENCODINGS = frozenset({b"identity", b"gzip"})
_subtype = re.compile(rb"application/grpc(\+[0-9A-Za-z.+_-]{1,64})").fullmatch


def _answer_headers(content_type: bytes) -> bytes:
    return encode([(b":status", b"200"), (b"content-type", content_type)])


_ANSWER_HEADERS = _answer_headers(CONTENT_TYPE)
_OK_TRAILERS = encode(status_fields(Code.OK, "", None))


@mypyc_attr(allow_interpreted_subclasses=True)
class CallListener:
    """What a method does with one call. The hooks run on the loop; none of them may block.

    An exception ends the call: a ``GrpcError`` with its status, any other with UNKNOWN.
    """

    __slots__ = ()

    def on_message(self, message: bytes) -> None:
        """A whole message of the caller."""

    def on_end(self) -> None:
        """The caller will send no more."""

    def on_cancel(self) -> None:
        """The call is over before the method ended it: the caller gave up, its deadline passed, its connection or its
        messages broke, or a hook raised. Nothing can be sent any more."""

    def on_writable(self) -> None:
        """What was queued has gone out, after ``stream.writable`` was false."""


class RequestHead:
    """What a request's headers say; made once per distinct header block and then shared: never change it.

    ``fields`` are the regular fields in wire order, ``grpc-…`` and ``content-type`` ones included; ``timeout`` is in
    seconds or None. ``content_type`` is ``application/grpc``, with its subtype where it names one: the answer has the
    same, as grpc-go's has. ``answer`` is the encoded block that an answer begins with.
    """

    __slots__ = ("answer", "authority", "content_type", "encoding", "fields", "path", "refusal", "timeout")

    def __init__(self, block: HeaderBlock) -> None:
        self.path = block.pseudo.get(b":path", b"")
        self.authority = block.pseudo.get(b":authority", b"")
        self.fields: Headers = block.fields
        self.encoding = b"identity"
        self.timeout: float | None = None
        self.content_type = CONTENT_TYPE
        self.answer = _ANSWER_HEADERS
        # Why the request is no gRPC call: an HTTP status and a gRPC status to answer with.
        self.refusal: tuple[int, Code, str] | None = None
        self._read(block)

    def _read(self, block: HeaderBlock) -> None:
        content_type = b""
        for name, value in block.fields:
            if name == b"content-type":
                content_type = value
            elif name == b"grpc-encoding":
                self.encoding = value
            elif name == b"grpc-timeout":
                try:
                    self.timeout = parse_timeout(value)
                except ValueError as error:
                    self.refusal = (400, Code.INTERNAL, str(error))
            elif name == b"host" and not self.authority:
                self.authority = value
        if content_type != CONTENT_TYPE and _subtype(content_type):
            self.content_type = content_type
            self.answer = _answer_headers(content_type)
        method = block.pseudo.get(b":method", b"")
        if method != b"POST":
            text = f"Received a HEADERS frame with :method {method.decode('latin-1')!r} which should be POST"
            self.refusal = (405, Code.INTERNAL, text)
        elif not _is_grpc(content_type):
            text = f"invalid gRPC request content-type {content_type.decode('latin-1')!r}"
            self.refusal = (415, Code.INTERNAL, text)
        elif self.encoding not in ACCEPTED_ENCODINGS and self.refusal is None:
            encoding = self.encoding.decode("latin-1")
            text = f'grpc: Decompressor is not installed for grpc-encoding "{encoding}"'
            self.refusal = (200, Code.UNIMPLEMENTED, text)

    def get(self, name: bytes) -> bytes | None:
        """The first value of a field by its lower-case name, or None."""
        for key, value in self.fields:
            if key == name:
                return value
        return None


def _is_grpc(content_type: bytes) -> bool:
    base = b"application/grpc"
    return content_type.startswith(base) and content_type[len(base) : len(base) + 1] in (b"", b"+", b";")


class ServerStream(MessageStream):
    """One call as its method sees it: ``head`` is the request, the ``send_…`` and ``finish`` methods answer it."""

    ANSWERS = True
    __slots__ = (
        "_begun",
        "_deadline_slot",
        "_ended",
        "_headers_sent",
        "_packs",
        "deadline",
        "head",
        "listener",
        "server",
    )

    def __init__(self, server: ServerConnection, connection: Connection, stream_id: int) -> None:
        super().__init__(connection, stream_id, server.message_limit)
        self.server = server
        self.head: RequestHead
        self.listener: CallListener | None = None
        self.deadline: float | None = None
        """When the caller gives up, in loop time; None when it set no timeout."""
        self._deadline_slot = 0
        self._begun = False
        self._headers_sent = False
        self._packs = False
        self._ended = False

    # What the method uses

    @property
    def peer(self) -> Peer:
        """Who called."""
        return self.server.peer

    @property
    def ended(self) -> bool:
        """The call is over: answered, cancelled or broken."""
        return self._ended

    def send_metadata(self, fields: Iterable[tuple[bytes, bytes]] = (), *, content_type: bytes | None = None) -> None:
        """Send the initial metadata; left out, it goes with the first message. ``content_type`` is that of the answer
        where it is not the request's."""
        if self._headers_sent or self._ended:
            return
        self._headers_sent = True
        block = self.head.answer
        if content_type is not None and content_type != self.head.content_type:
            block = _answer_headers(content_type)
        self.send_headers(block + encode(fields))

    def send_message(self, message: bytes) -> None:
        """Send a serialized message. Look at ``writable`` before producing many."""
        if self._ended:
            return
        if not self._headers_sent:
            self._headers_sent = True
            self.send_headers(self.head.answer)
        self.send_plain(message)

    def send_compressed(self, message: bytes) -> None:
        """Send a message by gzip, if the caller takes that and the initial metadata is not out without it."""
        if self._ended:
            return
        if not self._headers_sent:
            accepted = self.head.get(b"grpc-accept-encoding") or b""
            if b"gzip" in accepted.replace(b" ", b"").split(b","):
                self._packs = True
                self.send_metadata([(b"grpc-encoding", b"gzip")])
        if self._packs:
            self.send_data(gzip_prefix(message))
        else:
            self.send_message(message)

    def finish(
        self,
        code: int = Code.OK,
        message: str = "",
        *,
        details: bytes | None = None,
        trailers: Iterable[tuple[bytes, bytes]] = (),
    ) -> None:
        """End the call. ``details`` is a serialized google.rpc.Status. Ignored on a call that has ended."""
        if self._ended:
            return
        if code == 0 and not message and details is None:
            block = _OK_TRAILERS
        else:
            block = encode(status_fields(code, message, details))
        if trailers:
            block += encode(trailers)
        self._end()
        if not self._headers_sent:
            block = self.head.answer + block
        self.send_headers(block, True)

    def fail(self, error: GrpcError) -> None:
        """End the call with the status of an error."""
        self.finish(error.code, error.message, details=error.details, trailers=error.trailers)

    def cancel(self, code: int = ErrorCode.CANCEL) -> None:
        """Break the call off without a status."""
        if not self._ended:
            self._end()
            self.reset(code)

    # Hooks of the stream

    def on_headers(self, block: HeaderBlock, end: bool) -> None:
        if self._begun:  # trailers of a request mean nothing in gRPC but its end
            self.on_data(b"", end)
            return
        self._begun = True
        known: RequestHead | None = block.parsed
        if known is None:
            block.parsed = known = RequestHead(block)
        self.head = head = known
        self._encoding = head.encoding
        if head.refusal is not None:
            if end:
                self._refuse(*head.refusal)
            return
        if head.timeout is not None:
            self.deadline = self.server.loop.time() + head.timeout
            self._deadline_slot = self.server.deadlines.add(self, self.deadline)
        try:
            listener = self.server.route(head.path)(self)
            if not self._ended:
                self.listener = listener
                if end:
                    listener.on_end()
        except Exception as error:  # noqa: BLE001  # a method's mistake becomes its call's status
            self._failed(error)

    def on_data(self, data: bytes, end: bool) -> None:
        if self._ended:
            return
        if self.listener is None:
            # No gRPC: an HTTP client gets its answer when it has sent its request, as it expects.
            if end and self.head.refusal is not None:
                self._refuse(*self.head.refusal)
            return
        try:
            if data:
                self.read_messages(data)
            if end and not self._ended:
                self.require_no_rest()
                self.listener.on_end()
        except Exception as error:  # noqa: BLE001  # a method's mistake becomes its call's status
            self._failed(error)

    def on_message(self, message: bytes) -> None:
        listener = self.listener
        if listener is not None and not self._ended:
            listener.on_message(message)

    def on_reset(self, code: int, reason: str) -> None:
        if self._ended:
            return
        listener = self.listener
        self._end()
        if listener is not None:
            listener.on_cancel()

    def on_writable(self) -> None:
        if self.listener is not None and not self._ended:
            self.listener.on_writable()

    def expire(self) -> None:
        """The caller's deadline has passed."""
        if self._ended:
            return
        listener = self.listener
        self.finish(Code.DEADLINE_EXCEEDED, "context deadline exceeded")
        if listener is not None:
            self.connection.guarded(self, listener.on_cancel)

    def _failed(self, error: Exception) -> None:
        """A hook raised, or the caller's messages are broken: end the call, and let the method clean up."""
        listener = None if self._ended else self.listener
        if isinstance(error, GrpcError):
            self.server.call_broken(self, error)
            self.fail(error)
        else:
            self.server.stream_failed(error)
            self.finish(Code.UNKNOWN, "internal error in the handler")
        if listener is not None:
            self.connection.guarded(self, listener.on_cancel)

    def _refuse(self, http_status: int, code: Code, message: str) -> None:
        """Answer what is no gRPC call so that both kinds of client can read it: by status fields, and by a body."""
        fields = [(b":status", b"%d" % http_status), (b"content-type", b"text/plain")]
        if http_status == 200:
            fields[1] = (b"content-type", b"application/grpc")
        self._end()
        block = encode([*fields, *status_fields(code, message, None)])
        if http_status == 200:
            self.send_headers(block, True)
        else:
            self.send_headers(block)
            self.send_data(message.encode(), True)

    def _end(self) -> None:
        self._ended = True
        self.listener = None  # it knows us: without this, every call would be a cycle for the garbage collector
        if self.deadline is not None:
            self.server.deadlines.discard(self, self._deadline_slot)


MethodFactory: TypeAlias = Callable[[ServerStream], CallListener]
"""Makes the listener of one call; may also answer at once."""
