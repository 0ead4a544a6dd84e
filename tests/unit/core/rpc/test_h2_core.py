"""The HTTP/2 core: two ends of it wired together without a socket."""

from itertools import pairwise

import hpack as witness
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.h2pair import ANSWER, REQUEST, TRAILERS, Raw, Tape, Wire, headers, split

from dapr_core.rpc.h2 import Connection, ErrorCode, H2Config, frames
from dapr_core.rpc.h2.headers import HeaderReader
from dapr_core.rpc.h2.stream import LONGEST
from dapr_core.rpc.hpack import encode


def answer(tape: Tape, event: str) -> None:
    """Answer a request with its own body when it has ended."""
    if event != "writable" and tape.ended:
        tape.send_headers(encode(ANSWER))
        tape.send_data(tape.body)
        tape.send_headers(encode(TRAILERS), end=True)


@pytest.mark.parametrize("size", [0, 1, 16_384, 16_385, 300_000, 2_000_000], ids=lambda size: f"{size} bytes")
def test_a_request_and_its_answer_cross_the_wire(size: int) -> None:
    wire = Wire(on=answer)
    call = wire.request(b"x" * size)
    wire.run()
    assert wire.accepted[0].body == call.body == b"x" * size
    assert call.events[-1] == ("headers", {}, TRAILERS, True)
    assert not wire.client.streams
    assert not wire.server.streams


def test_bodies_wait_for_a_small_window_and_all_arrive() -> None:
    small = H2Config(stream_window=1_000, connection_window=65_535)
    wire = Wire(client=small, server=small, on=answer)
    calls = [wire.request(bytes((65 + number,)) * 50_000) for number in range(5)]
    wire.run()
    assert [call.body for call in calls] == [bytes((65 + number,)) * 50_000 for number in range(5)]


def test_streams_take_turns_on_a_shared_window() -> None:
    wire = Wire(server=H2Config(stream_window=1_000_000, connection_window=65_535, max_frame_size=16_384))
    calls = [wire.request(b"x" * 200_000) for _ in range(3)]
    order: list[int] = []
    wire.on = lambda tape, event: order.append(tape.id) if event == "data" else None
    wire.run()
    assert all(call.local_open is False for call in calls)
    assert {*order[6:12]} == {*order[12:18]} == {1, 3, 5}


@pytest.mark.parametrize(("taken", "sent"), [(16_384, 16_384), (100_000, 100_000), (1_000_000, LONGEST)])
def test_a_long_body_goes_in_frames_as_long_as_the_peer_takes_but_not_in_endless_ones(taken: int, sent: int) -> None:
    wire = Wire(client=H2Config(max_frame_size=10**6), server=H2Config(max_frame_size=taken, stream_window=10**6))
    wire.request(b"x" * 500_000)
    wire.run()
    sizes = [event[1] for event in wire.accepted[0].events if event[0] == "data"]
    assert max(sizes) == sizes[0] == sent
    assert sum(sizes) == 500_000


def test_a_server_takes_long_frames_only_from_clients_that_take_them_too() -> None:
    def answers(size: int) -> list[tuple[int, int, int, bytes]]:
        raw = Raw(H2Config(max_frame_size=100_000))
        return raw.feed(frames.settings([(frames.SETTINGS_MAX_FRAME_SIZE, size)]))

    ack = (frames.SETTINGS, frames.ACK, 0, b"")
    assert answers(99_999) == [ack]
    assert answers(100_000) == [ack, (frames.SETTINGS, 0, 0, b"\0\5" + (100_000).to_bytes(4, "big"))]


def test_what_waits_in_pieces_leaves_in_one_frame() -> None:
    wire = Wire()
    call = wire.request()
    wire.run()
    wire.client.choke()
    for number in range(100):
        call.send_data(b"%d" % (number % 10))
    call.send_pieces([b"a", b"b" * 20_000], end=True)
    wire.client.unchoke()
    wire.run()
    assert [event for event in wire.accepted[0].events if event[0] == "data"] == [("data", 20_101, True)]
    assert wire.accepted[0].body == b"0123456789" * 10 + b"a" + b"b" * 20_000


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.integers(0, 40_000), min_size=1, max_size=3), max_size=6), st.integers(2_000, 70_000))
def test_pieces_arrive_whole_and_in_order_whatever_the_window(sends: list[list[int]], window: int) -> None:
    wire = Wire(server=H2Config(stream_window=window))
    call = wire.request()
    sent = b""
    for number, sizes in enumerate(sends):
        pieces = [bytes([number + 1]) * size for size in sizes]
        sent += b"".join(pieces)
        call.send_pieces(pieces)
    call.send_data(b"", end=True)
    wire.run()
    assert wire.accepted[0].body == sent
    assert wire.accepted[0].ended
    assert wire.client.queued == 0


