"""``dapr.proto.internals.v1.ServiceInvocation``: what other sidecars call (api.md §3.6 and the recorded wire).

Thin: messages are decoded, the block delivers, its answer is encoded. A call costs one task, which waits for the
application; everything before and after it happens in callbacks.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from dapr_core.rpc.grpc.server import GrpcServer
from dapr_core.rpc.grpc.server_stream import CallListener, MethodFactory, ServerStream
from dapr_core.rpc.grpc.status import Code, decode_binary, encode_binary
from dapr_core.rpc.messages import BodyBrokenError, BodyStream, BodyTooLargeError, Response
from dapr_core.telemetry import tracecontext
from dapr_core.telemetry.tracecontext import NO_SPAN, SpanContext
from daprd.app.answers import whole
from daprd.blocks.invoke.inbound import Inbound, parent_of
from daprd.blocks.invoke.metadata import padded
from daprd.grpcapp import GrpcAnswer
from daprd.mesh import codec
from daprd.mesh.bodies import MessageBody
from daprd.mesh.client import CHUNK_BYTES, LEADING_BYTES
from daprd.mesh.errors import INTERNAL, INVALID_ARGUMENT, UNKNOWN, RpcError

SERVICE: Final = "/dapr.proto.internals.v1.ServiceInvocation/"
_PARSING: Final = "parsing InternalInvokeRequest error: "
_INVALID: Final = "grpc: error unmarshalling request: proto: cannot parse invalid wire-format data"
_NO_SPAN: Final = encode_binary(tracecontext.encode_binary(NO_SPAN))
_log = logging.getLogger("dapr.runtime.grpc.internal")


class InternalService:
    """The rpcs over one block. ``register`` them on the server of the internal port."""

    def __init__(self, inbound: Inbound) -> None:
        self.inbound = inbound

    def register(self, server: GrpcServer) -> None:
        """Serve calls of applications; ``internalactors`` has those of actors."""
        factories: dict[str, MethodFactory] = {
            "CallLocalStream": lambda stream: _StreamCall(self, stream),
            "CallLocal": lambda stream: _UnaryCall(self, stream),
        }
        for name, factory in factories.items():
            server.register(SERVICE + name, factory)

    def run(self, call: _Call, request: codec.RequestMessage, body: bytes | BodyStream) -> asyncio.Task[None]:
        """Deliver a call in a task of its own. What it waits for keeps it alive, and the call keeps it to cancel."""
        return call.stream.server.loop.create_task(self._deliver(call, request, body))

    async def _deliver(self, call: _Call, request: codec.RequestMessage, body: bytes | BodyStream) -> None:
        stream = call.stream
        span = call.span = self.inbound.span(_parent(stream))
        try:
            response = await self.inbound.deliver(request, body, span, stream.peer)
            await call.answer(response)
        except RpcError as error:
            call.refuse(error.code, error.text)
        except BodyBrokenError as failure:
            call.refuse(INTERNAL, f"error invoking app channel: {failure}")
        except asyncio.CancelledError:
            stream.cancel()
            raise
        except Exception as refusal:  # noqa: BLE001 - the edge: the peer gets a status, the log the cause
            _log.error("a call of another sidecar failed unexpectedly", exc_info=refusal)
            call.refuse(UNKNOWN, "internal error in the sidecar")


def _parent(stream: ServerStream) -> SpanContext | None:
    text = binary = None
    for name, value in stream.head.fields:
        if name == b"grpc-trace-bin":
            binary = value
        elif name == b"traceparent":
            text = value
    if binary == _NO_SPAN:
        return None
    try:
        return parent_of(text, None if binary is None else decode_binary(binary))
    except ValueError:
        return parent_of(text, None)


class _Call(CallListener):
    """What both forms of a call share."""

    __slots__ = ("drained", "service", "span", "stream", "task")

    def __init__(self, service: InternalService, stream: ServerStream) -> None:
        self.service = service
        self.stream = stream
        self.span: SpanContext | None = None
        self.task: asyncio.Task[None] | None = None
        self.drained: asyncio.Future[None] | None = None

    async def answer(self, response: Response) -> None:
        """Send what the application answered."""
        raise NotImplementedError

    def tell_context(self) -> None:
        """Send the call's context ahead of an answer, as the original does for all but streamed successes."""
        if self.span is not None:
            binary = encode_binary(tracecontext.encode_binary(self.span))
            self.stream.send_metadata([(b"grpc-trace-bin", binary)])

    def refuse(self, code: int, text: str) -> None:
        """End the call with a status."""
        if self.span is None:
            self.span = self.service.inbound.span(_parent(self.stream))
        self.tell_context()
        self.stream.finish(code, text)

    def on_cancel(self) -> None:
        if self.task is not None:
            self.task.cancel()
        self.on_writable()

    def on_writable(self) -> None:
        if self.drained is not None and not self.drained.done():
            self.drained.set_result(None)


