"""Hostile bytes against the HTTP/1.1 cores: whatever comes, they answer with events or a ProtocolError, bounded.

hypothesis runs here with the suite; for long runs with coverage guidance see ``support.guided``.
"""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dapr_core.rpc.http1.heads import HeadMemory, ProtocolError
from dapr_core.rpc.http1.limits import COLLECTED, Limits
from dapr_core.rpc.http1.requests import RequestCore
from dapr_core.rpc.http1.responses import ResponseCore
from dapr_core.rpc.messages import Request

LIMITS = Limits(max_header_bytes=512, max_body=4096)
FRAGMENTS = [
    b"GET / HTTP/1.1\r\n",
    b"POST /a%20b?c HTTP/1.0\r\n",
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"Host: x\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: 99999\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Connection: close\r\n",
    b"Expect: 100-continue\r\n",
    b"\r\n",
    b"5\r\nhello\r\n",
    b"0\r\n\r\n",
    b"ffffffff\r\n",
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b":",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]
PIECES = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=40)), max_size=25)


def feed(core: RequestCore | ResponseCore, pieces: list[bytes]) -> tuple[list[object], str]:
    """What a core makes of bytes: its events (bodies joined) and how it ended."""
    events: list[object] = []
    try:
        for piece in pieces:
            core.feed(piece)
            while (event := core.next()) is not None:
                if isinstance(event, bytes):
                    assert event
                    if events and isinstance(events[-1], bytes):
                        event = events.pop() + event  # type: ignore[operator]
                    events.append(event)
                else:
                    events.append(repr(event) + (repr(event.headers) if isinstance(event, Request) else ""))
                if isinstance(core, ResponseCore) and core.reader is None:
                    core.expect("GET")
    except ProtocolError as error:
        return events, f"refused with {error.status}"
    return events, "open"


def fuzz_http1_requests(data: bytes) -> None:
    """Heads, lengths, chunks and trailers of requests: any cut gives the same events and the same end, and no more is
    kept than came."""
    if not data:
        return
    core = RequestCore(LIMITS, HeadMemory())
    events, end = feed(core, [data])
    assert core.buffered <= COLLECTED + len(data)
    cut_events, cut_end = feed(RequestCore(LIMITS, HeadMemory()), [data[at : at + 3] for at in range(0, len(data), 3)])
    assert cut_end.partition(" ")[0] == end.partition(" ")[0]
    assert cut_events == events


def fuzz_http1_responses(data: bytes) -> None:
    """The same of responses, whatever their framing."""
    if data:
        feed(ResponseCore(LIMITS, HeadMemory()), [data])
        feed(ResponseCore(LIMITS, HeadMemory()), [data[at : at + 3] for at in range(0, len(data), 3)])


TARGETS: dict[str, Callable[[bytes], None]] = {
    "http1_requests": fuzz_http1_requests,
    "http1_responses": fuzz_http1_responses,
}


@settings(max_examples=400, deadline=None)
@given(PIECES)
@example([b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nbroken"])
def test_the_request_core_survives_any_bytes(pieces: list[bytes]) -> None:
    core = RequestCore(LIMITS, HeadMemory())
    feed(core, [piece for piece in pieces if piece])
    assert core.buffered <= COLLECTED + sum(map(len, pieces))


@settings(max_examples=400, deadline=None)
@given(PIECES)
def test_the_response_core_survives_any_bytes(pieces: list[bytes]) -> None:
    feed(ResponseCore(LIMITS, HeadMemory()), [piece for piece in pieces if piece])


@settings(max_examples=300, deadline=None)
@given(PIECES, st.integers(1, 7))
def test_requests_accepted_whole_are_accepted_in_any_cut(pieces: list[bytes], width: int) -> None:
    stream = b"".join(pieces)
    if not stream:
        return
    events, end = feed(RequestCore(LIMITS, HeadMemory()), [stream])
    cut = [stream[i : i + width] for i in range(0, len(stream), width)]
    cut_events, cut_end = feed(RequestCore(LIMITS, HeadMemory()), cut)
    assert cut_end.partition(" ")[0] == end.partition(" ")[0]
    assert cut_events == events
