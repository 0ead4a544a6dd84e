"""``dapr status``: the servers that ``dapr init`` has set up, whether they run, and where they say what they do."""

from __future__ import annotations

import time
from typing import Any

from dapr_cli.background import Background, Record
from dapr_cli.command import Context, Failure
from dapr_cli.services import Services
from dapr_cli.tables import age_text, created_text, render_json, render_table, render_yaml

OUTPUTS = ("table", "json", "yaml")
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
    """Print one row for each server that was set up."""
    output = context.flags.text("output")
    if output not in OUTPUTS:
        raise Failure("An invalid output format was specified. Use -o table, json or yaml.")
    services = Services.of(context.root).by_name()
    rows = [_row(name, service, record) for name, service in services if (record := service.record()) is not None]
    if output == "json":
        context.console.text(render_json(rows))
    elif output == "yaml":
        context.console.text(render_yaml(rows))
    elif rows:
        context.console.text(render_table(list(COLUMNS), [[str(row[key]) for key in COLUMNS.values()] for row in rows]))
    else:
        context.console.line("Nothing is set up on this machine. Run `dapr init` first.")
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