class _UnaryCall(_Call):
    """``CallLocal``: the body is inside the message."""

    __slots__ = ("_message",)

    def __init__(self, service: InternalService, stream: ServerStream) -> None:
        super().__init__(service, stream)
        self._message: bytes | None = None

    def on_message(self, message: bytes) -> None:
        self._message = message

    def on_end(self) -> None:
        if self._message is None:
            self.stream.finish(INTERNAL, "received no message for a unary request")
            return
        try:
            request = codec.decode_request(self._message)
        except codec.CodecError:
            self.stream.finish(INTERNAL, _INVALID)
            return
        except codec.HeaderError as error:
            self.refuse(INVALID_ARGUMENT, _PARSING + str(error))
            return
        if not request.has_message:
            self.refuse(INVALID_ARGUMENT, _PARSING + "field Message is nil")
            return
        # The unary form always knows its length, so the application is told it.
        body: bytes | BodyStream = request.data
        if not any(name == b"content-length" for name, _, _ in request.entries):
            request = request.declaring(len(request.data))
        self.task = self.service.run(self, request, body)

    async def answer(self, response: Response) -> None:
        limit = self.stream.server.message_limit
        try:
            body = await whole(response, limit)
        except BodyTooLargeError:
            # grpc-go's words, as far as the size can be told.
            size = response.length if response.length is not None else f"over {limit}"
            self.refuse(Code.RESOURCE_EXHAUSTED, f"grpc: trying to send message larger than max ({size} vs. {limit})")
            return
        self.tell_context()
        self.stream.send_message(_encoded(response, body))
        self.stream.finish()


