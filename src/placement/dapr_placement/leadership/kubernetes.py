"""Leadership by a Lease of Kubernetes, by the election that all our services share (``dapr_core.kube.leader``)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from dapr_core.kube import ConfigError, KubeClient, load_config
from dapr_core.kube.election import ElectionSettings
from dapr_core.kube.leader import Leader
from dapr_placement.leadership.contract import Leadership, LeadershipError

LEASE_NAME: Final = "dapr-placement"
"""Name of the Lease, in the namespace of the control plane; placement needs to get, create and update it."""
DURATION: Final = 5
"""Seconds that a leader may be silent."""
DEADLINE: Final = 3.5
"""Seconds after its last renewal at which a leader stops to act."""
RETRY: Final = 1.0
"""Seconds between two tries."""


class LeaseLeadership(Leadership):
    """Stands for a Lease.

    Args:
        environment: where the cluster and its credentials are told.
        namespace: of the control plane.
        node: who we are: the name of the pod.

    Raises:
        LeadershipError: nothing tells of a cluster.
    """

    def __init__(self, environment: Mapping[str, str], namespace: str, node: str) -> None:
        try:
            self._client = KubeClient(load_config(environment), user_agent="dapr-placement")
        except ConfigError as error:
            raise LeadershipError(f"several placements need the Kubernetes API to elect a leader: {error}") from None
        settings = ElectionSettings(identity=node, lease_duration=DURATION, renew_deadline=DEADLINE, retry_period=RETRY)
        self._leader = Leader(self._client, LEASE_NAME, namespace, settings)

    @property
    def leads(self) -> bool:
        return self._leader.leads

    async def run(self, gained: Callable[[], None], lost: Callable[[], None]) -> None:
        async def serve() -> None:
            gained()
            try:
                await asyncio.Event().wait()
            finally:
                lost()

        await self._leader.run(serve)

    async def resign(self) -> None:
        # The lease is released when ``run`` is cancelled.
        await self._client.close()
