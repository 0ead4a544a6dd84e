"""Which state store keeps the state of actors: the one that says so in its manifest (actors-placement.md §4.1)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from dapr_components.contract import ComponentError
from dapr_core.truth import is_truthy
from daprd.blocks.registry import Entry
from daprd.blocks.state.loaded import LoadedStore

log = logging.getLogger("dapr.runtime.processor.state")

FIELD: Final = "actorStateStore"
"""Metadata field of a state store, in whatever case, that makes it the one for actors."""


class ActorStore:
    """The choice among the state stores in service.

    Args:
        find: gives a state store by name, as it is in service now.
        wanted: whether actors are on; where they are not, the field means nothing.
    """

    def __init__(self, find: Callable[[str], Entry[LoadedStore] | None], *, wanted: bool) -> None:
        self._find = find
        self._wanted = wanted
        self._name: str | None = None
        self.on_change: Callable[[], Awaitable[None]] | None = None
        """Told when there is a store now, or none any more."""

    @property
    def chosen(self) -> bool:
        """Whether there is one."""
        return self._name is not None

    def current(self) -> Entry[LoadedStore] | None:
        """The store in service; None where there is none."""
        return None if self._name is None else self._find(self._name)

    def check(self, name: str, metadata: Mapping[str, str]) -> bool:
        """Whether a store shall be the one.

        Raises:
            ComponentError: another one is it already.
        """
        if not self._wanted or not any(key.lower() == FIELD.lower() and is_truthy(metadata[key]) for key in metadata):
            return False
        if self._name is not None and self._name != name:
            raise ComponentError(f"detected duplicate actor state store: {self._name} and {name}")
        return True

    async def choose(self, name: str) -> None:
        """A store that is in service is the one from now on."""
        self._name = name
        log.info("Using '%s' as actor state store", name)
        await self._changed()

    async def forget(self, name: str) -> None:
        """A store goes out of service."""
        if self._name == name:
            self._name = None
            await self._changed()

    async def _changed(self) -> None:
        if self.on_change is not None:
            await self.on_change()
