"""Restarts the control plane of a cluster, one service after another, as ``kubectl rollout restart`` does it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from dapr_cli.cluster.rollouts import is_rolled_out
from dapr_cli.command import Failure
from dapr_cli.console import Console
from dapr_core.kube import NotFoundError
from dapr_core.kube.client import Patch
from dapr_core.kube.kinds import DEPLOYMENT, STATEFUL_SET, Kind

from .cluster import ClusterPlace

ANNOTATION = "kubectl.kubernetes.io/restartedAt"
SERVICES = (
    (DEPLOYMENT, "dapr-sentry"),
    (DEPLOYMENT, "dapr-sidecar-injector"),
    (DEPLOYMENT, "dapr-operator"),
    (STATEFUL_SET, "dapr-placement-server"),
)
"""What the public CLI restarts (cli-dashboard.md §13)."""
SHORT = {DEPLOYMENT: "deploy", STATEFUL_SET: "statefulsets"}
POLL = 1.0


def restart_control_plane(
    place: ClusterPlace, console: Console, deadline: float, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Restart what is there and wait for each, until ``deadline`` (``time.monotonic``). Raises Failure."""
    for kind, name in SERVICES:
        label = f"{SHORT[kind]}/{name}"
        console.info(f"Restarting {label}..")
        if not _restart(place, kind, name):
            console.warning(f"{label} is not there")
            continue
        while not is_rolled_out(place.run(place.client.get(kind, name, place.namespace))):
            if time.monotonic() > deadline:
                raise Failure(f"error in checking status for {label}: it was not ready in time; look at its pods")
            sleep(POLL)
    console.success("All control plane services have restarted successfully!")


def _restart(place: ClusterPlace, kind: Kind, name: str) -> bool:
    """Whether there was such a service."""
    stamp = {"metadata": {"annotations": {ANNOTATION: datetime.now(UTC).isoformat(timespec="seconds")}}}

    async def patch() -> bool:
        try:
            change = {"spec": {"template": stamp}}
            await place.client.patch(kind, name, change, place.namespace, form=Patch.STRATEGIC)
        except NotFoundError:
            return False
        return True

    return place.run(patch())
