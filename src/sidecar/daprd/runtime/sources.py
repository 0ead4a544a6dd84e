"""Where resources come from: directories of a machine, or the operator of a cluster (building-blocks.md §6.9).

A source loads everything that is declared for this application, and says when something of it may have changed; what
changed is for ``changes`` to find out. The operator's source is in ``operator``, which only Kubernetes mode loads.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator

from dapr_core.resources.loader import LoadedResources, load_paths
from daprd.runtime import watch


class ResourceSource(ABC):
    """One place where resources are declared."""

    @abstractmethod
    def load(self) -> LoadedResources:
        """What is declared now, for this application. Runs on a thread."""

    @abstractmethod
    def hints(self) -> AsyncIterator[None] | None:
        """Yields whenever something may have changed, for ever; None where nothing ever does."""

    async def close(self) -> None:
        """Let go of whatever the source is connected to."""


class DiskSource(ResourceSource):
    """Directories with manifests."""

    def __init__(self, directories: tuple[str, ...], *, namespace: str, app_id: str) -> None:
        self._directories = directories
        self._namespace = namespace
        self._app_id = app_id

    def load(self) -> LoadedResources:
        return load_paths(self._directories, namespace=self._namespace, app_id=self._app_id)

    def hints(self) -> AsyncIterator[None] | None:
        return watch.changes(self._directories) if self._directories else None
