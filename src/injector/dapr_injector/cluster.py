"""What the injector asks of its cluster: whether sidecars speak mTLS, and components that bring containers."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from dapr_core.kube import Informer, KubeClient, Object, Selector
from dapr_core.kube.kinds import COMPONENT, CONFIGURATION
from dapr_core.kube.reflector import Following
from dapr_injector.patch.pluggable import Component

log = logging.getLogger("dapr.injector.service")

SYSTEM_CONFIGURATION: Final = "daprsystem"
_PATIENCE: Final = 5.0
"""Seconds at the start for the system's Configuration; without it mTLS is taken to be on."""


class Cluster:
    """The view of one control plane. ``follow`` has to run for ``mtls`` to be what the cluster says."""

    def __init__(self, client: KubeClient, namespace: str) -> None:
        self._client = client
        self._configurations = Informer(
            client,
            Following(
                kind=CONFIGURATION,
                namespace=namespace,
                selector=Selector.of_name(SYSTEM_CONFIGURATION),
                project=_mtls,
            ),
        )

    @property
    def mtls(self) -> bool:
        """Whether the system's Configuration has sidecars speak mTLS; yes, unless it says otherwise."""
        return all(value for _, value in self._configurations.cache.items())

    async def follow(self) -> None:
        """Follow the Configuration, for ever."""
        await self._configurations.run()

    async def wait_known(self) -> None:
        """Wait until the Configuration is known, but not for long: mTLS is the safe assumption."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._configurations.wait_synced()
        except TimeoutError:
            log.warning("The Configuration %s cannot be read yet; mTLS is taken to be on", SYSTEM_CONFIGURATION)

    async def components(self, namespace: str) -> list[Component]:
        """Components of a namespace that bring a container. Raises ``KubeError``."""
        found: list[Component] = []
        async for page in self._client.pages(COMPONENT, namespace):
            found += [component for item in page.items if (component := Component.read(item)) is not None]
        return found


def _mtls(configuration: Object) -> bool:
    spec = configuration.get("spec")
    mtls = spec.get("mtls") if isinstance(spec, dict) else None
    return not (isinstance(mtls, dict) and mtls.get("enabled") is False)
