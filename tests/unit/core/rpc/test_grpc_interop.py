"""Our gRPC against grpcio over cleartext HTTP/2: their client to our server, our client to their server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import grpc
import pytest

from dapr_core.proto.gen.common.v1.common_pb2 import StreamPayload
from dapr_core.rpc.grpc import Channel, Code, GrpcError, GrpcServer
from dapr_core.rpc.grpc.service import Method, ServerContext, Service
from dapr_core.rpc.grpc.stub import StreamStream, StreamUnary, UnaryStream, UnaryUnary

PATH = "/interop.Echo/"
DETAILS = b"\x08\x05\x12\x04gone"


def run(main: Callable[[], Awaitable[None]]) -> None:
    async def guarded() -> None:
        async with asyncio.timeout(30):
            await main()

    asyncio.run(guarded())


class Echo(Service):
    """One method of each kind, and those that fail on purpose."""

    SERVICE = "interop.Echo"

    def __init__(self) -> None:
        self.cancelled = asyncio.Event()
        self.started = asyncio.Event()

    async def unary(self, request: StreamPayload, context: ServerContext) -> StreamPayload:
        if (value := context.get("x-echo")) is not None:
            context.send_metadata([("x-initial", value)])
            context.set_trailers([("x-trailing-bin", b"\x00\xff" + value.encode())])
        return StreamPayload(data=request.data, seq=request.seq + 1)

    async def collect(self, requests: AsyncIterator[StreamPayload], context: ServerContext) -> StreamPayload:
        parts = [request.data async for request in requests]
        return StreamPayload(data=b"".join(parts), seq=len(parts))

    async def spread(self, request: StreamPayload, context: ServerContext) -> AsyncIterator[StreamPayload]:
        for seq in range(request.seq):
            yield StreamPayload(data=request.data, seq=seq)

    async def chat(
        self, requests: AsyncIterator[StreamPayload], context: ServerContext
    ) -> AsyncIterator[StreamPayload]:
        async for request in requests:
            yield request

    async def fail(self, request: StreamPayload, context: ServerContext) -> StreamPayload:
        raise GrpcError(Code.NOT_FOUND, "café 100%\n gone", details=DETAILS, trailers=[(b"x-why", b"because")])

    async def crash(self, request: StreamPayload, context: ServerContext) -> StreamPayload:
        raise RuntimeError("secret inside")

    async def hang(self, request: StreamPayload, context: ServerContext) -> StreamPayload:
        self.started.set()
        try:
            await asyncio.sleep(60)
        finally:
            self.cancelled.set()
        return request

    def methods(self) -> tuple[Method, ...]:
        kinds = {
            "Unary": (self.unary, False, False),
            "Collect": (self.collect, True, False),
            "Spread": (self.spread, False, True),
            "Chat": (self.chat, True, True),
            "Fail": (self.fail, False, False),
            "Crash": (self.crash, False, False),
            "Hang": (self.hang, False, False),
        }
        return tuple(Method(name, call, StreamPayload, StreamPayload, a, b) for name, (call, a, b) in kinds.items())


@contextlib.asynccontextmanager
async def ours() -> AsyncIterator[tuple[str, Echo]]:
    server, echo = GrpcServer(), Echo()
    server.add_service(echo)
    (sock,) = await server.listen("127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{sock.getsockname()[1]}", echo
    finally:
        await server.stop(grace=2.0)


def raw(channel: grpc.aio.Channel, kind: str, name: str):  # type: ignore[no-untyped-def]
    """A multicallable of grpcio that speaks our messages."""
    return getattr(channel, kind)(
        PATH + name,
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=StreamPayload.FromString,
    )


SIZES = pytest.mark.parametrize("size", [0, 1, 1024, 70_000, 3_000_000], ids=lambda size: f"{size} bytes")


@SIZES
def test_their_client_calls_our_unary_method(size: int) -> None:
    async def main() -> None:
        async with ours() as (address, _), grpc.aio.insecure_channel(address) as channel:
            answer = await raw(channel, "unary_unary", "Unary")(StreamPayload(data=b"x" * size, seq=4))
            assert answer == StreamPayload(data=b"x" * size, seq=5)

    run(main)


def test_their_client_gets_our_metadata_and_trailers() -> None:
    async def main() -> None:
        async with ours() as (address, _), grpc.aio.insecure_channel(address) as channel:
            call = raw(channel, "unary_unary", "Unary")(StreamPayload(), metadata=[("x-echo", "hello")])
            await call
            assert ("x-initial", "hello") in list(await call.initial_metadata())
            assert ("x-trailing-bin", b"\x00\xffhello") in list(await call.trailing_metadata())

    run(main)


def test_their_client_streams_to_our_method() -> None:
    async def main() -> None:
        async with ours() as (address, _), grpc.aio.insecure_channel(address) as channel:
            parts = [StreamPayload(data=b"%d" % seq * 20_000) for seq in range(50)]
            answer = await raw(channel, "stream_unary", "Collect")(iter(parts))
            assert answer.seq == 50
            assert answer.data == b"".join(part.data for part in parts)

    run(main)


def test_our_method_streams_to_their_client() -> None:
    async def main() -> None:
        async with ours() as (address, _), grpc.aio.insecure_channel(address) as channel:
            call = raw(channel, "unary_stream", "Spread")(StreamPayload(data=b"y" * 50_000, seq=100))
            assert [answer.seq async for answer in call] == list(range(100))

    run(main)


def test_their_client_and_our_method_take_turns() -> None:
    async def main() -> None:
        async with ours() as (address, _), grpc.aio.insecure_channel(address) as channel:
            call = raw(channel, "stream_stream", "Chat")()
            for seq in range(20):
                await call.write(StreamPayload(seq=seq))
                assert (await call.read()).seq == seq
            await call.done_writing()
            assert await call.read() is grpc.aio.EOF

    run(main)


def test_their_client_reads_our_error_with_details() -> None:
    async def main() -> None:
        async with ours() as (address, _), grpc.aio.insecure_channel(address) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await raw(channel, "unary_unary", "Fail")(StreamPayload())
            assert caught.value.code() is grpc.StatusCode.NOT_FOUND
            assert caught.value.details() == "café 100%\n gone"
            trailers = list(caught.value.trailing_metadata())
            assert ("grpc-status-details-bin", DETAILS) in trailers
            assert ("x-why", "because") in trailers

    run(main)


def test_a_crash_shows_no_internals_to_their_client() -> None:
    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        async with ours() as (address, _), grpc.aio.insecure_channel(address) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await raw(channel, "unary_unary", "Crash")(StreamPayload())
            assert caught.value.code() is grpc.StatusCode.UNKNOWN
            assert "secret" not in caught.value.details()

    run(main)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/interop.Echo/Nothing", "unknown method Nothing for service interop.Echo"),
        ("/other.Service/Call", "unknown service other.Service"),
    ],
    ids=["unknown method", "unknown service"],
)
def test_an_unknown_path_is_unimplemented(path: str, text: str) -> None:
    async def main() -> None:
        async with ours() as (address, _), grpc.aio.insecure_channel(address) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await channel.unary_unary(path)(b"")
            assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.UNIMPLEMENTED, text)

    run(main)


def test_their_cancellation_reaches_our_method() -> None:
    async def main() -> None:
        async with ours() as (address, echo), grpc.aio.insecure_channel(address) as channel:
            call = raw(channel, "unary_unary", "Hang")(StreamPayload())
            await echo.started.wait()
            call.cancel()
            await echo.cancelled.wait()

    run(main)


def test_their_deadline_reaches_our_method() -> None:
    async def main() -> None:
        async with ours() as (address, echo), grpc.aio.insecure_channel(address) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await raw(channel, "unary_unary", "Hang")(StreamPayload(), timeout=0.2)
            assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
            await echo.cancelled.wait()

    run(main)


def test_a_gzip_message_of_their_client_is_read() -> None:
    async def main() -> None:
        async with (
            ours() as (address, _),
            grpc.aio.insecure_channel(address, compression=grpc.Compression.Gzip) as channel,
        ):
            answer = await raw(channel, "unary_unary", "Unary")(StreamPayload(data=b"z" * 100_000))
            assert answer.data == b"z" * 100_000

    run(main)


def test_a_message_beyond_the_limit_is_refused_with_its_size() -> None:
    async def main() -> None:
        async with ours() as (address, _), grpc.aio.insecure_channel(address) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await raw(channel, "unary_unary", "Unary")(StreamPayload(data=b"x" * 4_194_304))
            assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert caught.value.details() == "grpc: received message larger than max (4194309 vs. 4194304)"

    run(main)


class TheirEcho(grpc.GenericRpcHandler):
    """The same methods, served by grpcio."""

    def service(self, details: grpc.HandlerCallDetails):  # type: ignore[no-untyped-def]
        kinds = {
            "Unary": (grpc.unary_unary_rpc_method_handler, self.unary),
            "Collect": (grpc.stream_unary_rpc_method_handler, self.collect),
            "Spread": (grpc.unary_stream_rpc_method_handler, self.spread),
            "Chat": (grpc.stream_stream_rpc_method_handler, self.chat),
            "Fail": (grpc.unary_unary_rpc_method_handler, self.fail),
            "Hang": (grpc.unary_unary_rpc_method_handler, self.hang),
        }
        found = kinds.get(details.method.removeprefix(PATH))
        if found is None:
            return None
        make, call = found
        return make(call, StreamPayload.FromString, lambda message: message.SerializeToString())

    async def unary(self, request, context):  # type: ignore[no-untyped-def]
        metadata = dict(context.invocation_metadata())
        if "x-echo" in metadata:
            await context.send_initial_metadata([("x-initial", metadata["x-echo"])])
            context.set_trailing_metadata([("x-trailing-bin", metadata["x-echo-bin"])])
        return StreamPayload(data=request.data, seq=request.seq + 1)

    async def collect(self, requests, context):  # type: ignore[no-untyped-def]
        parts = [request.data async for request in requests]
        return StreamPayload(data=b"".join(parts), seq=len(parts))

    async def spread(self, request, context):  # type: ignore[no-untyped-def]
        for seq in range(request.seq):
            yield StreamPayload(data=request.data, seq=seq)

    async def chat(self, requests, context):  # type: ignore[no-untyped-def]
        async for request in requests:
            yield request

    async def fail(self, request, context):  # type: ignore[no-untyped-def]
        context.set_trailing_metadata([("grpc-status-details-bin", DETAILS)])
        await context.abort(grpc.StatusCode.NOT_FOUND, "café 100%\n gone")

    async def hang(self, request, context):  # type: ignore[no-untyped-def]
        await asyncio.sleep(60)


@contextlib.asynccontextmanager
async def theirs(**options: object) -> AsyncIterator[Channel]:
    server = grpc.aio.server(**options)
    server.add_generic_rpc_handlers((TheirEcho(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    channel = Channel(f"127.0.0.1:{port}")
    try:
        yield channel
    finally:
        await channel.close()
        await server.stop(0)


@SIZES
def test_our_stub_calls_their_unary_method(size: int) -> None:
    async def main() -> None:
        async with theirs() as channel:
            call = UnaryUnary[StreamPayload, StreamPayload](channel, PATH + "Unary", StreamPayload)
            answer = await call(StreamPayload(data=b"x" * size, seq=4))
            assert answer == StreamPayload(data=b"x" * size, seq=5)

    run(main)


def test_our_stub_exchanges_metadata_with_their_method() -> None:
    async def main() -> None:
        async with theirs() as channel:
            call = UnaryUnary[StreamPayload, StreamPayload](channel, PATH + "Unary", StreamPayload)
            fields = [("x-echo", "hi"), ("x-echo-bin", b"\x00\x01")]
            _, headers, trailers = await call.with_call(StreamPayload(), metadata=fields)
            assert (b"x-initial", b"hi") in headers
            assert (b"x-trailing-bin", b"AAE") in trailers

    run(main)


def test_our_stub_streams_to_their_method() -> None:
    async def main() -> None:
        async with theirs() as channel:
            method = StreamUnary[StreamPayload, StreamPayload](channel, PATH + "Collect", StreamPayload)
            async with method() as call:
                for seq in range(50):
                    await call.send(StreamPayload(data=b"%d" % seq * 20_000))
                await call.end()
                answer = await call.response()
            assert answer.seq == 50
            assert answer.data == b"".join(b"%d" % seq * 20_000 for seq in range(50))

    run(main)


def test_their_method_streams_to_our_stub() -> None:
    async def main() -> None:
        async with theirs() as channel:
            method = UnaryStream[StreamPayload, StreamPayload](channel, PATH + "Spread", StreamPayload)
            call = method(StreamPayload(data=b"y" * 50_000, seq=100))
            assert [answer.seq async for answer in call] == list(range(100))

    run(main)


def test_our_stub_and_their_method_take_turns() -> None:
    async def main() -> None:
        async with theirs() as channel:
            method = StreamStream[StreamPayload, StreamPayload](channel, PATH + "Chat", StreamPayload)
            async with method() as call:
                answers = aiter(call)
                for seq in range(20):
                    await call.send(StreamPayload(seq=seq))
                    assert (await anext(answers)).seq == seq
                await call.end()
                with pytest.raises(StopAsyncIteration):
                    await anext(answers)

    run(main)


def test_our_stub_reads_their_error_with_details() -> None:
    async def main() -> None:
        async with theirs() as channel:
            call = UnaryUnary[StreamPayload, StreamPayload](channel, PATH + "Fail", StreamPayload)
            with pytest.raises(GrpcError) as caught:
                await call(StreamPayload())
            assert (caught.value.code, caught.value.message) == (Code.NOT_FOUND, "café 100%\n gone")
            assert caught.value.details == DETAILS

    run(main)


def test_our_deadline_ends_a_call_of_their_method() -> None:
    async def main() -> None:
        async with theirs() as channel:
            call = UnaryUnary[StreamPayload, StreamPayload](channel, PATH + "Hang", StreamPayload)
            with pytest.raises(GrpcError) as caught:
                await call(StreamPayload(), timeout=0.1)
            assert caught.value.code is Code.DEADLINE_EXCEEDED

    run(main)


def test_a_gzip_answer_of_their_method_is_read() -> None:
    async def main() -> None:
        async with theirs(compression=grpc.Compression.Gzip) as channel:
            call = UnaryUnary[StreamPayload, StreamPayload](channel, PATH + "Unary", StreamPayload)
            answer = await call(StreamPayload(data=b"z" * 100_000))
            assert answer.data == b"z" * 100_000

    run(main)


def test_more_calls_than_their_stream_limit_wait_for_their_turn() -> None:
    async def main() -> None:
        async with theirs(options=[("grpc.max_concurrent_streams", 3)]) as channel:
            call = UnaryUnary[StreamPayload, StreamPayload](channel, PATH + "Unary", StreamPayload)
            answers = await asyncio.gather(*[call(StreamPayload(seq=seq)) for seq in range(40)])
            assert [answer.seq for answer in answers] == list(range(1, 41))

    run(main)
