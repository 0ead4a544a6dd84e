"""``dapr status``: what ``dapr init`` has set up, whether it runs, and where it says what it does.

On this machine these are its servers, in a cluster the services of the control plane (cli-dashboard.md §12).
"""

from __future__ import annotations

import time
from typing import Any

from dapr_cli.background import Background, Record
from dapr_cli.cluster.flags import check_place
from dapr_cli.command import Context, Failure
from dapr_cli.outputs import is_for_people, output_of, rendered
from dapr_cli.services import Services
from dapr_cli.tables import age_text, created_text

COLUMNS = {
    "NAME": "name",
    "HEALTHY": "healthy",
    "STATUS": "status",
    "PORT": "port",
    "PID": "pid",
    "AGE": "age",
    "CREATED": "created",
    "LOG": "log",
}


def status(context: Context) -> int:
    """Print one row for each server that was set up, or for each service in the cluster."""
    output = output_of(context.flags)
    if check_place(context.flags, cluster=("namespace", "kubeconfig", "context")):
        return _status_of_cluster(context, output)
    services = Services.of(context.root).by_name()
    rows = [_row(name, service, record) for name, service in services if (record := service.record()) is not None]
    if rows or not is_for_people(output):
        context.console.text(rendered(output, COLUMNS, rows))
    else:
        context.console.line("Nothing is set up on this machine. Run `dapr init` first.")
    return 0


def _status_of_cluster(context: Context, output: str) -> int:
    from dapr_cli.cluster import plane
    from dapr_cli.cluster.connection import Cluster
    from dapr_cli.cluster.expiry import warn_of_expiry

    namespace = context.flags.text("namespace")
    with Cluster.of(context.flags) as cluster:
        rows = plane.rows(cluster.run(plane.look(cluster.client, namespace)), time.time())
        if not rows:
            where = f" in its namespace {namespace}" if namespace else ""
            raise Failure(f"No status returned. Is Dapr initialized in your cluster{where}? `dapr init -k` sets it up")
        context.console.text(rendered(output, plane.COLUMNS, rows))
        if is_for_people(output):
            warn_of_expiry(cluster, context.console)
    return 0


def _row(name: str, service: Background, record: Record) -> dict[str, Any]:
    running = service.running() is not None
    return {
        "name": name,
        "healthy": running and service.answers(record.port, record.health_port),
        "status": "Running" if running else "Stopped",
        "port": record.port,
        "pid": record.pid if running else 0,
        "age": age_text(time.time() - record.started) if running else "",
        "created": created_text(record.started) if running else "",
        "log": str(service.log),
    }
