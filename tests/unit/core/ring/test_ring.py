"""The ring gives every actor the owner that all other sidecars compute (actors-placement.md §2)."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.ring import NoHostsError, Ring, RingHost, hash_key, virtual_nodes
from dapr_core.ring import ring as ring_module

HOSTS = [RingHost(f"10.0.0.{number}:50002", f"app{number}") for number in (1, 2, 3)]
NAMES = st.sets(st.from_regex(r"10\.0\.[0-9]{1,2}\.[0-9]{1,2}:5000[0-9]", fullmatch=True), max_size=8)


def ring_of(names: set[str], factor: int = 10) -> Ring:
    return Ring([RingHost(name, "app") for name in names], factor)


@pytest.mark.parametrize(
    ("actor", "hundred", "three", "without_third"),
    [
        ("1", 3, 2, 2),
        ("2", 3, 1, 1),
        ("42", 1, 1, 1),
        ("abc", 1, 1, 1),
        ("myactorid", 1, 3, 1),
        ("actor-1", 1, 2, 1),
        ("order-0001", 1, 1, 1),
        ("550e8400-e29b-41d4-a716-446655440000", 3, 3, 1),
        ("a||b", 2, 1, 2),
        ("ünïcode", 2, 2, 2),
    ],
)
def test_owners_are_the_published_ones(actor: str, hundred: int, three: int, without_third: int) -> None:
    owners = (Ring(HOSTS, 100).owner(actor), Ring(HOSTS, 3).owner(actor), Ring(HOSTS[:2], 100).owner(actor))
    assert owners == (HOSTS[hundred - 1], HOSTS[three - 1], HOSTS[without_third - 1])


def test_an_id_behind_the_last_place_belongs_to_the_first() -> None:
    assert Ring(HOSTS, 100).owner("117") == HOSTS[2]


def test_ids_spread_as_published() -> None:
    ring = Ring(HOSTS, 100)
    owners = [ring.owner(str(number)).name for number in range(1000)]
    assert [owners.count(host.name) for host in HOSTS] == [345, 346, 309]


def test_a_small_ring_has_the_published_places_in_order() -> None:
    places = sorted((place, host.name[-7]) for host in HOSTS for place in virtual_nodes(host.name, 3))
    assert [place for place, _ in places] == [
        5797102724971694617, 6155547249188943313, 6505922788473134223, 7120362376346592644, 7388246905945336152,
        9203486376198907635, 13641153136638408813, 15002447652713300714, 17246124860277091555,
    ]  # fmt: skip
    assert "".join(name for _, name in places) == "131132223"
    assert len(Ring(HOSTS, 3)) == 9


def test_the_recorded_rooms_have_the_recorded_owners() -> None:
    ring = Ring([RingHost("127.0.0.1:33961", "hosta"), RingHost("127.0.0.1:40213", "hostb")], 100)
    owners = [ring.owner(str(number)).app_id for number in range(1, 7)]
    assert owners == ["hostb", "hosta", "hosta", "hosta", "hostb", "hostb"]


def test_a_ring_without_hosts_says_so() -> None:
    with pytest.raises(NoHostsError, match=r"^no hosts added$"):
        Ring([]).owner("1")


@given(NAMES, st.text())
def test_the_owner_holds_the_first_place_at_or_after_the_id(names: set[str], actor: str) -> None:
    if not names:
        return
    places = sorted((place, name) for name in names for place in virtual_nodes(name, 10))
    index = bisect_left([place for place, _ in places], hash_key(actor)) % len(places)
    assert ring_of(names).owner(actor).name == places[index][1]


@given(NAMES, st.text(), st.permutations(range(8)))
def test_the_order_in_which_hosts_are_named_does_not_matter(names: set[str], actor: str, order: list[int]) -> None:
    listed = sorted(names)
    shuffled = [listed[index] for index in order if index < len(listed)]
    if listed:
        one, other = Ring([RingHost(name, "a") for name in listed]), Ring([RingHost(name, "a") for name in shuffled])
        assert one.owner(actor) == other.owner(actor)


@given(NAMES, st.lists(st.text(), max_size=30))
def test_a_host_that_goes_moves_only_its_own_actors(names: set[str], actors: list[str]) -> None:
    if len(names) < 2:
        return
    gone = min(names)
    before, after = ring_of(names), ring_of(names - {gone})
    for actor in actors:
        if before.owner(actor).name != gone:
            assert after.owner(actor) == before.owner(actor)


@given(NAMES, st.lists(st.text(), max_size=30))
def test_a_host_that_comes_takes_actors_only_for_itself(names: set[str], actors: list[str]) -> None:
    if not names:
        return
    before, after = ring_of(names), ring_of(names | {"new:1"})
    assert all(after.owner(actor).name in ("new:1", before.owner(actor).name) for actor in actors)


def test_rings_are_equal_by_factor_and_hosts_alone() -> None:
    ring = Ring(HOSTS, 100)
    assert ring == Ring(reversed(HOSTS), 100)
    assert ring != Ring(HOSTS, 99)
    assert ring != Ring(HOSTS[:2], 100)


@pytest.mark.parametrize(
    "other", [RingHost(HOSTS[2].name, "another"), RingHost(HOSTS[2].name, "app3", 1)], ids=["app id", "port"]
)
def test_a_host_under_another_identity_makes_another_ring(other: RingHost) -> None:
    assert Ring(HOSTS, 100) != Ring([*HOSTS[:2], other], 100)


def test_types_with_the_same_hosts_share_their_points() -> None:
    one, other = Ring(HOSTS, 100), Ring(list(HOSTS), 100)
    assert one._points is other._points


def test_remembered_owners_stay_bounded_and_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ring_module, "RECENT_IDS", 10)
    ring = Ring(HOSTS, 100)
    first = [ring.owner(str(number)) for number in range(100)]
    assert [ring.owner(str(number)) for number in range(100)] == first
    assert len(ring._recent) <= 10


def owner_of(names: set[str], factor: int, actor: str) -> str:
    """By the rule itself: the host of the first place at or after the id's, the last by name where two share one."""
    at = {place: name for name in sorted(names) for place in virtual_nodes(name, factor)}
    places = sorted(at)
    return at[places[bisect_left(places, hash_key(actor)) % len(places)]]


