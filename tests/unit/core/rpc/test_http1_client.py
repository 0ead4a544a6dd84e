"""The pooled client against our server and against servers that misbehave on purpose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import pytest
import uvloop

from dapr_core.rpc.http1.client import HTTP1Client, Origin
from dapr_core.rpc.http1.errors import BadResponseError, ServerClosedError
from dapr_core.rpc.http1.fixed import FixedHeaders
from dapr_core.rpc.http1.origins import request_head
from dapr_core.rpc.http1.server import HTTP1Server
from dapr_core.rpc.messages import BodyBrokenError, BodyStream, BodyTooLargeError, Headers, Request, Response

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"], autouse=True)
def every_loop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "_new_loop", request.param)


def run(main: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(20):
            await main

    with asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(bounded())


async def echo(request: Request) -> Response:
    if request.target == b"/stream":
        return Response(200, [], request.body)
    return Response(200, [(b"x-line", request.method.encode() + b" " + request.target)], await request.read())


def against_ours(test: Callable[[HTTP1Client, Origin, HTTP1Server], Awaitable[None]], **options: Any) -> None:
    async def main() -> None:
        server = HTTP1Server(echo)
        ((host, port),) = await server.serve_tcp("127.0.0.1", 0)
        client = HTTP1Client(**options)
        try:
            await test(client, Origin(host, port), server)
        finally:
            await client.close()
            await server.close()

    run(main())


Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter, int], Awaitable[None]]


def against(script: Script, test: Callable[[HTTP1Client, Origin], Awaitable[None]], **options: Any) -> None:
    """Run a test against a server that plays a script on each connection; the script hears the connection's number."""

    async def main() -> None:
        count = 0

        async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal count
            count += 1
            try:
                await script(reader, writer, count)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(play, "127.0.0.1", 0)
        client = HTTP1Client(**options)
        try:
            await test(client, Origin(*server.sockets[0].getsockname()))
        finally:
            await client.close()
            server.close()
            await asyncio.sleep(0.01)

    run(main())


async def pieces(size: int, count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield bytes(size)


def test_a_short_answer_is_complete() -> None:
    async def test(client: HTTP1Client, origin: Origin, _: HTTP1Server) -> None:
        response = await client.request(origin, Request("PUT", b"/a?b", [(b"x-a", b"1")], b"body"))
        assert (response.status, response.body, response.length) == (200, b"body", 4)
        assert response.header(b"x-line") == b"PUT /a?b"

    against_ours(test)


def test_calls_in_a_row_share_a_connection() -> None:
    async def test(client: HTTP1Client, origin: Origin, server: HTTP1Server) -> None:
        for _ in range(5):
            await client.request(origin, Request("GET", b"/"))
        assert server.connections == 1

    against_ours(test)


def test_calls_at_once_have_a_connection_each_within_the_bound() -> None:
    async def test(client: HTTP1Client, origin: Origin, server: HTTP1Server) -> None:
        calls = [client.request(origin, Request("POST", b"/", body=b"%d" % n)) for n in range(20)]
        answers = await asyncio.gather(*calls)
        assert [answer.body for answer in answers] == [b"%d" % n for n in range(20)]
        assert server.connections <= 3

    against_ours(test, max_per_host=3)


def test_no_more_idle_connections_are_kept_than_allowed() -> None:
    async def test(client: HTTP1Client, origin: Origin, server: HTTP1Server) -> None:
        await asyncio.gather(*[client.request(origin, Request("GET", b"/")) for _ in range(10)])
        while server.connections > 2:
            await asyncio.sleep(0.01)

    against_ours(test, max_idle=2)


def test_idle_connections_are_closed_after_their_time() -> None:
    async def test(client: HTTP1Client, origin: Origin, server: HTTP1Server) -> None:
        await client.request(origin, Request("GET", b"/"))
        while server.connections:
            await asyncio.sleep(0.01)
        assert (await client.request(origin, Request("GET", b"/"))).status == 200

    against_ours(test, idle_timeout=0.04)


@pytest.mark.parametrize("length", [None, 4 << 20], ids=["chunked", "declared"])
@pytest.mark.parametrize("target", [b"/", b"/stream"], ids=["gathered by the server", "streamed back"])
def test_large_bodies_stream_both_ways(length: int | None, target: bytes) -> None:
    async def test(client: HTTP1Client, origin: Origin, _: HTTP1Server) -> None:
        # One byte under the server's limit for a whole body.
        request = Request("POST", target, [], pieces(1 << 16, 64), length=length)  # type: ignore[arg-type]
        response = await client.request(origin, request)
        assert isinstance(response.body, BodyStream)
        assert len(await response.read()) == 4 << 20
        assert (await client.request(origin, Request("GET", b"/"))).status == 200

    against_ours(test)


def test_an_error_of_the_request_body_reaches_the_caller() -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield b"some"
        raise BodyTooLargeError

    async def test(client: HTTP1Client, origin: Origin, _: HTTP1Server) -> None:
        with pytest.raises(BodyTooLargeError, match="stream too large"):
            await client.request(origin, Request("POST", b"/", [], failing()))  # type: ignore[arg-type]

    against_ours(test)


def test_head_has_no_body_and_spoils_nothing() -> None:
    async def test(client: HTTP1Client, origin: Origin, server: HTTP1Server) -> None:
        assert (await client.request(origin, Request("HEAD", b"/"))).body == b""
        assert (await client.request(origin, Request("GET", b"/"))).status == 200
        assert server.connections == 1

    against_ours(test)


def test_a_unix_socket_is_an_origin(tmp_path: Any) -> None:
    async def main() -> None:
        server = HTTP1Server(echo)
        await server.serve_unix(str(tmp_path / "s"))
        client = HTTP1Client()
        origin = Origin("localhost", unix_path=str(tmp_path / "s"))
        assert (await client.request(origin, Request("POST", b"/", body=b"x"))).body == b"x"
        await client.close()
        await server.close()

    run(main())


def test_a_refused_connection_says_who_refused() -> None:
    async def main() -> None:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        origin = Origin(*server.sockets[0].getsockname())
        server.close()
        await server.wait_closed()
        client = HTTP1Client()
        with pytest.raises(ConnectionRefusedError, match=str(origin.port)):
            await client.request(origin, Request("GET", b"/"))
        await client.close()

    run(main())


async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: int) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(OK)
    await writer.drain()


