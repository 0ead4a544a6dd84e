"""``dapr logs``: what the sidecar of an application in a cluster has written (cli-dashboard.md §12)."""

from __future__ import annotations

from contextlib import aclosing

from dapr_cli.cluster.apps import SIDECAR, Application
from dapr_cli.cluster.connection import Cluster, explained
from dapr_cli.cluster.logs import find_pod
from dapr_cli.command import Context, Failure
from dapr_cli.console import Console
from dapr_cli.flags import UsageError
from dapr_core.kube import InvalidObjectError, KubeClient, KubeError

PENDING = "Pending"


def logs(context: Context) -> int:
    """Copy the log to standard output, piece by piece as it comes."""
    flags, console = context.flags, context.console
    tail = flags.number("tail")
    if tail < -1:
        raise UsageError(f"invalid --tail {tail}: it takes a number of lines, or -1 for all")
    app_id, namespace = flags.text("app-id"), flags.text("namespace")
    with Cluster.of(flags) as cluster:
        found, more = cluster.run(find_pod(cluster.client, app_id, namespace, flags.text("pod-name")))
        if more:
            console.aside(f"This is the log of pod {found.pod}; {more} more run {app_id}, choose by --pod-name")
        copying = _copy(cluster.client, found, console, follow=flags.switch("follow"), tail=tail)
        try:
            written = cluster.attempt(copying)
        except InvalidObjectError as error:
            raise Failure(_nothing(found, error.status.message)) from error
        except KubeError as error:
            raise Failure(f"could not get logs. {explained(error)}") from error
    if not written and tail != 0 and found.phase == PENDING:
        raise Failure(_nothing(found, "the pod is on no node yet"))
    console.success("Fetched logs")
    return 0


def _nothing(found: Application, reason: str) -> str:
    return (
        f"could not get logs. The sidecar of pod {found.pod} has none yet: {reason}; "
        f"`kubectl describe pod {found.pod} -n {found.namespace}` says what it waits for"
    )


async def _copy(client: KubeClient, found: Application, console: Console, *, follow: bool, tail: int) -> bool:
    """Whether there was anything to copy."""
    lines = tail if tail >= 0 else None
    reading = client.logs(found.pod, found.namespace, container=SIDECAR, follow=follow, tail=lines)
    written = False
    async with aclosing(reading) as pieces:
        async for piece in pieces:
            console.raw(piece)
            written = written or bool(piece)
    return written
