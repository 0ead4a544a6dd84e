"""No process of ours needs to be root in a container; one that is, was set up wrongly (control-plane.md §2.1)."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Final

MAY_BE_ROOT: Final = "DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK"


class RootUserError(Exception):
    """The process runs as root; the message names the remedy."""


def is_unwelcome_root(environment: Mapping[str, str], uid: Callable[[], int] = os.geteuid) -> bool:
    """Whether this process is root and its environment does not allow that; ``uid`` gives the effective user."""
    return uid() == 0 and environment.get(MAY_BE_ROOT, "").lower() != "true"


def check_user(environment: Mapping[str, str], uid: Callable[[], int] = os.geteuid) -> None:
    """Refuse to run as root, unless the environment allows it.

    Args:
        environment: of the process.
        uid: gives the effective user.

    Raises:
        RootUserError: it is root.
    """
    if is_unwelcome_root(environment, uid):
        raise RootUserError(
            "Dapr must be run as a non-root user in Kubernetes environments, and this is root; set runAsNonRoot and a "
            f"runAsUser such as 65532 in the pod, or {MAY_BE_ROOT}=true"
        )
