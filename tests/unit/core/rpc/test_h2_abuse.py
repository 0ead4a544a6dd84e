"""What a bad peer gets: the RFC's error on its stream or connection, bounded memory, and no effect on others."""

import pytest
from support.h2pair import REQUEST, Raw, Tape, headers

from dapr_core.rpc.h2 import Connection, ErrorCode, H2Config, frames
from dapr_core.rpc.hpack import encode

E = ErrorCode
frame, uint = frames.frame, (1).to_bytes(4, "big")


def goaway_code(answers: list[tuple[int, int, int, bytes]]) -> int | None:
    return next((frames.uint32(payload, 4) for kind, _, _, payload in answers if kind == frames.GOAWAY), None)


def reset_code(answers: list[tuple[int, int, int, bytes]], stream_id: int) -> int | None:
    return next(
        (
            frames.uint32(payload)
            for kind, _, number, payload in answers
            if (kind, number) == (frames.RST_STREAM, stream_id)
        ),
        None,
    )


OPEN = headers(1, flags=0x4)

CONNECTION_ERRORS = {
    "frame larger than announced": (frames.header(20_000, 0, 0, 1), E.FRAME_SIZE_ERROR),
    "DATA on stream 0": (frame(0, 0, 0, b"x"), E.PROTOCOL_ERROR),
    "DATA on an idle stream": (frame(0, 0, 5, b"x"), E.PROTOCOL_ERROR),
    "HEADERS on stream 0": (headers(0), E.PROTOCOL_ERROR),
    "HEADERS on an even stream": (headers(2), E.PROTOCOL_ERROR),
    "HEADERS on a closed stream": (OPEN + frames.rst_stream(1, 8) + headers(1), E.STREAM_CLOSED),
    "HEADERS on an older stream": (headers(5) + headers(3), E.STREAM_CLOSED),
    "padding beyond the frame": (OPEN + frame(0, 0x8, 1, b"\x05abc"), E.PROTOCOL_ERROR),
    "empty padded frame": (OPEN + frame(0, 0x8, 1, b""), E.PROTOCOL_ERROR),
    "PING of seven octets": (frame(6, 0, 0, b"1234567"), E.FRAME_SIZE_ERROR),
    "PING on a stream": (frame(6, 0, 1, b"12345678"), E.PROTOCOL_ERROR),
    "SETTINGS of five octets": (frame(4, 0, 0, b"12345"), E.FRAME_SIZE_ERROR),
    "SETTINGS on a stream": (frame(4, 0, 1), E.PROTOCOL_ERROR),
    "SETTINGS acknowledgement with payload": (frame(4, 1, 0, b"123456"), E.FRAME_SIZE_ERROR),
    "initial window too large": (frames.settings([(4, 2**31)]), E.FLOW_CONTROL_ERROR),
    "maximum frame size too small": (frames.settings([(5, 100)]), E.PROTOCOL_ERROR),
    "illegal ENABLE_PUSH": (frames.settings([(2, 2)]), E.PROTOCOL_ERROR),
    "WINDOW_UPDATE of three octets": (frame(8, 0, 0, b"123"), E.FRAME_SIZE_ERROR),
    "WINDOW_UPDATE of zero": (frames.window_update(0, 0), E.PROTOCOL_ERROR),
    "WINDOW_UPDATE on an idle stream": (frames.window_update(7, 1), E.PROTOCOL_ERROR),
    "connection window overflow": (frames.window_update(0, 2**31 - 1), E.FLOW_CONTROL_ERROR),
    "stream window overflow by SETTINGS": (
        OPEN + frames.window_update(1, 2**31 - 1 - 65_535) + frames.settings([(4, 65_536)]),
        E.FLOW_CONTROL_ERROR,
    ),
    "RST_STREAM on an idle stream": (frames.rst_stream(9, 8), E.PROTOCOL_ERROR),
    "RST_STREAM of three octets": (OPEN + frame(3, 0, 1, b"123"), E.FRAME_SIZE_ERROR),
    "GOAWAY too short": (frame(7, 0, 0, b"1234"), E.FRAME_SIZE_ERROR),
    "GOAWAY on a stream": (frame(7, 0, 1, b"12345678"), E.PROTOCOL_ERROR),
    "PUSH_PROMISE from a client": (frame(5, 4, 1, uint), E.PROTOCOL_ERROR),
    "CONTINUATION without HEADERS": (frame(9, 4, 1), E.PROTOCOL_ERROR),
    "header block interrupted": (headers(1, flags=0) + frame(6, 0, 0, b"12345678"), E.PROTOCOL_ERROR),
    "CONTINUATION of another stream": (headers(1, flags=0) + frame(9, 4, 3), E.PROTOCOL_ERROR),
    "broken HPACK": (frame(1, 5, 1, b"\xff\xff\xff\xff\xff\xff\xff"), E.COMPRESSION_ERROR),
    "PRIORITY on stream 0": (frame(2, 0, 0, b"12345"), E.PROTOCOL_ERROR),
}


