"""What all component kinds share: how a vendor is built, started, watched and stopped.

The runtime makes an instance from a manifest, calls ``init`` once with the resolved metadata (bounded by the
manifest's ``initTimeout``), and ``close`` once. Metadata keys arrive as written; lookups ignore case and a vendor
decodes them with ``Metadata`` so that errors name the field (components.md §3.2).
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


class ComponentError(Exception):
    """A vendor failed or refused; its text reaches the client inside the block's documented error.

    It must name the cause and must not hold a secret.
    """


class Metadata(Mapping[str, str]):
    """A manifest's ``spec.metadata`` after templates and secrets: string to string, keys compared without case."""

    __slots__ = ("_folded", "_values")

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = dict(values or {})
        self._folded = {key.lower(): value for key, value in self._values.items()}

    def __getitem__(self, key: str) -> str:
        return self._folded[key.lower()]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in self._folded

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:  # values may be secrets
        return f"<Metadata {sorted(self._values)}>"


@dataclass(frozen=True, slots=True)
class ComponentContext:
    """Where an instance lives: its manifest's identity, and the application it serves."""

    name: str
    type: str
    version: str
    app_id: str
    namespace: str = ""
    logger: logging.Logger = field(default_factory=lambda: logging.getLogger("dapr.contrib"))


class Component(ABC):
    """Base of every vendor. ``__init__`` does no I/O; ``init`` opens, ``close`` releases all that ``init`` opened."""

    def __init__(self, context: ComponentContext) -> None:
        self.context = context

    @abstractmethod
    async def init(self, metadata: Metadata) -> None:
        """Check the metadata and connect.

        Raises:
            ComponentError: a field is missing or wrong, or the vendor cannot be reached. The text names it.
        """

    async def close(self) -> None:
        """Release everything. Called once, also after a failed ``init``."""

    async def ping(self) -> None:
        """Check that the vendor answers. Raises ``ComponentError`` when it does not.

        For those who test or embed components, the conformance suite first: the runtime asks no component on its own
        account, as the public project's does not, since a store that is down for a moment is no reason to restart
        what stands before it.
        """
