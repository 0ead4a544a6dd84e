"""The contract of a secret store (building-blocks.md §4, components.md §2.8)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from enum import StrEnum

from dapr_components.contract import Component


class Feature(StrEnum):
    """Capabilities as ``/v1.0/metadata`` names them."""

    MULTIPLE_KEY_VALUES_PER_SECRET = "MULTIPLE_KEY_VALUES_PER_SECRET"


class SecretStore(Component):
    """A vendor of secrets. Neither names nor values of secrets go into errors or logs beyond the asked name."""

    features: frozenset[Feature] = frozenset()

    @abstractmethod
    async def get(self, name: str, metadata: Mapping[str, str]) -> dict[str, str] | None:
        """One secret; None when the store answers without data. Raises ``ComponentError`` when it has no such name."""

    @abstractmethod
    async def bulk_get(self, metadata: Mapping[str, str]) -> dict[str, dict[str, str]]:
        """All secrets this store may show."""
