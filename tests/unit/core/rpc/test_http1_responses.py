"""The client's core: bytes become responses, including those only a client meets."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dapr_core.rpc.http1.heads import HeadMemory, ProtocolError
from dapr_core.rpc.http1.limits import COLLECTED, Limits
from dapr_core.rpc.http1.requests import Mark
from dapr_core.rpc.http1.responses import ResponseCore
from dapr_core.rpc.messages import Response


def core(method: str = "GET") -> ResponseCore:
    subject = ResponseCore(Limits(), HeadMemory())
    subject.expect(method)
    return subject


def events(subject: ResponseCore, *pieces: bytes) -> list[object]:
    found: list[object] = []
    for piece in pieces:
        subject.feed(piece)
        while (event := subject.next()) is not None:
            if isinstance(event, Response):
                found.append((event.status, tuple(event.headers), event.body, event.length))
                if subject.reader is None:
                    break
            elif isinstance(event, bytes) and isinstance(found[-1], bytes):
                found[-1] += event
            else:
                found.append(event)
                if event is Mark.END:
                    break
    return found


def test_a_short_body_comes_inside_its_response() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\n\r\nok"
    assert events(core(), raw) == [(200, ((b"content-length", b"2"), (b"x-a", b"b")), b"ok", 2)]


def test_a_long_body_follows_in_pieces_and_its_length_is_known() -> None:
    body = bytes(COLLECTED + 1)
    head, piece, end = events(core(), b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body), body)
    assert (head[3], piece, end) == (len(body), body, Mark.END)  # type: ignore[index]


@pytest.mark.parametrize(
    ("method", "head"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 118\r\n\r\n"),
        ("HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n"),
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    ],
)
def test_answers_without_a_body_are_complete_at_once(method: str, head: bytes) -> None:
    subject = core(method)
    (response,) = events(subject, head)
    assert response[2] == b""  # type: ignore[index]
    assert subject.keep_alive


def test_interim_responses_are_dropped() -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    raw = interim + b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
    assert events(core(), raw) == [(201, ((b"content-length", b"0"),), b"", 0)]


def test_a_body_without_framing_ends_with_the_connection() -> None:
    subject = core()
    assert events(subject, b"HTTP/1.1 200 OK\r\n\r\nuntil", b" close")[1] == b"until close"
    assert subject.end() is Mark.END
    assert not subject.keep_alive


def test_a_short_body_that_stays_shorter_is_given_as_far_as_it_came() -> None:
    subject = core()
    assert events(subject, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort") == []
    response = subject.end()
    assert isinstance(response, Response)
    assert (response.body, response.length) == (b"short", 10)


def test_nothing_under_way_has_no_end() -> None:
    assert core().end() is None


def test_equal_lengths_are_forgiven() -> None:
    assert len(events(core(), b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok")) == 1


def test_chunks_rule_over_a_length_and_the_connection_is_not_used_again() -> None:
    subject = core()
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    assert events(subject, raw)[1:] == [b"ok", Mark.END]
    assert not subject.keep_alive


@pytest.mark.parametrize(
    "raw",
    [
        b"HELLO\r\n\r\n",
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 9000,
    ],
)
def test_what_is_no_response_is_refused(raw: bytes) -> None:
    with pytest.raises(ProtocolError):
        events(core(), raw)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["length", "chunked"]), st.data())
def test_how_bytes_are_cut_changes_no_event(body: bytes, kind: str, data: st.DataObject) -> None:
    if kind == "length":
        raw = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    else:
        chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
        raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + b"0\r\n\r\n"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    pieces = [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True) if b > a]
    assert events(core(), *pieces) == events(core(), raw)


def test_a_repeated_head_means_the_same_and_shares_nothing() -> None:
    subject = core()
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    (first,) = events(subject, raw + b"ok")
    subject.feed(raw + b"no")
    second = subject.next()
    assert isinstance(second, Response)
    assert (second.status, tuple(second.headers), second.body, second.length) == (200, first[1], b"no", 2)  # type: ignore[index]
    second.headers.clear()
    (third,) = events(subject, raw + b"ok")
    assert third == first
    subject.expect("HEAD")
    (fourth,) = events(subject, raw)
    assert fourth[2] == b""  # type: ignore[index]
