"""What is known of a kind's objects, and what each piece of news changes about that. No I/O.

News come twice and with gaps: a watch repeats what a list has told, and a list after a gap tells what is there but not
what has gone. So everything is compared with what is known, and only differences are changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Generic, NamedTuple, TypeVar

from dapr_core.kube.objects import Key

T = TypeVar("T")


class ChangeType(Enum):
    """What became of an object."""

    ADDED = "added"
    UPDATED = "updated"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """What became of one object; ``old`` is None for a new one, ``new`` for one that is gone."""

    type: ChangeType
    key: Key
    old: T | None
    new: T | None


class Entry(NamedTuple, Generic[T]):
    """An object as it is kept: its resourceVersion, and what was made of it."""

    version: str
    value: T


class Cache(Generic[T]):
    """The objects by their keys."""

    def __init__(self) -> None:
        self._entries: dict[Key, Entry[T]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: Key) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[T]:
        return iter([entry.value for entry in self._entries.values()])

    def get(self, namespace: str, name: str) -> T | None:
        """One object; None when it is not known."""
        entry = self._entries.get(Key(namespace, name))
        return None if entry is None else entry.value

    def items(self) -> list[tuple[Key, T]]:
        """All of them, as they are now."""
        return [(key, entry.value) for key, entry in self._entries.items()]

    def replace(self, entries: Iterable[tuple[Key, Entry[T]]]) -> list[Change[T]]:
        """Take a whole list: what is not in it is gone. Goings come first, so that a name can pass to another."""
        listed = dict(entries)
        gone = [change for key in self._entries.keys() - listed.keys() if (change := self.remove(key)) is not None]
        return gone + [change for key, entry in listed.items() if (change := self.put(key, entry)) is not None]

    def put(self, key: Key, entry: Entry[T]) -> Change[T] | None:
        """Take one object; None when it is known in this state."""
        before = self._entries.get(key)
        if before is not None and entry.version and before.version == entry.version:
            return None
        self._entries[key] = entry
        if before is None:
            return Change(ChangeType.ADDED, key, None, entry.value)
        if not entry.version and before.value == entry.value:  # a server without versions repeats itself
            return None
        return Change(ChangeType.UPDATED, key, before.value, entry.value)

    def remove(self, key: Key) -> Change[T] | None:
        """Forget one object; None when it is not known."""
        before = self._entries.pop(key, None)
        return None if before is None else Change(ChangeType.REMOVED, key, before.value, None)
