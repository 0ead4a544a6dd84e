"""What an application gets to see, and how its answers and its silence are understood."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import pytest
from support.echo_app import Answer, EchoApp, Received, echo_app
from support.ports import free_port

from dapr_components.middleware.contract import AsyncHandler
from dapr_core.rpc.messages import BodyStream, Headers, Request, Response
from daprd.app.contract import AppAnswerError, AppChannelError, AppUnhealthyError, TopicEvent, Verdict
from daprd.app.http import HttpAppChannel, HttpAppSettings, supervised
from daprd.app.shared import SharedHeaders
from daprd.app.urls import UrlError

T = TypeVar("T")


def run(
    app: EchoApp | int, use: Callable[[HttpAppChannel], Awaitable[T]], *, pipeline: Any = None, **settings: Any
) -> T:
    async def main() -> T:
        port = app if isinstance(app, int) else app.port
        channel = HttpAppChannel(HttpAppSettings(app_id="shop", port=port, **settings), pipeline=pipeline)
        try:
            return await use(channel)
        finally:
            await channel.close()

    return asyncio.run(main())


async def invoked(channel: HttpAppChannel, request: Request) -> Response:
    response = await channel.invoke(request)
    await response.read()
    return response


def rule(path: str, answer: Answer) -> Callable[[Received], Answer | None]:
    return lambda request: answer if request.target.split("?")[0] == path else None


class Pieces(BodyStream):
    def __init__(self, *pieces: bytes | Exception) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece


# The head of a request


def test_fields_go_out_in_the_recorded_order() -> None:
    headers: Headers = [
        (b"x-b", b"2"),
        (b"dapr-caller-app-id", b"caller"),
        (b"x-a", b"1"),
        (b"content-type", b"text/plain"),
        (b"x-a", b"again"),
    ]
    with echo_app() as app:
        run(app, lambda channel: invoked(channel, Request("POST", b"/hello?a=%20", headers, b"body")))
    (request,) = app.received
    assert request.line == "POST /hello?a=%20 HTTP/1.1"
    assert request.headers == [
        f"Host: 127.0.0.1:{app.port}",
        "User-Agent: Go-http-client/1.1",
        "Content-Length: 4",
        "Content-Type: text/plain",
        "Dapr-Caller-App-Id: caller",
        "X-A: 1",
        "X-A: again",
        "X-B: 2",
        "Accept-Encoding: gzip",
    ]


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ([(b"accept-encoding", b"gzip, br")], ["Accept-Encoding: gzip, br"]),
        ([(b"range", b"bytes=0-1")], ["Range: bytes=0-1"]),
        ([(b"user-agent", b"golden/1.0")], ["Accept-Encoding: gzip"]),
    ],
    ids=["the caller's own coding", "a range", "the caller's agent"],
)
def test_gzip_is_offered_only_when_the_caller_said_nothing_about_it(given: Headers, seen: list[str]) -> None:
    with echo_app() as app:
        run(app, lambda channel: invoked(channel, Request("GET", b"/hello", list(given))))
    assert app.received[0].headers[2:] == seen


def test_headers_that_calls_share_are_arranged_once_where_no_middleware_is_listed() -> None:
    shared = SharedHeaders([(b"x-b", b"2"), (b"x-a", b"1")])

    async def twice(channel: HttpAppChannel) -> tuple[object, object]:
        await invoked(channel, Request("GET", b"/first", shared))
        first = shared.prepared
        await invoked(channel, Request("GET", b"/second", shared))
        return first, shared.prepared

    with echo_app() as app:
        first, second = run(app, twice, pipeline=lambda following: following)
    assert first is not None
    assert first is second
    assert app.received[0].headers == app.received[1].headers
    assert shared == [(b"x-b", b"2"), (b"x-a", b"1")]


def test_a_head_request_offers_no_coding() -> None:
    with echo_app() as app:
        run(app, lambda channel: invoked(channel, Request("HEAD", b"/hello")))
    assert app.received[0].header("accept-encoding") is None


def test_the_app_token_replaces_the_callers() -> None:
    headers: Headers = [(b"dapr-api-token", b"the caller's")]
    with echo_app() as app:
        run(app, lambda channel: invoked(channel, Request("GET", b"/x", list(headers))), token="apptok")
        run(app, lambda channel: invoked(channel, Request("GET", b"/x", list(headers))))
    assert [request.header("dapr-api-token") for request in app.received] == ["apptok", "the caller's"]
    assert "apptok" not in repr(HttpAppSettings(app_id="shop", port=1, token="apptok"))


def test_a_path_is_escaped_on_its_way_out() -> None:
    with echo_app() as app:
        run(app, lambda channel: invoked(channel, Request("GET", b'/test"stream')))
    assert app.received[0].target == "/test%22stream"


def test_a_path_that_makes_no_url_is_not_sent() -> None:
    with echo_app() as app:
        with pytest.raises(UrlError) as caught:
            run(app, lambda channel: invoked(channel, Request("GET", b"/a%b")))
        assert str(caught.value) == f'parse "http://127.0.0.1:{app.port}/a%b": invalid URL escape "%b"'
        assert app.received == []


# Answers


def test_answers_are_passed_on_and_redirects_not_followed() -> None:
    moved = Answer(301, b"moved", [("Location", "/elsewhere")])
    with echo_app(rule("/redirect", moved)) as app:
        response = run(app, lambda channel: invoked(channel, Request("GET", b"/redirect")))
    assert (response.status, response.body, response.header(b"location")) == (301, b"moved", b"/elsewhere")
    assert len(app.received) == 1


def test_gzip_that_we_asked_for_is_unpacked_and_gzip_that_the_caller_asked_for_is_not() -> None:
    packed = gzip.compress(b"hello" * 100_000)
    answer = Answer(200, packed, [("Content-Encoding", "gzip"), ("Content-Type", "text/plain")])
    with echo_app(rule("/z", answer)) as app:
        ours = run(app, lambda channel: invoked(channel, Request("GET", b"/z")))
        theirs = run(app, lambda channel: invoked(channel, Request("GET", b"/z", [(b"accept-encoding", b"gzip")])))
    assert (ours.body, ours.header(b"content-encoding")) == (b"hello" * 100_000, None)
    assert (theirs.body, theirs.header(b"content-encoding")) == (packed, b"gzip")


def test_broken_gzip_is_a_broken_answer() -> None:
    answer = Answer(200, b"no gzip", [("Content-Encoding", "gzip")])
    with echo_app(rule("/dapr/config", answer)) as app, pytest.raises(AppChannelError, match="gzip body is broken"):
        run(app, lambda channel: channel.config())


def test_streamed_bodies_pass_both_ways() -> None:
    async def use(channel: HttpAppChannel) -> Response:
        return await invoked(channel, Request("POST", b"/x", [], Pieces(b"one ", b"two"), length=None))

    with echo_app() as app:
        response = run(app, use)
    assert (app.received[0].framing, app.received[0].body, response.body) == ("chunked", b"one two", b"one two")


# Silence


def test_an_application_that_does_not_listen_is_named() -> None:
    port = free_port()
    with pytest.raises(AppChannelError) as caught:
        run(port, lambda channel: invoked(channel, Request("GET", b"/x")))
    assert str(caught.value) == (
        f'Get "http://127.0.0.1:{port}/x": dial tcp 127.0.0.1:{port}: connect: connection refused'
    )


@pytest.mark.parametrize(("raw", "text"), [(b"", "EOF"), (b"nonsense\r\n\r\n", "HTTP/1.x transport connection broken")])
def test_an_application_that_breaks_off_is_an_error(raw: bytes, text: str) -> None:
    with echo_app(rule("/x", Answer(raw=raw))) as app, pytest.raises(AppChannelError, match=text):
        run(app, lambda channel: invoked(channel, Request("POST", b"/x", [], b"1")))


def test_what_reading_the_callers_body_raised_is_the_cause() -> None:
    body = Pieces(b"one", ValueError("invalid sequence number received: 5 (expected: 1)"))
    with echo_app() as app:
        with pytest.raises(AppChannelError) as caught:
            run(app, lambda channel: invoked(channel, Request("POST", b"/hello", [], body, length=None)))
        assert str(caught.value) == (
            f'Post "http://127.0.0.1:{app.port}/hello": invalid sequence number received: 5 (expected: 1)'
        )


def test_an_unhealthy_application_is_sent_nothing_but_probes() -> None:
    async def use(channel: HttpAppChannel) -> bool:
        told: list[bool] = []

        async def changed(healthy: bool) -> None:
            told.append(channel.healthy)

        tell = supervised(channel, changed)
        with pytest.raises(AppUnhealthyError):
            await channel.invoke(Request("GET", b"/x"))
        with pytest.raises(AppUnhealthyError):
            await channel.config()
        good = await channel.probe()
        await tell(True)
        await invoked(channel, Request("GET", b"/x"))
        assert told == [True]
        return good

    with echo_app() as app:
        assert run(app, use, token="apptok")
    assert [request.target for request in app.received] == ["/healthz", "/x"]
    assert app.received[0].headers[1:] == ["User-Agent: Go-http-client/1.1", "Accept-Encoding: gzip"]


@pytest.mark.parametrize(("status", "good"), [(200, True), (204, True), (301, False), (500, False)])
def test_a_probe_is_good_when_its_answer_is(status: int, good: bool) -> None:
    with echo_app(rule("/alive", Answer(status))) as app:
        assert run(app, lambda channel: channel.probe(), health_path="alive") is good


def test_a_probe_never_raises() -> None:
    assert run(free_port(), lambda channel: channel.probe()) is False


# Concurrency


def _unchanged(following: AsyncHandler) -> AsyncHandler:
    async def call(request: Request) -> Response:
        return await following(request)

    return call


@pytest.mark.parametrize(
    "settings", [{}, {"max_concurrency": 1}, {"pipeline": _unchanged}], ids=["at once", "slots", "a pipeline"]
)
def test_calls_that_are_begun_end_as_those_that_are_awaited_do(settings: dict[str, Any]) -> None:
    told: list[tuple[object, ...]] = []

    async def use(channel: HttpAppChannel) -> list[Response]:
        channel._record = lambda *observed: told.append(observed[:3])
        begun = [channel.begin(Request("PUT", b"/hello", [], b"%d" % n)) for n in range(3)]
        answers = [await each for each in begun]
        answers.append(await channel.begin(Request("PUT", b"/hello")))
        with pytest.raises(UrlError):
            await channel.begin(Request("PUT", b"/%zz"))
        channel.healthy = False
        with pytest.raises(AppUnhealthyError):
            await channel.begin(Request("PUT", b"/hello"))
        return answers

    with echo_app(rule("/hello", Answer(200, b"hello"))) as app:
        answers = run(app, use, **settings)
    assert [answer.body for answer in answers] == [b"hello"] * 4
    assert told == [("PUT", b"/hello", 200)] * 4
    assert len(app.received) == 4


@pytest.mark.parametrize("raw", [b"", b"nonsense\r\n\r\n"], ids=["silence", "no HTTP"])
def test_a_begun_call_fails_in_the_same_words(raw: bytes) -> None:
    async def use(channel: HttpAppChannel) -> list[str]:
        texts: list[str] = []
        for call in (channel.invoke, channel.begin):
            await channel.begin(Request("PUT", b"/well"))  # so that a connection is idle
            with pytest.raises(AppChannelError) as caught:
                await call(Request("POST", b"/breaks"))
            texts.append(str(caught.value))
        return texts

    with echo_app(rule("/breaks", Answer(raw=raw))) as app:
        awaited, begun = run(app, use)
    assert awaited == begun


def test_a_slot_is_held_until_the_body_is_read() -> None:
    async def use(channel: HttpAppChannel) -> list[str]:
        order: list[str] = []
        first = await channel.invoke(Request("GET", b"/nolen"))
        second = asyncio.ensure_future(invoked(channel, Request("GET", b"/second")))
        await asyncio.sleep(0.05)
        order.append("second waits" if not second.done() and len(app.received) == 1 else "second ran")
        await first.read()
        await second
        order.append("second ran")
        return order

    with echo_app() as app:
        assert run(app, use, max_concurrency=1) == ["second waits", "second ran"]


def test_a_cancelled_waiter_and_a_failed_call_leave_no_slot_behind() -> None:
    async def use(channel: HttpAppChannel) -> int:
        first = await channel.invoke(Request("GET", b"/nolen"))
        waiter = asyncio.ensure_future(invoked(channel, Request("GET", b"/never")))
        await asyncio.sleep(0)
        waiter.cancel()
        await asyncio.wait([waiter])
        await first.read()
        with pytest.raises(UrlError):
            await channel.invoke(Request("GET", b"/%"))
        return (await invoked(channel, Request("GET", b"/last"))).status

    with echo_app() as app:
        assert run(app, use, max_concurrency=1) == 200
    assert [request.target for request in app.received] == ["/nolen", "/last"]


# The pipeline


def test_a_pipeline_sees_every_call_but_probes() -> None:
    def wrap(following: AsyncHandler) -> AsyncHandler:
        async def middleware(request: Request) -> Response:
            request.headers.append((b"x-wrapped", b"1"))
            return await following(request)

        return middleware

    async def use(channel: HttpAppChannel) -> None:
        await invoked(channel, Request("GET", b"/x"))
        await channel.config()
        await channel.probe()

    with echo_app() as app:
        run(app, use, pipeline=wrap)
    assert [request.header("x-wrapped") for request in app.received] == ["1", "1", None]


# Initialisation


def test_the_app_is_asked_for_its_config_and_subscriptions_as_recorded() -> None:
    async def use(channel: HttpAppChannel) -> tuple[Any, Any]:
        return (await channel.config()).values, await channel.subscriptions()

    config = Answer(200, b'{"entities": ["Room"]}', [("Content-Type", "application/json")])
    subscribe = Answer(200, b'[{"pubsubname": "bus", "topic": "t", "route": "/t"}]')
    with echo_app(rule("/dapr/config", config), rule("/dapr/subscribe", subscribe)) as app:
        values, subscriptions = run(app, use, token="apptok")
    assert values == {"entities": ["Room"]}
    assert [(spec.pubsub, spec.topic, spec.rules[0].path) for spec in subscriptions] == [("bus", "t", "/t")]
    for request in app.received:
        assert request.headers[1:] == [
            "User-Agent: Go-http-client/1.1",
            "Content-Type: application/json",
            "Dapr-Api-Token: apptok",
            "Dapr-App-Id: shop",
            "Accept-Encoding: gzip",
        ]


@pytest.mark.parametrize("answer", [Answer(404), Answer(500), Answer(200)], ids=["404", "500", "empty"])
def test_an_app_without_config_and_subscriptions_has_none(answer: Answer) -> None:
    with echo_app(lambda request: answer) as app:
        assert run(app, lambda channel: channel.config()).values == {}
        assert run(app, lambda channel: channel.subscriptions()) == []


def test_disabled_init_endpoints_are_not_asked() -> None:
    async def use(channel: HttpAppChannel) -> None:
        assert (await channel.config()).values == {}
        assert await channel.subscriptions() == []

    with echo_app() as app:
        run(app, use, skipped=frozenset({"config", "subscribe"}))
    assert app.received == []


# Events


def test_an_event_is_delivered_and_its_answer_is_a_verdict() -> None:
    event = TopicEvent("/t", "bus", "t", {"id": "1"}, b"{}", "application/cloudevents+json", {"pubsubname": "bus"})
    with echo_app(rule("/t", Answer(200, b'{"status": "DROP"}'))) as app:
        assert run(app, lambda channel: channel.topic_event(event)) is Verdict.DROP
    (request,) = app.received
    assert (request.method, request.header("pubsubname")) == ("POST", "bus")


def test_a_batch_gets_a_verdict_per_entry() -> None:
    answer = Answer(200, b'{"statuses": [{"entryId": "a", "status": "SUCCESS"}]}')
    with echo_app(rule("/b", answer)) as app:
        verdicts = run(app, lambda channel: channel.bulk_topic_event("/b", b"{}", ["a", "b"], {}))
    assert verdicts == {"a": Verdict.SUCCESS, "b": Verdict.RETRY}


def test_a_binding_event_is_acknowledged_by_any_success() -> None:
    with echo_app(rule("/ok", Answer(201, b"thanks")), rule("/bad", Answer(500, b"no"))) as app:
        assert run(app, lambda channel: channel.binding_event("/ok", b"x", {"k": "v"})) == b"thanks"
        with pytest.raises(AppAnswerError, match="status code: 500 body: no"):
            run(app, lambda channel: channel.binding_event("/bad", b"x", {}))


@pytest.mark.parametrize(("status", "wanted"), [(200, True), (405, True), (404, False), (500, False)])
def test_discovery_of_a_binding(status: int, wanted: bool) -> None:
    with echo_app(rule("/cron", Answer(status))) as app:
        assert run(app, lambda channel: channel.wants_binding("cron")) is wanted
    assert app.received[0].method == "OPTIONS"


# Answers that are read whole are bounded


def endless(request: Received) -> Answer:
    """An answer of which the first part is more than any limit of these tests, declared or not."""
    if "declared" in request.target:
        return Answer(body=b"x" * 200_000)
    chunks = b"".join(b"%x\r\n%b\r\n" % (10_000, b"x" * 10_000) for _ in range(20))
    return Answer(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)


def packed(request: Received) -> Answer:
    """Small on the wire, large when unpacked."""
    return Answer(body=gzip.compress(b"x" * 200_000), headers=[("Content-Encoding", "gzip")])


@pytest.mark.parametrize(
    ("answer", "path"),
    [(endless, "/declared"), (endless, "/chunked"), (packed, "/packed")],
    ids=["declared", "chunked", "packed"],
)
def test_an_answer_beyond_the_limit_is_an_error_that_names_the_flag(
    answer: Callable[[Received], Answer | None], path: str
) -> None:
    async def use(channel: HttpAppChannel) -> None:
        with pytest.raises(AppChannelError, match=r"stream too large: .* more than 100000 bytes \(--max-body-size\)"):
            await channel.binding_event(path, b"{}", {})
        with pytest.raises(AppChannelError, match="stream too large"):
            await channel.config()

    with echo_app(answer) as app:
        run(app, use, body_limit=100_000)


def test_a_slot_is_free_again_after_an_answer_beyond_the_limit() -> None:
    async def use(channel: HttpAppChannel) -> None:
        for _ in range(3):
            async with asyncio.timeout(20):
                with pytest.raises(AppChannelError, match="stream too large"):
                    await channel.binding_event("/chunked", b"{}", {})

    with echo_app(endless) as app:
        run(app, use, body_limit=100_000, max_concurrency=1)


def test_an_answer_at_the_limit_passes() -> None:
    async def use(channel: HttpAppChannel) -> None:
        assert len(await channel.binding_event("/declared", b"{}", {})) == 200_000
        assert len(await channel.binding_event("/packed", b"{}", {})) == 200_000

    with echo_app(lambda request: packed(request) if "packed" in request.target else endless(request)) as app:
        run(app, use, body_limit=200_000)


def test_a_probe_counts_by_its_status_however_much_it_says() -> None:
    async def use(channel: HttpAppChannel) -> None:
        assert await channel.probe()

    with echo_app(endless) as app:
        run(app, use, body_limit=100_000)


def test_what_is_streamed_to_a_caller_has_no_bound() -> None:
    async def use(channel: HttpAppChannel) -> None:
        response = await invoked(channel, Request("GET", b"/declared"))
        assert len(response.body) == 200_000  # type: ignore[arg-type]

    with echo_app(endless) as app:
        run(app, use, body_limit=100_000)
