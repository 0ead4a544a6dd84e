"""The server on real sockets: order, streaming, limits, hostile and dying clients, the end."""

from __future__ import annotations

import asyncio
import http.client
import resource
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, cast

import pytest
import requests
import uvloop

from dapr_core.rpc.http1.limits import Limits
from dapr_core.rpc.http1.server import HTTP1Server
from dapr_core.rpc.messages import (
    BodyBrokenError,
    BodyStream,
    BodyTooLargeError,
    Handler,
    Request,
    Response,
)

GET = b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = b"GET %b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


_new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"], autouse=True)
def every_loop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test holds on both loops: uvloop carries the data plane, asyncio steps in where it does not install."""
    monkeypatch.setitem(globals(), "_new_loop", request.param)


def run(main: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(main)


def serve(handler: Handler, test: Callable[[HTTP1Server, int], Awaitable[None]], **limits: Any) -> list[BaseException]:
    """Run a test against a server of its own; what the error hook heard is returned."""
    heard: list[BaseException] = []

    async def main() -> None:
        server = HTTP1Server(handler, Limits(**limits), on_error=lambda error, _: heard.append(error))
        ((_, port),) = await server.serve_tcp("127.0.0.1", 0)
        try:
            async with asyncio.timeout(20):
                await test(server, port)
        finally:
            await server.close()

    run(main())
    return heard


async def talk(port: int, *pieces: bytes, eof: bool = False) -> bytes:
    """Send bytes and read until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if eof:
            writer.write_eof()
        return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


def hello(request: Request) -> Response:
    return Response(200, [(b"content-type", b"text/plain")], b"hello " + request.target)


async def slow_echo(request: Request) -> Response:
    body = await request.read()
    await asyncio.sleep(0.02 if request.target == b"/slow" else 0)
    return Response(200, [(b"content-type", b"text/plain")], request.target + body)


@pytest.mark.parametrize("handler", [hello, slow_echo], ids=["answers at once", "answers later"])
def test_pipelined_requests_are_answered_in_order(handler: Handler) -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        answer = await talk(port, GET % b"/slow" + GET % b"/2" + GET % b"/3" + LAST % b"/4")
        positions = [answer.index(target) for target in (b"/slow", b"/2", b"/3", b"/4")]
        assert positions == sorted(positions)
        assert answer.count(b"HTTP/1.1 200 OK") == 4

    assert serve(handler, test) == []


