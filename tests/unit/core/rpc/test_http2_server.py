"""HTTP/2 on the HTTP server's port: the ways in, requests and answers, limits, hostile and dying clients, the end."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import pytest
import uvloop
from support.authority import Authority, client_context, server_context
from support.h2client import Client, request

from dapr_core.rpc.h2 import ErrorCode, frames
from dapr_core.rpc.hpack import encode
from dapr_core.rpc.http1.limits import Limits
from dapr_core.rpc.http1.server import HTTP1Server
from dapr_core.rpc.http2 import connection as connection_module
from dapr_core.rpc.messages import BodyBrokenError, BodyStream, BodyTooLargeError, Handler, Request, Response

_new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"], autouse=True)
def every_loop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test holds on both loops."""
    monkeypatch.setitem(globals(), "_new_loop", request.param)


def run(main: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(main)


def serve(
    handler: Handler, test: Callable[[HTTP1Server, int], Awaitable[None]], *, tls: Any = None, **limits: Any
) -> list[BaseException]:
    """Run a test against a server of its own; what the error hook heard is returned."""
    heard: list[BaseException] = []

    async def main() -> None:
        server = HTTP1Server(handler, Limits(**limits), on_error=lambda error, _: heard.append(error), http2=True)
        ((_, port),) = await server.serve_tcp("127.0.0.1", 0, ssl_context=tls)
        try:
            async with asyncio.timeout(20):
                await test(server, port)
        finally:
            await server.close()

    run(main())
    return heard


def talk(handler: Handler, test: Callable[[Client], Awaitable[None]], **options: Any) -> list[BaseException]:
    """The same with a client that begins with the preface."""

    async def connected(_: HTTP1Server, port: int) -> None:
        client = await Client.open(port)
        try:
            await test(client)
        finally:
            await client.close()

    return serve(handler, connected, **options)


def describe(request: Request) -> Response:
    """Answers with what it was asked."""
    body = request.body if isinstance(request.body, bytes) else b"<stream>"
    lines = [request.method.encode(), request.target, request.version.encode(), body]
    return Response(200, request.headers, b"|".join(lines))


async def echo(request: Request) -> Response:
    return Response(200, [(b"content-type", b"text/plain")], await request.read())


# --- The ways in


def test_a_client_that_begins_with_the_preface_is_answered_by_http2() -> None:
    async def test(client: Client) -> None:
        answer = await client.get()
        assert (answer.status, answer.body) == (200, b"GET|/|2|")

    assert talk(describe, test) == []


def test_one_port_goes_on_speaking_http1() -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        client = await Client.open(port)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 200 OK\r\n")
        writer.close()
        await writer.wait_closed()
        assert (await client.get()).status == 200
        await client.close()

    serve(describe, test)


SETTINGS = base64.urlsafe_b64encode(frames.settings([(4, 70_000)])[9:]).rstrip(b"=")
UPGRADE = b"%b / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: %b\r\n%b"


@pytest.mark.parametrize(
    ("method", "rest", "body"), [(b"GET", b"\r\n", b""), (b"POST", b"Content-Length: 3\r\n\r\nabc", b"abc")]
)
def test_a_request_that_asks_for_h2c_is_answered_as_stream_1(method: bytes, rest: bytes, body: bytes) -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(UPGRADE % (method, SETTINGS, rest))
        head = await reader.readuntil(b"\r\n\r\n")
        assert head == b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
        client = Client(reader, writer)
        client.send(frames.PREFACE + frames.settings([]) + frames.frame(frames.SETTINGS, frames.ACK, 0))
        await client.until(lambda: 1 in client.answers)
        first = await client.answer(1)
        assert (first.status, first.body) == (200, method + b"|/|2|" + body)
        assert not {"upgrade", "connection", "http2-settings"} & first.headers.keys()
        client.next_id = 3
        assert (await client.get()).status == 200
        await client.close()

    assert serve(describe, test) == []


@pytest.mark.parametrize(
    "request_bytes",
    [
        UPGRADE % (b"GET", b"", b"HTTP2-Settings: \r\n\r\n"),
        UPGRADE % (b"GET", b"!!!!!!!!", b"\r\n"),
        UPGRADE % (b"GET", SETTINGS[:-1], b"\r\n"),
        UPGRADE.replace(b"h2c", b"websocket") % (b"GET", SETTINGS, b"\r\n"),
        UPGRADE.replace(b", HTTP2-Settings", b"") % (b"GET", SETTINGS, b"\r\n"),
        UPGRADE % (b"POST", SETTINGS, b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ],
    ids=["settings twice", "no base64", "no whole setting", "another protocol", "settings not named", "streamed body"],
)
def test_an_offer_that_is_not_in_order_is_answered_by_http1(request_bytes: bytes) -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request_bytes)
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
        writer.close()
        await writer.wait_closed()

    serve(describe, test)


def test_settings_that_no_client_may_offer_end_the_connection() -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        bad = base64.urlsafe_b64encode(frames.settings([(4, 2**31)])[9:])
        writer.write(UPGRADE % (b"GET", bad, b"\r\n"))
        await reader.readuntil(b"\r\n\r\n")
        client = Client(reader, writer)
        await client.until(lambda: client.eof)
        assert client.goaway == [(0, ErrorCode.FLOW_CONTROL_ERROR)]
        await client.close()

    serve(describe, test)


@pytest.mark.parametrize(("alpn", "version"), [(("h2", "http/1.1"), b"2"), (("http/1.1",), b"1.1"), ((), b"1.1")])
def test_with_tls_the_protocol_is_chosen_by_alpn(alpn: tuple[str, ...], version: bytes) -> None:
    authority = Authority()

    async def test(_: HTTP1Server, port: int) -> None:
        context = client_context(authority.pem, alpn=alpn)
        if version == b"2":
            client = await Client.open(port, tls=context)
            assert (await client.get()).body == b"GET|/|2|"
            await client.close()
            return
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b"GET|/|1.1|" in await reader.read()
        writer.close()
        await writer.wait_closed()

    serve(describe, test, tls=server_context(authority.leaf()))


def test_a_client_that_chose_h2_must_speak_it() -> None:
    authority = Authority()

    async def test(_: HTTP1Server, port: int) -> None:
        client = await Client.open(
            port, tls=client_context(authority.pem), preface=b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        await client.until(lambda: client.eof)
        assert client.goaway == [(0, ErrorCode.PROTOCOL_ERROR)]
        await client.close()

    serve(describe, test, tls=server_context(authority.leaf()))


def test_bytes_of_another_protocol_are_not_answered() -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"INVALID CONNECTION PREFACE\r\n\r\n")
        try:
            assert await reader.read() == b""
        except ConnectionResetError:
            pass
        writer.close()

    serve(describe, test)


# --- Requests and answers


def test_a_request_reads_like_one_of_http1() -> None:
    seen: list[Request] = []

    def handler(request: Request) -> Response:
        seen.append(request)
        return Response(204)

    async def test(client: Client) -> None:
        extra = ((b"cookie", b"a=1"), (b"x-a", b"1"), (b"cookie", b"b=2"), (b"te", b"trailers"))
        answer = await client.get(request((b":path", b"/a%20b?c=d"), extra=extra))
        assert answer.status == 204
        assert "content-length" not in answer.headers

    talk(handler, test)
    (got,) = seen
    assert (got.method, got.target, got.body, got.length) == ("GET", b"/a%20b?c=d", b"", 0)
    assert got.headers == [(b"host", b"localhost"), (b"x-a", b"1"), (b"te", b"trailers"), (b"cookie", b"a=1; b=2")]
    assert got.peer is not None
    assert got.peer.address == "127.0.0.1"


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "undeclared"])
@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 3_000_000])
def test_bodies_of_any_size_go_both_ways(size: int, declared: bool) -> None:
    body = bytes(range(256)) * (size // 256 + 1)

    async def test(client: Client) -> None:
        number = client.begin(
            request((b":method", b"POST"), extra=((b"content-length", b"%d" % size),) if declared else ()), end=False
        )
        await client.until(lambda: bool(client.settings))
        await client.upload(number, body[:size])
        answer = await client.answer(number)
        assert answer.body == body[:size]
        assert answer.headers["content-length"] == str(size)

    assert talk(echo, test) == []


def test_an_unread_body_holds_its_client_back_and_no_other() -> None:
    read = asyncio.Event

    async def main(client: Client, wait: asyncio.Event) -> None:
        number = client.begin(request((b":method", b"POST")), end=False)
        for _ in range(16):
            client.data(number, b"x" * 16_384)
        await client.writer.drain()
        assert (await client.get(request((b":path", b"/other")))).status == 200
        assert client.granted.get(number, 0) == 0
        wait.set()
        await client.until(lambda: client.granted.get(number, 0) >= 131_072)
        client.data(number, b"", end=True)
        assert (await client.answer(number)).body == b"262144"

    async def test(client: Client) -> None:
        await main(client, waiting[0])

    waiting: list[asyncio.Event] = []

    async def handler(request: Request) -> Response:
        if request.target == b"/other":
            return Response(200)
        await waiting[0].wait()
        return Response(200, [], b"%d" % len(await request.read()))

    async def connected(_: HTTP1Server, port: int) -> None:
        waiting.append(read())
        client = await Client.open(port)
        await test(client)
        await client.close()

    assert serve(handler, connected) == []


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        await asyncio.sleep(0)
        yield part


def test_answers_take_every_form() -> None:
    answers = {
        b"/stream": lambda: Response(200, [], pieces(b"a", b"b" * 100_000, b"c")),
        b"/length": lambda: Response(200, [], pieces(b"ab"), length=2),
        b"/empty": lambda: Response(201, [(b"x-a", b"1")]),
        b"/unknown": lambda: Response(200, [], b"abc", length=None),
        b"/hop": lambda: Response(200, [(b"connection", b"close"), (b"X-Up", b"a\r\nb"), (b"bad name", b"1")], b"x"),
        b"/etag": lambda: Response(304, [(b"etag", b'"1"')]),
    }

    def handler(request: Request) -> Response:
        return answers[request.target]()

    async def test(client: Client) -> None:
        got = {path: await client.get(request((b":path", path))) for path in answers}
        assert got[b"/stream"].body == b"a" + b"b" * 100_000 + b"c"
        assert "content-length" not in got[b"/stream"].headers
        assert (got[b"/length"].body, got[b"/length"].headers["content-length"]) == (b"ab", "2")
        assert (got[b"/empty"].status, got[b"/empty"].headers["content-length"]) == (201, "0")
        assert got[b"/unknown"].body == b"abc"
        assert got[b"/hop"].headers.keys() == {":status", "x-up", "content-length", "date"}
        assert got[b"/hop"].headers["x-up"] == "a  b"
        assert "content-length" not in got[b"/etag"].headers
        head = await client.get(request((b":method", b"HEAD"), (b":path", b"/length")))
        assert (head.body, head.headers["content-length"]) == (b"", "2")

    assert talk(handler, test) == []


@pytest.mark.parametrize("later", [False, True], ids=["at once", "later"])
def test_a_handler_that_raises_gives_500_without_its_text(later: bool) -> None:
    def fails(request: Request) -> Response:
        raise RuntimeError("s3cret")

    async def fails_later(request: Request) -> Response:
        raise RuntimeError("s3cret")

    async def test(client: Client) -> None:
        answer = await client.get()
        assert (answer.status, answer.body) == (500, b"Internal Server Error")

    heard = talk(fails_later if later else fails, test)
    assert [str(error) for error in heard] == ["s3cret"]


@pytest.mark.parametrize(
    "response",
    [
        lambda: Response(200, [], pieces(b"abc"), length=2),
        lambda: Response(200, [], pieces(b"abc"), length=4),
    ],
    ids=["too long", "too short"],
)
def test_an_answer_that_cannot_be_completed_is_reset(response: Callable[[], Response]) -> None:
    async def test(client: Client) -> None:
        answer = await client.get()
        assert answer.reset == ErrorCode.INTERNAL_ERROR
        assert (await client.get(request((b":path", b"/ok")))).body == b"ok"

    heard = talk(lambda r: Response(200, [], b"ok") if r.target == b"/ok" else response(), test)
    assert len(heard) == 1


def test_an_early_answer_stops_the_clients_upload() -> None:
    async def test(client: Client) -> None:
        number = client.begin(request((b":method", b"POST")), end=False)
        client.data(number, b"x" * 1000)
        answer = await client.answer(number)
        assert answer.status == 403
        await client.until(lambda: answer.reset is not None)
        assert answer.reset == ErrorCode.NO_ERROR
        client.data(number, b"x" * 1000)  # it was under way: no mistake of the client's
        assert (await client.get()).status == 403
        assert not client.goaway

    assert talk(lambda _: Response(403), test) == []


def test_a_client_that_waits_to_be_asked_is_asked() -> None:
    async def test(client: Client) -> None:
        expect = (b"expect", b"100-continue")
        for length in (b"3", b"100000"):
            number = client.begin(
                request((b":method", b"POST"), extra=((b"content-length", length), expect)), end=False
            )
            await client.until(lambda number=number: bool(client.answers[number].heads))
            assert client.answers[number].status == 100
            client.data(number, b"x" * int(length) if length == b"3" else b"x" * 16_384)
            if length == b"3":
                client.data(number, b"", end=True)
            else:
                for at in range(16_384, 100_000, 16_384):
                    client.data(number, b"x" * min(16_384, 100_000 - at), end=at + 16_384 >= 100_000)
            answer = await client.answer(number)
            assert (answer.status, len(answer.body)) == (200, int(length))

    assert talk(echo, test) == []


# --- Clients that give up


def test_a_reset_cancels_its_own_handler_only() -> None:
    begun: list[bytes] = []
    cancelled: list[bytes] = []

    async def handler(request: Request) -> Response:
        begun.append(request.target)
        try:
            await asyncio.sleep(0.1 if request.target == b"/kept" else 60)
        except asyncio.CancelledError:
            cancelled.append(request.target)
            raise
        return Response(200, [], b"kept")

    async def test(client: Client) -> None:
        gone = client.begin(request((b":path", b"/gone")))
        kept = client.begin(request((b":path", b"/kept")))
        unborn = client.begin(request((b":path", b"/unborn")))
        client.send(frames.rst_stream(unborn, ErrorCode.CANCEL))
        while len(begun) < 2:
            await asyncio.sleep(0.001)
        client.send(frames.rst_stream(gone, ErrorCode.CANCEL))
        assert (await client.answer(kept)).body == b"kept"
        assert begun == [b"/gone", b"/kept"]
        assert cancelled == [b"/gone"]

    assert talk(handler, test) == []


def test_a_body_that_breaks_off_is_told_to_its_reader() -> None:
    errors: list[Exception] = []
    begun: list[bool] = []

    async def handler(request: Request) -> Response:
        body = request.body
        assert isinstance(body, BodyStream)
        begun.append(True)
        try:
            async for _ in body:
                pass
        except BodyBrokenError as error:
            errors.append(error)
        except asyncio.CancelledError:
            try:
                await body.read()
            except BodyBrokenError as error:
                errors.append(error)
            raise
        return Response(200)

    async def test(client: Client) -> None:
        number = client.begin(request((b":method", b"POST")), end=False)
        client.data(number, b"part")
        while not begun:
            await asyncio.sleep(0.001)
        client.send(frames.rst_stream(number, ErrorCode.CANCEL))
        while not errors:
            await asyncio.sleep(0.001)

    talk(handler, test)
    assert len(errors) == 1


# --- Limits


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "undeclared"])
def test_a_body_beyond_the_limit_fails_its_reader(declared: bool) -> None:
    async def handler(request: Request) -> Response:
        try:
            await request.read()
        except BodyTooLargeError:
            return Response(413, [], b"too large")
        return Response(200)

    async def test(client: Client) -> None:
        answer = await client.answer(client.post(b"x" * 60_000, declared=declared))
        assert (answer.status, answer.body) == (413, b"too large")
        assert (await client.get()).status == 200

    assert talk(handler, test, max_body=50_000) == []


