"""The server's core: bytes become requests, whatever way they are cut; what two servers could read differently is
refused."""

from __future__ import annotations

import httptools
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dapr_core.rpc.http1.heads import HeadMemory, ProtocolError
from dapr_core.rpc.http1.limits import COLLECTED, Limits
from dapr_core.rpc.http1.requests import Mark, RequestCore
from dapr_core.rpc.messages import Request

HOST = b"Host: x\r\n"
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def core(**limits: object) -> RequestCore:
    return RequestCore(Limits(**limits), HeadMemory())  # type: ignore[arg-type]


def events(subject: RequestCore, *pieces: bytes) -> list[object]:
    """All events of bytes fed piece by piece; adjoining pieces of one body are joined."""
    found: list[object] = []
    for piece in pieces:
        subject.feed(piece)
        while (event := subject.next()) is not None:
            if isinstance(event, Request):
                found.append(
                    (event.method, event.target, tuple(event.headers), event.body, event.length, event.version)
                )
            elif isinstance(event, bytes) and found and isinstance(found[-1], bytes):
                found[-1] += event
            else:
                found.append(event)
    return found


def refusal(*pieces: bytes, **limits: object) -> tuple[int, str]:
    with pytest.raises(ProtocolError) as caught:
        events(core(**limits), *pieces)
    return caught.value.status, caught.value.detail


def test_a_request_without_a_body_is_one_event() -> None:
    (request,) = events(core(), b"GET /v1.0/healthz?a=%20 HTTP/1.1\r\nHost: x\r\nX-Some-Thing:  a b \t\r\n\r\n")
    assert request == ("GET", b"/v1.0/healthz?a=%20", ((b"host", b"x"), (b"x-some-thing", b"a b")), b"", 0, "1.1")


def test_a_short_body_comes_inside_its_request() -> None:
    (request,) = events(core(), b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe", b"llo")
    assert request[3:5] == (b"hello", 5)  # type: ignore[index]


def test_a_long_body_follows_its_request_in_pieces() -> None:
    body = bytes(COLLECTED + 1)
    head, piece, end = events(core(), b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(body), body)
    assert head[4] == len(body)  # type: ignore[index]
    assert piece == body
    assert end is Mark.END


def test_a_chunked_body_follows_without_extensions_and_trailers() -> None:
    raw = b"5;name=value\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: dropped\r\n\r\n"
    head, body, end = events(core(), b"PUT / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: Chunked\r\n\r\n" + raw)
    assert (head[4], body, end) == (None, b"hello world", Mark.END)  # type: ignore[index]


def test_pipelined_requests_wait_unparsed_until_asked_for() -> None:
    subject = core()
    subject.feed((b"GET /1 HTTP/1.1\r\n" + HOST + b"\r\n") * 2)
    first = subject.next()
    assert isinstance(first, Request)
    assert subject.buffered == len(b"GET /1 HTTP/1.1\r\n" + HOST + b"\r\n")


@pytest.mark.parametrize("method", ["FROB", "CONNECT", "PROPFIND", "M-SEARCH"])
def test_any_token_is_a_method(method: str) -> None:
    (request,) = events(core(), method.encode() + b" /v1.0/x HTTP/1.1\r\n" + HOST + b"\r\n")
    assert request[0] == method  # type: ignore[index]


def test_upgrade_does_not_hide_the_body() -> None:
    raw = b"POST / HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nok"
    (request,) = events(core(), raw)
    assert request[3] == b"ok"  # type: ignore[index]


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        (b"http://other/v1.0/healthz", b"/v1.0/healthz"),
        (b"HTTP://other:80", b"/"),
        (b"https://other?q", b"/?q"),
        (b"/a?b=%zz", b"/a?b=%zz"),
    ],
)
def test_targets_become_origin_form(sent: bytes, seen: bytes) -> None:
    (request,) = events(core(), b"GET " + sent + b" HTTP/1.1\r\n" + HOST + b"\r\n")
    assert request[1] == seen  # type: ignore[index]


@pytest.mark.parametrize(
    ("head", "keep"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Keep-Alive, Close\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", True),
    ],
)
def test_the_connection_is_kept_as_version_and_option_say(head: bytes, keep: bool) -> None:
    subject = core()
    subject.feed(head)
    assert isinstance(subject.next(), Request)
    assert subject.keep_alive is keep


SMUGGLING = {
    "length and chunked": b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
    "chunked and length": b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
    "two lengths": b"Content-Length: 3\r\nContent-Length: 4\r\n",
    "two equal lengths": b"Content-Length: 3\r\nContent-Length: 3\r\n",
    "list of lengths": b"Content-Length: 3, 3\r\n",
    "negative length": b"Content-Length: -1\r\n",
    "signed length": b"Content-Length: +3\r\n",
    "hex length": b"Content-Length: 0x3\r\n",
    "underscored length": b"Content-Length: 1_0\r\n",
    "length beyond 64 bits": b"Content-Length: 99999999999999999999\r\n",
    "empty length": b"Content-Length:\r\n",
    "two codings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "folded line": b"A: b\r\n c\r\n",
    "white space before colon": b"Content-Length : 3\r\n",
    "no colon": b"bad header\r\n",
    "empty name": b": x\r\n",
    "name no token": b"a(b: x\r\n",
    "NUL in value": b"A: b\0c\r\n",
    "bare CR in value": b"A: b\rc\r\n",
    "bare LF in value": b"A: b\nContent-Length: 3\r\n",
    "two hosts": b"Host: y\r\n",
}