class _StreamCall(_Call):
    """``CallLocalStream``: a request, then pieces of its body in order."""

    __slots__ = ("_body", "_ended", "_error", "_parts", "_request", "_seq")

    def __init__(self, service: InternalService, stream: ServerStream) -> None:
        super().__init__(service, stream)
        self._request: codec.RequestMessage | None = None
        self._parts: list[bytes] = []
        self._body: MessageBody | None = None
        self._seq = 0
        self._ended = False
        self._error: Exception | None = None

    def on_message(self, message: bytes) -> None:
        spoilt = self._error
        if self._ended or spoilt is not None:
            return
        try:
            chunk = codec.decode_chunk(message)
            if self._request is None:
                self._begin(chunk)
            elif chunk.leading is not None:
                self._spoil("request metadata found in non-leading chunk")
            if chunk.has_payload and not self._ended and self._error is None:
                self._take(chunk)
        except codec.CodecError:
            self._ended = True
            self.refuse(INTERNAL, _INVALID)
        except codec.HeaderError as error:
            self._ended = True
            self.refuse(INVALID_ARGUMENT, _PARSING + str(error))

    def _begin(self, chunk: codec.Chunk) -> None:
        request = codec.decode_request(chunk.leading) if chunk.leading is not None else None
        if request is None or not request.entries or not request.has_message:
            self._ended = True
            self.refuse(
                INVALID_ARGUMENT, _PARSING + "request does not contain the required fields in the leading chunk"
            )
            return
        self._request = request
        # Most calls end with their first message or in this turn of the loop; only what has not becomes a stream.
        if self.stream.remote_open:
            self.stream.server.loop.call_soon(self._become_stream)

    def _take(self, chunk: codec.Chunk) -> None:
        if chunk.seq != self._seq:
            self._spoil(f"invalid sequence number received: {chunk.seq} (expected: {self._seq})")
            return
        self._seq += 1
        if self._body is not None:
            self._body.push(chunk.data)
        elif chunk.data:
            self._parts.append(chunk.data)

    def _spoil(self, text: str) -> None:
        """The body cannot become whole: whoever reads it gets this error."""
        self._error = ValueError(text)
        if self._body is not None:
            self._body.finish(self._error)

    def _become_stream(self) -> None:
        if self.task is None and self._request is not None and not self.stream.ended:
            self._stream()

    def _stream(self) -> None:
        assert self._request is not None
        self._body = body = MessageBody(self.stream.pause, self.stream.resume, self._nobody_reads)
        for part in self._parts:
            body.push(part)
        if self._error is not None or self._ended:
            body.finish(self._error)
        self.task = self.service.run(self, self._request, body)

    def _nobody_reads(self) -> None:
        """The application has answered without reading on: let the rest come and be dropped."""
        self._ended = True
        self.stream.resume()

    def on_end(self) -> None:
        if self._ended:
            return
        self._ended = True
        if self._request is None:
            self.refuse(UNKNOWN, "EOF")
        elif self._body is not None:
            self._body.finish(self._error)
        elif self._error is not None:
            self._stream()
        else:
            parts = self._parts
            body = parts[0] if len(parts) == 1 else b"".join(parts)
            self.task = self.service.run(self, self._request, body)

    def on_cancel(self) -> None:
        if self._body is not None:
            self._body.finish(ValueError("context canceled"))
        super().on_cancel()

    async def answer(self, response: Response) -> None:
        leading = _encoded(response)
        stream, body = self.stream, response.body
        if isinstance(body, bytes):
            stream.send_message(codec.encode_chunk(leading, body[:LEADING_BYTES], 0))
            await self._send(body[LEADING_BYTES:], 1)
        else:
            stream.send_message(codec.encode_chunk(leading, b"", 0))
            seq = 0
            async for piece in body:
                seq = await self._send(piece, seq)
        stream.finish()

    async def _send(self, data: bytes, seq: int) -> int:
        """Send a piece in messages of bounded size, no faster than the peer takes them; the next number."""
        stream = self.stream
        for at in range(0, len(data), CHUNK_BYTES):
            stream.send_message(codec.encode_chunk(b"", data[at : at + CHUNK_BYTES], seq))
            seq += 1
            while not stream.writable and not stream.ended:
                self.drained = stream.server.loop.create_future()
                await self.drained
        return seq


def _encoded(response: Response, data: bytes | None = None) -> bytes:
    """The application's answer as sidecars tell it; ``data`` only in the unary form."""
    if isinstance(response, GrpcAnswer):
        return codec.encode_grpc_response(
            response.code,
            response.message,
            response.details,
            padded(response.headers),
            padded(response.trailers),
            content_type=response.content_type,
            type_url=response.type_url,
            data=data or b"",
        )
    kind = response.header(b"content-type") or b""
    return codec.encode_response(response.status, _sendable(response), content_type=kind, data=data)


def _sendable(response: Response) -> list[tuple[bytes, bytes]]:
    """The application's headers as protobuf can carry them: what is no UTF-8 is taken for Latin-1."""
    headers = response.headers
    if all(value.isascii() for _, value in headers):
        return headers
    return [(name, _utf8(value)) for name, value in headers]


def _utf8(value: bytes) -> bytes:
    try:
        value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1").encode()
    return value
