"""How responses look on the wire: the shape of the recordings, and nothing a value could break out of."""

from __future__ import annotations

import pytest

from dapr_core.rpc.http1 import answers, emitting
from dapr_core.rpc.http1.answers import careful_answer, framed_head, refusal, short_answer
from dapr_core.rpc.http1.origins import Origin, request_head
from dapr_core.rpc.messages import Headers, Request, Response

DATE = b"\r\nDate: Mon, 23 Nov 2026 20:10:44 GMT"


@pytest.fixture(autouse=True)
def fixed_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "date_line", lambda: DATE)


def careful(response: Response, method: str = "GET", minor: int = 1, keep: bool = True) -> tuple[bytes, bool]:
    assert isinstance(response.body, bytes)
    pieces, kept = careful_answer(response, response.body, method, minor, keep)
    return b"".join(pieces), kept


def both(response: Response) -> bytes:
    """The fast path's answer, which the careful path must give too."""
    assert isinstance(response.body, bytes)
    fast = short_answer(response, response.body)
    assert fast is not None
    assert careful(response) == (fast, True)
    return fast


def test_a_short_body_has_date_then_length() -> None:
    response = Response(200, [(b"content-type", b"application/json"), (b"traceparent", b"00-0")], b"{}")
    assert both(response) == (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTraceparent: 00-0"
        + DATE
        + b"\r\nContent-Length: 2\r\n\r\n{}"
    )


def test_no_content_has_no_length() -> None:
    assert both(Response(204)) == b"HTTP/1.1 204 No Content" + DATE + b"\r\n\r\n"


def test_a_date_of_the_handlers_stands_among_the_fields_and_is_the_only_one() -> None:
    given = (b"date", b"Tue, 24 Nov 2026 01:02:03 GMT")
    sent = both(Response(200, [(b"content-type", b"a/b"), given, (b"x-app", b"yes")], b"abc"))
    assert sent == (
        b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nDate: Tue, 24 Nov 2026 01:02:03 GMT\r\nX-App: yes"
        b"\r\nContent-Length: 3\r\n\r\nabc"
    )


@pytest.mark.parametrize("status", [204, 200], ids=["no-content", "chunked"])
def test_a_date_of_the_handlers_is_not_joined_by_ours(status: int) -> None:
    given: Headers = [(b"date", b"Tue, 24 Nov 2026 01:02:03 GMT")]
    assert both(Response(status, given, b"" if status == 204 else bytes(3000))).count(b"Date: ") == 1


def test_a_body_over_two_kib_goes_in_one_chunk() -> None:
    sent = both(Response(200, [], bytes(2049)))
    assert sent.endswith(b"\r\nTransfer-Encoding: chunked\r\n\r\n801\r\n" + bytes(2049) + b"\r\n0\r\n\r\n")


def test_a_length_of_none_asks_for_chunks() -> None:
    response = Response(200, [], b"hello")
    response.length = None
    assert both(response).endswith(b"\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")


def test_fields_are_sorted_and_a_length_of_the_handlers_stays_among_them() -> None:
    response = Response(400, [(b"x-app", b"yes"), (b"content-type", b"a/b"), (b"content-length", b"9")], b"abc")
    assert careful(response)[0] == (
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\nContent-Type: a/b\r\nX-App: yes" + DATE + b"\r\n\r\nabc"
    )


def test_head_gets_the_length_and_no_body() -> None:
    sent, keep = careful(Response(404, [], b"not here"), "HEAD")
    assert sent == b"HTTP/1.1 404 Not Found" + DATE + b"\r\nContent-Length: 8\r\n\r\n"
    assert keep