@pytest.mark.parametrize("lines", SMUGGLING.values(), ids=SMUGGLING.keys())
def test_what_could_hide_a_second_request_is_refused(lines: bytes) -> None:
    assert refusal(b"POST / HTTP/1.1\r\n" + HOST + lines + b"\r\n")[0] == 400


@pytest.mark.parametrize("lines", SMUGGLING.values(), ids=SMUGGLING.keys())
def test_a_refused_line_is_refused_again_from_memory(lines: bytes) -> None:
    memory = HeadMemory()
    for _ in range(2):
        subject = RequestCore(Limits(), memory)
        subject.feed(b"POST / HTTP/1.1\r\n" + HOST + lines + b"\r\n")
        with pytest.raises(ProtocolError):
            subject.next()


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        (b"HELLO\r\n\r\n", (400, "")),
        (b"GET / HTTP/3.3\r\nHost: x\r\n\r\n", (505, "unsupported protocol version")),
        (b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", (400, "")),
        (b"GET /a%zz HTTP/1.1\r\nHost: x\r\n\r\n", (400, "")),
        (b"GET / HTTP/1.1\r\n\r\n", (400, "missing required Host header")),
        (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", (400, "malformed Host header")),
        (b"GET / HTTP/1.1\nHost: x\n\n", (400, "")),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", (501, "unsupported transfer encoding")),
        (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", (400, "")),
        (b"\r\n\r\n\r\n", (400, "")),
    ],
)
def test_malformed_requests_get_the_recorded_refusal(raw: bytes, answer: tuple[int, str]) -> None:
    assert refusal(raw) == answer


@pytest.mark.parametrize(
    "chunks",
    [
        b"x\r\n",
        b"-1\r\n",
        b"0x1\r\na\r\n",
        b"1\na\r\n",
        b"1\r\nab\r\n",
        b"1\r\na\n",
        b"fffffffffffffffff\r\n",
        b"1" * 2000,
        b"1;" + b"a" * 2000,
        b"0\r\nbad trailer\r\n\r\n",
        (b"1;" + b"e" * 1000 + b"\r\na\r\n") * 20,
    ],
)
def test_broken_chunks_are_refused(chunks: bytes) -> None:
    assert refusal(b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)[0] == 400


@pytest.mark.parametrize(
    ("configured", "size", "accepted"),
    [(4096, 5000, True), (4096, 9500, False), (1024, 2000, True), (1024, 6000, False)],
)
def test_a_head_may_exceed_the_limit_by_the_recorded_slack(configured: int, size: int, accepted: bool) -> None:
    raw = b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * size + b"\r\n\r\n"
    if accepted:
        assert len(events(core(max_header_bytes=configured), raw)) == 1
    else:
        assert refusal(raw, max_header_bytes=configured)[0] == 431


def test_trailers_have_the_same_bound_as_a_head() -> None:
    raw = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"a" * 9000
    assert refusal(raw)[0] == 431


def test_a_body_past_the_limit_is_cut_off_and_its_rest_counted() -> None:
    subject = core(max_body=10)
    subject.feed(b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n")
    assert isinstance(subject.next(), Request)
    assert subject.next() == b"12345678"
    subject.feed(b"4\r\nabcd\r\n3\r\nxyz\r\n0\r\n\r\n")
    assert subject.next() is Mark.OVERSIZE
    assert subject.next() is Mark.END
    assert subject.dropped == 5


def test_remembered_lines_are_bounded_and_hold_no_secrets() -> None:
    memory = HeadMemory()
    for number in range(3000):
        subject = RequestCore(Limits(), memory)
        subject.feed(b"GET /%d HTTP/1.1\r\nHost: x\r\nX-N: %d\r\nAuthorization: s3cret\r\n\r\n" % (number, number))
        assert isinstance(subject.next(), Request)
    assert len(memory.plain) + len(memory.framing) <= 1024
    assert len(memory.starts) <= 1024
    assert not any(b"s3cret" in line for line in memory.plain)


TOKENS = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ-!#$%&'*+.^_`|~0123456789", min_size=1, max_size=12).map(str.encode)
VALUES = st.binary(max_size=30).map(lambda raw: bytes(b for b in raw if b >= 32 and b != 127)).map(bytes.strip)
RESERVED = {b"host", b"content-length", b"transfer-encoding", b"connection", b"expect", b"upgrade", b"proxy-connection"}
FIELDS = st.lists(st.tuples(TOKENS.filter(lambda n: n.lower() not in RESERVED), VALUES), max_size=5)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    method = draw(st.sampled_from([b"GET", b"POST", b"PUT", b"DELETE", b"PATCH", b"FROB"]))
    lines = [method + b" /" + draw(TOKENS).replace(b"%", b"") + b" HTTP/1.1", b"Host: h"]
    lines += [name + b": " + value for name, value in draw(FIELDS)]
    kind = draw(st.sampled_from(["none", "length", "chunked"]))
    body = draw(st.binary(max_size=300))
    if kind == "length":
        lines.append(b"Content-Length: %d" % len(body))
    elif kind == "chunked":
        lines.append(b"Transfer-Encoding: chunked")
        cuts = sorted(draw(st.lists(st.integers(0, len(body)), max_size=4)))
        parts = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
        body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts if part) + b"0\r\n\r\n"
    else:
        body = b""
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@settings(max_examples=150, deadline=None)
@given(st.lists(requests(), min_size=1, max_size=4), st.data())
def test_how_bytes_are_cut_changes_no_event(messages: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    whole = events(core(), stream)
    assert events(core(), *[piece for piece in pieces if piece]) == whole
    assert sum(isinstance(event, tuple) for event in whole) == len(messages)


@settings(max_examples=40, deadline=None)
@given(requests())
def test_byte_by_byte_gives_the_same_events(message: bytes) -> None:
    assert events(core(), *[message[i : i + 1] for i in range(len(message))]) == events(core(), message)


class Second:
    """httptools' opinion of the same bytes."""

    def __init__(self) -> None:
        self.seen: list[tuple[bytes, bytes, tuple[tuple[bytes, bytes], ...], bytes]] = []
        self.url, self.body = b"", b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.parser = httptools.HttpRequestParser(self)

    def on_message_begin(self) -> None:
        self.url, self.body, self.headers = b"", b"", []

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value.strip(b" \t")))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.seen.append((self.parser.get_method(), self.url, tuple(self.headers), self.body))


