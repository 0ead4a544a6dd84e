"""Hostile bytes against the parsers of HTTP/2 and gRPC: whatever comes, an answer or the right error, within bounds.

hypothesis runs here with the suite; for long runs with coverage guidance see ``support.guided``.
"""

from __future__ import annotations

from collections.abc import Callable

import hpack as witness
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.h2pair import REQUEST, Raw

from dapr_core.rpc.grpc.messages import MessageStream, prefix
from dapr_core.rpc.grpc.status import Code, GrpcError, decode_binary, decode_message, parse_status
from dapr_core.rpc.grpc.timeouts import parse_timeout
from dapr_core.rpc.h2 import ErrorCode, H2Config, frames
from dapr_core.rpc.h2.errors import ConnectionFault
from dapr_core.rpc.h2.headers import HeaderReader
from dapr_core.rpc.h2.reader import FrameReader
from dapr_core.rpc.hpack import Decoder, HpackError, encode, huffman
from dapr_core.rpc.http1.heads import ProtocolError
from dapr_core.rpc.http2.heads import RequestHead
from dapr_core.rpc.http2.upgrade import offered_settings
from dapr_core.rpc.messages import Request

CONFIG = H2Config(
    max_concurrent_streams=8,
    max_header_list_size=2_048,
    stream_window=4_096,
    connection_window=65_535,
    held_limit=65_536,
    remembered_blocks=4,
)
LIMIT = 4_096


# --- The targets: bytes in; anything but what they expect is a defect


def fuzz_connection(data: bytes) -> None:
    """The whole state machine: it answers with whole frames, ends once, and holds no more than its limits."""
    raw = Raw(CONFIG)
    answers = raw.feed(data)
    kinds = [kind for kind, *_ in answers]
    assert not raw.shell.errors
    assert kinds.count(frames.GOAWAY) == int(raw.core.closed)
    assert len(raw.core.streams) <= CONFIG.max_concurrent_streams
    assert sum(len(tape.body) for tape in raw.accepted) <= len(data)
    if raw.core.closed:
        assert raw.feed(frames.frame(frames.PING, 0, 0, b"12345678")) == []
        code = next(frames.uint32(payload, 4) for kind, _, _, payload in answers if kind == frames.GOAWAY)
        assert code != ErrorCode.NO_ERROR


def fuzz_frames(data: bytes) -> None:
    """Cutting: any cut gives the same frames and the same end."""

    def cut(pieces: list[bytes]) -> tuple[list[tuple[int, int, int, bytes]], str]:
        got: list[tuple[int, int, int, bytes]] = []

        def dispatch(*frame: object) -> bool:
            got.append(frame)  # type: ignore[arg-type]
            return True

        reader = FrameReader(256, dispatch, preface=False)
        try:
            for piece in pieces:
                reader.feed(piece)
        except ConnectionFault as fault:
            return got, fault.code.name
        return got, ""

    assert cut([data]) == cut([data[at : at + 3] for at in range(0, len(data), 3)])


def fuzz_hpack(data: bytes) -> None:
    """The decoder against the ``hpack`` library: where both accept a block they read the same."""
    ours, theirs = Decoder(list_limit=10**6), witness.Decoder(max_header_list_size=10**6)
    try:
        got = ours.decode(data)
    except HpackError:
        return
    try:
        expected = [tuple(field) for field in theirs.decode(data, raw=True)]
    except witness.HPACKError:
        return
    assert got == expected


def fuzz_huffman(data: bytes) -> None:
    """Whatever decodes encodes to the same again."""
    try:
        text = huffman.decode(data)
    except HpackError:
        return
    assert huffman.encode(text) == data


def fuzz_headers(data: bytes) -> None:
    """A block, read twice by a memory, against one without: same fields, same verdict."""
    remembering, plain = HeaderReader(CONFIG), HeaderReader(H2Config(remembered_blocks=0, max_header_list_size=2_048))
    remembering.settings_acknowledged()
    for _ in range(2):
        seen = []
        for reader in (remembering, plain):
            try:
                block = reader.read(data)
            except ConnectionFault as fault:
                seen.append(fault.code.name)
                continue
            seen.append(repr((block.fault, block.fields, block.pseudo, block.request_fault(), block.trailers_fault())))
        assert seen[0] == seen[1]