def test_a_header_list_beyond_the_limit_gets_431() -> None:
    async def test(client: Client) -> None:
        assert client.next_id == 1
        answer = await client.get(request(extra=((b"x-a", b"x" * 9_000),)))
        assert answer.status == 431
        assert (await client.get()).status == 200
        assert client.settings[frames.SETTINGS_MAX_HEADER_LIST_SIZE] == 8_192

    assert talk(describe, test) == []


MALFORMED = {
    "white space in the path": request((b":path", b"/a b")),
    "a path that splits a request line": request((b":path", b"/ HTTP/1.1\tx")),
    "no path but a star": request((b":path", b"*")),
    "a path without its slash": request((b":path", b"a")),
    "a broken escape": request((b":path", b"/%zz")),
    "white space in the method": request((b":method", b"GET /admin")),
    "no host": request((b":authority", None)),
    "two hosts": request((b":authority", None), extra=((b"host", b"a"), (b"host", b"b"))),
    "a host beside another authority": request(extra=((b"host", b"evil"),)),
    "a host of strange characters": request((b":authority", b"a/b")),
    "a control character in a value": request(extra=((b"x-a", b"a\x01b"),)),
}


@pytest.mark.parametrize("fields", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_could_not_be_forwarded_is_refused(fields: list[tuple[bytes, bytes]]) -> None:
    async def test(client: Client) -> None:
        assert (await client.get(fields)).status == 400
        assert (await client.get()).status == 200

    assert talk(describe, test) == []


SMUGGLED = {
    "a transfer coding": request(extra=((b"transfer-encoding", b"chunked"),)),
    "a connection field": request(extra=((b"connection", b"x-a"),)),
    "a line break in a value": request(extra=((b"x-a", b"a\r\nx-b: b"),)),
    "a line break in the path": request((b":path", b"/\r\nx-a: b")),
    "a line break in a name": request(extra=((b"x\r\na", b"1"),)),
    "a capital in a name": request(extra=((b"X-A", b"1"),)),
    "a colon in a name": request(extra=((b"x:a", b"1"),)),
    "two lengths": request(extra=((b"content-length", b"0"), (b"content-length", b"1"))),
    "a length with a sign": request(extra=((b"content-length", b"+0"),)),
    "a length and no body": request(extra=((b"content-length", b"5"),)),
}


@pytest.mark.parametrize("fields", SMUGGLED.values(), ids=SMUGGLED.keys())
def test_what_http1_would_read_differently_ends_its_stream(fields: list[tuple[bytes, bytes]]) -> None:
    async def test(client: Client) -> None:
        answer = await client.get(fields)
        assert (answer.reset, answer.heads) == (ErrorCode.PROTOCOL_ERROR, [])
        assert (await client.get()).status == 200

    assert talk(describe, test) == []


@pytest.mark.parametrize("value", [b"\xff\xfe", b"caf\xc3\xa9", b"\x80"])
def test_values_need_not_be_utf8(value: bytes) -> None:
    async def test(client: Client) -> None:
        answer = await client.get(request((b":path", b"/" + value), extra=((b"x-a", value),)))
        assert answer.body == b"GET|/" + value + b"|2|"

    assert talk(describe, test) == []


# --- Clients that take their time


def test_a_header_block_that_never_ends_is_not_waited_for() -> None:
    async def test(client: Client) -> None:
        block = encode(request())
        client.send(frames.frame(frames.HEADERS, 0x1, 1, block[:3]))
        await client.until(lambda: client.eof)
        assert client.goaway

    talk(describe, test, header_timeout=0.2)


def test_a_trickling_header_block_does_not_count_as_progress() -> None:
    async def test(client: Client) -> None:
        client.send(frames.frame(frames.HEADERS, 0x1, 1, b"\x82"))
        async with asyncio.timeout(3):
            while not client.eof:
                client.send(frames.frame(frames.CONTINUATION, 0, 1, b"\x84"))
                await asyncio.sleep(0.02)

    talk(describe, test, header_timeout=0.2)


def test_a_short_body_that_does_not_come_gets_408_and_leaves_the_others() -> None:
    async def test(client: Client) -> None:
        late = client.begin(request((b":method", b"POST"), extra=((b"content-length", b"5"),)), end=False)
        client.data(late, b"x")
        answer = await client.answer(late)
        assert answer.status == 408
        assert (await client.get()).status == 200

    talk(describe, test, header_timeout=0.2)


def test_an_idle_connection_is_closed_after_its_time() -> None:
    async def test(client: Client) -> None:
        await client.get()
        await client.until(lambda: client.eof)
        assert client.goaway[-1][1] == ErrorCode.NO_ERROR

    talk(describe, test, idle_timeout=0.2)


def test_a_client_without_a_preface_is_closed() -> None:
    async def test(_: HTTP1Server, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(frames.PREFACE[:10])
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()

    serve(describe, test, header_timeout=0.2)


def test_a_client_that_gives_no_window_loses_its_stream_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "STALLED", 0.3)
    cancelled = []

    async def handler(request: Request) -> Response:
        if request.target == b"/":
            return Response(200, [], b"")

        async def endless() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"x" * 10_000
            finally:
                cancelled.append(request.target)

        return Response(200, [], endless())

    async def test(_: HTTP1Server, port: int) -> None:
        client = await Client.open(port, settings=((frames.SETTINGS_INITIAL_WINDOW_SIZE, 0),))
        stuck = client.begin(request((b":path", b"/big")))
        answer = await client.answer(stuck)
        assert (answer.reset, answer.body) == (ErrorCode.CANCEL, b"")
        assert (await client.get()).status == 200
        await client.close()

    serve(handler, test, header_timeout=0.2)
    assert cancelled == [b"/big"]


# --- The end


def test_a_drain_answers_what_is_in_hand_and_takes_no_more() -> None:
    begun = asyncio.Event

    async def main(server: HTTP1Server, port: int) -> None:
        client = await Client.open(port)
        number = client.begin(request((b":path", b"/slow")))
        await started[0].wait()
        drained = asyncio.create_task(server.drain(5))
        await client.until(lambda: len(client.goaway) == 2)
        assert client.goaway == [(2**31 - 1, 0), (number, 0)]
        go_on[0].set()
        assert (await client.answer(number)).body == b"done"
        assert await drained
        await client.until(lambda: client.eof)
        await client.close()

    started: list[asyncio.Event] = []
    go_on: list[asyncio.Event] = []

    async def handler(request: Request) -> Response:
        started[0].set()
        await go_on[0].wait()
        return Response(200, [], b"done")

    async def test(server: HTTP1Server, port: int) -> None:
        started.append(begun())
        go_on.append(begun())
        await main(server, port)

    assert serve(handler, test) == []


def test_what_does_not_end_in_time_is_cancelled() -> None:
    cancelled: list[bool] = []

    async def handler(request: Request) -> Response:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise
        return Response(200)

    async def test(server: HTTP1Server, port: int) -> None:
        client = await Client.open(port)
        number = client.begin(request())
        await client.until(lambda: bool(client.settings))
        assert not await server.drain(0.1)
        answer = await client.answer(number)
        assert not answer.ended
        await client.close()

    serve(handler, test)
    assert cancelled == [True]


def test_connections_of_both_kinds_count_together() -> None:
    async def test(server: HTTP1Server, port: int) -> None:
        first = await Client.open(port)
        await first.get()
        second = await Client.open(port)
        await second.until(lambda: second.eof)
        assert server.connections <= 2
        assert (await first.get()).status == 200
        await first.close()
        await second.close()

    serve(describe, test, max_connections=1)