def test_headers_beyond_a_frame_go_by_continuation() -> None:
    wire = Wire(on=answer)
    call = Tape(wire.client)
    big = [(b"x-big", b"v" * 40_000)]
    call.send_headers(encode(REQUEST + big), end=True)
    wire.run()
    assert big[0] in wire.accepted[0].events[0][2]
    assert call.ended


def test_a_paused_stream_stops_the_peer_at_its_window_and_goes_on_when_resumed() -> None:
    wire = Wire(server=H2Config(stream_window=10_000))
    wire.on = lambda tape, event: tape.pause() if event == "headers" else None
    wire.request(b"x" * 100_000)
    wire.run()
    tape = wire.accepted[0]
    assert len(tape.body) == 10_000
    tape.resume()
    wire.run()
    assert len(tape.body) == 100_000


def test_unread_octets_of_many_streams_close_the_connection_window() -> None:
    config = H2Config(stream_window=60_000, connection_window=65_535, held_limit=100_000, max_frame_size=16_384)
    wire = Wire(server=config)
    wire.on = lambda tape, event: tape.pause() if event == "headers" else None
    for _ in range(20):
        wire.request(b"x" * 60_000)
    wire.run()
    assert sum(len(tape.body) for tape in wire.accepted) <= 100_000 + 65_535
    for tape in wire.accepted:
        tape.resume()
        wire.run()
    for tape in wire.accepted:
        tape.resume()
        wire.run()
    assert sum(len(tape.body) for tape in wire.accepted) == 20 * 60_000


def test_a_choked_socket_queues_data_and_the_producer_is_told_to_go_on() -> None:
    wire = Wire()
    call = wire.request()
    wire.run()
    wire.client.choke()
    call.send_data(b"x" * 100_000)
    assert not call.writable
    assert wire.client.take_output() == b""
    wire.client.unchoke()
    wire.run()
    assert ("writable",) in call.events
    assert len(wire.accepted[0].body) == 100_000


def test_calls_beyond_the_peers_limit_wait_for_a_slot() -> None:
    wire = Wire(server=H2Config(max_concurrent_streams=2), on=answer)
    calls = [wire.request(b"%d" % number) for number in range(7)]
    wire.run()
    assert [call.body for call in calls] == [b"%d" % number for number in range(7)]
    assert all(call.reset_code is None for call in calls)


def test_a_waiting_call_can_be_cancelled() -> None:
    wire = Wire(server=H2Config(max_concurrent_streams=1))
    first, second = wire.request(), wire.request(b"late")
    second.reset()
    first.send_data(b"", end=True)
    wire.run()
    assert len(wire.accepted) == 1


@pytest.mark.parametrize("when", ["headers", "data"])
def test_a_hook_that_raises_ends_its_own_stream_only(when: str) -> None:
    def fail(tape: Tape, event: str) -> None:
        if tape.id == 1 and event == when:
            raise RuntimeError("boom")
        answer(tape, event)

    wire = Wire(on=fail)
    broken, fine = wire.request(b"1"), wire.request(b"2")
    wire.run()
    assert broken.reset_code == ErrorCode.INTERNAL_ERROR
    assert fine.body == b"2"
    assert [str(error) for error in wire.server_shell.errors] == ["boom"]


def test_a_cancellation_reaches_the_server_and_frees_the_stream() -> None:
    wire = Wire()
    call = wire.request()
    wire.run()
    call.reset(ErrorCode.CANCEL)
    wire.run()
    assert wire.accepted[0].reset_code == ErrorCode.CANCEL
    assert not wire.server.streams


def test_frames_under_way_to_a_reset_stream_are_no_error() -> None:
    wire = Wire()
    call = wire.request()
    wire.run()
    wire.accepted[0].send_headers(encode(ANSWER))
    wire.accepted[0].send_data(b"x" * 1000)
    call.reset()
    wire.run()
    assert not wire.client_shell.failed
    assert not wire.server_shell.failed


