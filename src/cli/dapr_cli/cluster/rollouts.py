"""Whether a workload has become what was asked for, as ``kubectl rollout status`` sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dapr_core.kube.objects import metadata, section


def is_rolled_out(workload: Mapping[str, Any]) -> bool:
    """Whether all replicas of a Deployment or a StatefulSet are of the newest template, and ready."""
    status, wanted = section(workload, "status"), section(workload, "spec").get("replicas", 1)
    if status.get("observedGeneration", 0) < metadata(workload).get("generation", 0):
        return False
    counts = [status.get(name, 0) for name in ("replicas", "updatedReplicas", "readyReplicas")]
    return counts == [wanted] * len(counts)
