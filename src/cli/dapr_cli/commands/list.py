"""``dapr list``: the running sidecars here or in a cluster, and what belongs to them (cli-dashboard.md §9)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from dapr_cli import instances
from dapr_cli.authority import Authority
from dapr_cli.cluster.flags import check_place, namespace_of
from dapr_cli.command import Context, Failure
from dapr_cli.outputs import is_for_people, output_of, rendered
from dapr_cli.tables import shortened

CLUSTER_ONLY = ("namespace", "all-namespaces", "kubeconfig", "context")
COMMAND_WIDTH = 20
COLUMNS = {
    "APP ID": "appId",
    "HTTP PORT": "httpPort",
    "GRPC PORT": "grpcPort",
    "APP PORT": "appPort",
    "COMMAND": "command",
    "AGE": "age",
    "CREATED": "created",
    "DAPRD PID": "daprdPid",
    "CLI PID": "cliPid",
    "APP PID": "appPid",
    "RUN_TEMPLATE_PATH": "runTemplatePath",
    "APP_LOG_PATH": "appLogPath",
    "DAPRD_LOG_PATH": "daprdLogPath",
}


def list_instances(context: Context) -> int:
    """Print all instances in the asked form."""
    output = output_of(context.flags)
    if check_place(context.flags, cluster=CLUSTER_ONLY):
        return _list_of_cluster(context, output)
    _print(context, output, COLUMNS, gather())
    if is_for_people(output):
        _tell_of_authority(context)
    return 0


def _list_of_cluster(context: Context, output: str) -> int:
    from dapr_cli.cluster import apps
    from dapr_cli.cluster.connection import Cluster
    from dapr_cli.cluster.expiry import warn_of_expiry

    namespace = namespace_of(context.flags)
    with Cluster.of(context.flags) as cluster:
        found = cluster.run(apps.applications(cluster.client, namespace))
        _print(context, output, apps.COLUMNS, apps.rows(found, time.time()))
        if is_for_people(output):
            warn_of_expiry(cluster, context.console)
    return 0


def _print(context: Context, output: str, columns: Mapping[str, str], records: list[dict[str, Any]]) -> None:
    if records or not is_for_people(output):
        context.console.text(rendered(output, columns, records))
    else:
        context.console.line("No Dapr instances found.")


def _tell_of_authority(context: Context) -> None:
    """Below the table, so that programs which read it by lines find the same lines first."""
    running = Authority(context.root.sentry, context.root.config).running()
    if running is not None:
        context.console.info(f"sentry is running on localhost:{running.port}; see `dapr status`")


def gather() -> list[dict[str, Any]]:
    """One record for each running sidecar. Raises Failure where the process table cannot be read."""
    try:
        found = instances.running()
    except OSError as error:
        raise Failure(f"could not read the process table: {error}") from error
    details = instances.details_of(found)
    return [
        instances.as_record(instance, detail, shortened(detail.command, COMMAND_WIDTH))
        for instance, detail in zip(found, details, strict=True)
    ]