def test_an_early_answer_spares_the_client_the_rest_of_its_body() -> None:
    wire = Wire(server=H2Config(stream_window=1_000))

    def refuse(tape: Tape, event: str) -> None:
        if event == "headers":
            tape.send_headers(encode(ANSWER + TRAILERS), end=True)
            tape.stop_receiving()

    wire.on = refuse
    call = wire.request(b"x" * 1_000_000)
    wire.run()
    assert call.events[0][0] == "headers"
    assert call.events[-1][:2] == ("reset", ErrorCode.NO_ERROR)
    assert not wire.client.streams
    assert wire.client.queued == 0


def test_a_drain_loses_no_request_and_then_takes_none() -> None:
    wire = Wire(on=answer)
    early = wire.request()
    wire.run()
    wire.server.drain()
    crossing = wire.request(b"crossing")  # sent before the client can know
    wire.run()
    assert crossing.body == b"crossing"
    assert wire.client.draining
    with pytest.raises(ConnectionError):
        wire.request(b"late")
    early.send_data(b"early", end=True)
    wire.run()
    assert early.body == b"early"
    assert wire.server.drained


def test_calls_that_wait_for_a_slot_are_refused_when_the_peer_drains() -> None:
    wire = Wire(server=H2Config(max_concurrent_streams=1))
    wire.request()
    waiting = wire.request(b"waiting")
    wire.run()
    wire.server.drain()
    wire.run()
    assert waiting.reset_code == ErrorCode.REFUSED_STREAM


def test_every_stream_hears_of_a_lost_connection() -> None:
    wire = Wire()
    calls = [wire.request() for _ in range(3)]
    wire.run()
    wire.client.lost("gone")
    assert [call.events[-1] for call in calls] == [("reset", ErrorCode.CONNECT_ERROR, "gone")] * 3


def test_a_peer_that_gives_no_window_cannot_make_us_queue_without_end() -> None:
    wire = Wire(client=H2Config(stream_window=0), server=H2Config(queue_limit=1_000_000))
    for _ in range(20):
        wire.request(b"")
    wire.run()
    for tape in wire.accepted:
        tape.send_headers(encode(ANSWER))
        tape.send_data(b"x" * 100_000)
    assert wire.server.queued <= 1_000_000
    assert wire.accepted[-1].reset_code == ErrorCode.ENHANCE_YOUR_CALM


def test_small_bodies_cost_no_window_updates() -> None:
    wire = Wire(on=answer)
    sent = []
    for _ in range(50):
        wire.request(b"x" * 1000)
        wire.server.receive(wire.client.take_output())
        data = wire.server.take_output()
        sent += [kind for kind, *_ in split(data)]
        wire.client.receive(data)
    assert frames.WINDOW_UPDATE not in sent


def test_the_first_block_after_a_smaller_table_confirms_it() -> None:
    raw = Raw()
    raw.feed(frames.settings([(frames.SETTINGS_HEADER_TABLE_SIZE, 0)]) + headers(1) + headers(3))
    for tape in raw.accepted:
        tape.send_headers(encode(ANSWER))
    blocks = [payload for kind, _, _, payload in split(raw.core.take_output()) if kind == frames.HEADERS]
    assert [block[:1] for block in blocks] == [b"\x20", b"\x88"]
    decoder = witness.Decoder()
    decoder.max_allowed_table_size = 0
    for block in blocks:
        assert [tuple(field) for field in decoder.decode(block, raw=True)] == ANSWER


def test_a_wider_initial_window_is_acknowledged_before_it_is_used() -> None:
    raw = Raw()
    raw.feed(frames.settings([(frames.SETTINGS_INITIAL_WINDOW_SIZE, 0)]) + headers(1))
    raw.accepted[0].send_headers(encode(ANSWER))
    raw.accepted[0].send_data(b"abc", end=True)
    raw.core.take_output()
    answers = raw.feed(frames.settings([(frames.SETTINGS_INITIAL_WINDOW_SIZE, 1)]))
    assert answers == [(frames.SETTINGS, frames.ACK, 0, b""), (frames.DATA, 0, 1, b"a")]


