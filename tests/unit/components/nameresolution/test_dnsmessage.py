"""DNS messages read as they were written, compressed ones too, and hostile bytes do no harm."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zeroconf import DNSIncoming

from dapr_components.nameresolution.dnsmessage import (
    AAAA,
    PTR,
    SRV,
    TXT,
    A,
    MalformedError,
    Message,
    Question,
    Record,
    Service,
    text_data,
    text_strings,
)

NAMES = st.lists(st.text("abcxyz:-_", min_size=1, max_size=12), min_size=1, max_size=4).map(tuple)
RECORDS = st.builds(
    lambda name, ttl, flush, kind_data: Record(name, kind_data[0], ttl, kind_data[1], flush),
    NAMES,
    st.integers(0, 2**32 - 1),
    st.booleans(),
    st.one_of(
        st.tuples(st.just(PTR), NAMES),
        st.tuples(st.just(SRV), st.builds(Service, st.integers(0, 65535), NAMES)),
        st.tuples(st.just(TXT), st.binary(max_size=20)),
        st.tuples(st.just(A), st.ip_addresses(v=4).map(str)),
        st.tuples(st.just(AAAA), st.ip_addresses(v=6).map(str)),
    ),
)
MESSAGES = st.builds(
    Message,
    st.booleans(),
    st.lists(st.builds(Question, NAMES, st.sampled_from([PTR, SRV, 255]), st.booleans()), max_size=3),
    st.lists(RECORDS, max_size=3),
    st.lists(RECORDS, max_size=2),
    st.lists(RECORDS, max_size=3),
    st.integers(0, 65535),
)


@given(MESSAGES)
def test_a_message_reads_as_it_was_written(message: Message) -> None:
    assert Message.decode(message.encode()) == message


@given(st.binary(max_size=200) | MESSAGES.map(lambda m: m.encode()[:-3]))
def test_any_bytes_are_a_message_or_malformed(data: bytes) -> None:
    try:
        Message.decode(data)
    except MalformedError:
        pass


def test_compressed_names_are_followed() -> None:
    head = struct.pack("!6H", 0, 0x8400, 1, 1, 0, 0)
    question = b"\x03app\x05local\x00" + struct.pack("!HH", PTR, 1)
    answer = b"\xc0\x0c" + struct.pack("!HHIH", PTR, 1, 60, 7) + b"\x04host\xc0\x0c"
    message = Message.decode(head + question + answer)
    assert message.answers == [Record(("app", "local"), PTR, 60, ("host", "app", "local"))]


@pytest.mark.parametrize("pointer", [b"\xc0\x0c", b"\xc0\x20", b"\xc1\x00"], ids=["itself", "forward", "outside"])
def test_pointers_that_do_not_go_back_are_refused(pointer: bytes) -> None:
    data = struct.pack("!6H", 0, 0, 1, 0, 0, 0) + pointer + struct.pack("!HH", PTR, 1)
    with pytest.raises(MalformedError):
        Message.decode(data)


def test_a_flood_of_records_is_refused() -> None:
    with pytest.raises(MalformedError, match="too many records"):
        Message.decode(struct.pack("!6H", 0, 0, 60000, 0, 0, 0) + b"\0" * 100)


def test_text_strings_are_read_one_by_one() -> None:
    assert text_strings(b"\x01a\x02bc") == [b"a", b"bc"]
    assert text_strings(text_data("app")) == [b"app"]


def test_a_foreign_library_reads_our_messages() -> None:
    record = Record(("i", "app", "local"), SRV, 3200, Service(50002, ("host", "local")), flush=True)
    incoming = DNSIncoming(Message(True, answers=[record]).encode())
    assert incoming.valid
    (answer,) = incoming.answers()
    assert (answer.name, answer.port, answer.server, answer.ttl) == ("i.app.local.", 50002, "host.local.", 3200)  # type: ignore[attr-defined]