@pytest.mark.parametrize("name", CONNECTION_ERRORS)
def test_these_end_the_connection(name: str) -> None:
    data, code = CONNECTION_ERRORS[name]
    raw = Raw()
    assert goaway_code(raw.feed(data)) == code
    assert raw.shell.failed
    assert raw.feed(headers(11)) == []


def request(*changes: tuple[bytes, bytes | None], extra: list[tuple[bytes, bytes]] | None = None) -> bytes:
    fields = [(name, dict(changes).get(name, value)) for name, value in REQUEST]
    kept = [(name, value) for name, value in fields if value is not None]
    return headers(1, kept + (extra or []), flags=0x4)


STREAM_ERRORS = {
    "upper-case name": (request(extra=[(b"X-A", b"1")]), E.PROTOCOL_ERROR),
    "empty name": (request(extra=[(b"", b"1")]), E.PROTOCOL_ERROR),
    "name with a space": (request(extra=[(b"x a", b"1")]), E.PROTOCOL_ERROR),
    "name with a line break": (request(extra=[(b"x\r\na", b"1")]), E.PROTOCOL_ERROR),
    "value with a line break": (request(extra=[(b"x-a", b"1\r\nx-b: 2")]), E.PROTOCOL_ERROR),
    "value with a zero octet": (request(extra=[(b"x-a", b"\x00")]), E.PROTOCOL_ERROR),
    "value with a leading space": (request(extra=[(b"x-a", b" 1")]), E.PROTOCOL_ERROR),
    "connection field": (request(extra=[(b"connection", b"close")]), E.PROTOCOL_ERROR),
    "transfer-encoding": (request(extra=[(b"transfer-encoding", b"chunked")]), E.PROTOCOL_ERROR),
    "te other than trailers": (request((b"te", b"gzip")), E.PROTOCOL_ERROR),
    "missing path": (request((b":path", None)), E.PROTOCOL_ERROR),
    "empty path": (request((b":path", b"")), E.PROTOCOL_ERROR),
    "missing method": (request((b":method", None)), E.PROTOCOL_ERROR),
    "status in a request": (request(extra=[(b":status", b"200")]), E.PROTOCOL_ERROR),
    "unknown pseudo field": (headers(1, [(b":x", b"1"), *REQUEST], flags=4), E.PROTOCOL_ERROR),
    "repeated pseudo field": (headers(1, [REQUEST[0], *REQUEST], flags=4), E.PROTOCOL_ERROR),
    "late pseudo field": (headers(1, [*REQUEST[1:], REQUEST[0]], flags=4), E.PROTOCOL_ERROR),
    "contradicting content-length": (
        request(extra=[(b"content-length", b"1"), (b"content-length", b"2")]),
        E.PROTOCOL_ERROR,
    ),
    "signed content-length": (request(extra=[(b"content-length", b"+1")]), E.PROTOCOL_ERROR),
    "body beyond its length": (request(extra=[(b"content-length", b"1")]) + frame(0, 0, 1, b"ab"), E.PROTOCOL_ERROR),
    "body short of its length": (request(extra=[(b"content-length", b"3")]) + frame(0, 1, 1, b"ab"), E.PROTOCOL_ERROR),
    "trailers short of the length": (
        request(extra=[(b"content-length", b"3")]) + headers(1, [(b"x-a", b"1")]),
        E.PROTOCOL_ERROR,
    ),
    "trailers that do not end": (OPEN + headers(1, [(b"x-a", b"1")], flags=4), E.PROTOCOL_ERROR),
    "pseudo field in trailers": (OPEN + headers(1, [(b":path", b"/")]), E.PROTOCOL_ERROR),
    "DATA after the end": (headers(1) + frame(0, 0, 1, b"x"), E.STREAM_CLOSED),
    "HEADERS after the end": (headers(1) + headers(1), E.STREAM_CLOSED),
    "window update of zero": (OPEN + frames.window_update(1, 0), E.PROTOCOL_ERROR),
    "stream window overflow": (OPEN + frames.window_update(1, 2**31 - 1), E.FLOW_CONTROL_ERROR),
    "depends on itself": (frame(1, 0x25, 1, uint + b"\x10" + encode(REQUEST)), E.PROTOCOL_ERROR),
    "header list too large": (
        frames.header_frames(1, encode([*REQUEST, *[(b"x-big", b"v" * 1_100)] * 61]), False, 16_384),
        E.PROTOCOL_ERROR,
    ),
}


@pytest.mark.parametrize("name", STREAM_ERRORS)
def test_these_end_their_stream_only(name: str) -> None:
    data, code = STREAM_ERRORS[name]
    raw = Raw()
    assert reset_code(raw.feed(data), 1) == code
    assert 1 not in raw.core.streams
    raw.feed(headers(3))
    assert raw.accepted[-1].ended
    assert not raw.shell.failed


def test_overrunning_a_streams_window_ends_the_stream() -> None:
    raw = Raw(H2Config(stream_window=100))
    assert reset_code(raw.feed(OPEN + frame(0, 0, 1, b"x" * 101)), 1) == E.FLOW_CONTROL_ERROR


