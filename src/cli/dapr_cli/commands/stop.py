"""``dapr stop``: end applications and their sidecars by id or by run file (cli-dashboard.md §10).

The ``dapr run`` behind an instance gets the signal, for it stops application and sidecar in the right order. The
sidecar itself gets it when nobody watches over it, or when that ``dapr run`` looks after other applications as well.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

from dapr_cli import instances, processes
from dapr_cli.cluster.flags import check_place
from dapr_cli.command import Context, Failure
from dapr_cli.flags import UsageError
from dapr_cli.instances import Details, Instance

RUN_FILE_NAME = "dapr.yaml"


def stop(context: Context) -> int:
    """Stop what the flags and words name; what is not running is told, not an error."""
    run_file = context.flags.text("run-file")
    if check_place(context.flags, cluster=("kubeconfig", "context"), machine=("app-id",)):
        return _stop_in_cluster(context, run_file)
    app_ids = [*context.args, *filter(None, [context.flags.text("app-id")])]
    if not run_file and not app_ids:
        raise UsageError("no application to stop: give an app id, or a run file with -f", "See what runs: dapr list")
    try:
        found = instances.running()
    except OSError as error:
        raise Failure(f"could not read the process table: {error}") from error
    pairs = list(zip(found, instances.details_of(found), strict=True))
    if run_file:
        _stop_run_file(context, run_file, pairs)
    served = Counter(detail.cli_pid for _, detail in pairs)
    for app_id in app_ids:
        _stop_app(context, app_id, pairs, served)
    return 0


def _stop_in_cluster(context: Context, run_file: str) -> int:
    """Remove what ``dapr run -k -f`` has made; the command that watches it then ends by itself."""
    from dapr_cli.cluster.connection import Cluster
    from dapr_cli.deploying.watching import end_apps
    from dapr_cli.launch.runfile import load_run_file

    if not run_file or context.args:
        raise UsageError("-k stops the applications of a run file: give one with -f, and no app ids")
    apps = load_run_file(run_file, context.root)
    with Cluster.of(context.flags) as cluster:
        return 0 if cluster.run(end_apps(cluster.client, apps, context.console)) else 1


def _stop_app(context: Context, app_id: str, pairs: list[tuple[Instance, Details]], served: Counter[int]) -> None:
    for instance, detail in pairs:
        if instance.app_id != app_id:
            continue
        alone = served[detail.cli_pid] <= 1
        served[detail.cli_pid] -= 1
        try:
            if not _watched(detail):
                _stop_orphans(instance, detail)
            else:
                processes.send(detail.cli_pid if alone else instance.pid, signal.SIGTERM)
        except PermissionError as error:
            context.console.failure(f"failed to stop app id {app_id}: {error}; it belongs to another user")
            return
        context.console.success(f"app stopped successfully: {app_id}")
        return
    context.console.failure(f"failed to stop app id {app_id}: couldn't find app id {app_id}")


def _watched(detail: Details) -> bool:
    return detail.cli_pid > 0 and processes.alive(detail.cli_pid)


def _stop_orphans(instance: Instance, detail: Details) -> None:
    """Stop a pair whose ``dapr run`` is gone; the application only if it is still the one that was started."""
    app = processes.find(detail.app_pid)
    if app is not None and detail.command and " ".join(app.argv) == detail.command:
        processes.send(app.pid, signal.SIGTERM)
    processes.send(instance.pid, signal.SIGTERM)


def run_file_path(text: str) -> Path:
    """The absolute path of a run file that was named by itself or by its folder."""
    path = Path(os.path.abspath(os.path.expanduser(text)))
    return path / RUN_FILE_NAME if path.is_dir() else path


def _stop_run_file(context: Context, text: str, pairs: list[tuple[Instance, Details]]) -> None:
    path = str(run_file_path(text))
    mine = [(instance, detail) for instance, detail in pairs if detail.run_template_path == path]
    if not mine:
        return context.console.failure(
            f'Failed to stop Dapr and app processes: couldn\'t find apps with run file "{path}"'
        )
    try:
        for watcher in {detail.cli_pid for _, detail in mine if _watched(detail)}:
            _end_group(watcher)
        for instance, detail in mine:
            if not _watched(detail):
                _stop_orphans(instance, detail)
    except PermissionError as error:
        return context.console.failure(f"Failed to stop Dapr and app processes: {error}; they belong to another user")
    return context.console.success("Dapr and app processes stopped successfully")


def _end_group(pid: int) -> None:
    """Signal the process group that ``dapr run -f`` leads; only the process itself when it leads none."""
    try:
        if os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGTERM)
        else:
            os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
