"""``dapr components``, ``configurations`` and ``mcpservers``: resources of a cluster (cli-dashboard.md §12).

MCPServers are also looked for in the resources of this machine.
"""

from __future__ import annotations

import time
from pathlib import Path

from dapr_cli.cluster.connection import Cluster
from dapr_cli.cluster.expiry import warn_of_expiry
from dapr_cli.cluster.flags import check_place, namespace_of
from dapr_cli.cluster.resources import LISTED, MCP_SERVER, details, fetch, ordered, table_of
from dapr_cli.command import Context
from dapr_cli.launch.written import default_resources, written_in
from dapr_cli.outputs import LIST_OUTPUTS, is_for_people, output_of, rendered
from dapr_cli.tables import render_table
from dapr_core.kube import Kind, Object
from dapr_core.kube.kinds import COMPONENT, CONFIGURATION

CLUSTER_ONLY = ("namespace", "all-namespaces", "kubeconfig", "context")


def components(context: Context) -> int:
    """Print Components."""
    return _list(context, COMPONENT)


def configurations(context: Context) -> int:
    """Print Configurations, all but the control plane's own."""
    return _list(context, CONFIGURATION)


def mcpservers(context: Context) -> int:
    """Print MCPServers, of a cluster or of this machine's resources."""
    flags = context.flags
    if check_place(flags, cluster=CLUSTER_ONLY, machine=("resources-path",)):
        return _list(context, MCP_SERVER)
    from dapr_cli.launch.prepare import check_resources

    folders = [Path(path) for path in flags.items("resources-path")] or default_resources(context.root)
    check_resources(folders)
    _print(context, MCP_SERVER, ordered(written_in(folders, MCP_SERVER), MCP_SERVER, flags.text("name")))
    return 0


def _list(context: Context, kind: Kind) -> int:
    flags = context.flags
    output_of(flags, LIST_OUTPUTS)
    namespace = namespace_of(flags)
    with Cluster.of(flags) as cluster:
        found = cluster.run(fetch(cluster.client, kind, namespace, flags.text("name")))
        if _print(context, kind, found, f" in namespace {namespace}" if namespace else ""):
            warn_of_expiry(cluster, context.console)
    return 0


def _print(context: Context, kind: Kind, found: list[Object], where: str = "") -> bool:
    """Whether it was printed for people."""
    output, console = output_of(context.flags, LIST_OUTPUTS), context.console
    if not is_for_people(output):
        console.text(rendered(output, {}, details(found)))
        return False
    if found:
        console.text(render_table(*table_of(found, LISTED[kind], time.time())))
    else:
        console.line(f"No Dapr {kind.plural} found{where}.")
    return True