def test_overrunning_the_connections_window_ends_the_connection() -> None:
    raw = Raw(H2Config(stream_window=10**6, connection_window=65_535, held_limit=0))
    raw.feed(OPEN)
    raw.accepted[0].pause()
    answers = []
    for _ in range(20):
        answers += raw.feed(frame(0, 0, 1, b"x" * 10_000))
    assert goaway_code(answers) == E.FLOW_CONTROL_ERROR


def test_more_streams_than_announced_are_refused() -> None:
    raw = Raw(H2Config(max_concurrent_streams=2))
    answers = raw.feed(b"".join(headers(number, flags=4) for number in (1, 3, 5)))
    assert reset_code(answers, 5) == E.REFUSED_STREAM
    assert len(raw.accepted) == 2


@pytest.mark.parametrize(
    "preface",
    [b"GET / HTTP/1.1\r\n\r\n", b"PRI * HTTP/1.1\r\n\r\n", b"\x16\x03\x01", frames.PREFACE + headers(1)],
    ids=["HTTP/1.1", "wrong version", "TLS", "no SETTINGS"],
)
def test_a_bad_preface_ends_the_connection(preface: bytes) -> None:
    raw = Raw()
    core = Connection(raw.shell, H2Config(), lambda: 0.0, accept=raw._accept)
    core.receive(preface)
    assert core.closed
    assert not raw.accepted


FLOODS = {
    "PING": frame(6, 0, 0, b"12345678"),
    "SETTINGS": frame(4, 0, 0),
    "PRIORITY": frame(2, 0, 1, b"12345"),
    "empty DATA": frame(0, 0, 1, b""),
    "unknown frames": frame(0xF0, 0, 0, b"x"),
    "window updates": frames.window_update(1, 1),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_within_a_second_is_sent_away(name: str) -> None:
    raw = Raw()
    raw.feed(OPEN)
    answers = []
    for _ in range(250):
        answers += raw.feed(FLOODS[name] * 100)
        if raw.core.closed:
            break
    assert goaway_code(answers) == E.ENHANCE_YOUR_CALM


def test_the_same_number_over_time_is_nothing_bad() -> None:
    now = 0.0
    raw = Raw(clock=lambda: now)
    for _ in range(300):
        raw.feed(FLOODS["PING"] * 100)
        now += 0.1
    assert not raw.shell.failed


def test_a_rapid_reset_is_sent_away() -> None:
    raw = Raw()
    answers = []
    for number in range(1, 10_001, 2):
        answers += raw.feed(headers(number) + frames.rst_stream(number, E.CANCEL))
        if raw.core.closed:
            break
    assert goaway_code(answers) == E.ENHANCE_YOUR_CALM
    assert len(raw.accepted) <= 2_000
    assert not raw.core.streams


def test_provoked_resets_count_as_resets() -> None:
    raw = Raw()
    answers = []
    for number in range(1, 10_001, 2):
        answers += raw.feed(headers(number, [*REQUEST, (b"X", b"1")]))
        if raw.core.closed:
            break
    assert goaway_code(answers) == E.ENHANCE_YOUR_CALM


@pytest.mark.parametrize("part", [b"", b"\x00\x01a\x7f\x80\x7f" + b"v" * 16_000], ids=["empty", "full"])
def test_a_continuation_flood_is_sent_away_with_bounded_memory(part: bytes) -> None:
    raw = Raw()
    answers = raw.feed(headers(1, flags=0))
    for _ in range(2_100):
        answers += raw.feed(frame(9, 0, 1, part))
        if raw.core.closed:
            break
    assert goaway_code(answers) == E.ENHANCE_YOUR_CALM


def test_a_flood_of_reset_ids_is_remembered_up_to_a_bound() -> None:
    raw = Raw(H2Config(flood_budget=10**9))
    for number in range(1, 20_001, 2):
        raw.feed(headers(number))
        raw.accepted.pop().reset()
    assert len(raw.core._resets) <= 2_048


def test_a_server_push_ends_the_clients_connection() -> None:
    raw = Raw()
    client = Connection(raw.shell, H2Config(), lambda: 0.0)
    client.start()
    client.receive(frames.settings([]) + frame(5, 4, 1, uint))
    assert client.closed
    assert "PROTOCOL_ERROR" in raw.shell.failed[0]


def test_a_server_that_never_comes_to_its_answer_is_given_up() -> None:
    raw = Raw()
    client = Connection(raw.shell, H2Config(), lambda: 0.0)
    client.start()
    client.receive(frames.settings([]))
    call = Tape(client)
    call.send_headers(encode(REQUEST), end=True)
    client.receive(frame(frames.HEADERS, 0x4, 1, encode([(b":status", b"103"), (b"link", b"</a>")])) * 3_000)
    assert client.closed
    assert call.reset_code == E.CONNECT_ERROR
    assert "ENHANCE_YOUR_CALM" in raw.shell.failed[0]


def test_headers_without_end_on_streams_that_are_over_are_sent_away() -> None:
    raw = Raw()
    raw.feed(headers(1))
    raw.accepted.pop().reset()
    answers = raw.feed(headers(1) * 3_000)
    assert goaway_code(answers) == E.ENHANCE_YOUR_CALM
