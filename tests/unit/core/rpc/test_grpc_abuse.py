"""Hostile clients of a live gRPC server: each gets the RFC's error on its stream or connection; nobody else notices."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from support.h2client import Client

from dapr_core.rpc.grpc import (
    CallListener,
    Channel,
    ClientConnection,
    GrpcServer,
    ResponseListener,
    ServerStream,
    Status,
)
from dapr_core.rpc.grpc.messages import prefix
from dapr_core.rpc.h2 import ErrorCode, H2Config, frames
from dapr_core.rpc.hpack import encode

CALL = [
    (b":method", b"POST"),
    (b":scheme", b"http"),
    (b":path", b"/s/Echo"),
    (b":authority", b"localhost"),
    (b"content-type", b"application/grpc"),
    (b"te", b"trailers"),
]


class Echo(CallListener):
    """Echoes, and keeps count of calls that are neither answered nor cancelled."""

    __slots__ = ("stream",)
    open = 0
    cancelled = 0

    def __init__(self, stream: ServerStream) -> None:
        self.stream = stream
        Echo.open += 1

    def on_message(self, message: bytes) -> None:
        self.stream.send_message(message)

    def on_end(self) -> None:
        Echo.open -= 1
        self.stream.finish()

    def on_cancel(self) -> None:
        Echo.open -= 1
        Echo.cancelled += 1


class Answer(ResponseListener):
    def __init__(self) -> None:
        self.message = b""
        self.done: asyncio.Future[Status] = asyncio.get_running_loop().create_future()

    def on_message(self, message: bytes) -> None:
        self.message = message

    def on_close(self, status: Status) -> None:
        self.done.set_result(status)


async def honest(connection: ClientConnection) -> None:
    """A call of somebody else's, before, during and after."""
    answer = Answer()
    connection.start("/s/Echo", (), answer, timeout=5.0).send_message(b"hello", end=True)
    assert (await answer.done).ok
    assert answer.message == b"hello"


def attack(test: Callable[[Client, GrpcServer], Awaitable[None]], *, settings: Any = (), **options: Any) -> None:
    """Run a hostile client beside an honest one."""
    Echo.open = Echo.cancelled = 0

    async def main() -> None:
        server = GrpcServer(**options)
        server.register("/s/Echo", Echo)
        (sock,) = await server.listen("127.0.0.1", 0)
        port = server.port = sock.getsockname()[1]  # type: ignore[attr-defined]
        channel = Channel(f"127.0.0.1:{port}")
        connection = await channel.connect()
        try:
            async with asyncio.timeout(20):
                await honest(connection)
                client = await Client.open(port, settings=settings)
                await client.until(lambda: bool(client.settings))
                attacking = asyncio.create_task(test(client, server))
                while not attacking.done():
                    await honest(connection)
                    await asyncio.sleep(0.005)
                await attacking
                await client.close()
                await honest(connection)
                while len(server.connections) > 1:
                    await asyncio.sleep(0.005)
            assert Echo.open == 0
            assert channel.connection is connection
        finally:
            await channel.close()
            await server.stop(0)

    asyncio.run(main())


async def sent_away(client: Client, code: ErrorCode) -> None:
    """The server has ended the connection, with a reason unless the client's own bytes met a closed socket."""
    await client.until(lambda: client.eof)
    assert [reason for _, reason in client.goaway] in ([code], [])


def test_a_rapid_reset_is_sent_away_and_every_call_is_cancelled() -> None:
    async def test(client: Client, server: GrpcServer) -> None:
        block = encode(CALL)
        for _ in range(100):
            for _ in range(50):
                number, client.next_id = client.next_id, client.next_id + 2
                client.send(frames.frame(frames.HEADERS, 0x4, number, block) + frames.rst_stream(number, 8))
            await asyncio.sleep(0)
            if client.eof:
                break
        await sent_away(client, ErrorCode.ENHANCE_YOUR_CALM)

    attack(test)
    assert Echo.cancelled >= 1_000


@pytest.mark.parametrize(
    "flood",
    [
        frames.frame(frames.PING, 0, 0, b"12345678") * 25_000,
        frames.settings([(frames.SETTINGS_INITIAL_WINDOW_SIZE, 65_535)]) * 1_000,
        frames.frame(frames.PRIORITY, 0, 1, b"\0\0\0\3\x10") * 25_000,
        frames.window_update(0, 1) * 25_000,
        frames.frame(77, 0, 0, b"") * 25_000,
    ],
    ids=["PING", "SETTINGS", "PRIORITY", "WINDOW_UPDATE", "unknown frames"],
)
def test_a_flood_is_sent_away(flood: bytes) -> None:
    async def test(client: Client, server: GrpcServer) -> None:
        client.send(flood)
        await sent_away(client, ErrorCode.ENHANCE_YOUR_CALM)

    attack(test)


@pytest.mark.parametrize("part", [b"", b"\x00\x01a\x7f\x80\x7f" + b"v" * 16_000], ids=["empty", "full"])
def test_a_continuation_flood_is_sent_away(part: bytes) -> None:
    async def test(client: Client, server: GrpcServer) -> None:
        client.send(frames.frame(frames.HEADERS, 0, 1, encode(CALL)))
        for _ in range(2_100):
            client.send(frames.frame(frames.CONTINUATION, 0, 1, part))
            if client.eof:
                break
        await sent_away(client, ErrorCode.ENHANCE_YOUR_CALM)

    attack(test, config=H2Config())