def test_a_connection_is_kept_for_further_requests() -> None:
    async def test(server: HTTP1Server, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(GET % b"/")
            assert (await reader.readuntil(b"hello /")).startswith(b"HTTP/1.1 200 OK\r\n")
        assert server.connections == 1
        writer.close()
        await writer.wait_closed()

    serve(hello, test)


def test_a_handler_that_raises_gives_500_without_its_text() -> None:
    def fails(request: Request) -> Response:
        raise RuntimeError("s3cret detail")

    async def fails_later(request: Request) -> Response:
        await asyncio.sleep(0)
        raise RuntimeError("s3cret detail")

    for handler in (fails, fails_later):

        async def test(_: HTTP1Server, port: int) -> None:
            answer = await talk(port, GET % b"/" + LAST % b"/")
            assert answer.count(b"HTTP/1.1 500 Internal Server Error") == 2
            assert b"s3cret" not in answer

        assert [str(error) for error in serve(handler, test)] == ["s3cret detail"] * 2


def test_an_answer_that_cannot_be_written_is_a_500() -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        assert b" 500 " in await talk(port, LAST % b"/")

    heard = serve(lambda _: Response(200, [(b"etag", "text")]), test)  # type: ignore[list-item]
    assert [type(error) for error in heard] == [TypeError]


async def counted(size: int, count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield bytes(size)


def test_a_stream_is_sent_in_chunks_as_it_comes() -> None:
    gate = asyncio.Event()

    async def pieces() -> AsyncIterator[bytes]:
        yield b"first"
        await gate.wait()
        yield b"second"

    async def test(_: HTTP1Server, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(LAST % b"/")
        head = await reader.readuntil(b"5\r\nfirst\r\n")
        assert b"Transfer-Encoding: chunked" in head
        gate.set()
        assert await reader.read() == b"6\r\nsecond\r\n0\r\n\r\n"
        writer.close()
        await writer.wait_closed()

    serve(lambda _: Response(200, [], pieces()), test)


def test_a_stream_with_a_length_is_framed_by_it() -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        answer = await talk(port, LAST % b"/")
        head, _, body = answer.partition(b"\r\n\r\n")
        assert b"Content-Length: 30" in head
        assert body == bytes(30)

    assert serve(lambda _: Response(200, [], counted(10, 3), length=30), test) == []


@pytest.mark.parametrize("length", [None, 20, 40], ids=["raises", "too long", "too short"])
def test_a_stream_that_fails_before_anything_was_sent_is_a_500(length: int | None) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield bytes(10)
        raise RuntimeError("s3cret detail")

    async def test(_: HTTP1Server, port: int) -> None:
        answer = await talk(port, GET % b"/", LAST % b"/")
        assert answer.count(b"HTTP/1.1 500 Internal Server Error\r\n") == answer.count(b"HTTP/1.1 ") == 2
        assert b"s3cret" not in answer

    body = broken if length is None else lambda: counted(10, 3)
    assert len(serve(lambda _: Response(200, [], body(), length=length), test)) == 2


@pytest.mark.parametrize("length", [None, 20, 40], ids=["raises", "too long", "too short"])
def test_a_stream_that_fails_later_never_looks_complete(length: int | None) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield bytes(10)
        await asyncio.sleep(0.01)
        raise RuntimeError("source died")

    async def miscounted() -> AsyncIterator[bytes]:
        async for piece in counted(10, 3):
            yield piece
            await asyncio.sleep(0.01)

    async def test(_: HTTP1Server, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET % b"/")
        received = b""
        try:
            received = await reader.read()
        except ConnectionResetError:
            pass
        assert not received.endswith(b"0\r\n\r\n")
        assert len(received.partition(b"\r\n\r\n")[2]) < 40
        writer.close()

    body = broken if length is None else miscounted
    assert len(serve(lambda _: Response(200, [], body(), length=length), test)) == 1


def test_http_1_0_is_answered_and_closed() -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        answer = await talk(port, b"GET / HTTP/1.0\r\n\r\n")
        assert answer.startswith(b"HTTP/1.0 200 OK\r\n")
        assert answer.endswith(b"\r\n\r\nhello /")

    serve(hello, test)


def test_options_of_the_server_itself_need_no_handler() -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        answer = await talk(port, b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: ")

    serve(hello, test)


@pytest.mark.parametrize("length", [5, 70_000], ids=["gathered", "streamed"])
def test_a_body_held_back_is_asked_for_when_it_is_wanted(length: int) -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % length)
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(bytes(length))
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK")
        writer.close()
        await writer.wait_closed()

    serve(slow_echo, test)


def test_a_body_nobody_wants_is_not_asked_for() -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        head = b"POST /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
        answer = await talk(port, head)
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert b"Connection: close" in answer

    serve(hello, test)


def test_an_unread_body_is_dropped_and_the_connection_lives_on() -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        body = b"POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + bytes(100_000)
        answer = await talk(port, body + LAST % b"/2")
        assert answer.count(b"HTTP/1.1 200 OK") == 2

    serve(hello, test)


async def limited(request: Request) -> Response:
    try:
        return Response(200, [], b"%d" % len(await request.read()))
    except BodyTooLargeError as error:
        return Response(400, [], str(error).encode())


@pytest.mark.parametrize("size", [2000, 70_000, 5_000_000])
@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "chunked"])
def test_a_body_over_the_limit_raises_where_it_is_read(size: int, chunked: bool) -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % size
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (size, bytes(size)) if chunked else bytes(size)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n" + body)
        answer = await reader.readuntil(b"stream too large")
        assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        writer.close()

    assert serve(limited, test, max_body=1024) == []


def test_an_unlimited_server_takes_any_body() -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5000000\r\n\r\n"
        assert (await talk(port, head, bytes(5_000_000))).endswith(b"5000000")

    serve(limited, test, max_body=None)


def test_a_large_body_is_relayed_both_ways_in_bounded_memory() -> None:
    megabytes = 64

    async def test(_: HTTP1Server, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        size = megabytes << 20
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % size)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        async def send() -> None:
            for _ in range(megabytes * 16):
                writer.write(bytes(65536))
                await writer.drain()

        sending = asyncio.create_task(send())
        received = 0
        while piece := await reader.read(65536):
            received += len(piece)
        await sending
        assert received > size
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 24 * 1024
        writer.close()

    assert serve(lambda r: Response(200, [], r.body), test, max_body=None) == []


def test_a_reader_that_pauses_holds_the_client_back() -> None:
    proceed = asyncio.Event()

    async def handler(request: Request) -> Response:
        await proceed.wait()
        return Response(200, [], b"%d" % len(await request.read()))

    async def test(_: HTTP1Server, port: int) -> None:
        size = 32 << 20
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % size)
        writer.write(bytes(size))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await writer.drain()
        assert writer.transport.get_write_buffer_size() > size // 2
        proceed.set()
        assert (await reader.read()).endswith(b"%d" % size)
        writer.close()

    serve(handler, test, max_body=None)


