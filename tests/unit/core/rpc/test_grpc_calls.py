"""Calls between our own client and server on loopback: the callback level, channels, drains and hand-overs."""

import asyncio
import gzip
import socket
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import pytest
from support.h2client import Client
from support.h2pair import split

from dapr_core.rpc.grpc import (
    CallListener,
    Channel,
    ChannelOptions,
    ChannelPool,
    Code,
    GrpcError,
    GrpcServer,
    KeepAlive,
    ResponseListener,
    ServerStream,
    Status,
    encode_metadata,
)
from dapr_core.rpc.h2 import H2Config, frames
from dapr_core.rpc.hpack import Decoder, encode

PATH = "/dapr.proto.internals.v1.ServiceInvocation/CallLocalStream"


def run(main: Callable[[], Awaitable[None]]) -> None:
    async def guarded() -> None:
        async with asyncio.timeout(20):
            await main()

    asyncio.run(guarded())


class Echo(CallListener):
    def __init__(self, stream: ServerStream) -> None:
        self.stream = stream

    def on_message(self, message: bytes) -> None:
        self.stream.send_message(message)

    def on_end(self) -> None:
        self.stream.finish()


class Hold(CallListener):
    """Never answers; tells when it was called and when it was cancelled."""

    def __init__(self, stream: ServerStream) -> None:
        self.stream = stream
        self.called = asyncio.Event()
        self.cancelled = asyncio.Event()

    def on_end(self) -> None:
        self.called.set()

    def on_cancel(self) -> None:
        self.cancelled.set()


class Answer(ResponseListener):
    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] | None = None
        self.messages: list[bytes] = []
        self.done: asyncio.Future[Status] = asyncio.get_running_loop().create_future()

    def on_headers(self, fields: list[tuple[bytes, bytes]]) -> None:
        self.headers = fields

    def on_message(self, message: bytes) -> None:
        self.messages.append(message)

    def on_close(self, status: Status) -> None:
        self.done.set_result(status)


async def serve(factory: Callable[[ServerStream], CallListener], **options: object) -> tuple[GrpcServer, str]:
    server = GrpcServer(**options)  # type: ignore[arg-type]
    server.register(PATH, factory)
    (sock,) = await server.listen("127.0.0.1", 0)
    return server, f"127.0.0.1:{sock.getsockname()[1]}"


async def call(
    channel: Channel,
    messages: Iterable[bytes] = (b"hi",),
    metadata: bytes | Iterable[tuple[bytes, bytes]] = (),
    timeout: float | None = None,
    path: str = PATH,
) -> tuple[Status, Answer]:
    answer = Answer()
    stream = (await channel.connect()).start(path, metadata, answer, timeout)
    for message in messages:
        stream.send_message(message)
    stream.end()
    return await answer.done, answer


def test_a_call_carries_messages_both_ways() -> None:
    async def main() -> None:
        server, address = await serve(Echo)
        channel = Channel(address)
        status, answer = await call(channel, [b"", b"a" * 10, b"b" * 200_000])
        assert status.ok
        assert answer.messages == [b"", b"a" * 10, b"b" * 200_000]
        assert answer.headers == [(b"content-type", b"application/grpc")]
        assert status.trailers == [(b"grpc-status", b"0"), (b"grpc-message", b"")]
        await channel.close()
        await server.stop(1.0)

    run(main)