@settings(max_examples=150, deadline=None)
@given(st.lists(requests(), min_size=1, max_size=3))
def test_httptools_reads_the_same_requests(messages: list[bytes]) -> None:
    stream = b"".join(message for message in messages if not message.startswith(b"FROB"))
    if any(byte >= 0x80 for byte in stream) or not stream:
        return
    second = Second()
    second.parser.feed_data(stream)
    ours: list[tuple[bytes, bytes, object, bytes]] = []
    for event in events(core(), stream):
        if isinstance(event, tuple):
            ours.append((event[0].encode(), event[1], event[2], event[3]))
        elif isinstance(event, bytes):
            ours[-1] = (*ours[-1][:3], event)
    assert ours == second.seen


def test_a_repeated_head_means_the_same_and_shares_nothing() -> None:
    subject = core()
    raw = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"
    first = events(subject, raw + b"ok")
    subject.feed(raw + b"no")
    second = subject.next()
    assert isinstance(second, Request)
    assert (second.body, second.length) == (b"no", 2)
    second.headers.clear()
    assert events(subject, raw[:-2], raw[-2:], b"o", b"k") == first


_first_lines = st.builds(
    b"%b /%b HTTP/1.%b".__mod__,
    st.tuples(st.sampled_from([b"GET", b"POST"]), st.sampled_from([b"a", b"b"]), st.sampled_from([b"0", b"1"])),
)
_fields = st.sampled_from(
    [
        b"",
        b"\r\nHost: x",
        b"\r\nHost: x\r\nX-A: 1",
        b"\r\nHost: x\r\nConnection: close",
        b"\r\nHost: x\r\nConnection: keep-alive",
        b"\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(_first_lines, _fields), min_size=2, max_size=6))
def test_what_came_before_on_a_connection_changes_nothing(heads: list[tuple[bytes, bytes]]) -> None:
    def read(subject: RequestCore, head: bytes) -> object:
        subject.feed(head + b"\r\n\r\n")
        try:
            request = subject.next()
        except ProtocolError as error:
            return error.status, error.detail
        assert isinstance(request, Request)
        shown = request.method, request.target, list(request.headers), request.length
        request.headers.clear()
        return *shown, subject.keep_alive, subject.minor, subject.upgrade, subject.expects_continue

    subject = core()
    for first, fields in heads:
        alone = read(core(), first + fields)
        assert read(subject, first + fields) == alone
        if len(alone) == 2:  # type: ignore[arg-type]
            break  # a connection ends with an error


@pytest.mark.parametrize("pieces", [[b"\r\n" + GET], [b"\r\n", GET], [b"\r", b"\n" + GET[:3], GET[3:]]])
def test_one_empty_line_before_a_request_is_skipped(pieces: list[bytes]) -> None:
    assert [event[0] for event in events(core(), *pieces)] == ["GET"]  # type: ignore[index]
