"""The ring of one actor type: which host an actor id belongs to.

The virtual nodes of all hosts stand in ascending order; an actor belongs to the host of the first one at or after the
hash of its id, and to the very first one past the end (actors-placement.md §2.1). Only the id is hashed, so types with
the same hosts have the same ring: they share one set of points for as long as one of them lives, and a table in which
one host came or went takes over what the table before has sorted. Loads, which the wire still has fields for, play no
part.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import compress, repeat
from typing import Final
from weakref import WeakValueDictionary

from dapr_core.ring.hashing import DEFAULT_REPLICATION_FACTOR, hash_key, virtual_nodes

RECENT_IDS: Final = 16_384
"""Actor ids whose owner a ring remembers; with more in use the memory starts afresh. About 2 MB a ring at most."""

_NEIGHBOURS: Final = 3
"""Bits by which a look-up is left with a few places to compare: four to eight of them."""
_NEAR: Final = 8
"""Hosts by which two sets may differ for one to be made from the other; beyond that sorting anew is faster."""


class NoHostsError(LookupError):
    """The ring has no host."""

    def __init__(self) -> None:
        super().__init__("no hosts added")


@dataclass(frozen=True, slots=True)
class RingHost:
    """A host of an actor type, as a placement table names it.

    ``name`` is its place on the ring and the address to dial (``host:port``), ``app_id`` whom to expect there.
    """

    name: str
    app_id: str
    port: int = 0


class Ring:
    """The hosts of one actor type. Never changes: a new table makes a new ring.

    Two rings are equal when they give every actor the same owner under the same identity: equal factor and equal hosts.
    """

    __slots__ = ("_points", "_recent", "hosts", "replication_factor")

    def __init__(self, hosts: Iterable[RingHost], replication_factor: int = DEFAULT_REPLICATION_FACTOR) -> None:
        self.hosts: dict[str, RingHost] = {host.name: host for host in hosts}
        self.replication_factor = replication_factor
        self._points = _shared_points(frozenset(self.hosts), replication_factor)
        self._recent: dict[str, RingHost] = {}

    def owner(self, actor_id: str) -> RingHost:
        """The host an actor belongs to. Raises NoHostsError on an empty ring."""
        found = self._recent.get(actor_id)
        if found is None:
            found = self.hosts[self._points.owner(hash_key(actor_id))]
            if len(self._recent) >= RECENT_IDS:
                self._recent.clear()
            self._recent[actor_id] = found
        return found

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ring):
            return NotImplemented
        return self.replication_factor == other.replication_factor and self.hosts == other.hosts

    __hash__ = None  # type: ignore[assignment]  # equal by content, and rings are no keys

    def __len__(self) -> int:
        """How many virtual nodes lie on the ring."""
        return len(self._points.places)

    def __repr__(self) -> str:
        return f"<Ring of {len(self.hosts)} hosts, factor {self.replication_factor}>"


class _Points:
    """Places in ascending order, and beside each the name of its host; never changed once made, by any thread.

    ``_starts`` has, for each value of the first bits of a place, where the places with these bits begin: a look-up then
    compares a few neighbours instead of halving its way through all of them. It is made with the first look-up.
    """

    __slots__ = ("__weakref__", "_shift", "_starts", "factor", "hosts", "names", "places")

    def __init__(self, hosts: frozenset[str], factor: int, places: array[int], names: list[str]) -> None:
        self.hosts = hosts
        self.factor = factor
        self.places = places
        self.names = names
        self._shift = 64
        self._starts: array[int] | None = None

    @classmethod
    def of(cls, hosts: frozenset[str], replication_factor: int) -> _Points:
        """From nothing but the hosts."""
        at: dict[int, str] = {}
        for host in sorted(hosts):  # so that even two hosts on one place have one owner everywhere
            at.update(zip(virtual_nodes(host, replication_factor), repeat(host)))
        places = sorted(at)
        return cls(hosts, replication_factor, array("Q", places), [at[place] for place in places])

    def changed(self, hosts: frozenset[str]) -> _Points | None:
        """From these, for hosts that are nearly the same; None when it must be done from nothing."""
        added, removed = hosts - self.hosts, self.hosts - hosts
        if len(self.places) != len(self.hosts) * self.factor:
            return None  # two hosts share a place here, of which only one is seen
        places, names = self.places[:], self.names[:]
        if removed:
            kept = [name not in removed for name in names]
            places, names = array("Q", compress(places, kept)), list(compress(names, kept))
        for host in added:
            for place in virtual_nodes(host, self.factor):
                index = bisect_left(places, place)
                if index < len(places) and places[index] == place:
                    return None
                places.insert(index, place)
                names.insert(index, host)
        return _Points(hosts, self.factor, places, names)

    def owner(self, place: int) -> str:
        """The host's name at the first place at or after the given one. Raises NoHostsError."""
        starts = self._starts or self._index()
        places, index = self.places, starts[place >> self._shift]
        try:
            while places[index] < place:
                index += 1
        except IndexError:
            index = 0
        if not places:
            raise NoHostsError
        return self.names[index]

    def _index(self) -> array[int]:
        places = self.places
        bits = max(0, len(places).bit_length() - _NEIGHBOURS)
        self._shift = 64 - bits
        starts = self._starts = array("I", [bisect_left(places, first << self._shift) for first in range(1 << bits)])
        return starts


_shared: WeakValueDictionary[tuple[frozenset[str], int], _Points] = WeakValueDictionary()


def _shared_points(hosts: frozenset[str], replication_factor: int) -> _Points:
    """The points of a set of hosts: those of a living ring with the same hosts, or new ones."""
    key = (hosts, replication_factor)
    points = _shared.get(key)
    if points is None:
        points = _shared[key] = _from_a_neighbour(hosts, replication_factor) or _Points.of(hosts, replication_factor)
    return points


def _from_a_neighbour(hosts: frozenset[str], replication_factor: int) -> _Points | None:
    """New points from those of a living ring with nearly the same hosts, as the table before has them."""
    for reference in _shared.valuerefs():  # a list of its own: other threads make rings too
        points = reference()
        if points is not None and points.factor == replication_factor and _near(points.hosts, hosts):
            return points.changed(hosts)
    return None


def _near(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one) > _NEAR and abs(len(one) - len(other)) <= _NEAR and len(one ^ other) <= _NEAR