def test_a_method_sees_the_fields_in_the_order_of_the_wire() -> None:
    """The order that the recordings of the original's internal conversation show."""
    heads = []

    class Look(Echo):
        def __init__(self, stream: ServerStream) -> None:
            super().__init__(stream)
            heads.append((stream.head.path, stream.head.authority, stream.head.fields, stream.head.timeout))

    async def main() -> None:
        server, address = await serve(Look)
        channel = Channel(address, ChannelOptions(user_agent=b"grpc-go/1.82.1"))
        traces = [(b"traceparent", b"00-0-0-00"), (b"grpc-trace-bin", b"AAAA")]
        await call(channel, metadata=traces, timeout=14.899468)
        await call(channel, metadata=encode_metadata(traces))
        await channel.close()
        await server.stop(1.0)
        (path, authority, fields, timeout), (_, _, again, none) = heads
        assert (path, authority) == (PATH.encode(), address.encode())
        assert [name for name, _ in fields] == [
            b"content-type",
            b"user-agent",
            b"te",
            b"grpc-accept-encoding",
            b"grpc-timeout",
            b"traceparent",
            b"grpc-trace-bin",
        ]
        assert timeout == pytest.approx(14.899468)
        assert none is None
        assert again == [field for field in fields if field[0] != b"grpc-timeout"]

    run(main)


def test_a_request_goes_out_in_one_write_with_pseudo_fields_in_the_originals_order() -> None:
    async def main() -> None:
        received: asyncio.Queue[bytes] = asyncio.Queue()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(frames.settings([]))
            while data := await reader.read(65_536):
                received.put_nowait(data)
            writer.close()

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        channel = Channel(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
        connection = await channel.connect()
        data = b""
        while data.count(frames.frame(frames.SETTINGS, frames.ACK, 0)) < 1:
            data += await received.get()
        connection.start(PATH, (), Answer()).send_message(b"body", end=True)
        kinds = split(await received.get())
        assert [kind for kind, *_ in kinds] == [frames.HEADERS, frames.DATA]
        assert [name for name, _ in Decoder().decode(kinds[0][3])][:4] == [
            b":method",
            b":scheme",
            b":path",
            b":authority",
        ]
        assert kinds[1][1:] == (frames.END_STREAM, 1, b"\x00\x00\x00\x00\x04body")
        await channel.close()
        server.close()
        await server.wait_closed()

    run(main)


@pytest.mark.parametrize("raised", [GrpcError(Code.ABORTED, "no", trailers=[(b"x-a", b"1")]), RuntimeError("secret")])
def test_a_hook_that_raises_ends_its_call_with_a_status(raised: Exception) -> None:
    class Fail(CallListener):
        def __init__(self, stream: ServerStream) -> None:
            pass

        def on_message(self, message: bytes) -> None:
            raise raised

    async def main() -> None:
        told: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context["exception"]))
        server, address = await serve(Fail)
        channel = Channel(address)
        status, _ = await call(channel)
        if isinstance(raised, GrpcError):
            assert (status.code, status.message, status.trailers[-1]) == (Code.ABORTED, "no", (b"x-a", b"1"))
        else:
            assert status.code is Code.UNKNOWN
            assert "secret" not in status.message
            assert told == [raised]
        await channel.close()
        await server.stop(1.0)

    run(main)


def test_a_deadline_ends_the_call_on_both_sides() -> None:
    async def main() -> None:
        held: list[Hold] = []

        def hold(stream: ServerStream) -> Hold:
            held.append(Hold(stream))
            return held[-1]

        server, address = await serve(hold)
        channel = Channel(address)
        status, _ = await call(channel, timeout=0.05)
        assert (status.code, status.message) == (Code.DEADLINE_EXCEEDED, "context deadline exceeded")
        await held[0].cancelled.wait()
        await channel.close()
        await server.stop(1.0)

    run(main)


def test_a_cancelled_call_is_told_to_the_method() -> None:
    async def main() -> None:
        held: list[Hold] = []

        def hold(stream: ServerStream) -> Hold:
            held.append(Hold(stream))
            return held[-1]

        server, address = await serve(hold)
        channel = Channel(address)
        answer = Answer()
        stream = (await channel.connect()).start(PATH, (), answer)
        stream.end()
        while not held:
            await asyncio.sleep(0)
        await held[0].called.wait()
        stream.cancel()
        assert (await answer.done).code is Code.CANCELLED
        await held[0].cancelled.wait()
        await channel.close()
        await server.stop(1.0)

    run(main)