def fuzz_request_head(data: bytes) -> None:
    """What passes as a request's head could stand in a head of HTTP/1.1."""
    try:
        block = HeaderReader(CONFIG).read(encode(REQUEST[:2]) + data)
    except ConnectionFault:
        return
    if block.request_fault():
        return
    try:
        head = RequestHead(block)
    except ProtocolError:
        return
    assert not set(b" \t\r\n\0") & set(head.target)
    assert [name for name, _ in head.headers].count(b"host") == 1
    assert all(not set(b"\r\n\0") & set(name + value) for name, value in head.headers)
    assert not {b"transfer-encoding", b"connection", b"upgrade"} & {name for name, _ in head.headers}


class Messages(MessageStream):
    """Gathers the messages of a body."""

    __slots__ = ("got",)

    def __init__(self) -> None:
        super().__init__(Raw(CONFIG).core, 1, LIMIT)
        self._encoding = b"gzip"
        self.got: list[bytes] = []

    def on_message(self, message: bytes) -> None:
        assert len(message) <= LIMIT
        self.got.append(message)


def fuzz_messages(data: bytes) -> None:
    """Length-prefixed messages, gzip ones included: any cut gives the same messages and the same end."""

    def read(pieces: list[bytes]) -> tuple[list[bytes], Code | None]:
        stream = Messages()
        try:
            for piece in pieces:
                stream.read_messages(piece)
            stream.require_no_rest()
        except GrpcError as error:
            return stream.got, error.code
        return stream.got, None

    assert read([data]) == read([data[at : at + 2] for at in range(0, len(data), 2)])


def fuzz_values(data: bytes) -> None:
    """What stands in gRPC's own fields."""
    decode_message(data)
    parse_status([(b"grpc-status", data), (b"grpc-message", data), (b"grpc-status-details-bin", data)])
    for parse in (decode_binary, parse_timeout):
        try:
            parse(data)
        except ValueError:
            pass


def fuzz_upgrade(data: bytes) -> None:
    """``HTTP2-Settings``: whole settings or no offer."""
    settings_bytes = offered_settings(Request("GET", b"/", [(b"upgrade", b"h2c"), (b"http2-settings", data)]))
    assert settings_bytes is None or len(settings_bytes) % 6 == 0


TARGETS: dict[str, Callable[[bytes], None]] = {
    name.removeprefix("fuzz_"): target for name, target in list(globals().items()) if name.startswith("fuzz_")
}


# --- hypothesis on each of them

FRAME = st.builds(
    frames.frame,
    st.integers(0, 11),
    st.integers(0, 255),
    st.sampled_from([0, 1, 2, 3, 5, 2**31 - 1, 2**31]),
    st.one_of(
        st.binary(max_size=40),
        st.just(encode(REQUEST)),
        st.just(prefix(b"x")),
        st.integers(0, 2**32 - 1).map(lambda number: number.to_bytes(4, "big")),
    ),
)
STREAM = st.lists(st.one_of(FRAME, st.binary(max_size=30)), max_size=20).map(b"".join)
FIELD = st.tuples(
    st.sampled_from([b":path", b":authority", b"host", b"cookie", b"te", b"x-a", b"X-B", b"content-length", b"expect"]),
    st.one_of(st.binary(max_size=12), st.sampled_from([b"/a", b"*", b"trailers", b"5", b"a b", b"localhost"])),
)
BLOCK = st.one_of(st.binary(max_size=80), st.lists(FIELD, max_size=8).map(encode))
BODY = st.lists(st.one_of(st.binary(max_size=20).map(prefix), st.binary(max_size=12)), max_size=8).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(STREAM)
def test_the_connection_survives_any_frames(data: bytes) -> None:
    fuzz_connection(data)


@settings(max_examples=200, deadline=None)
@given(STREAM)
def test_frames_do_not_depend_on_the_cut(data: bytes) -> None:
    fuzz_frames(data)


@settings(max_examples=300, deadline=None)
@given(BLOCK)
def test_header_blocks_are_read_as_the_witness_reads_them(data: bytes) -> None:
    fuzz_hpack(data)
    fuzz_headers(data)
    fuzz_request_head(data)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
@example(b"\xff")
def test_huffman_codes_are_unique(data: bytes) -> None:
    fuzz_huffman(data)


@settings(max_examples=200, deadline=None)
@given(BODY)
def test_messages_do_not_depend_on_the_cut(data: bytes) -> None:
    fuzz_messages(data)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=24), st.from_regex(rb"[0-9A-Za-z_\-%]{0,16}", fullmatch=True)))
def test_values_are_read_or_refused(data: bytes) -> None:
    fuzz_values(data)
    fuzz_upgrade(data)