def test_a_header_block_that_trickles_has_only_its_time() -> None:
    async def test(client: Client, server: GrpcServer) -> None:
        client.send(frames.frame(frames.HEADERS, 0, 1, encode(CALL)))
        while not client.eof:
            client.send(frames.frame(frames.CONTINUATION, 0, 1, b"\x84"))
            await asyncio.sleep(0.02)
        await sent_away(client, ErrorCode.ENHANCE_YOUR_CALM)

    attack(test, handshake_timeout=0.3)


def test_a_bomb_of_indexed_fields_costs_its_stream_only() -> None:
    async def test(client: Client, server: GrpcServer) -> None:
        big = b"\x40\x03x-a\x7f\xa1\x1e" + b"v" * 4_000  # inserted: 4 KB that one octet names from now on
        client.send(frames.frame(frames.HEADERS, 0x5, 1, encode(CALL) + big + b"\xbe" * 12_000))
        await client.until(lambda: 1 in client.answers)
        answer = client.answers[1]
        await client.until(lambda: answer.over)
        assert answer.reset == ErrorCode.PROTOCOL_ERROR
        assert not client.goaway

    attack(test, config=H2Config())


def test_a_client_that_takes_nothing_holds_a_bounded_amount() -> None:
    limit = 300_000

    async def test(client: Client, server: GrpcServer) -> None:
        numbers = []
        for _ in range(20):
            number = client.begin(CALL, end=False)
            client.data(number, prefix(b"x" * 16_000))
            client.data(number, prefix(b"y" * 16_000), end=True)
            numbers.append(number)
        reset = [client.answers[number] for number in numbers]
        await client.until(lambda: sum(answer.reset is not None for answer in reset) >= 10)
        assert {answer.reset for answer in reset} == {None, ErrorCode.ENHANCE_YOUR_CALM}
        assert sum(connection.core.queued for connection in server.connections) <= limit

    attack(test, settings=((frames.SETTINGS_INITIAL_WINDOW_SIZE, 0),), config=H2Config(queue_limit=limit))


@pytest.mark.parametrize("cut", [1, 8, 9, 20])
def test_a_connection_that_ends_inside_a_frame_cancels_its_calls(cut: int) -> None:
    async def test(client: Client, server: GrpcServer) -> None:
        number = client.begin(CALL, end=False)
        client.send(frames.frame(frames.DATA, 0, number, prefix(b"x" * 100))[:cut])
        while not Echo.open:
            await asyncio.sleep(0.001)
        client.writer.close()
        while not Echo.cancelled:
            await asyncio.sleep(0.001)

    attack(test)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frames.header(20_000, frames.DATA, 0, 1), ErrorCode.FRAME_SIZE_ERROR),
        (frames.frame(frames.HEADERS, 0x5, 1, b"\xff\xff\xff\xff\xff\xff"), ErrorCode.COMPRESSION_ERROR),
        (frames.frame(frames.HEADERS, 0x5, 1, b"\x3f\xe2\x1f" + encode(CALL)), ErrorCode.COMPRESSION_ERROR),
        (frames.frame(frames.DATA, 0, 1, b"x"), ErrorCode.PROTOCOL_ERROR),
    ],
    ids=["a frame too large", "an endless integer", "a table too large", "DATA out of nowhere"],
)
def test_what_breaks_the_connection_is_named(data: bytes, code: ErrorCode) -> None:
    async def test(client: Client, server: GrpcServer) -> None:
        client.send(data)
        await sent_away(client, code)

    attack(test)


@pytest.mark.parametrize(
    "field", [(b"X-A", b"1"), (b"x a", b"1"), (b"x-a", b"a\0b"), (b"connection", b"close"), (b"", b"1")]
)
def test_a_field_that_cannot_be_ends_its_stream_only(field: tuple[bytes, bytes]) -> None:
    async def test(client: Client, server: GrpcServer) -> None:
        answer = await client.get([*CALL, field])
        assert answer.reset == ErrorCode.PROTOCOL_ERROR
        assert not client.goaway

    attack(test)


def test_a_value_or_path_that_is_no_utf8_is_carried_or_named() -> None:
    async def test(client: Client, server: GrpcServer) -> None:
        number = client.begin([*CALL, (b"x-a", b"\xff\xfe")], end=False)
        client.data(number, prefix(b"x"), end=True)
        assert (await client.answer(number)).headers["grpc-status"] == "0"
        odd = [(name, b"/s/\xff" if name == b":path" else value) for name, value in CALL]
        assert (await client.get(odd)).headers["grpc-status"] == "12"

    attack(test)


def test_connections_beyond_the_limit_are_turned_away_and_the_others_stay() -> None:
    async def test(client: Client, server: GrpcServer) -> None:
        crowd = [await Client.open(server.port) for _ in range(3)]  # type: ignore[attr-defined]
        for late in crowd:
            await sent_away(late, ErrorCode.ENHANCE_YOUR_CALM)
            await late.close()

    attack(test, max_connections=2)