@given(st.sets(st.integers(0, 40), min_size=12), st.lists(st.sets(st.integers(0, 60), max_size=5), max_size=6))
def test_rings_of_tables_that_follow_each_other_are_those_of_their_hosts(
    first: set[int], changes: list[set[int]]
) -> None:
    names = {f"10.0.0.{number}:1" for number in first}
    kept = [ring_of(names)]
    for change in changes:
        names = names ^ {f"10.0.0.{number}:1" for number in change}
        kept.append(ring_of(names))
        for actor in map(str, range(40) if names else ()):
            assert kept[-1].owner(actor).name == owner_of(names, 10, actor)


def test_places_that_two_hosts_share_have_the_same_owner_whatever_was_before(monkeypatch: pytest.MonkeyPatch) -> None:
    def crowded(host: str, factor: int) -> array[int]:
        # Hosts of one last digit lie on the same places.
        return virtual_nodes(host[-1], factor)

    monkeypatch.setattr(ring_module, "virtual_nodes", crowded)
    hosts = {f"host-{number:02}" for number in range(15)}
    tables = [hosts, hosts | {"host-15"}, hosts | {"host-15", "host-16"}, hosts - {"host-04"}]
    rings = [ring_of(table, 7) for table in tables]
    for table, ring in zip(tables, rings, strict=True):
        at = {place: name for name in sorted(table) for place in crowded(name, 7)}
        places = sorted(at)
        for actor in map(str, range(200)):
            index = bisect_left(places, hash_key(actor)) % len(places)
            assert ring.owner(actor).name == at[places[index]]


def test_a_host_more_is_not_sorted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {f"10.0.1.{number}:1" for number in range(30)}
    before = ring_of(names)
    monkeypatch.setattr(ring_module._Points, "of", None)
    assert len(ring_of(names | {"10.0.2.1:1"})) == len(before) + 10
    assert len(ring_of(names - {"10.0.1.1:1"})) == len(before) - 10


def test_rings_are_made_and_asked_on_any_thread() -> None:
    def work(offset: int) -> bool:
        names = {f"10.0.3.{number}:1" for number in range(20)}
        kept = []
        for step in range(30):
            names = names ^ {f"10.0.3.{(7 * step + offset) % 40}:1"}
            kept = [*kept[-2:], ring_of(names)]
            if any(kept[-1].owner(actor).name != owner_of(names, 10, actor) for actor in ("a", "b", "c")):
                return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(work, range(16)))
