"""``dapr invoke``: call a method of a running application through its own sidecar (cli-dashboard.md §11)."""

from __future__ import annotations

from urllib.parse import quote

from dapr_cli import instances
from dapr_cli.command import Context, Failure
from dapr_cli.commands.payload import read_payload
from dapr_cli.sidecar_client import SidecarClient, SidecarUnreachable, socket_path

TIMEOUT = 120.0
"""Seconds; an application may think for a while before it answers."""
METHOD_SAFE = "/?&=%:@!$'()*+,;~-._"
SOCKET_NOTE = "Unix domain sockets are currently a preview feature"


def invoke(context: Context) -> int:
    """Call the method and print what the application answers."""
    flags = context.flags
    app_id, folder = flags.text("app-id"), flags.text("unix-domain-socket")
    body = read_payload(flags, "invoke")
    if folder:
        context.console.warning(SOCKET_NOTE)
    client = _client(app_id, folder)
    target = f"/v1.0/invoke/{quote(app_id, safe='')}/method/{quote(flags.text('method').lstrip('/'), safe=METHOD_SAFE)}"
    try:
        answer = client.call(flags.text("verb").upper(), target, body, "application/json")
    except SidecarUnreachable as error:
        raise Failure(f"error invoking app {app_id}: {error}") from error
    if not 200 <= answer.status < 400:
        told = answer.body.decode(errors="replace").strip()
        raise Failure(f"error invoking app {app_id}: {answer.status_line}" + (f"\n{told}" if told else ""))
    if answer.body:
        context.console.line(answer.body.decode(errors="replace"))
    context.console.success("App invoked successfully")
    return 0


def _client(app_id: str, folder: str) -> SidecarClient:
    if folder:
        return SidecarClient(0, socket=socket_path(folder, app_id), timeout=TIMEOUT)
    instance = instances.find(app_id)
    if instance is None:
        raise Failure(f"error invoking app {app_id}: app ID {app_id} not found; `dapr list` shows what runs")
    return instance.client(TIMEOUT)