async def answer_then_vanish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
    """The first connection answers one call and closes on the second; later ones answer all."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(OK)
    while True:
        await reader.readuntil(b"\r\n\r\n")
        if number == 1:
            return
        writer.write(OK)


async def answer_then_vanish_again(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
    """The same, but later connections do not answer what is not idempotent."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(OK)
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        if number == 1 or head.startswith(b"POST"):
            return
        writer.write(OK)


def test_a_dead_pooled_connection_is_replaced_for_an_idempotent_call() -> None:
    async def test(client: HTTP1Client, origin: Origin) -> None:
        for _ in range(3):
            assert (await client.request(origin, Request("GET", b"/"))).body == b"ok"

    against(answer_then_vanish, test)


def test_a_call_that_was_begun_is_made_once_more_too() -> None:
    async def test(client: HTTP1Client, origin: Origin) -> None:
        for _ in range(3):
            assert (await client.begin(origin, Request("GET", b"/"))).body == b"ok"
        with pytest.raises(ServerClosedError):
            await asyncio.gather(*[client.begin(origin, Request("POST", b"/")) for _ in range(2)])

    against(answer_then_vanish_again, test)


def test_a_call_may_be_begun_with_or_without_an_idle_connection() -> None:
    async def test(client: HTTP1Client, origin: Origin, server: HTTP1Server) -> None:
        for count in (1, 3):
            calls = [client.begin(origin, Request("POST", b"/", body=b"%d" % n)) for n in range(count)]
            assert [(await call).body for call in calls] == [b"%d" % n for n in range(count)]
        assert server.connections == 3
        streamed = client.begin(origin, Request("PUT", b"/stream", [], pieces(1000, 70), length=70_000))  # type: ignore[arg-type]
        assert await (await streamed).read() == bytes(70_000)
        with pytest.raises(ValueError, match="cannot be sent"):
            await client.begin(origin, Request("GET", b"/a b"))
        assert (await client.begin(origin, Request("GET", b"/"))).status == 200

    against_ours(test)


