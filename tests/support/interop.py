"""The gRPC project's interoperability cases with our own two halves: the service, and a client that runs every case.

The messages are made from ``tests/interop/protos`` at run time, on a descriptor pool of their own.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_tools import protoc

from dapr_core.rpc.grpc import Channel, Code, GrpcError
from dapr_core.rpc.grpc.service import Method, ServerContext, Service
from dapr_core.rpc.grpc.status import decode_binary
from dapr_core.rpc.grpc.stub import StreamStream, StreamUnary, UnaryStream, UnaryUnary

PROTO = Path(__file__).resolve().parents[1] / "interop" / "protos" / "testing.proto"
SERVICE = "grpc.testing.TestService"
ASKED = (27182, 8, 1828, 45904)
ANSWERED = (31415, 9, 2653, 58979)
SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"
INITIAL, TRAILING = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"
CASES = (
    "empty_unary",
    "large_unary",
    "client_streaming",
    "server_streaming",
    "ping_pong",
    "cancel_after_begin",
    "timeout_on_sleeping_server",
    "status_code_and_message",
    "special_status_message",
    "unimplemented_method",
    "unimplemented_service",
    "custom_metadata",
)


def _descriptors() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "testing.bin"
        if protoc.main(["protoc", f"-I{PROTO.parent}", f"--descriptor_set_out={out}", str(PROTO)]):
            raise AssertionError(f"{PROTO} does not compile")
        return out.read_bytes()


DESCRIPTORS = _descriptors()
_pool = descriptor_pool.DescriptorPool()
for _file in descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTORS).file:
    _pool.Add(_file)


def message(name: str) -> Any:
    """The class of a message."""
    return message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"grpc.testing.{name}"))


Empty, Payload, EchoStatus = message("Empty"), message("Payload"), message("EchoStatus")
SimpleRequest, SimpleResponse = message("SimpleRequest"), message("SimpleResponse")
InputRequest, InputResponse = message("StreamingInputCallRequest"), message("StreamingInputCallResponse")
OutputRequest, OutputResponse = message("StreamingOutputCallRequest"), message("StreamingOutputCallResponse")


class TestService(Service):
    """Our server's half."""

    __test__ = False
    SERVICE = SERVICE

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("EmptyCall", self.empty, Empty, Empty, False, False),
            Method("UnaryCall", self.unary, SimpleRequest, SimpleResponse, False, False),
            Method("StreamingOutputCall", self.output, OutputRequest, OutputResponse, False, True),
            Method("StreamingInputCall", self.input, InputRequest, InputResponse, True, False),
            Method("FullDuplexCall", self.duplex, OutputRequest, OutputResponse, True, True),
        )

    def _echo(self, context: ServerContext) -> list[tuple[bytes, bytes]]:
        initial, trailing = context.get(INITIAL), context.get_binary(TRAILING)
        if initial is not None:
            context.send_metadata([(INITIAL, initial)])
        if trailing is not None:
            context.set_trailers([(TRAILING, trailing)])
        return context.trailers

    def _refuse(self, request: Any, context: ServerContext) -> None:
        trailers = self._echo(context)
        if request.HasField("response_status"):
            wanted = request.response_status
            raise GrpcError(Code(wanted.code), wanted.message, trailers=trailers)

    async def empty(self, request: Any, context: ServerContext) -> Any:
        return Empty()

    async def unary(self, request: Any, context: ServerContext) -> Any:
        self._refuse(request, context)
        return SimpleResponse(payload=Payload(body=bytes(request.response_size)))

    async def output(self, request: Any, context: ServerContext) -> AsyncIterator[Any]:
        self._refuse(request, context)
        for parameters in request.response_parameters:
            await asyncio.sleep(parameters.interval_us / 1e6)
            yield OutputResponse(payload=Payload(body=bytes(parameters.size)))

    async def input(self, requests: AsyncIterator[Any], context: ServerContext) -> Any:
        self._echo(context)
        return InputResponse(aggregated_payload_size=sum([len(request.payload.body) async for request in requests]))

    async def duplex(self, requests: AsyncIterator[Any], context: ServerContext) -> AsyncIterator[Any]:
        self._echo(context)
        async for request in requests:
            async for answer in self.output(request, context):
                yield answer


