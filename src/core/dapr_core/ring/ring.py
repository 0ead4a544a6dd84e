"""The ring of one actor type: which host an actor id belongs to.

The virtual nodes of all hosts stand in ascending order; an actor belongs to the host of the first one at or after the
hash of its id, and to the very first one past the end (actors-placement.md §2.1). Only the id is hashed, so types with
the same hosts have the same ring: they share one set of points for as long as one of them lives. Loads, which the wire
still has fields for, play no part.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import repeat
from typing import Final
from weakref import WeakValueDictionary

from dapr_core.ring.hashing import DEFAULT_REPLICATION_FACTOR, hash_key, virtual_nodes

RECENT_IDS: Final = 16_384
"""Actor ids whose owner a ring remembers; with more in use the memory starts afresh. About 2 MB a ring at most."""


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
    """Places in ascending order, and beside each the name of its host."""

    __slots__ = ("__weakref__", "names", "places")

    def __init__(self, names: frozenset[str], replication_factor: int) -> None:
        at: dict[int, str] = {}
        for name in sorted(names):  # so that even two hosts on one place have one owner everywhere
            at.update(zip(virtual_nodes(name, replication_factor), repeat(name)))
        self.places = sorted(at)
        self.names = [at[place] for place in self.places]

    def owner(self, place: int) -> str:
        """The host's name at the first place at or after the given one. Raises NoHostsError."""
        index = bisect_left(self.places, place)
        names = self.names
        if index == len(names):
            if not names:
                raise NoHostsError
            index = 0
        return names[index]


_shared: WeakValueDictionary[tuple[frozenset[str], int], _Points] = WeakValueDictionary()


def _shared_points(names: frozenset[str], replication_factor: int) -> _Points:
    """The points of a set of hosts: those of a living ring with the same hosts, or new ones."""
    key = (names, replication_factor)
    points = _shared.get(key)
    if points is None:
        points = _shared[key] = _Points(names, replication_factor)
    return points