def test_a_connection_that_closes_before_a_begun_call_is_sent_costs_it_nothing() -> None:
    async def test(client: HTTP1Client, origin: Origin, server: HTTP1Server) -> None:
        await client.request(origin, Request("GET", b"/"))
        begun = client.begin(origin, Request("PUT", b"/", body=b"once"))
        client._pools[origin]._all.copy().pop().abort()
        response = await begun
        assert (response.body, response.header(b"x-line")) == (b"once", b"PUT /")

    against_ours(test)


def test_a_begun_call_that_is_given_up_before_it_is_sent_is_not_sent() -> None:
    async def test(client: HTTP1Client, origin: Origin, server: HTTP1Server) -> None:
        await client.request(origin, Request("GET", b"/"))
        told: list[object] = []
        begun = client.begin(origin, Request("PUT", b"/"))
        begun.tell(lambda *end: told.append(end))
        begun.cancel()
        assert len(told) == 1
        assert (await client.begin(origin, Request("PUT", b"/"))).status == 200

    against_ours(test)


def test_whoever_cannot_take_a_response_costs_others_nothing() -> None:
    async def test(client: HTTP1Client, origin: Origin, server: HTTP1Server) -> None:
        complaints: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["message"]))
        await asyncio.gather(*[client.request(origin, Request("GET", b"/")) for _ in range(2)])
        failing, other = (client.begin(origin, Request("GET", b"/")) for _ in range(2))

        def fails(response: Response | None, error: BaseException | None) -> None:
            raise RuntimeError("no")

        failing.tell(fails)
        assert (await other).status == 200
        while not complaints:
            await asyncio.sleep(0.01)
        assert complaints == ["a response could not be taken"]

    against_ours(test)


def test_a_begun_call_that_is_given_up_closes_its_connection() -> None:
    gone = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: int) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await reader.read()
        gone.set()

    async def test(client: HTTP1Client, origin: Origin) -> None:
        await client.request(origin, Request("GET", b"/"))
        begun = client.begin(origin, Request("GET", b"/"))
        assert not begun.settled
        begun.cancel()
        with pytest.raises(asyncio.CancelledError):
            await begun
        await gone.wait()

    against(script, test)


def test_a_call_that_may_have_been_done_is_not_done_again() -> None:
    async def test(client: HTTP1Client, origin: Origin) -> None:
        await client.request(origin, Request("GET", b"/"))
        with pytest.raises(ServerClosedError):
            await client.request(origin, Request("POST", b"/"))

    against(answer_then_vanish, test)


def test_a_connection_seen_closed_is_not_used_even_for_a_post() -> None:
    async def test(client: HTTP1Client, origin: Origin) -> None:
        for _ in range(3):
            assert (await client.request(origin, Request("POST", b"/"))).status == 200
            await asyncio.sleep(0.02)

    against(answer_once, test)


def test_a_fresh_connection_that_closes_is_an_error() -> None:
    async def close_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: int) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async def test(client: HTTP1Client, origin: Origin) -> None:
        with pytest.raises(ServerClosedError):
            await client.request(origin, Request("GET", b"/"))

    against(close_at_once, test)


def script_of(answer: bytes) -> Script:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: int) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    return script


@pytest.mark.parametrize(
    ("answer", "came"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", b"short"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nshort", b"short"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n", b"short"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nshort", b"short"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\nxyz\r\n", b"short"),
    ],
    ids=["short", "long", "between chunks", "inside a chunk", "broken chunk"],
)
def test_a_body_that_ends_early_gives_what_came_and_then_breaks(answer: bytes, came: bytes) -> None:
    async def test(client: HTTP1Client, origin: Origin) -> None:
        response = await client.request(origin, Request("GET", b"/"))
        assert isinstance(response.body, BodyStream)
        received = b""
        with pytest.raises(BodyBrokenError):
            async for piece in response.body:
                received += piece
        assert received == came

    against(script_of(answer), test)


def test_a_body_that_ends_with_the_connection_is_whole() -> None:
    async def test(client: HTTP1Client, origin: Origin) -> None:
        response = await client.request(origin, Request("GET", b"/"))
        assert await response.read() == b"until close"

    against(script_of(b"HTTP/1.1 200 OK\r\n\r\nuntil close"), test)


