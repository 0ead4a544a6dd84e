"""The HTTP/2 client against our own server, nghttp2's peers being in ``tests/interop``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from support.authority import Authority, client_context, server_context

from dapr_core.rpc.h2 import ErrorCode, frames
from dapr_core.rpc.hpack import encode
from dapr_core.rpc.http1.client import Origin
from dapr_core.rpc.http1.errors import BadResponseError, ServerClosedError
from dapr_core.rpc.http1.server import HTTP1Server
from dapr_core.rpc.http2.client import HTTP2Client
from dapr_core.rpc.messages import BodyBrokenError, BodyStream, Handler, Request, Response


def call(
    handler: Handler, test: Callable[[HTTP2Client, Origin, HTTP1Server], Awaitable[None]], *, tls: Any = (None, None)
) -> None:
    async def main() -> None:
        server = HTTP1Server(handler, on_error=lambda error, request: None, http2=True)
        ((host, port),) = await server.serve_tcp("127.0.0.1", 0, ssl_context=tls[0])
        client = HTTP2Client()
        try:
            async with asyncio.timeout(20):
                await test(client, Origin(host, port, tls=tls[1]), server)
        finally:
            await client.close()
            await server.close()

    asyncio.run(main())


async def echo(request: Request) -> Response:
    body = await request.read()
    return Response(200, [*request.headers, (b"x-seen", request.method.encode() + b" " + request.target)], body)


class Pieces(BodyStream):
    """A body that arrives in pieces, and may break."""

    def __init__(self, *parts: bytes, error: Exception | None = None) -> None:
        self.parts, self.error, self.closed = parts, error, False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            await asyncio.sleep(0)
            yield part
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 3_000_000])
def test_bodies_of_any_size_go_both_ways(size: int) -> None:
    async def test(client: HTTP2Client, origin: Origin, _: HTTP1Server) -> None:
        headers = [(b"x-a", b"1"), (b"connection", b"x-b"), (b"transfer-encoding", b"chunked")]
        response = await client.request(origin, Request("POST", b"/a?b", headers, b"x" * size))
        assert response.status == 200
        assert await response.read() == b"x" * size
        assert response.header(b"x-seen") == b"POST /a?b"
        assert response.header(b"host") == origin.host_field
        assert response.header(b"x-a") == b"1"
        assert response.header(b"connection") is None

    call(echo, test)


def test_many_calls_share_one_connection() -> None:
    async def test(client: HTTP2Client, origin: Origin, server: HTTP1Server) -> None:
        calls = [client.request(origin, Request("GET", b"/%d" % number)) for number in range(300)]
        answers = await asyncio.gather(*calls)
        assert [answer.header(b"x-seen") for answer in answers] == [b"GET /%d" % number for number in range(300)]
        assert server.connections == 1

    call(echo, test)


def test_with_tls_it_is_chosen_by_alpn() -> None:
    root = Authority()

    async def test(client: HTTP2Client, origin: Origin, _: HTTP1Server) -> None:
        assert (await client.request(origin, Request("GET", b"/"))).status == 200

    call(echo, test, tls=(server_context(root.leaf()), client_context(root.pem)))


def test_a_body_is_streamed_up_and_its_failure_told() -> None:
    async def test(client: HTTP2Client, origin: Origin, _: HTTP1Server) -> None:
        body = Pieces(*[b"x" * 100_000] * 10)
        response = await client.request(origin, Request("POST", b"/", [], body, length=None))
        assert len(await response.read()) == 1_000_000
        assert body.closed
        broken = Pieces(b"x", error=BodyBrokenError("gone"))
        with pytest.raises(BodyBrokenError, match="gone"):
            await client.request(origin, Request("POST", b"/", [], broken, length=None))
        assert broken.closed

    call(echo, test)


def test_a_response_that_breaks_off_breaks_its_body() -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"part"
        await asyncio.sleep(0.01)
        raise RuntimeError

    async def test(client: HTTP2Client, origin: Origin, _: HTTP1Server) -> None:
        response = await client.request(origin, Request("GET", b"/"))
        with pytest.raises(BodyBrokenError):
            await response.read()

    call(lambda _: Response(200, [], parts()), test)


def test_a_response_nobody_reads_on_is_cancelled() -> None:
    ended = asyncio.Event

    async def test(client: HTTP2Client, origin: Origin, _: HTTP1Server) -> None:
        events.append(ended())
        response = await client.request(origin, Request("GET", b"/"))
        assert isinstance(response.body, BodyStream)
        response.body.close()
        await events[0].wait()

    events: list[asyncio.Event] = []

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 1000
                await asyncio.sleep(0)
        finally:
            events[0].set()

    call(lambda _: Response(200, [], endless()), test)


def test_a_call_that_takes_too_long_is_cancelled_at_the_server() -> None:
    cancelled: list[bool] = []

    async def slow(request: Request) -> Response:
        if request.target == b"/quick":
            return Response(200)
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.append(True)
        return Response(200)

    async def test(client: HTTP2Client, origin: Origin, _: HTTP1Server) -> None:
        await client.request(origin, Request("GET", b"/quick"))  # connects, which shall not count
        with pytest.raises(TimeoutError, match="did not answer in time"):
            await client.request(origin, Request("GET", b"/"), timeout=0.2)
        while not cancelled:
            await asyncio.sleep(0.001)

    call(slow, test)


def test_the_next_call_goes_to_a_server_that_came_back() -> None:
    async def test(client: HTTP2Client, origin: Origin, server: HTTP1Server) -> None:
        await client.request(origin, Request("GET", b"/"))
        await server.drain(1)
        with pytest.raises(ConnectionRefusedError):
            await client.request(origin, Request("GET", b"/"))
        again = HTTP1Server(echo, http2=True)
        await again.serve_tcp("127.0.0.1", origin.port)
        assert (await client.request(origin, Request("GET", b"/"))).status == 200
        await client.close()
        await again.close()

    call(echo, test)


def test_a_server_that_dies_in_mid_call_is_an_error() -> None:
    async def test(client: HTTP2Client, origin: Origin, server: HTTP1Server) -> None:
        asking = asyncio.create_task(client.request(origin, Request("POST", b"/", [], b"x")))
        while not begun:
            await asyncio.sleep(0.001)
        await server.close()
        with pytest.raises(ServerClosedError):
            await asking

    begun: list[bool] = []

    async def hang(request: Request) -> Response:
        begun.append(True)
        await asyncio.sleep(60)
        return Response(200)

    call(hang, test)


def test_a_server_that_speaks_http1_only_is_named() -> None:
    async def main() -> None:
        server = HTTP1Server(echo)
        ((host, port),) = await server.serve_tcp("127.0.0.1", 0)
        client = HTTP2Client()
        with pytest.raises(BadResponseError, match="no HTTP/2"):
            await client.request(Origin(host, port), Request("GET", b"/"))
        await client.close()
        await server.close()

    asyncio.run(main())


@pytest.mark.parametrize("request_", [Request("GET", b"/a b"), Request("GET ", b"/"), Request("GET", b"/\r\nx")])
def test_a_request_that_cannot_be_is_not_sent(request_: Request) -> None:
    async def test(client: HTTP2Client, origin: Origin, _: HTTP1Server) -> None:
        with pytest.raises(ValueError, match="cannot be sent"):
            await client.request(origin, request_)

    call(echo, test)


def test_a_long_answer_that_came_before_the_end_of_its_request_frees_its_stream() -> None:
    """A server need not ask to be spared the rest (RFC 9113 §8.1): the client sees for itself that it is of no use."""

    class Endless(BodyStream):
        def __init__(self) -> None:
            self.closed = asyncio.Event()

        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"some"
            await asyncio.Event().wait()

        def close(self) -> None:
            self.closed.set()

    async def main() -> None:
        resets: list[int] = []
        told = asyncio.Event()

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(frames.settings([]))
            await reader.readexactly(len(frames.PREFACE))
            while True:
                high, low, kind, flags, number = frames.unpack_header(await reader.readexactly(9))
                payload = await reader.readexactly(high << 8 | low)
                if kind == frames.SETTINGS and not flags:
                    writer.write(frames.frame(frames.SETTINGS, frames.ACK, 0))
                elif kind == frames.HEADERS:
                    writer.write(frames.frame(frames.HEADERS, 0x4, number, encode([(b":status", b"200")])))
                    writer.write(frames.frame(frames.DATA, 0x1, number, b"done"))
                elif kind == frames.RST_STREAM:
                    resets.append(frames.uint32(payload))
                    told.set()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        client, upload = HTTP2Client(), Endless()
        async with asyncio.timeout(20):
            response = await client.request(Origin(host, port), Request("POST", b"/", [], upload, length=None))
            assert await response.read() == b"done"
            await told.wait()
            await upload.closed.wait()
        assert resets == [ErrorCode.NO_ERROR]
        (connection,) = client._live
        assert not connection.core.streams
        await client.close()
        server.close()

    asyncio.run(main())