def test_a_client_that_goes_away_cancels_the_handler() -> None:
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def handler(_: Request) -> Response:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        raise AssertionError

    async def test(server: HTTP1Server, port: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET % b"/")
        await begun.wait()
        writer.close()
        await cancelled.wait()
        await writer.wait_closed()

    assert serve(handler, test) == []


def test_a_client_that_dies_in_mid_body_breaks_the_readers_body() -> None:
    seen: asyncio.Future[object] | None = None

    async def handler(request: Request) -> Response:
        assert seen is not None
        assert isinstance(request.body, BodyStream)
        try:
            async for _ in request.body:
                pass
        except (BodyBrokenError, asyncio.CancelledError) as error:
            seen.set_result(error)
            raise
        return Response(200)

    async def test(_: HTTP1Server, port: int) -> None:
        nonlocal seen
        seen = asyncio.get_running_loop().create_future()
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + bytes(10))
        await writer.drain()
        writer.transport.abort()
        assert isinstance(await seen, BodyBrokenError | asyncio.CancelledError)

    serve(handler, test)


@pytest.mark.parametrize(
    "raw",
    [
        b"HELLO\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused_and_the_connection_closed(raw: bytes) -> None:
    async def test(server: HTTP1Server, port: int) -> None:
        assert (await talk(port, raw)).startswith(b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain;")

    assert serve(hello, test) == []


def test_a_broken_request_is_refused_after_the_good_ones_before_it() -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        answer = await talk(port, GET % b"/1" + b"HELLO\r\n\r\n" + GET % b"/2")
        assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"200", b"400"]

    serve(slow_echo, test)


def test_headers_over_the_limit_are_refused() -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        answer = await talk(port, b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 9500 + b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")

    serve(hello, test)


@pytest.mark.parametrize(
    "part",
    [b"", b"GET / HT", b"PRI * HT", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"],
    ids=["nothing", "half a head", "half a preface", "half a body"],
)
def test_a_client_that_stalls_is_closed(part: bytes) -> None:
    async def test(server: HTTP1Server, port: int) -> None:
        try:
            await talk(port, part)
        except ConnectionResetError:
            pass
        assert server.connections == 0

    serve(hello, test, header_timeout=0.1, idle_timeout=0.1)


def test_a_slow_head_is_cut_off_however_steadily_it_drips() -> None:
    async def test(server: HTTP1Server, port: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n")
        with pytest.raises(ConnectionError):
            for _ in range(200):
                writer.write(b"X-A: b\r\n")
                await writer.drain()
                await asyncio.sleep(0.01)
        assert server.connections == 0
        writer.close()

    serve(hello, test, header_timeout=0.1)


@pytest.mark.parametrize("read_first", [True, False], ids=["some came", "nothing came"])
def test_a_body_that_stops_coming_fails_for_its_reader_who_still_answers(read_first: bool) -> None:
    async def handler(request: Request) -> Response:
        try:
            await request.read()
        except BodyBrokenError as error:
            return Response(400, [], str(error).encode())
        raise AssertionError

    async def test(server: HTTP1Server, port: int) -> None:
        head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        answer = await talk(port, head + (b"3\r\nabc\r\n" if read_first else b""))
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"Connection: close" in answer
        assert answer.endswith(b"no more of the body came in time")

    assert serve(handler, test, idle_timeout=0.1) == []


def test_a_body_that_comes_slowly_is_waited_for() -> None:
    async def test(server: HTTP1Server, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(8):
            await asyncio.sleep(0.05)
            writer.write(b"1\r\na\r\n")
        writer.write(b"0\r\n\r\n")
        assert (await reader.read()).endswith(b"/xaaaaaaaa")
        writer.close()

    assert serve(slow_echo, test, idle_timeout=0.2) == []


@pytest.mark.parametrize(
    "framing",
    [b"Content-Length: 100\r\n\r\n", b"Content-Length: 100000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n64\r\n"],
    ids=["short", "long", "chunked"],
)
def test_a_client_that_ends_in_mid_body_gets_the_answer_of_who_reads_it(framing: bytes) -> None:
    got = bytearray()

    async def handler(request: Request) -> Response:
        try:
            async for piece in cast(BodyStream, request.body):
                got.extend(piece)
        except BodyBrokenError as error:
            return Response(400, [], str(error).encode())
        raise AssertionError

    async def test(server: HTTP1Server, port: int) -> None:
        answer = await talk(port, b"POST / HTTP/1.1\r\nHost: x\r\n" + framing + b"part", eof=True)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert answer.endswith(b"before its body was complete")
        assert got == b"part"

    assert serve(handler, test) == []


def test_an_end_in_mid_request_is_refused() -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        assert b" 400 " in await talk(port, b"GET / HTTP/1.1\r\nHost", eof=True)

    serve(hello, test)


def test_connections_over_the_limit_are_refused() -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET % b"/")
        await asyncio.sleep(0)
        assert b" 503 " in await talk(port, eof=True)
        writer.close()
        await writer.wait_closed()

    serve(hello, test, max_connections=1)


def test_the_preface_of_http_2_goes_to_the_factory_with_all_bytes() -> None:
    class Successor(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = cast(asyncio.Transport, transport)

        def data_received(self, data: bytes) -> None:
            self.transport.write(b"taken: " + data)
            self.transport.close()

    async def main() -> None:
        server = HTTP1Server(hello, h2_factory=Successor)
        ((_, port),) = await server.serve_tcp("127.0.0.1", 0)
        preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        assert await talk(port, preface + b"frames") == b"taken: " + preface + b"frames"
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"P")
        await asyncio.sleep(0.01)
        writer.write(b"UT / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 200 OK")
        writer.close()
        await server.close()

    run(main())


def test_draining_answers_what_is_in_hand_and_closes_what_is_idle() -> None:
    begun, proceed = asyncio.Event(), asyncio.Event()

    async def handler(request: Request) -> Response:
        begun.set()
        await proceed.wait()
        return Response(200, [], b"done")

    async def test(server: HTTP1Server, port: int) -> None:
        idle_reader, idle_writer = await asyncio.open_connection("127.0.0.1", port)
        busy = asyncio.create_task(talk(port, GET % b"/"))
        await begun.wait()
        draining = asyncio.create_task(server.drain(10))
        assert await idle_reader.read() == b""
        with pytest.raises(ConnectionRefusedError):
            await talk(port)
        proceed.set()
        answer = await busy
        assert answer.endswith(b"\r\nConnection: close\r\n\r\ndone")
        assert await draining is True
        idle_writer.close()

    serve(handler, test)


def test_draining_gives_up_after_its_time() -> None:
    async def handler(_: Request) -> Response:
        await asyncio.Event().wait()
        raise AssertionError

    async def test(server: HTTP1Server, port: int) -> None:
        stuck = asyncio.create_task(talk(port, GET % b"/"))
        while not server.connections:
            await asyncio.sleep(0.01)
        assert await server.drain(0.1) is False
        try:
            assert await stuck == b""
        except ConnectionResetError:
            pass
        assert server.connections == 0

    serve(handler, test)


def test_a_unix_socket_serves_and_its_file_goes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "dapr-x-http.socket"

    async def main() -> None:
        server = HTTP1Server(hello)
        await server.serve_unix(str(path))
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(LAST % b"/u")
        assert (await reader.read()).endswith(b"hello /u")
        writer.close()
        await server.drain(1)
        assert not path.exists()

    run(main())


async def echo(request: Request) -> Response:
    return Response(200, [(b"x-method", request.method.encode())], await request.read())


def in_thread(check: Callable[[int], None]) -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        await asyncio.to_thread(check, port)

    assert serve(echo, test) == []


def test_http_client_understands_us() -> None:
    def check(port: int) -> None:
        client = http.client.HTTPConnection("127.0.0.1", port)
        for body in (b"", b"small", bytes(100_000), iter([b"a", b"b" * 70_000])):
            client.request("POST", "/", body=body)
            answer = client.getresponse()
            assert answer.status == 200
            answer.read()
        client.request("HEAD", "/")
        assert client.getresponse().read() == b""
        client.close()

    in_thread(check)


def test_requests_understands_us() -> None:
    def check(port: int) -> None:
        with requests.Session() as session:
            for size in (0, 10, 5000, 4 << 20):
                answer = session.put(f"http://127.0.0.1:{port}/", data=b"x" * size, timeout=10)
                assert answer.headers["X-Method"] == "PUT"
                assert answer.content == b"x" * size

    in_thread(check)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_understands_us() -> None:
    def check(port: int) -> None:
        url = f"http://127.0.0.1:{port}/"
        body = b"c" * 100_000
        for extra in ([], ["-H", "Expect: 100-continue"], ["-H", "Transfer-Encoding: chunked"], ["--http1.0"]):
            command = ["curl", "-sS", "--max-time", "10", "--data-binary", "@-", *extra, url]
            assert subprocess.run(command, input=body, capture_output=True, check=True).stdout == body

    in_thread(check)


def test_a_client_that_never_reads_does_not_fill_our_memory() -> None:
    produced = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal produced
        while True:
            produced += 65536
            yield bytes(65536)

    async def test(server: HTTP1Server, port: int) -> None:
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(GET % b"/")
        last = -1
        while produced != last:
            last = produced
            await asyncio.sleep(0.1)
        assert produced < 32 << 20
        client.close()

    serve(lambda _: Response(200, [], endless()), test)
