"""How calls behave on their way: deadlines that are handed on, retries, pools, and a restart that loses no request."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from dapr_core.proto.gen.internals.v1.service_invocation_grpc import ServiceInvocationBase, ServiceInvocationStub
from dapr_core.proto.gen.internals.v1.service_invocation_pb2 import InternalInvokeRequest, InternalInvokeResponse
from dapr_core.rpc.grpc import (
    Channel,
    ChannelOptions,
    ChannelPool,
    Code,
    GrpcError,
    GrpcServer,
    RetryPolicy,
    Status,
)
from dapr_core.rpc.grpc.retries import TRANSPARENT
from dapr_core.rpc.grpc.service import ServerContext

Method = Callable[[InternalInvokeRequest, ServerContext], Awaitable[InternalInvokeResponse]]
ASK = InternalInvokeRequest()


class Service(ServiceInvocationBase):
    def __init__(self, method: Method) -> None:
        self._method = method

    async def call_local(self, request: InternalInvokeRequest, context: ServerContext) -> InternalInvokeResponse:
        return await self._method(request, context)


async def serve(method: Method, port: int = 0) -> tuple[GrpcServer, str]:
    server = GrpcServer()
    server.add_service(Service(method))
    (sock,) = await server.listen("127.0.0.1", port)
    return server, f"127.0.0.1:{sock.getsockname()[1]}"


def run(main: Callable[[], Awaitable[None]]) -> None:
    async def guarded() -> None:
        async with asyncio.timeout(20):
            await main()

    asyncio.run(guarded())


# --- Deadlines and cancellation across a hop


@pytest.mark.parametrize("own", [None, 60.0], ids=["no timeout of its own", "a longer one"])
def test_a_deadline_reaches_the_next_hop(own: float | None) -> None:
    left: list[float | None] = []

    async def last(request: InternalInvokeRequest, context: ServerContext) -> InternalInvokeResponse:
        left.append(context.time_remaining())
        return InternalInvokeResponse()

    async def main() -> None:
        end, end_address = await serve(last)
        onward = Channel(end_address)

        async def middle(request: InternalInvokeRequest, context: ServerContext) -> InternalInvokeResponse:
            return await ServiceInvocationStub(onward).call_local(request, timeout=own)

        first, address = await serve(middle)
        channel = Channel(address)
        await ServiceInvocationStub(channel).call_local(ASK, timeout=5.0)
        await ServiceInvocationStub(channel).call_local(ASK)
        for closing in (channel.close(), first.stop(1), onward.close(), end.stop(1)):
            await closing

    run(main)
    bounded, unbounded = left
    assert bounded is not None
    assert 4.0 < bounded <= 5.0
    assert unbounded is None if own is None else unbounded == pytest.approx(own, abs=1)


def test_a_cancellation_reaches_the_last_handler() -> None:
    async def main() -> None:
        begun, cancelled = asyncio.Event(), asyncio.Event()

        async def last(request: InternalInvokeRequest, context: ServerContext) -> InternalInvokeResponse:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()
            return InternalInvokeResponse()

        end, end_address = await serve(last)
        onward = Channel(end_address)

        async def middle(request: InternalInvokeRequest, context: ServerContext) -> InternalInvokeResponse:
            return await ServiceInvocationStub(onward).call_local(request)

        first, address = await serve(middle)
        channel = Channel(address)
        call = asyncio.create_task(ServiceInvocationStub(channel).call_local(ASK))
        await begun.wait()
        call.cancel()
        await cancelled.wait()
        for closing in (channel.close(), first.stop(1), onward.close(), end.stop(1)):
            await closing

    run(main)


# --- Retries


def status(code: Code, pushback: bytes | None = None, *, unprocessed: bool = False) -> Status:
    trailers = [] if pushback is None else [(b"grpc-retry-pushback-ms", pushback)]
    return Status(code, trailers=trailers, unprocessed=unprocessed)


POLICY = RetryPolicy(attempts=4, initial_backoff=1.0, max_backoff=3.0, multiplier=2.0)


@pytest.mark.parametrize(
    ("policy", "end", "made", "delay"),
    [
        (POLICY, status(Code.UNAVAILABLE), 1, 0.5),
        (POLICY, status(Code.UNAVAILABLE), 2, 1.0),
        (POLICY, status(Code.UNAVAILABLE), 3, 1.5),
        (POLICY, status(Code.UNAVAILABLE), 4, None),
        (POLICY, status(Code.INTERNAL), 1, None),
        (POLICY, status(Code.UNAVAILABLE, b"250"), 1, 0.25),
        (POLICY, status(Code.UNAVAILABLE, b"-1"), 1, None),
        (POLICY, status(Code.UNAVAILABLE, b"soon"), 1, None),
        (POLICY, status(Code.UNAVAILABLE, unprocessed=True), 1, 0.0),
        (TRANSPARENT, status(Code.UNAVAILABLE), 1, None),
        (TRANSPARENT, status(Code.UNAVAILABLE, unprocessed=True), 1, 0.0),
        (TRANSPARENT, status(Code.UNAVAILABLE, unprocessed=True), 2, None),
    ],
    ids=[
        "first", "grows", "up to a bound", "attempts used up", "another code", "the server says when",
        "the server says never", "the server says nonsense", "never looked at", "no policy", "no policy, unseen",
        "twice",
    ],
)  # fmt: skip
def test_the_wait_before_a_retry(policy: RetryPolicy, end: Status, made: int, delay: float | None) -> None:
    assert policy.delay(end, made, lambda: 0.5) == delay


def test_a_call_is_repeated_as_its_policy_says_and_the_server_is_told() -> None:
    attempts: list[str | None] = []

    async def shaky(request: InternalInvokeRequest, context: ServerContext) -> InternalInvokeResponse:
        attempts.append(context.get("grpc-previous-rpc-attempts"))
        if len(attempts) < 3:
            raise GrpcError(Code.UNAVAILABLE, "not now")
        return InternalInvokeResponse()

    async def main() -> None:
        server, address = await serve(shaky)
        channel = Channel(address, ChannelOptions(retry=RetryPolicy(initial_backoff=0.001)))
        await ServiceInvocationStub(channel).call_local(ASK)
        await channel.close()
        await server.stop(1)

    run(main)
    assert attempts == [None, "1", "2"]


@pytest.mark.parametrize("begun", [False, True], ids=["code not listed", "answer begun"])
def test_what_must_not_be_repeated_is_not(begun: bool) -> None:
    calls: list[int] = []

    async def fails(request: InternalInvokeRequest, context: ServerContext) -> InternalInvokeResponse:
        calls.append(1)
        if begun:
            context.send_metadata([("x-a", "1")])
        raise GrpcError(Code.UNAVAILABLE if begun else Code.ABORTED, "no")

    async def main() -> None:
        server, address = await serve(fails)
        channel = Channel(address, ChannelOptions(retry=RetryPolicy(initial_backoff=0.001)))
        with pytest.raises(GrpcError, match="no"):
            await ServiceInvocationStub(channel).call_local(ASK)
        await channel.close()
        await server.stop(1)

    run(main)
    assert calls == [1]


def test_a_retry_waits_for_a_server_that_comes_back() -> None:
    async def answer(request: InternalInvokeRequest, context: ServerContext) -> InternalInvokeResponse:
        return InternalInvokeResponse()

    async def main() -> None:
        server, address = await serve(answer)
        await server.stop(0)
        policy = RetryPolicy(attempts=50, initial_backoff=0.02, max_backoff=0.05)
        channel = Channel(address, ChannelOptions(retry=policy, backoff_base=0.01, backoff_max=0.02))
        call = asyncio.create_task(ServiceInvocationStub(channel).call_local(ASK, timeout=10))
        await asyncio.sleep(0.1)
        assert not call.done()
        server, _ = await serve(answer, int(address.rpartition(":")[2]))
        await call
        await channel.close()
        await server.stop(1)

    run(main)


def test_a_deadline_ends_retries() -> None:
    async def fails(request: InternalInvokeRequest, context: ServerContext) -> InternalInvokeResponse:
        raise GrpcError(Code.UNAVAILABLE, "not now")

    async def main() -> None:
        server, address = await serve(fails)
        policy = RetryPolicy(attempts=10**6, initial_backoff=10.0, max_backoff=10.0)
        channel = Channel(address, ChannelOptions(retry=policy, random=lambda: 1.0))
        with pytest.raises(GrpcError, match="not now"):
            await ServiceInvocationStub(channel).call_local(ASK, timeout=0.5)
        await channel.close()
        await server.stop(1)

    run(main)


# --- gzip


@pytest.mark.parametrize("theirs", [True, False], ids=["answered by gzip", "answered plainly"])
@pytest.mark.parametrize("ours", [True, False], ids=["asked by gzip", "asked plainly"])
def test_messages_may_be_compressed_in_either_direction(ours: bool, theirs: bool) -> None:
    seen: list[str | None] = []

    async def answer(request: InternalInvokeRequest, context: ServerContext) -> InternalInvokeResponse:
        seen.append(context.get("grpc-encoding"))
        context.gzip = theirs
        return InternalInvokeResponse(message={"content_type": request.message.method})  # type: ignore[arg-type]

    async def main() -> None:
        server, address = await serve(answer)
        channel = Channel(address, ChannelOptions(gzip=ours))
        for method in ("m" * 100_000, "m"):  # a short one is not worth it and goes as it is
            request = InternalInvokeRequest(message={"method": method})  # type: ignore[arg-type]
            got, headers, _ = await ServiceInvocationStub(channel).call_local.with_call(request)
            assert got.message.content_type == method
            assert dict(headers).get(b"grpc-encoding") == (b"gzip" if theirs else None)
        await channel.close()
        await server.stop(1)

    run(main)
    assert seen == ["gzip" if ours else None] * 2


# --- Pools and restarts


def test_a_pool_shares_channels_by_target_and_options_only() -> None:
    async def main() -> None:
        pool, other = ChannelPool(), ChannelOptions(user_agent=b"other")
        assert pool.get("a:1") is pool.get("a:1")
        assert pool.get("a:1") is not pool.get("b:1")
        assert pool.get("a:1", other) is pool.get("a:1", other)
        assert pool.get("a:1", other) is not pool.get("a:1")
        assert pool.get("a:1", other).options is other
        await pool.close()

    run(main)


def test_a_rolling_restart_loses_no_request() -> None:
    served: list[str] = []

    def method(name: str) -> Method:
        async def answer(request: InternalInvokeRequest, context: ServerContext) -> InternalInvokeResponse:
            await asyncio.sleep(0.002)
            served.append(name)
            return InternalInvokeResponse()

        return answer

    async def main() -> None:
        old, address = await serve(method("0"))
        port = int(address.rpartition(":")[2])
        channel = Channel(address, ChannelOptions(backoff_base=0.01, backoff_max=0.02))
        stub, running = ServiceInvocationStub(channel), True
        done = 0

        async def caller() -> None:
            nonlocal done
            while running:
                await stub.call_local(ASK)
                done += 1

        callers = [asyncio.create_task(caller()) for _ in range(20)]
        for name in ("1", "2", "3"):
            enough = done + 100
            while done < enough:
                await asyncio.sleep(0.001)
            server = GrpcServer()
            server.add_service(Service(method(name)))
            stopping = asyncio.create_task(old.stop(5))
            await asyncio.sleep(0)  # the old one has closed its listener, and drains
            await server.listen("127.0.0.1", port)
            await stopping
            old = server
        running = False
        await asyncio.gather(*callers)
        assert len(served) == done
        await channel.close()
        await old.stop(1)

    run(main)
    assert set(served) == {"0", "1", "2", "3"}
