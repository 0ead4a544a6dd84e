"""What the command itself has made in a cluster, so that it never changes or removes anything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dapr_core.kube.objects import section

MANAGED: Final = {"app.kubernetes.io/managed-by": "dapr-cli"}
"""The label of everything that is made here."""


def is_ours(thing: Mapping[str, Any]) -> bool:
    """Whether an object was made by this command."""
    labels = section(thing, "metadata", "labels")
    return all(labels.get(name) == value for name, value in MANAGED.items())