class Cases:
    """Our client's half: a method per case, which raises where the server does not do as the case says."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.empty = UnaryUnary(channel, f"/{SERVICE}/EmptyCall", Empty)
        self.unary = UnaryUnary(channel, f"/{SERVICE}/UnaryCall", SimpleResponse)
        self.output = UnaryStream(channel, f"/{SERVICE}/StreamingOutputCall", OutputResponse)
        self.input = StreamUnary(channel, f"/{SERVICE}/StreamingInputCall", InputResponse)
        self.duplex = StreamStream(channel, f"/{SERVICE}/FullDuplexCall", OutputResponse)

    @staticmethod
    def _large() -> Any:
        return SimpleRequest(response_size=314159, payload=Payload(body=bytes(271828)))

    async def empty_unary(self) -> None:
        assert await self.empty(Empty()) == Empty()

    async def large_unary(self) -> None:
        assert len((await self.unary(self._large())).payload.body) == 314159

    async def client_streaming(self) -> None:
        async with self.input() as call:
            for size in ASKED:
                await call.send(InputRequest(payload=Payload(body=bytes(size))))
            await call.end()
            assert (await call.response()).aggregated_payload_size == 74922

    async def server_streaming(self) -> None:
        request = OutputRequest(response_parameters=[{"size": size} for size in ANSWERED])
        answers = [len(answer.payload.body) async for answer in self.output(request)]
        assert tuple(answers) == ANSWERED

    async def ping_pong(self) -> None:
        async with self.duplex() as call:
            answers = aiter(call)
            for asked, answered in zip(ASKED, ANSWERED, strict=True):
                parameters = [{"size": answered}]
                await call.send(OutputRequest(response_parameters=parameters, payload=Payload(body=bytes(asked))))
                assert len((await anext(answers)).payload.body) == answered
            await call.end()
            assert [answer async for answer in answers] == []

    async def cancel_after_begin(self) -> None:
        async with self.input() as call:
            call.cancel()
            assert await _code(call.response) is Code.CANCELLED

    async def timeout_on_sleeping_server(self) -> None:
        await self._channel.connect()
        async with self.duplex(timeout=0.001) as call:
            await call.send(OutputRequest(payload=Payload(body=bytes(27182))))
            assert await _code(lambda: anext(aiter(call))) is Code.DEADLINE_EXCEEDED

    async def status_code_and_message(self) -> None:
        wanted = EchoStatus(code=2, message="test status message")
        await self._refused(wanted, lambda: self.unary(SimpleRequest(response_status=wanted)))
        async with self.duplex() as call:
            await call.send(OutputRequest(response_status=wanted))
            await call.end()
            await self._refused(wanted, lambda: anext(aiter(call)))

    async def special_status_message(self) -> None:
        wanted = EchoStatus(code=2, message=SPECIAL)
        await self._refused(wanted, lambda: self.unary(SimpleRequest(response_status=wanted)))

    @staticmethod
    async def _refused(wanted: Any, call: Callable[[], Awaitable[Any]]) -> None:
        error = await _error(call)
        assert (error.code, error.message) == (wanted.code, wanted.message)

    async def unimplemented_method(self) -> None:
        call = UnaryUnary(self._channel, f"/{SERVICE}/UnimplementedCall", Empty)
        assert await _code(lambda: call(Empty())) is Code.UNIMPLEMENTED

    async def unimplemented_service(self) -> None:
        call = UnaryUnary(self._channel, "/grpc.testing.UnimplementedService/UnimplementedCall", Empty)
        assert await _code(lambda: call(Empty())) is Code.UNIMPLEMENTED

    async def custom_metadata(self) -> None:
        sent = [(INITIAL, "test_initial_metadata_value"), (TRAILING, b"\xab\xab\xab")]
        _, headers, trailers = await self.unary.with_call(self._large(), metadata=sent)
        assert dict(headers)[INITIAL.encode()] == b"test_initial_metadata_value"
        assert decode_binary(dict(trailers)[TRAILING.encode()]) == b"\xab\xab\xab"

    async def run(self, name: str) -> None:
        """One case within ten seconds."""
        async with asyncio.timeout(10):
            await getattr(self, name)()


async def _error(call: Callable[[], Awaitable[Any]]) -> GrpcError:
    try:
        await call()
    except GrpcError as error:
        return error
    raise AssertionError("the call succeeded")


async def _code(call: Callable[[], Awaitable[Any]]) -> Code:
    return (await _error(call)).code
