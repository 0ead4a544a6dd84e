"""Named components that can be exchanged while requests run (building-blocks.md §6.9).

A block finds its component here by name and holds a lease while it works: ``with registry.use(name) as store``. When
the runtime replaces or removes a component, new requests see the change at once; the old one is handed back for
closing when its last lease has ended. A lease is two counter steps, no lock and no task: everything happens on one
event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


class Entry(Generic[T]):
    """One component in service. As a context manager it is a lease on it; leases may overlap."""

    __slots__ = ("_drained", "_leases", "component")

    def __init__(self, component: T) -> None:
        self.component = component
        self._leases = 0
        self._drained: asyncio.Event | None = None

    def __enter__(self) -> T:
        self._leases += 1
        return self.component

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leases -= 1
        if self._drained is not None and not self._leases:
            self._drained.set()

    async def drained(self, timeout: float | None) -> bool:
        """Wait until no lease is left; False when ``timeout`` seconds passed first. Call once it is out of service."""
        if not self._leases:
            return True
        if self._drained is None:
            self._drained = asyncio.Event()
        try:
            async with asyncio.timeout(timeout):
                await self._drained.wait()
        except TimeoutError:
            return False
        return True


class ComponentRegistry(Generic[T]):
    """Components by name; names are compared as written."""

    __slots__ = ("_entries",)

    def __init__(self) -> None:
        self._entries: dict[str, Entry[T]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def get(self, name: str) -> T | None:
        """The component itself, without a lease: for looking, not for working."""
        entry = self._entries.get(name)
        return entry.component if entry is not None else None

    def find(self, name: str) -> Entry[T] | None:
        """What to take a lease on; None when nothing has that name."""
        return self._entries.get(name)

    def use(self, name: str) -> Entry[T]:
        """The same, for callers that know the name. Raises ``KeyError``."""
        return self._entries[name]

    def add(self, name: str, component: T) -> None:
        """Put a component into service. Raises ``ValueError`` when the name is taken: use ``replace``."""
        if name in self._entries:
            raise ValueError(f"a component named {name!r} is already in service")
        self._entries[name] = Entry(component)

    async def replace(self, name: str, component: T, *, timeout: float | None = 5.0) -> T | None:
        """Put ``component`` in the place of what has that name, and give that back when its last lease has ended.

        After ``timeout`` seconds it is given back although requests still run on it.
        """
        old = self._entries.get(name)
        self._entries[name] = Entry(component)
        return await _retired(old, timeout)

    async def remove(self, name: str, *, timeout: float | None = 5.0) -> T | None:
        """Take a component out of service, and give it back as ``replace`` does; None when there is none."""
        return await _retired(self._entries.pop(name, None), timeout)


async def _retired(entry: Entry[T] | None, timeout: float | None) -> T | None:
    if entry is None:
        return None
    await entry.drained(timeout)
    return entry.component
