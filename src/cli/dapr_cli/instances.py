"""Which sidecars run on this machine, and which application and ``dapr run`` belong to each.

A sidecar is a process named ``daprd`` with an ``--app-id``; the rest of what is known comes from its command line and
from the extended metadata that ``dapr run`` writes into it. The public CLI finds instances in the same way, so each
sees the other's (cli-dashboard.md §8).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from . import processes
from .processes import Process
from .sidecar_client import SidecarClient, SidecarUnreachable, socket_path
from .tables import age_text, created_text

SIDECAR_NAMES = frozenset({"daprd", "daprd.exe"})
SIDECAR_MODULE = "daprd.main"
DEFAULT_HTTP_PORT, DEFAULT_GRPC_PORT = 3500, 50001
DEFAULT_MAX_BODY_SIZE, DEFAULT_READ_BUFFER_SIZE = 4 << 20, 4 << 10
METADATA_TIMEOUT = 2.0


class Instance(NamedTuple):
    """A running sidecar as its command line shows it."""

    app_id: str
    http_port: int
    grpc_port: int
    app_port: int
    metrics_enabled: bool
    socket_folder: str
    pid: int
    started: float

    def client(self, timeout: float = 5.0) -> SidecarClient:
        """A client of this sidecar's HTTP API."""
        socket = socket_path(self.socket_folder, self.app_id) if self.socket_folder else ""
        return SidecarClient(self.http_port, socket=socket, timeout=timeout)


class Details(NamedTuple):
    """What ``dapr run`` told the sidecar; empty and 0 when nobody did or the sidecar does not answer."""

    command: str = ""
    cli_pid: int = 0
    app_pid: int = 0
    run_template_path: str = ""
    run_template_name: str = ""
    app_log_path: str = ""
    daprd_log_path: str = ""


def parse_arguments(argv: Sequence[str]) -> dict[str, str]:
    """The flags of a sidecar's command line, in all of Go's forms; a flag without a value maps to an empty text."""
    flags: dict[str, str] = {}
    words = list(argv)
    for place, word in enumerate(words):
        if not word.startswith("-") or len(word) < 3:
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if not equals and place + 1 < len(words) and not words[place + 1].startswith("--"):
            value = words[place + 1]
        flags[name] = value
    return flags


def from_process(process: Process) -> Instance | None:
    """The instance that a process is, or None when it is no sidecar of an application."""
    if not _is_sidecar(process):
        return None
    flags = parse_arguments(process.argv[1:])
    if not flags.get("app-id"):
        return None
    return Instance(
        app_id=flags["app-id"],
        http_port=_number(flags, "dapr-http-port", DEFAULT_HTTP_PORT),
        grpc_port=_number(flags, "dapr-grpc-port", DEFAULT_GRPC_PORT),
        app_port=_number(flags, "app-port", 0),
        metrics_enabled=flags.get("enable-metrics", "true").lower() not in ("false", "f", "0"),
        socket_folder=_absolute(flags.get("unix-domain-socket", ""), process.pid),
        pid=process.pid,
        started=process.started,
    )


def _is_sidecar(process: Process) -> bool:
    """By its kernel name, or by its module while it is so young that it has not taken that name yet."""
    if len(process.argv) < 2:
        return False
    return process.name.lower() in SIDECAR_NAMES or process.argv[1:3] == ["-m", SIDECAR_MODULE]


def _absolute(folder: str, pid: int) -> str:
    if not folder or os.path.isabs(folder):
        return folder
    try:
        return os.path.join(os.readlink(f"{processes.PROC}/{pid}/cwd"), folder)
    except OSError:
        return folder


def _number(flags: dict[str, str], name: str, default: int) -> int:
    try:
        return int(flags.get(name, ""))
    except ValueError:
        return default


def running(table: Iterable[Process] | None = None) -> list[Instance]:
    """All sidecars of this machine, the oldest first."""
    found = [from_process(process) for process in (table if table is not None else processes.all_processes())]
    return sorted((one for one in found if one is not None), key=lambda one: (one.started, one.pid))


def find(app_id: str) -> Instance | None:
    """The sidecar of this application."""
    return next((instance for instance in running() if instance.app_id == app_id), None)


def details_of(instances: Sequence[Instance]) -> list[Details]:
    """Ask all sidecars at once for their metadata; one that does not answer gives empty details."""
    if not instances:
        return []
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=min(16, len(instances))) as pool:
        return list(pool.map(_ask, instances))


def _ask(instance: Instance) -> Details:
    try:
        extended = instance.client(METADATA_TIMEOUT).metadata().get("extended")
    except SidecarUnreachable:
        return Details()
    if not isinstance(extended, dict):
        return Details()
    texts = {str(key): str(value) for key, value in extended.items()}
    return Details(
        command=texts.get("appCommand", ""),
        cli_pid=_number(texts, "cliPID", 0),
        app_pid=_number(texts, "appPID", 0),
        run_template_path=texts.get("runTemplatePath", ""),
        run_template_name=texts.get("runTemplateName", ""),
        app_log_path=texts.get("appLogPath", ""),
        daprd_log_path=texts.get("daprdLogPath", ""),
    )


def as_record(instance: Instance, details: Details, command: str) -> dict[str, Any]:
    """The pair as ``dapr list -o json`` prints it, keys in the documented order (cli-dashboard.md §9)."""
    return {
        "appId": instance.app_id,
        "httpPort": instance.http_port,
        "grpcPort": instance.grpc_port,
        "appPort": instance.app_port,
        "metricsEnabled": instance.metrics_enabled,
        "command": command,
        "age": age_text(time.time() - instance.started),
        "created": created_text(instance.started),
        "daprdPid": instance.pid,
        "cliPid": details.cli_pid,
        "appPid": details.app_pid,
        "maxRequestBodySize": DEFAULT_MAX_BODY_SIZE,
        "httpReadBufferSize": DEFAULT_READ_BUFFER_SIZE,
        "runTemplatePath": details.run_template_path,
        "appLogPath": details.app_log_path,
        "daprdLogPath": details.daprd_log_path,
        "runTemplateName": details.run_template_name,
    }
