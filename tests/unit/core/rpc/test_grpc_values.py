"""The small codecs of gRPC: statuses, messages in percent-encoding, binary metadata, timeouts, deadlines."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.rpc.deadlines import PER_TURN, Deadlines
from dapr_core.rpc.grpc import Code
from dapr_core.rpc.grpc.service import wire_fields
from dapr_core.rpc.grpc.status import (
    decode_binary,
    decode_message,
    encode_binary,
    encode_message,
    parse_status,
    status_fields,
)
from dapr_core.rpc.grpc.timeouts import encode_timeout, parse_timeout
from dapr_core.rpc.h2.headers import HeaderBlock


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_status_messages_round_trip_and_stay_printable(message: str) -> None:
    encoded = encode_message(message)
    assert all(0x20 <= byte <= 0x7E for byte in encoded)
    assert encoded.strip() == encoded  # RFC 9113 section 8.2.1
    assert decode_message(encoded) == message


@pytest.mark.parametrize("message", [" ", "(500) ", "  two", "a b", ""])
def test_spaces_at_the_ends_of_a_status_message_are_escaped(message: str) -> None:
    encoded = encode_message(message)
    assert encoded.strip() == encoded
    assert decode_message(encoded) == message


def test_a_peer_that_leaves_them_as_they_are_is_understood() -> None:
    """grpc-go does; elsewhere a padded value makes a message malformed."""
    fields = [(b":status", b"200"), (b"grpc-status", b"13"), (b"grpc-message", b"(500) ")]
    assert HeaderBlock(fields).fault == ""
    assert HeaderBlock([*fields, (b"x-mine", b"padded ")]).fault == "illegal field value"


@pytest.mark.parametrize(
    ("raw", "text"),
    [(b"plain", "plain"), (b"100%", "100%"), (b"%zz%4", "%zz%4"), (b"caf%C3%A9", "café"), (b"%ff", "�")],
    ids=["plain", "bare percent", "no escape", "UTF-8", "no UTF-8"],
)
def test_odd_status_messages_are_read_as_far_as_they_make_sense(raw: bytes, text: str) -> None:
    assert decode_message(raw) == text


@given(st.binary(max_size=100))
def test_binary_metadata_round_trips_with_and_without_padding(data: bytes) -> None:
    encoded = encode_binary(data)
    assert b"=" not in encoded
    assert decode_binary(encoded) == decode_binary(encoded + b"=" * (-len(encoded) % 4)) == data


def test_malformed_base64_is_named() -> None:
    with pytest.raises(ValueError, match="malformed base64"):
        decode_binary(b"a*b")


def test_metadata_pairs_become_wire_fields() -> None:
    assert wire_fields([("X-Text", "café"), ("x-Raw-Bin", b"\x00\xff")]) == [
        (b"x-text", "café".encode()),
        (b"x-raw-bin", b"AP8"),
    ]


@given(st.sampled_from(Code), st.text(max_size=20), st.none() | st.binary(max_size=20))
def test_a_status_survives_its_trailers(code: Code, message: str, details: bytes | None) -> None:
    status = parse_status(status_fields(code, message, details))
    assert (status.code, status.details) == (code, details)
    assert status.message == message.encode("utf-8", "replace").decode()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ([], Code.INTERNAL),
        ([(b"grpc-status", b"99")], Code.UNKNOWN),
        ([(b"grpc-status", b"x")], Code.UNKNOWN),
        ([(b"grpc-status", b"5"), (b"grpc-status-details-bin", b"*")], Code.NOT_FOUND),
    ],
    ids=["none", "unknown number", "no number", "broken details"],
)
def test_odd_trailers_still_give_a_status(fields: list[tuple[bytes, bytes]], code: Code) -> None:
    assert parse_status(fields).code is code


@pytest.mark.parametrize(
    ("seconds", "value"),
    [(14.899468, b"14899468u"), (5, b"5000000u"), (0.05, b"50000000n"), (0, b"0n"), (-1, b"0n"), (360_000, b"360000S")],
    ids=["as recorded", "5 s", "50 ms", "zero", "past", "100 h"],
)
def test_timeouts_take_the_smallest_unit_that_fits_eight_digits(seconds: float, value: bytes) -> None:
    if seconds == 360_000:
        assert parse_timeout(encode_timeout(seconds)) == seconds
    else:
        assert encode_timeout(seconds) == value


@given(st.floats(1e-9, 9.9e4))
def test_timeouts_are_never_shortened_and_hardly_lengthened(seconds: float) -> None:
    assert seconds * (1 - 1e-6) <= parse_timeout(encode_timeout(seconds)) <= seconds * (1 + 1.1e-5) + 1.01e-9


@pytest.mark.parametrize("value", [b"", b"5", b"S", b"123456789S", b"5x", b"-5S", b"1.5S", b" 5S"])
def test_malformed_timeouts_are_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="malformed grpc-timeout"):
        parse_timeout(value)


class Expected:
    def __init__(self, log: list[str], name: str) -> None:
        self.log = log
        self.name = name

    def expire(self) -> None:
        self.log.append(self.name)


class HandLoop:
    """A loop whose time the test moves; it knows the one timer that deadlines keep."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[tuple[float, object, asyncio.TimerHandle | None]] = []
        self.turns = 0
        self.errors: list[object] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: object) -> "HandTimer":
        timer = HandTimer(when, callback)
        self.timers.append(timer)  # type: ignore[arg-type]
        return timer

    def call_soon(self, callback: object) -> "HandTimer":
        self.turns += 1
        return self.call_at(self.now, callback)

    def call_exception_handler(self, context: dict[str, object]) -> None:
        self.errors.append(context["exception"])

    def advance(self, to: float) -> None:
        self.now = to
        due = [timer for timer in self.timers if timer.when <= to]  # type: ignore[attr-defined]
        self.timers = [timer for timer in self.timers if timer not in due]
        for timer in due:
            if not timer.cancelled:  # type: ignore[attr-defined]
                timer.callback()  # type: ignore[attr-defined]


