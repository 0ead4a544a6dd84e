"""What a sidecar says by multicast DNS has the public project's layout; only fitting answers are believed."""

from __future__ import annotations

import pytest

from dapr_components.nameresolution.addresses import ADDRESS_LIFETIME, Addresses
from dapr_components.nameresolution.announcement import SERVICE_TYPES, Announcement, Found, browse, read
from dapr_components.nameresolution.dnsmessage import AAAA, PTR, SRV, TXT, A, Message, Question, Record, Service

MINE = Announcement("orders", "10.1.2.3", 50002, "vm", 77)
INSTANCE = ("vm:77", "orders", "local")


def test_a_query_asks_for_the_bare_app_id_under_local() -> None:
    assert Message.decode(browse("orders")) == Message(questions=[Question(("orders", "local"), PTR)])


def test_a_browse_is_answered_with_ptr_and_the_rest_in_additionals_in_order() -> None:
    answer = MINE.answer(Question(("orders", "local")))
    assert answer is not None
    assert answer.response
    assert answer.answers == [Record(("orders", "local"), PTR, 3200, INSTANCE)]
    assert answer.additionals == [
        Record(INSTANCE, SRV, 3200, Service(50002, ("vm", "local"))),
        Record(INSTANCE, TXT, 3200, b"\x06orders"),
        Record(("vm", "local"), A, 120, "10.1.2.3"),
    ]


@pytest.mark.parametrize("name", [("ORDERS", "Local"), ("Vm:77", "orders", "local"), SERVICE_TYPES], ids=str)
def test_names_are_compared_without_case(name: tuple[str, ...]) -> None:
    assert MINE.answer(Question(name)) is not None


@pytest.mark.parametrize("name", [("other", "local"), ("orders",), ("a", "orders", "local")], ids=str)
def test_other_names_are_not_answered(name: tuple[str, ...]) -> None:
    assert MINE.answer(Question(name)) is None


def test_an_ipv6_address_is_announced_as_such() -> None:
    answer = Announcement("a", "fd00::2", 1, "vm.local", 1).answer(Question(("a", "local")))
    assert answer is not None
    assert answer.additionals[-1] == Record(("vm", "local"), AAAA, 120, "fd00::2")


def test_announcement_and_goodbye_are_read_back() -> None:
    assert read(Message.decode(MINE.announce()), "orders") == [Found("10.1.2.3", 50002, gone=False)]
    assert read(Message.decode(MINE.goodbye()), "orders") == [Found("10.1.2.3", 50002, gone=True)]
    assert read(Message.decode(MINE.announce()), "other") == []


def test_an_entry_whose_text_is_not_the_app_id_does_not_count() -> None:
    message = Message.decode(MINE.announce())
    message.answers = [r for r in message.answers if r.kind != TXT] + [Record(INSTANCE, TXT, 1, b"\x05other")]
    assert read(message, "orders") == []


def test_an_ipv6_address_gets_brackets() -> None:
    assert Found("fd00::2", 80, gone=False).address == "[fd00::2]:80"
    assert Found("10.0.0.1", 80, gone=False).address == "10.0.0.1:80"


def test_addresses_are_forgotten_when_they_were_not_seen_for_a_minute() -> None:
    addresses = Addresses()
    addresses.add("a", "10.0.0.1:1", 0.0)
    addresses.add("a", "10.0.0.2:1", 30.0)
    addresses.add("a", "10.0.0.1:1", 20.0)
    assert addresses.of("a", 79.9) == ["10.0.0.1:1", "10.0.0.2:1"]
    assert addresses.of("a", 80.1) == ["10.0.0.2:1"]
    assert addresses.of("a", 30.1 + ADDRESS_LIFETIME) == []
    assert list(addresses.apps()) == []


def test_ipv4_goes_before_ipv6_and_a_goodbye_removes() -> None:
    addresses = Addresses()
    addresses.add("a", "[::1]:1", 0.0)
    assert addresses.of("a", 1.0) == ["[::1]:1"]
    addresses.add("a", "10.0.0.1:1", 0.0)
    assert addresses.of("a", 1.0) == ["10.0.0.1:1"]
    addresses.remove("a", "10.0.0.1:1")
    addresses.remove("b", "x")
    assert addresses.of("a", 1.0) == ["[::1]:1"]