@pytest.mark.parametrize(
    "answer",
    [b"HELLO\r\n\r\n", b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"a" * 10_000],
    ids=["no HTTP", "bad header", "huge header"],
)
def test_what_is_no_response_is_an_error(answer: bytes) -> None:
    async def test(client: HTTP1Client, origin: Origin) -> None:
        with pytest.raises(BadResponseError, match=str(origin.port)):
            await client.request(origin, Request("GET", b"/"))

    against(script_of(answer), test)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: int) -> None:
    await reader.read()


def test_a_call_that_takes_too_long_is_given_up() -> None:
    async def test(client: HTTP1Client, origin: Origin) -> None:
        with pytest.raises(TimeoutError, match="did not answer"):
            await client.request(origin, Request("GET", b"/"), timeout=0.05)

    against(silent, test)


def test_a_cancelled_call_closes_its_connection() -> None:
    gone = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: int) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await reader.read()
        gone.set()

    async def test(client: HTTP1Client, origin: Origin) -> None:
        call = asyncio.create_task(client.request(origin, Request("GET", b"/")))
        await asyncio.sleep(0.02)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await gone.wait()

    against(script, test)


def test_a_waiting_call_can_be_cancelled_without_losing_its_place_for_others() -> None:
    async def test(client: HTTP1Client, origin: Origin) -> None:
        first = asyncio.create_task(client.request(origin, Request("GET", b"/"), timeout=0.1))
        await asyncio.sleep(0.02)
        second = asyncio.create_task(client.request(origin, Request("GET", b"/")))
        third = asyncio.create_task(client.request(origin, Request("GET", b"/"), timeout=0.5))
        await asyncio.sleep(0.02)
        second.cancel()
        results = await asyncio.gather(first, second, third, return_exceptions=True)
        assert [type(result) for result in results] == [TimeoutError, asyncio.CancelledError, TimeoutError]

    against(silent, test, max_per_host=1)


def test_a_second_answer_to_one_call_is_never_given_to_the_next() -> None:
    async def test(client: HTTP1Client, origin: Origin) -> None:
        for _ in range(2):
            assert (await client.request(origin, Request("GET", b"/"))).body == b"ok"

    against(script_of(OK + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"), test)


def test_an_answer_before_the_request_is_complete_ends_the_upload() -> None:
    stopped = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield bytes(1000)
                await asyncio.sleep(0.001)
        finally:
            stopped.set()

    async def test(client: HTTP1Client, origin: Origin) -> None:
        response = await client.request(origin, Request("POST", b"/", [], endless()))  # type: ignore[arg-type]
        assert response.body == b"ok"
        await stopped.wait()

    against(script_of(OK), test)


def test_closing_lets_calls_end_within_the_grace() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: int) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.05)
        writer.write(OK)
        await writer.drain()

    async def test(client: HTTP1Client, origin: Origin) -> None:
        call = asyncio.create_task(client.request(origin, Request("GET", b"/")))
        await asyncio.sleep(0.02)
        await client.close(grace=5)
        assert (await call).body == b"ok"
        with pytest.raises(RuntimeError, match="closed"):
            await client.request(origin, Request("GET", b"/"))

    against(script, test)


@pytest.mark.parametrize(
    "headers",
    [
        [(b"user-agent", b"Go-http-client/1.1"), (b"x-a", b"1"), (b"x-b", b"2"), (b"accept-encoding", b"gzip")],
        [(b"x-a", b"1")],
        [(b"x-b", b"2"), (b"x-a", b"1"), (b"connection", b"close")],
        [(b"user-agent", b"a\nb"), (b"x-a", b"1\r\n2")],
        [],
    ],
    ids=["arranged", "no agent", "out of order", "breaking lines", "none"],
)
def test_headers_that_stay_make_the_same_heads_each_time(headers: Headers) -> None:
    origin, fixed = Origin("127.0.0.1", 80), FixedHeaders(headers)
    for target, body in ((b"/first", b""), (b"/second", b"four"), (b"/third", b"")):
        again = request_head(origin, Request("POST", target, fixed, body), len(body))
        assert again == request_head(origin, Request("POST", target, list(headers), body), len(body))
    assert fixed == headers