def test_a_server_that_stops_finishes_what_it_has_begun_and_the_channel_dials_anew() -> None:
    async def main() -> None:
        held: list[Hold] = []

        def hold(stream: ServerStream) -> Hold:
            held.append(Hold(stream))
            return held[-1]

        server, address = await serve(hold)
        channel = Channel(address, ChannelOptions(backoff_base=0.01))
        first = asyncio.create_task(call(channel))
        while not held:
            await asyncio.sleep(0)
        await held[0].called.wait()
        stopping = asyncio.create_task(server.stop(5.0))
        while channel.connection is not None:
            await asyncio.sleep(0)
        held[0].stream.send_message(b"done")
        held[0].stream.finish()
        status, answer = await first
        assert status.ok
        assert answer.messages == [b"done"]
        await stopping
        again = GrpcServer()
        again.register(PATH, Echo)
        await again.listen("127.0.0.1", int(address.rpartition(":")[2]))
        status, _ = await call(channel)
        assert status.ok
        await channel.close()
        await again.stop(1.0)

    run(main)


def test_a_server_that_must_stop_now_ends_its_calls_as_unavailable() -> None:
    async def main() -> None:
        server, address = await serve(Hold)
        channel = Channel(address)
        pending = asyncio.create_task(call(channel))
        while not any(connection.core.streams for connection in server.connections):
            await asyncio.sleep(0.001)
        await server.stop(0.0)
        status, _ = await pending
        assert status.code is Code.UNAVAILABLE
        await channel.close()

    run(main)


def test_closing_a_channel_cancels_its_calls() -> None:
    async def main() -> None:
        server, address = await serve(Hold)
        channel = Channel(address)
        pending = asyncio.create_task(call(channel))
        while not channel.active:
            await asyncio.sleep(0.001)
        await channel.close()
        status, _ = await pending
        assert (status.code, status.message) == (Code.CANCELLED, "grpc: the client connection is closing")
        await server.stop(1.0)

    run(main)


def test_a_server_that_dies_leaves_its_calls_unavailable_in_the_originals_words() -> None:
    async def main() -> None:
        server, address = await serve(Hold)
        channel = Channel(address)
        pending = asyncio.create_task(call(channel))
        while not any(connection.core.streams for connection in server.connections):
            await asyncio.sleep(0.001)
        next(iter(server.connections)).abort("dead")
        status, _ = await pending
        assert status.code is Code.UNAVAILABLE
        assert status.message.startswith("error reading from server: ")
        while channel._live:
            await asyncio.sleep(0.001)
        await channel.close()
        await server.stop(1.0)

    run(main)


def test_broken_messages_let_the_method_clean_up() -> None:
    async def main() -> None:
        held: list[Hold] = []

        def hold(stream: ServerStream) -> Hold:
            held.append(Hold(stream))
            return held[-1]

        server, address = await serve(hold)
        await raw_exchange(address, body(b"\x07\x00\x00\x00\x01a"))
        assert held[0].cancelled.is_set()
        await server.stop(1.0)

    run(main)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def test_a_refused_connection_is_told_in_the_originals_words_and_backs_off() -> None:
    async def main() -> None:
        address = f"127.0.0.1:{free_port()}"
        channel = Channel(address, ChannelOptions(backoff_base=60.0))
        for _ in range(2):  # the second call meets the back-off and must not dial
            with pytest.raises(GrpcError) as caught:
                await channel.connect()
            assert caught.value.code is Code.UNAVAILABLE
            assert caught.value.unprocessed
            assert caught.value.message == (
                f'connection error: desc = "transport: Error while dialing: '
                f'dial tcp {address}: connect: connection refused"'
            )
        assert channel._failures == 1
        await channel.close()

    run(main)