class HandTimer:
    def __init__(self, when: float, callback: object) -> None:
        self.when = when
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


def test_deadlines_fire_in_order_never_early_and_share_one_timer() -> None:
    loop, log = HandLoop(), []  # type: ignore[var-annotated]
    deadlines = Deadlines(loop)  # type: ignore[arg-type]
    deadlines.add(Expected(log, "late"), 2.0)
    deadlines.add(Expected(log, "early"), 1.0)
    gone = Expected(log, "gone")
    deadlines.discard(gone, deadlines.add(gone, 0.5))
    assert sum(not timer.cancelled for timer in loop.timers) == 1  # type: ignore[attr-defined]
    loop.advance(0.999)
    assert log == []
    loop.advance(1.01)
    assert log == ["early"]
    loop.advance(5.0)
    assert log == ["early", "late"]


def test_calls_that_end_in_time_wake_nobody() -> None:
    loop, log = HandLoop(), []  # type: ignore[var-annotated]
    deadlines = Deadlines(loop)  # type: ignore[arg-type]
    for number in range(1000):
        call = Expected(log, "no")
        deadlines.discard(call, deadlines.add(call, 1.0 + number / 100))
    loop.advance(1.0)
    assert log == []
    assert not any(not timer.cancelled for timer in loop.timers)  # type: ignore[attr-defined]


def test_thousands_that_expire_at_once_leave_turns_to_others_and_none_is_left_out() -> None:
    loop, log = HandLoop(), []  # type: ignore[var-annotated]
    deadlines = Deadlines(loop)  # type: ignore[arg-type]
    for number in range(1000):
        deadlines.add(Expected(log, str(number)), 1.0)
    last = Expected(log, "gone")
    slot = deadlines.add(last, 1.01)
    loop.advance(1.02)
    assert len(log) == PER_TURN
    deadlines.discard(last, slot)  # in time, although its slot has come
    while loop.timers:
        loop.advance(1.02)
    assert sorted(log, key=int) == [str(number) for number in range(1000)]
    assert loop.turns == 1000 // PER_TURN - 1


def test_an_end_that_fails_is_reported_and_the_others_come() -> None:
    class Broken:
        def expire(self) -> None:
            raise RuntimeError("broken")

    loop, log = HandLoop(), []  # type: ignore[var-annotated]
    deadlines = Deadlines(loop)  # type: ignore[arg-type]
    for item in (Broken(), Expected(log, "fine"), Broken()):
        deadlines.add(item, 1.0)
    loop.advance(2.0)
    assert log == ["fine"]
    assert [str(error) for error in loop.errors] == ["broken"] * 2


def test_what_expires_may_set_a_new_deadline() -> None:
    class Again:
        times = 0

        def expire(self) -> None:
            self.times += 1
            deadlines.add(self, loop.now + 1.0)

    loop, again = HandLoop(), Again()
    deadlines = Deadlines(loop)  # type: ignore[arg-type]
    deadlines.add(again, 1.0)
    for second in range(1, 6):
        loop.advance(second + 0.5 * second)
    assert again.times == 5
    assert sum(not timer.cancelled for timer in loop.timers) == 1  # type: ignore[attr-defined]


def test_closing_forgets_everything() -> None:
    loop, log = HandLoop(), []  # type: ignore[var-annotated]
    deadlines = Deadlines(loop)  # type: ignore[arg-type]
    deadlines.add(Expected(log, "no"), 1.0)
    deadlines.close()
    loop.advance(2.0)
    assert log == []