def test_a_producer_is_not_told_to_go_on_inside_its_own_send() -> None:
    wire = Wire(server=H2Config(stream_window=500_000))
    call = wire.request()
    wire.run()
    for _ in range(5):
        call.send_data(b"x" * 70_000)
        assert call.writable
    assert ("writable",) not in call.events


CONVERSATION = b"".join(
    [
        frames.PREFACE,
        frames.settings([(frames.SETTINGS_INITIAL_WINDOW_SIZE, 100_000)]),
        frames.frame(frames.SETTINGS, frames.ACK, 0),
        headers(1, flags=0x4),
        frames.frame(frames.DATA, 0, 1, b"hello"),
        frames.frame(frames.HEADERS, 0x0, 3, encode(REQUEST)[:20]),
        frames.frame(frames.CONTINUATION, 0x4, 3, encode(REQUEST)[20:]),
        frames.frame(frames.DATA, frames.PADDED | frames.END_STREAM, 1, b"\x03tail\0\0\0"),
        frames.frame(frames.PING, 0, 0, b"12345678"),
        frames.rst_stream(3, ErrorCode.CANCEL),
    ]
)


def hear(parts: list[bytes]) -> tuple[list[list[tuple[object, ...]]], bytes]:
    """What streams are told, and what is answered, when the conversation arrives in these parts."""
    raw = Raw()
    raw.core = Connection(raw.shell, H2Config(), lambda: 0.0, accept=raw._accept)
    raw.core.start()
    for part in parts:
        raw.core.receive(part)
    return [tape.events for tape in raw.accepted], raw.core.take_output()


@given(st.lists(st.integers(1, len(CONVERSATION) - 1), max_size=20))
def test_it_does_not_matter_how_the_bytes_are_cut(cuts: list[int]) -> None:
    bounds = [0, *sorted({*cuts}), len(CONVERSATION)]
    whole = hear([CONVERSATION])
    assert hear([CONVERSATION[a:b] for a, b in pairwise(bounds)]) == whole
    assert whole[0][0][-1] == ("data", 4, True)
    assert whole[0][1][-1][:2] == ("reset", ErrorCode.CANCEL)


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 255), st.integers(0, 6), st.binary(max_size=40)), max_size=15)
)
def test_any_frames_are_survived(script: list[tuple[int, int, int, bytes]]) -> None:
    raw = Raw()
    for kind, flags, stream_id, payload in script:
        raw.feed(frames.frame(kind, flags, stream_id, payload))
    assert not raw.shell.errors
    assert len(raw.core.streams) <= 6


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_are_survived(data: bytes) -> None:
    raw = Raw()
    raw.feed(data)
    assert not raw.shell.errors


FIELD = st.tuples(
    st.sampled_from([b"x-a", b"x-b", b"te", b"authorization"]), st.sampled_from([b"1", b"trailers", b"zz"])
)
BLOCK = st.tuples(st.lists(FIELD, max_size=4), st.booleans(), st.sampled_from([0, 100, 4096]))


@given(st.lists(BLOCK, max_size=30), st.booleans())
def test_remembered_blocks_never_differ_from_a_plain_decoder(blocks: list, acknowledged: bool) -> None:  # type: ignore[type-arg]
    reader = HeaderReader(H2Config(remembered_blocks=3))
    if acknowledged:
        reader.settings_acknowledged()
    theirs, plain = witness.Encoder(), witness.Decoder(max_header_list_size=10**6)
    for fields, ours, size in blocks:
        if not ours and theirs.header_table_size != size:
            theirs.header_table_size = size
        block = encode(fields) if ours else theirs.encode(fields)
        expected = [tuple(field) for field in plain.decode(block, raw=True)]
        got = reader.read(block)
        assert expected == fields
        if not got.fault:
            assert got.fields == fields
        else:
            assert any(field[0] == b"te" and field[1] != b"trailers" for field in fields)
        assert len(reader._memory) <= (3 if acknowledged else 0)


def test_blocks_with_credentials_are_not_remembered() -> None:
    reader = HeaderReader(H2Config())
    reader.settings_acknowledged()
    reader.read(encode([(b"authorization", b"Bearer x")]))
    reader.read(encode([(b"x-a", b"1")]))
    assert [block.fields for block in reader._memory.values()] == [[(b"x-a", b"1")]]
