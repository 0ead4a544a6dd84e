"""Where started components go, category by category: thin adapters from ``processor`` to the blocks."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

from dapr_components.bindings.contract import InputBinding, OutputBinding
from dapr_components.contract import Component as Vendor
from dapr_components.middleware.contract import Middleware
from dapr_components.pubsub.contract import PubSub
from dapr_components.secretstores.contract import SecretStore
from dapr_components.state.contract import StateStore
from daprd.blocks.actors.store import ActorStore
from daprd.blocks.bindings.block import BindingsBlock
from daprd.blocks.pubsub.block import PubSubBlock
from daprd.blocks.secrets import SecretsBlock
from daprd.blocks.state.block import StateBlock
from daprd.blocks.state.encryption import PRIMARY_FIELD, SECONDARY_FIELD, EncryptionKey, StateCipher
from daprd.pipeline.pipelines import Pipelines
from daprd.runtime.processor import Instance

log = logging.getLogger("dapr.runtime.processor")


class StateSink:
    """State stores."""

    contracts: Final[Mapping[type[Vendor], str]] = {StateStore: "couldn't find state store {}"}  # type: ignore[type-abstract]

    def __init__(self, block: StateBlock, actors: ActorStore) -> None:
        self._block = block
        self._actors = actors

    async def install(self, instance: Instance) -> None:
        """Put a store into service, encrypted if its manifest names keys, and for actors if it says so."""
        assert isinstance(instance.vendor, StateStore)
        name = instance.manifest.name
        for_actors = self._actors.check(name, instance.metadata)
        self._block.add(name, instance.vendor, instance.metadata, cipher=state_cipher(instance))
        if for_actors:
            await self._actors.choose(name)

    async def remove(self, name: str) -> None:
        """Take a store out of service."""
        await self._actors.forget(name)
        await self._block.remove(name)


class PubSubSink:
    """Brokers."""

    contracts: Final[Mapping[type[Vendor], str]] = {PubSub: "couldn't find message bus {}"}  # type: ignore[type-abstract]

    def __init__(self, block: PubSubBlock) -> None:
        self._block = block

    async def install(self, instance: Instance) -> None:
        """Put a broker into service; its subscriptions start when the application is healthy."""
        assert isinstance(instance.vendor, PubSub)
        manifest = instance.manifest
        await self._block.add(manifest.name, instance.vendor, instance.metadata, namespaced=manifest.namespace_scoped)

    async def remove(self, name: str) -> None:
        """Take a broker out of service; deliveries in flight finish."""
        await self._block.remove(name)


class BindingsSink:
    """Input and output bindings."""

    contracts: Final[Mapping[type[Vendor], str]] = {
        InputBinding: "couldn't find input binding {}",  # type: ignore[type-abstract]
        OutputBinding: "couldn't find output binding {}",  # type: ignore[type-abstract]
    }

    def __init__(self, block: BindingsBlock) -> None:
        self._block = block

    async def install(self, instance: Instance) -> None:
        """Put a binding into service, in the directions it has."""
        await self._block.add(instance.manifest.name, instance.vendor, instance.metadata)

    async def remove(self, name: str) -> None:
        """Take a binding out of service."""
        await self._block.remove(name)


class SecretsSink:
    """Secret stores."""

    contracts: Final[Mapping[type[Vendor], str]] = {SecretStore: "couldn't find secret store {}"}  # type: ignore[type-abstract]

    def __init__(self, block: SecretsBlock) -> None:
        self._block = block

    async def install(self, instance: Instance) -> None:
        """Put a secret store into service."""
        assert isinstance(instance.vendor, SecretStore)
        await self._block.add(instance.manifest.name, instance.vendor)

    async def remove(self, name: str) -> None:
        """Take a secret store out of service."""
        await self._block.remove(name)


class MiddlewareSink:
    """HTTP middlewares; both pipelines are put together anew with each change."""

    contracts: Final[Mapping[type[Vendor], str]] = {Middleware: "HTTP middleware {} has not been registered"}  # type: ignore[type-abstract]

    def __init__(self, pipelines: Pipelines) -> None:
        self._pipelines = pipelines

    async def install(self, instance: Instance) -> None:
        """Offer a middleware to the pipelines."""
        assert isinstance(instance.vendor, Middleware)
        manifest = instance.manifest
        self._pipelines.add(manifest.name, manifest.type, manifest.version, instance.vendor)

    async def remove(self, name: str) -> None:
        """Take a middleware away from the pipelines; requests in flight finish with it."""
        self._pipelines.remove(name)


def state_cipher(instance: Instance) -> StateCipher | None:
    """The cipher of a store; None when its manifest names no key.

    A key counts only when it comes from a secret; a plain value is ignored, as the original does, with a warning.

    Raises:
        ComponentError: a key is no key.
    """
    keys = {}
    for pair in instance.manifest.spec.metadata:
        for field in (PRIMARY_FIELD, SECONDARY_FIELD):
            if pair.name.lower() == field.lower():
                if pair.secret_key_ref is None:
                    log.warning(
                        "%s: %s is a plain value and is ignored, so data is stored in clear; use secretKeyRef",
                        instance.manifest.log_name, field,
                    )  # fmt: skip
                    continue
                keys[field] = EncryptionKey(pair.secret_key_ref.name, instance.metadata.get(pair.name, ""))
    primary = keys.get(PRIMARY_FIELD)
    return StateCipher(instance.manifest.name, primary, keys.get(SECONDARY_FIELD)) if primary is not None else None
