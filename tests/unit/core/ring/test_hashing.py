"""The hash of the ring is the one every sidecar of the wire uses (actors-placement.md §2.2, §2.3)."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.ring import hash_key, virtual_nodes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 241225442164632184),
        ("1", 11971653999726161180),
        ("2", 6310439919022701253),
        ("42", 727987339546950915),
        ("abc", 958453735928201402),
        ("myactorid", 16879008664447412800),
        ("actor-1", 10015260465285814958),
        ("order-0001", 802831215499246198),
        ("550e8400-e29b-41d4-a716-446655440000", 15280718079523819020),
        ("a||b", 5580943394175379322),
        ("ünïcode", 11010645009909557035),
        ("117", 18383137697856383989),
    ],
    ids=repr,
)
def test_an_actor_id_has_the_published_hash(text: str, expected: int) -> None:
    assert hash_key(text) == expected


@pytest.mark.parametrize(
    ("host", "factor", "expected"),
    [
        (
            "192.168.1.83:60992",
            5,
            [
                11414427053803968138, 6110756290993384529, 13876541546109691082, 12165331075625862737,
                9528020266818944582,
            ],
        ),
        ("192.168.1.89:62362", 3, [13384490355354205375, 11281728843146723001, 694935339057032644]),
    ],
    ids=["five nodes", "three nodes"],
)  # fmt: skip
def test_the_virtual_nodes_of_a_host_are_those_of_the_original(host: str, factor: int, expected: list[int]) -> None:
    assert list(virtual_nodes(host, factor)) == expected


@pytest.mark.parametrize(
    ("host", "first", "second", "last"),
    [
        ("10.0.0.1:50002", 7120362376346592644, 6505922788473134223, 8251988567651704418),
        ("10.0.0.2:50002", 9203486376198907635, 13641153136638408813, 6289193495808985344),
        ("10.0.0.3:50002", 7388246905945336152, 17246124860277091555, 2556590349016221418),
    ],
)
def test_a_hundred_virtual_nodes_keep_the_order_of_their_index(host: str, first: int, second: int, last: int) -> None:
    nodes = virtual_nodes(host, 100)
    assert (len(nodes), nodes[0], nodes[1], nodes[99]) == (100, first, second, last)


@given(st.text(), st.integers(0, 12))
def test_a_virtual_node_is_the_hash_of_host_and_index_without_a_separator(host: str, factor: int) -> None:
    assert list(virtual_nodes(host, factor)) == [hash_key(f"{host}{index}") for index in range(factor)]


@given(st.text())
def test_the_hash_is_the_head_of_the_long_digest_and_not_a_short_digest(text: str) -> None:
    raw = text.encode("utf-8", "surrogateescape")
    assert hash_key(text).to_bytes(8, "little") == hashlib.blake2b(raw, digest_size=64).digest()[:8]
    assert hash_key(text).to_bytes(8, "little") != hashlib.blake2b(raw, digest_size=8).digest()
