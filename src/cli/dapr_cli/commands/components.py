"""``dapr components`` and ``dapr configurations``: resources of a cluster (cli-dashboard.md §12)."""

from __future__ import annotations

import time

from dapr_cli.cluster.connection import Cluster
from dapr_cli.cluster.expiry import warn_of_expiry
from dapr_cli.cluster.flags import namespace_of
from dapr_cli.cluster.resources import LISTED, details, fetch, table_of
from dapr_cli.command import Context
from dapr_cli.outputs import LIST_OUTPUTS, is_for_people, output_of, rendered
from dapr_cli.tables import render_table
from dapr_core.kube import Kind
from dapr_core.kube.kinds import COMPONENT, CONFIGURATION


def components(context: Context) -> int:
    """Print Components."""
    return _list(context, COMPONENT)


def configurations(context: Context) -> int:
    """Print Configurations, all but the control plane's own."""
    return _list(context, CONFIGURATION)


def _list(context: Context, kind: Kind) -> int:
    flags, console = context.flags, context.console
    output = output_of(flags, LIST_OUTPUTS)
    namespace = namespace_of(flags)
    with Cluster.of(flags) as cluster:
        found = cluster.run(fetch(cluster.client, kind, namespace, flags.text("name")))
        if not is_for_people(output):
            console.text(rendered(output, {}, details(found)))
        elif found:
            console.text(render_table(*table_of(found, LISTED[kind], time.time())))
        else:
            console.line(f"No Dapr {kind.plural} found{f' in namespace {namespace}' if namespace else ''}.")
        if is_for_people(output):
            warn_of_expiry(cluster, console)
    return 0
