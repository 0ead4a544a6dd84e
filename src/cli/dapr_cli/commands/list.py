"""``dapr list``: the running sidecars and what belongs to them (cli-dashboard.md §9)."""

from __future__ import annotations

from typing import Any

from dapr_cli import instances
from dapr_cli.authority import Authority
from dapr_cli.command import Context, Failure
from dapr_cli.tables import render_json, render_table, render_yaml, shortened

OUTPUTS = ("table", "json", "yaml")
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
    output = context.flags.text("output")
    if output not in OUTPUTS:
        raise Failure("An invalid output format was specified. Use -o table, json or yaml.")
    records = gather()
    if output == "json":
        context.console.text(render_json(records))
    elif output == "yaml":
        context.console.text(render_yaml(records))
    elif records:
        context.console.text(render_table(list(COLUMNS), [_row(record) for record in records]))
    else:
        context.console.line("No Dapr instances found.")
    if output == "table":
        _tell_of_authority(context)
    return 0


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


def _row(record: dict[str, Any]) -> list[str]:
    return [str(record[key]) for key in COLUMNS.values()]
