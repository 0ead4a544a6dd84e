"""The secrets block: what the application may read of its secret stores (building-blocks.md §4).

Scopes of the Configuration say which names of a store the application may see; a store without a scope is open. They
bind the application, not the sidecar: ``lookup``, which resolves ``secretKeyRef`` of manifests, passes them by.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, Protocol, TypeAlias, TypeVar

from dapr_components.contract import ComponentError
from dapr_components.secretstores.contract import SecretStore
from dapr_core.errors import DaprError
from daprd.blocks.guard import guarded
from daprd.blocks.registry import ComponentRegistry, Entry
from daprd.catalogue import secrets as rows
from daprd.policy.contract import Policies

T = TypeVar("T")

SecretOperation: TypeAlias = Literal["get", "bulk_get"]
"""The ``operation`` label of the secret metrics."""
NO_METADATA: Mapping[str, str] = {}


class SecretScope(Protocol):
    """Which secrets of one store the application may read (crds-helm-config.md §2.7)."""

    def allows(self, name: str, /) -> bool:
        """Whether this one may be read."""


class SecretsObserver(Protocol):
    """What metrics want to know of secrets (observability.md §6)."""

    def secret(self, component: str, operation: SecretOperation, success: bool, elapsed_ms: float) -> None:
        """Told once per operation, retries included, when it has ended; milliseconds."""


class SecretsBlock:
    """The secret stores of one application. ``scopes`` are keyed by store name."""

    def __init__(
        self,
        *,
        policies: Policies,
        scopes: Mapping[str, SecretScope] | None = None,
        observer: SecretsObserver | None = None,
    ) -> None:
        self._policies = policies
        self._scopes = dict(scopes or {})
        self._observer = observer
        self._stores: ComponentRegistry[SecretStore] = ComponentRegistry()

    # -- stores come and go

    async def add(self, name: str, store: SecretStore) -> None:
        """Put an initialised store into service. Raises ``ValueError`` when the name is taken."""
        self._stores.add(name, store)

    async def remove(self, name: str, *, timeout: float | None = 5.0) -> SecretStore | None:
        """Take a store out of service and give it back for closing when the requests on it have ended."""
        return await self._stores.remove(name, timeout=timeout)

    def __contains__(self, name: object) -> bool:
        return name in self._stores

    def unknown_scopes(self) -> list[str]:
        """Names of scopes for which there is no store; worth a warning once all components are loaded."""
        return [name for name in self._scopes if name not in self._stores]

    # -- for the application

    async def get(self, name: str, key: str, *, metadata: Mapping[str, str] = NO_METADATA) -> Mapping[str, str] | None:
        """One secret; None when the store answers without data. Raises ``DaprError``."""
        with self._entry(name) as store:
            scope = self._scopes.get(name)
            if scope is not None and not scope.allows(key):
                raise DaprError(rows.PERMISSION_DENIED, key=_quoted(key), name=_quoted(name))
            try:
                return await self._watched(name, "get", lambda: store.get(key, metadata))
            except ComponentError as error:
                raise DaprError(rows.GET, key=key, name=name, error=error) from error

    async def bulk_get(
        self, name: str, *, metadata: Mapping[str, str] = NO_METADATA
    ) -> Mapping[str, Mapping[str, str]]:
        """All secrets the application may see. Raises ``DaprError``."""
        with self._entry(name) as store:
            try:
                found = await self._watched(name, "bulk_get", lambda: store.bulk_get(metadata))
            except ComponentError as error:
                raise DaprError(rows.BULK_GET, name=name, error=error) from error
        scope = self._scopes.get(name)
        return found if scope is None else {key: secret for key, secret in found.items() if scope.allows(key)}

    # -- for the sidecar itself

    async def lookup(self, name: str, key: str, *, namespace: str = "") -> Mapping[str, str] | None:
        """A secret that a manifest refers to, whatever the scopes say.

        Raises:
            ComponentError: there is no such store, or it has no such secret.
        """
        entry = self._stores.find(name)
        if entry is None:
            raise ComponentError(f"secret store {name} is not loaded: add its component, or correct auth.secretStore")
        with entry as store:
            return await store.get(key, {"namespace": namespace})

    # -- inside

    def _entry(self, name: str) -> Entry[SecretStore]:
        entry = self._stores.find(name)
        if entry is not None:
            return entry
        raise DaprError(rows.NOT_FOUND if len(self._stores) else rows.NOT_CONFIGURED, name=name)

    async def _watched(self, name: str, operation: SecretOperation, work: Callable[[], Awaitable[T]]) -> T:
        started = time.perf_counter()
        success = False
        try:
            result = await guarded(self._policies.component(name, "Secretstore"), work)
            success = True
            return result
        finally:
            if self._observer is not None:
                self._observer.secret(name, operation, success, (time.perf_counter() - started) * 1000)


def _quoted(text: str) -> str:
    """As Go's ``%q`` writes it."""
    return json.dumps(text, ensure_ascii=False)
