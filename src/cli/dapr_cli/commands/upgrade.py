"""``dapr upgrade -k``: bring the control plane in a cluster to the version of this command (cli-dashboard.md §5)."""

from __future__ import annotations

from dapr_cli.cluster.wanted import check_runtime_version
from dapr_cli.command import Context


def upgrade(context: Context) -> int:
    """Upgrade the control plane."""
    check_runtime_version(context.flags)
    from dapr_cli.cluster import installing

    installing.upgrade(context)
    return 0