def test_closing_is_announced_last() -> None:
    sent, keep = careful(Response(200, [], b"ok"), keep=False)
    assert sent.endswith(b"\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
    assert not keep


def test_a_handler_may_ask_for_the_close() -> None:
    sent, keep = careful(Response(200, [(b"connection", b"close")], b"ok"))
    assert sent.count(b"Connection: close") == 1
    assert not keep


def test_keep_alive_of_an_event_stream_is_passed_on() -> None:
    fields: Headers = [(b"connection", b"keep-alive"), (b"cache-control", b"no-cache")]
    head, _, keep = framed_head(200, fields, None, method="GET", minor=1, keep_alive=True)
    assert head.startswith(b"HTTP/1.1 200 OK\r\nCache-Control: no-cache\r\nConnection: keep-alive\r\nDate:")
    assert keep


def test_http_1_0_is_answered_in_kind() -> None:
    assert careful(Response(204), minor=0, keep=False)[0] == b"HTTP/1.0 204 No Content" + DATE + b"\r\n\r\n"


def test_http_1_0_gets_a_stream_until_the_connection_ends() -> None:
    head, framing, keep = framed_head(200, [], None, method="GET", minor=0, keep_alive=True)
    assert framing is answers.Framing.CLOSE
    assert not keep
    assert b"Transfer-Encoding" not in head


@pytest.mark.parametrize("value", [b"a\r\nInjected: yes", b"a\nInjected: yes", b"a\rInjected: yes", b"a\0b"])
def test_a_value_cannot_break_out_of_its_line(value: bytes) -> None:
    response = Response(200, [(b"etag", value)], b"")
    assert short_answer(response, b"") is None
    sent, _ = careful(response)
    assert sent.count(b"\r\n") == 5
    assert sent.count(b"\n") == sent.count(b"\r") == 5
    assert b"\0" not in sent


def test_a_name_that_is_no_token_is_left_out() -> None:
    assert b"bad" not in careful(Response(200, [(b"bad name", b"x"), (b"bad\r\nname", b"x")], b""))[0]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"content-type", b"Content-Type"),
        (b"x-daprremindercancel", b"X-Daprremindercancel"),
        (b"metadata.content-length", b"Metadata.content-Length"),
        (b"X-APP", b"X-App"),
    ],
)
def test_names_are_canonical(name: bytes, shown: bytes) -> None:
    assert emitting.canonical(name) == shown


def test_an_unknown_status_has_gos_phrase() -> None:
    assert careful(Response(299))[0].startswith(b"HTTP/1.1 299 status code 299\r\n")


def test_refusals_look_as_recorded() -> None:
    assert refusal(400, "missing required Host header") == (
        b"HTTP/1.1 400 Bad Request: missing required Host header\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Connection: close\r\n\r\n400 Bad Request: missing required Host header"
    )


def test_the_date_is_a_fixed_english_format() -> None:
    assert emitting.http_date(1795464644) == b"Mon, 23 Nov 2026 20:10:44 GMT"


def test_a_request_head_is_in_gos_order() -> None:
    request = Request("POST", b"/a?b", [(b"user-agent", b"ua"), (b"accept", b"*/*"), (b"x-a", b"1")], b"hi")
    expected = (
        b"POST /a?b HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: ua\r\nContent-Length: 2\r\n"
        b"Accept: */*\r\nX-A: 1\r\n\r\n"
    )
    assert request_head(Origin("127.0.0.1", 8080), request, 2) == expected
    shuffled = Request("POST", b"/a?b", [*reversed(request.headers), (b"connection", b"close")], b"hi")
    assert request_head(Origin("127.0.0.1", 8080), shuffled, 2) == expected


@pytest.mark.parametrize(("method", "length", "shown"), [("GET", 0, False), ("POST", 0, True), ("DELETE", 3, True)])
def test_an_empty_body_has_a_length_only_where_a_body_is_usual(method: str, length: int, shown: bool) -> None:
    head = request_head(Origin("h"), Request(method, b"/"), length)
    assert (b"Content-Length: %d" % length in head) is shown


@pytest.mark.parametrize("target", [b"", b"/a b", b"/a\r\nX: y", b"/\0"])
def test_a_target_that_breaks_the_line_is_refused(target: bytes) -> None:
    with pytest.raises(ValueError, match="cannot be sent"):
        request_head(Origin("h"), Request("GET", target), 0)


@pytest.mark.parametrize(
    ("origin", "field"),
    [
        (Origin("example.org", 80), b"example.org"),
        (Origin("::1", 8080), b"[::1]:8080"),
        (Origin("localhost", unix_path="/x"), b"localhost"),
    ],
)
def test_the_host_field_names_the_origin(origin: Origin, field: bytes) -> None:
    assert origin.host_field == field


def test_equal_origins_are_one_key() -> None:
    assert {Origin("a", 1): 1}[Origin("a", 1)] == 1
    assert Origin("a", 1) != Origin("a", 2)