def test_back_off_grows_with_jitter_and_is_forgotten_after_success() -> None:
    async def main() -> None:
        port = free_port()
        options = ChannelOptions(backoff_base=0.001, backoff_max=0.004, random=lambda: 0.5)
        channel = Channel(f"127.0.0.1:{port}", options)
        loop = asyncio.get_running_loop()
        delays = []
        for _ in range(4):
            while loop.time() < channel._retry_at:
                await asyncio.sleep(0.0005)
            with pytest.raises(GrpcError):
                await channel.connect()
            delays.append(channel._retry_at - loop.time())
        assert delays[0] <= 0.0011
        assert max(delays) <= 0.0041
        server = GrpcServer()
        await server.listen("127.0.0.1", port)
        while loop.time() < channel._retry_at:
            await asyncio.sleep(0.0005)
        await channel.connect()
        assert channel._failures == 0
        await channel.close()
        await server.stop(1.0)

    run(main)


def test_a_server_that_speaks_something_else_is_no_connection() -> None:
    async def main() -> None:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        channel = Channel(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(GrpcError, match=r"FRAME_SIZE_ERROR|PROTOCOL_ERROR"):
            await channel.connect()
        await channel.close()
        server.close()
        await server.wait_closed()

    run(main)


def test_a_server_that_says_nothing_times_out() -> None:
    async def main() -> None:
        writers = []

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writers.append(writer)

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        channel = Channel(f"127.0.0.1:{server.sockets[0].getsockname()[1]}", ChannelOptions(connect_timeout=0.05))
        with pytest.raises(GrpcError, match="Error while dialing"):
            await channel.connect()
        await channel.close()
        for writer in writers:
            writer.close()
        server.close()
        await server.wait_closed()

    run(main)


def test_many_callers_share_one_connection() -> None:
    async def main() -> None:
        server, address = await serve(Echo)
        pool = ChannelPool()
        results = await asyncio.gather(*[call(pool.get(address), [b"%d" % n]) for n in range(100)])
        assert [answer.messages for _, answer in results] == [[b"%d" % n] for n in range(100)]
        assert len(server.connections) == 1
        await pool.close()
        await server.stop(1.0)

    run(main)


def test_an_idle_channel_is_closed_and_a_busy_one_kept() -> None:
    async def main() -> None:
        held: list[Hold] = []

        def hold(stream: ServerStream) -> Hold:
            held.append(Hold(stream))
            return held[-1]

        server, address = await serve(hold)
        pool = ChannelPool(idle=0.05)
        channel = pool.get(address)
        pending = asyncio.create_task(call(channel))
        while not held:
            await asyncio.sleep(0)
        await asyncio.sleep(0.15)
        assert pool.get(address) is channel
        await held[0].called.wait()
        held[0].stream.finish()
        assert (await pending)[0].ok
        while server.connections:
            await asyncio.sleep(0.01)
        assert pool.get(address) is not channel
        await pool.close()
        await server.stop(1.0)

    run(main)


def test_a_callback_gets_the_connection_that_is_being_dialled() -> None:
    async def main() -> None:
        server, address = await serve(Echo)
        channel = Channel(address)
        got: list[object] = []
        channel.acquire(lambda connection, error: got.append(connection))
        channel.acquire(lambda connection, error: got.append(connection))
        while len(got) < 2:
            await asyncio.sleep(0)
        channel.acquire(lambda connection, error: got.append(connection))
        assert got == [channel.connection] * 3
        await channel.close()
        channel.acquire(lambda connection, error: got.append(error))
        assert isinstance(got[-1], GrpcError)
        await server.stop(1.0)

    run(main)


def test_unix_sockets_are_served_and_called(tmp_path: Path) -> None:
    async def main() -> None:
        server = GrpcServer()
        server.register(PATH, Echo)
        await server.listen_unix(str(tmp_path / "s"))
        channel = Channel(f"unix:{tmp_path / 's'}")
        status, answer = await call(channel)
        assert status.ok
        assert answer.messages == [b"hi"]
        await channel.close()
        await server.stop(1.0)

    run(main)


def test_a_connection_is_taken_over_from_another_protocol() -> None:
    async def main() -> None:
        server = GrpcServer()
        server.register(PATH, Echo)

        class First(asyncio.Protocol):
            """Stands for an HTTP/1.1 server that meets the HTTP/2 preface."""

            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                self.transport = transport

            def data_received(self, data: bytes) -> None:
                assert data.startswith(frames.PREFACE[:3])
                assert isinstance(self.transport, asyncio.Transport)
                server.protocol().adopt(self.transport, data)

        front = await asyncio.get_running_loop().create_server(First, "127.0.0.1", 0)
        channel = Channel(f"127.0.0.1:{front.sockets[0].getsockname()[1]}")
        status, answer = await call(channel)
        assert status.ok
        assert answer.messages == [b"hi"]
        await channel.close()
        await server.stop(1.0)
        front.close()
        await front.wait_closed()

    run(main)


def test_a_silent_peer_is_probed_and_given_up() -> None:
    async def main() -> None:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(frames.settings([]))
            while await reader.read(65_536):
                pass
            writer.close()

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        options = ChannelOptions(keepalive=KeepAlive(interval=0.03, timeout=0.03))
        channel = Channel(f"127.0.0.1:{server.sockets[0].getsockname()[1]}", options)
        status, _ = await call(channel)
        assert status.code is Code.UNAVAILABLE
        assert "keep-alive" in status.message
        await channel.close()
        server.close()
        await server.wait_closed()

    run(main)


def test_a_peer_that_answers_probes_is_kept() -> None:
    async def main() -> None:
        server, address = await serve(Echo)
        channel = Channel(address, ChannelOptions(keepalive=KeepAlive(interval=0.02, timeout=0.5, without_calls=True)))
        connection = await channel.connect()
        await asyncio.sleep(0.15)
        assert channel.connection is connection
        await channel.close()
        await server.stop(1.0)

    run(main)


def test_a_connection_that_comes_during_a_stop_is_turned_away() -> None:
    async def main() -> None:
        server, _ = await serve(Echo)
        await server.stop(0.0)
        front = await asyncio.get_running_loop().create_server(server.protocol, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*front.sockets[0].getsockname())
        writer.write(frames.PREFACE + frames.settings([]) + frames.frame(frames.PING, frames.ACK, 0, b"draining"))
        assert [kind for kind, *_ in split(await reader.read())].count(frames.GOAWAY) == 2
        writer.close()
        await writer.wait_closed()
        front.close()
        await front.wait_closed()

    run(main)


def test_a_client_that_sends_no_preface_is_closed() -> None:
    async def main() -> None:
        server, address = await serve(Echo, handshake_timeout=0.05)
        host, _, port = address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        assert frames.goaway(0, 4, b"no SETTINGS in time") in await reader.read()
        writer.close()
        await writer.wait_closed()
        await server.stop(1.0)

    run(main)


async def raw_exchange(address: str, data: bytes) -> list[tuple[int, int, int, bytes]]:
    """Send frames by hand; the frames that come back until the server is silent for the PING that follows."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(frames.PREFACE + frames.settings([]) + data + frames.frame(frames.PING, 0, 0, b"the last"))
    received = b""
    while not received.endswith(frames.frame(frames.PING, frames.ACK, 0, b"the last")):
        part = await reader.read(65_536)
        if not part:
            break
        received += part
    writer.close()
    await writer.wait_closed()
    return split(received)


def fields_of(answers: list[tuple[int, int, int, bytes]]) -> list[dict[bytes, bytes]]:
    return [dict(Decoder().decode(payload)) for kind, _, _, payload in answers if kind == frames.HEADERS]


GRPC = [
    (b":method", b"POST"),
    (b":scheme", b"http"),
    (b":path", PATH.encode()),
    (b":authority", b"a"),
    (b"content-type", b"application/grpc"),
    (b"te", b"trailers"),
]


def replace(name: bytes, value: bytes) -> list[tuple[bytes, bytes]]:
    return [(key, value if key == name else old) for key, old in GRPC]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        (replace(b":method", b"GET"), b"405", b"13"),
        (replace(b"content-type", b"application/json"), b"415", b"13"),
        (replace(b"content-type", b"application/grpcx"), b"415", b"13"),
        ([*GRPC, (b"grpc-encoding", b"snappy")], b"200", b"12"),
        ([*GRPC, (b"grpc-timeout", b"soon")], b"400", b"13"),
        (replace(b":path", b"nonsense"), b"200", b"12"),
    ],
    ids=["GET", "JSON", "odd content type", "unknown encoding", "bad timeout", "bad path"],
)
def test_what_is_no_grpc_call_is_refused(fields: list[tuple[bytes, bytes]], status: bytes, code: bytes) -> None:
    async def main() -> None:
        server, address = await serve(Echo)
        (head,) = fields_of(await raw_exchange(address, frames.frame(1, 5, 1, encode(fields))))
        assert (head[b":status"], head[b"grpc-status"]) == (status, code)
        await server.stop(1.0)

    run(main)


def body(data: bytes, fields: list[tuple[bytes, bytes]] | None = None) -> bytes:
    return frames.frame(1, 4, 1, encode(GRPC if fields is None else fields)) + frames.frame(0, 1, 1, data)


@pytest.mark.parametrize(
    ("data", "code", "text"),
    [
        (body(b"\x00\x00\x00\x00\x05abc"), b"13", b"unexpected EOF"),
        (body(b"\x02\x00\x00\x00\x01a"), b"13", b"grpc: received unexpected payload format 2"),
        (body(b"\x01\x00\x00\x00\x01a"), b"13", b"grpc: compressed flag set with identity or empty encoding"),
        (body(b"\x00\x00\x00\x04\x01" + b"x" * 1025), b"8", b"grpc: received message larger than max (1025 vs. 1024)"),
        (
            body(
                b"\x01" + len(bomb := gzip.compress(b"0" * 1_000_000)).to_bytes(4, "big") + bomb,
                [*GRPC, (b"grpc-encoding", b"gzip")],
            ),
            b"8",
            b"grpc: received message larger than max (1025 vs. 1024)",
        ),
    ],
    ids=["truncated", "unknown flag", "flag without encoding", "too large", "gzip bomb"],
)
def test_broken_messages_end_their_call_with_the_originals_words(data: bytes, code: bytes, text: bytes) -> None:
    async def main() -> None:
        server, address = await serve(Echo, message_limit=1024, config=H2Config())
        head = fields_of(await raw_exchange(address, data))[-1]
        assert (head[b"grpc-status"], head[b"grpc-message"]) == (code, text)
        await server.stop(1.0)

    run(main)


def test_messages_cut_anywhere_are_put_together() -> None:
    async def main() -> None:
        server, address = await serve(Echo)
        message = b"\x00\x00\x00\x00\x06abcdef" * 3
        data = frames.frame(1, 4, 1, encode(GRPC))
        data += b"".join(frames.frame(0, 0, 1, message[at : at + 4]) for at in range(0, len(message), 4))
        answers = await raw_exchange(address, data + frames.frame(0, 1, 1, b""))
        assert b"".join(payload for kind, _, _, payload in answers if kind == frames.DATA) == message
        await server.stop(1.0)

    run(main)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ([(b":status", b"404"), (b"content-type", b"text/plain")], Code.UNIMPLEMENTED),
        ([(b":status", b"503")], Code.UNAVAILABLE),
        ([(b":status", b"200"), (b"content-type", b"text/html")], Code.UNKNOWN),
        ([(b":status", b"200"), (b"content-type", b"application/grpc")], Code.INTERNAL),
        (
            [(b":status", b"200"), (b"content-type", b"application/grpc"), (b"grpc-status", b"7")],
            Code.PERMISSION_DENIED,
        ),
    ],
    ids=["404", "503", "HTML", "no status", "trailers only"],
)
def test_any_answer_becomes_a_status(answer: list[tuple[bytes, bytes]], code: Code) -> None:
    async def main() -> None:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(frames.settings([]))
            data = b""
            while b"\x00\x00\x00\x00\x02hi" not in data:
                data += await reader.read(65_536)
            writer.write(frames.frame(1, 5, 1, encode(answer)))
            await reader.read()
            writer.close()

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        channel = Channel(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
        status, _ = await call(channel)
        assert status.code is code
        await channel.close()
        server.close()
        await server.wait_closed()

    run(main)


def test_a_slow_reader_holds_the_writer_back() -> None:
    async def main() -> None:
        peak = 0

        class Pour(CallListener):
            """Produces 20 MB, but only while the stream is writable."""

            def __init__(self, stream: ServerStream) -> None:
                self.stream = stream
                self.left = 20_000

            def on_end(self) -> None:
                self.on_writable()

            def on_writable(self) -> None:
                nonlocal peak
                while self.left and self.stream.writable:
                    self.stream.send_message(b"x" * 1000)
                    self.left -= 1
                    peak = max(peak, self.stream.connection.queued)
                if not self.left:
                    self.stream.finish()

        class Slow(Answer):
            """Pauses its stream after every hundred messages, until the test lets it go on."""

            def on_message(self, message: bytes) -> None:
                self.messages.append(message)
                if len(self.messages) % 100 == 0:
                    stream.pause()
                    asyncio.get_running_loop().call_soon(stream.resume)

        server, address = await serve(Pour)
        channel = Channel(address)
        answer = Slow()
        stream = (await channel.connect()).start(PATH, (), answer)
        stream.end()
        assert (await answer.done).ok
        assert len(answer.messages) == 20_000
        assert peak < 200_000
        await channel.close()
        await server.stop(1.0)

    run(main)


@pytest.mark.parametrize("path", ["no/slash", "/only", "/a/b/c", "/"])
def test_a_bad_method_path_cannot_be_registered(path: str) -> None:
    with pytest.raises(ValueError, match="not a method path"):
        GrpcServer().register(path, Echo)


def test_a_path_is_registered_once() -> None:
    server = GrpcServer()
    server.register(PATH, Echo)
    with pytest.raises(ValueError, match="registered twice"):
        server.register(PATH, Echo)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (b"application/grpc", "application/grpc"),
        (b"application/grpc+proto", "application/grpc+proto"),
        (b"application/grpc+json", "application/grpc+json"),
        (b"application/grpc;charset=utf-8", "application/grpc"),
        (b"application/grpc+", "application/grpc"),
        (b"application/grpc+a b", "application/grpc"),
        (b"application/grpc+" + b"x" * 65, "application/grpc"),
    ],
)
def test_an_answer_has_the_content_type_of_its_request(asked: bytes, answered: str) -> None:
    async def main() -> None:
        server, address = await serve(Echo)
        client = await Client.open(int(address.rpartition(":")[2]))
        number = client.begin(
            [
                (b":method", b"POST"),
                (b":scheme", b"http"),
                (b":path", PATH.encode()),
                (b":authority", b"localhost"),
                (b"content-type", asked),
            ]
        )
        assert (await client.answer(number)).heads[0]["content-type"] == answered
        await client.close()
        await server.stop(0)

    run(main)


def test_a_call_may_name_another_coding_than_protobuf() -> None:
    seen: list[bytes | None] = []

    class Told(Echo):
        def __init__(self, stream: ServerStream) -> None:
            super().__init__(stream)
            seen.append(stream.head.get(b"content-type"))

    async def main() -> None:
        server, address = await serve(Told)
        channel = Channel(address)
        connection = await channel.connect()
        for kind in (b"application/grpc+json", b"application/grpc"):
            answer = Answer()
            connection.start(PATH, (), answer, content_type=kind).send_message(b"{}", end=True)
            assert (await answer.done).ok
        await channel.close()
        await server.stop(0)

    run(main)
    assert seen == [b"application/grpc+json", b"application/grpc"]
