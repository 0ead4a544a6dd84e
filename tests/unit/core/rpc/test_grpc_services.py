"""Generated services and stubs, against one another."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from dapr_core.proto.gen.common.v1.common_pb2 import StreamPayload
from dapr_core.proto.gen.google.protobuf.empty_pb2 import Empty
from dapr_core.proto.gen.internals.v1.reminders_pb2 import Reminder
from dapr_core.proto.gen.internals.v1.service_invocation_grpc import ServiceInvocationBase, ServiceInvocationStub
from dapr_core.proto.gen.internals.v1.service_invocation_pb2 import (
    InternalInvokeRequest,
    InternalInvokeRequestStream,
    InternalInvokeResponse,
    InternalInvokeResponseStream,
)
from dapr_core.rpc.grpc import Channel, Code, GrpcError, GrpcServer
from dapr_core.rpc.grpc.service import ServerContext


def run(main: Callable[[], Awaitable[None]]) -> None:
    async def guarded() -> None:
        async with asyncio.timeout(20):
            await main()

    asyncio.run(guarded())


class Invocation(ServiceInvocationBase):
    def __init__(self) -> None:
        self.seen: list[int] = []
        self.left = asyncio.Event()
        self.remaining: float | None = None

    async def call_local(self, request: InternalInvokeRequest, context: ServerContext) -> InternalInvokeResponse:
        self.remaining = context.time_remaining()
        context.send_metadata([("x-peer", context.peer.address)])
        context.set_trailers([("x-method", request.message.method)])
        return InternalInvokeResponse(message={"content_type": context.get("x-type") or ""})  # type: ignore[arg-type]

    def call_local_stream(
        self, requests: AsyncIterator[InternalInvokeRequestStream], context: ServerContext
    ) -> AsyncIterator[InternalInvokeResponseStream]:
        return self._echo(requests)

    async def _echo(
        self, requests: AsyncIterator[InternalInvokeRequestStream]
    ) -> AsyncIterator[InternalInvokeResponseStream]:
        try:
            async for request in requests:
                self.seen.append(request.payload.seq)
                yield InternalInvokeResponseStream(payload=request.payload)
        finally:
            self.left.set()

    async def call_actor_stream(
        self, request: InternalInvokeRequest, context: ServerContext
    ) -> AsyncIterator[InternalInvokeResponse]:
        yield InternalInvokeResponse()
        raise GrpcError(Code.DATA_LOSS, "half way")


@contextlib.asynccontextmanager
async def pair(service: Invocation | None = None) -> AsyncIterator[tuple[Invocation, ServiceInvocationStub]]:
    server, service = GrpcServer(), service or Invocation()
    server.add_service(service)
    (sock,) = await server.listen("127.0.0.1", 0)
    channel = Channel(f"127.0.0.1:{sock.getsockname()[1]}")
    try:
        yield service, ServiceInvocationStub(channel)
    finally:
        await channel.close()
        await server.stop(1.0)


def test_a_unary_call_is_one_await_with_typed_messages() -> None:
    async def main() -> None:
        async with pair() as (service, stub):
            request = InternalInvokeRequest()
            request.message.method = "m"
            answer, headers, trailers = await stub.call_local.with_call(
                request, timeout=5.0, metadata=[("x-type", "text/plain")]
            )
            assert answer.message.content_type == "text/plain"
            assert (b"x-peer", b"127.0.0.1") in headers
            assert (b"x-method", b"m") in trailers
            assert service.remaining is not None
            assert 4.0 < service.remaining <= 5.0

    run(main)


def test_methods_that_nobody_wrote_are_unimplemented_by_name() -> None:
    async def main() -> None:
        async with pair() as (_, stub):
            with pytest.raises(GrpcError) as caught:
                await stub.call_actor(InternalInvokeRequest())
            assert (caught.value.code, caught.value.message) == (Code.UNIMPLEMENTED, "method CallActor not implemented")
            with pytest.raises(GrpcError, match="method CallActorReminder not implemented"):
                await stub.call_actor_reminder(Reminder())

    run(main)


def test_a_bidirectional_call_is_fed_and_read_side_by_side() -> None:
    async def main() -> None:
        async with pair() as (service, stub):

            async def feed(call: object) -> None:
                for seq in range(300):
                    payload = StreamPayload(data=b"x" * 20_000, seq=seq)
                    await call.send(InternalInvokeRequestStream(payload=payload))  # type: ignore[attr-defined]
                await call.end()  # type: ignore[attr-defined]

            async with stub.call_local_stream() as call:
                feeding = asyncio.create_task(feed(call))
                got = [answer.payload.seq async for answer in call]
                await feeding
            assert got == service.seen == list(range(300))
            assert call.status is not None
            assert call.status.ok

    run(main)


def test_leaving_the_block_early_cancels_the_method() -> None:
    async def main() -> None:
        async with pair() as (service, stub):
            async with stub.call_local_stream() as call:
                await call.send(InternalInvokeRequestStream(payload=StreamPayload(seq=1)))
                async for answer in call:
                    assert answer.payload.seq == 1
                    break
            await service.left.wait()
            assert call.status is not None
            assert call.status.code is Code.CANCELLED

    run(main)


def test_leaving_the_answers_of_a_call_early_cancels_it() -> None:
    class Endless(Invocation):
        async def call_actor_stream(
            self, request: InternalInvokeRequest, context: ServerContext
        ) -> AsyncIterator[InternalInvokeResponse]:
            try:
                while True:
                    yield InternalInvokeResponse()
                    await asyncio.sleep(0.001)
            finally:
                self.left.set()

    async def main() -> None:
        async with pair(Endless()) as (service, stub):
            async for _ in stub.call_actor_stream(InternalInvokeRequest()):
                break
            await service.left.wait()

    run(main)


def test_answers_before_an_error_are_delivered_and_then_the_error() -> None:
    async def main() -> None:
        async with pair() as (_, stub):
            got = []
            with pytest.raises(GrpcError, match="DATA_LOSS: half way"):
                async for answer in stub.call_actor_stream(InternalInvokeRequest()):
                    got.append(answer)  # noqa: PERF401  # what came before the error counts
            assert got == [InternalInvokeResponse()]

    run(main)


def test_cancelling_the_awaiting_task_cancels_the_call() -> None:
    class Slow(Invocation):
        async def call_local(self, request: InternalInvokeRequest, context: ServerContext) -> InternalInvokeResponse:
            self.seen.append(1)
            try:
                await asyncio.Event().wait()
            finally:
                self.left.set()
            return InternalInvokeResponse()

    async def main() -> None:
        server, service = GrpcServer(), Slow()
        server.add_service(service)
        (sock,) = await server.listen("127.0.0.1", 0)
        channel = Channel(f"127.0.0.1:{sock.getsockname()[1]}")
        task = asyncio.create_task(ServiceInvocationStub(channel).call_local(InternalInvokeRequest()))
        while not service.seen:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await service.left.wait()
        await channel.close()
        await server.stop(1.0)

    run(main)


def test_a_request_that_does_not_parse_is_internal_as_in_the_recordings() -> None:
    class Garbage:
        """Stands in for a message; serializes to bytes that are none."""

        def SerializeToString(self) -> bytes:
            return b"\xff\xff\xff"

    async def main() -> None:
        async with pair() as (_, stub):
            with pytest.raises(GrpcError) as caught:
                await stub.call_local(Garbage())  # type: ignore[arg-type]
            assert caught.value.code is Code.INTERNAL
            assert caught.value.message == (
                "grpc: error unmarshalling request: proto: cannot parse invalid wire-format data"
            )

    run(main)


def test_a_call_the_server_refused_unseen_is_repeated_on_a_new_connection() -> None:
    async def main() -> None:
        async with pair() as (_, stub):
            await stub.call_local(InternalInvokeRequest())
            connection = stub.call_local.channel.connection
            assert connection is not None
            # What a server does that drains in the very moment of the call: GOAWAY with an older last stream.
            real = connection.core.receive
            from dapr_core.rpc.h2 import frames

            def refuse_first(data: bytes) -> None:
                connection.core.receive = real  # type: ignore[method-assign]
                real(frames.goaway(1, 0))

            connection.core.receive = refuse_first  # type: ignore[method-assign]
            answer = await stub.call_local(InternalInvokeRequest())
            assert answer == InternalInvokeResponse(message={"content_type": ""})  # type: ignore[arg-type]
            assert stub.call_local.channel.connection is not connection

    run(main)


def test_empty_is_a_message_like_any_other() -> None:
    class Reminded(Invocation):
        async def call_actor_reminder(self, request: Reminder, context: ServerContext) -> Empty:
            self.seen.append(len(request.name))
            return Empty()

    async def main() -> None:
        server, service = GrpcServer(), Reminded()
        server.add_service(service)
        (sock,) = await server.listen("127.0.0.1", 0)
        channel = Channel(f"127.0.0.1:{sock.getsockname()[1]}")
        assert await ServiceInvocationStub(channel).call_actor_reminder(Reminder(name="abc")) == Empty()
        assert service.seen == [3]
        await channel.close()
        await server.stop(1.0)

    run(main)
