"""Brings the objects of an application to a cluster, waits for its pod, and takes them away again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from dapr_cli.cluster.connection import AGENT
from dapr_cli.cluster.owned import is_ours
from dapr_cli.command import Failure
from dapr_cli.launch.spec import AppSpec
from dapr_core.kube import Kind, KubeClient, NotFoundError, Object, Selector
from dapr_core.kube.kinds import CONFIGURATION as CONFIGURATIONS
from dapr_core.kube.kinds import DEPLOYMENT, POD, SERVICE
from dapr_core.kube.objects import key_of, metadata, section, text

from . import manifests

DEPLOY_FOLDER = Path(".dapr/deploy")
READY_TIMEOUT = 60.0
"""Seconds that a pod has to run (cli-dashboard.md §7)."""
POLL = 0.5


async def has_configuration(client: KubeClient) -> bool:
    """Whether there is a Configuration of the usual name. Raises KubeError."""
    try:
        await client.get(CONFIGURATIONS, manifests.CONFIGURATION, manifests.NAMESPACE)
    except NotFoundError:
        return False
    return True


def write(spec: AppSpec, things: dict[Kind, Object]) -> Path:
    """Write the manifests into the application's folder, for its user to read and keep. Raises Failure."""
    import yaml

    folder = (spec.folder or Path.cwd()) / DEPLOY_FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for kind, thing in things.items():
            (folder / f"{kind.name.lower()}.yaml").write_text(yaml.safe_dump(thing, sort_keys=False), encoding="utf-8")
    except OSError as error:
        raise Failure(f"could not write manifests to {folder}: {error.strerror or error}") from error
    return folder


async def apply(client: KubeClient, things: dict[Kind, Object]) -> None:
    """Make the objects, or bring those of an earlier run to the same state.

    Raises:
        Failure: one of them is there and was not made here.
        KubeError: the cluster refuses one.
    """
    for kind, thing in things.items():
        key = key_of(thing)
        try:
            present = await client.get(kind, key.name, key.namespace)
        except NotFoundError:
            present = thing
        if not is_ours(present):
            raise Failure(f"there is a {kind.name} {key} in the cluster that `dapr run` did not make; it stays")
        await client.apply(kind, thing, manager=AGENT, force=True)


async def wait_for_pod(client: KubeClient, app_id: str, stopped: Callable[[], bool]) -> Object | None:
    """The application's pod once it runs; None when it is not waited for any more.

    Raises:
        Failure: it does not run within a minute.
        KubeError: the cluster cannot be asked.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + READY_TIMEOUT
    while not stopped():
        pods = await pods_of(client, app_id)
        for pod in pods:
            if text(section(pod, "status"), "phase") == "Running":
                return pod
        if loop.time() > deadline:
            name = f"pod/{key_of(pods[0]).name}" if pods else f"deploy/{app_id}"
            raise Failure(f"its pod does not run after {READY_TIMEOUT:.0f} s; `kubectl describe {name}` says why")
        await asyncio.sleep(POLL)
    return None


async def pods_of(client: KubeClient, app_id: str) -> list[Object]:
    """The application's pods that are not about to go, the newest first. Raises KubeError."""
    found = (await client.list(POD, manifests.NAMESPACE, selector=Selector(labels=f"app={app_id}"))).items
    staying = [pod for pod in found if not metadata(pod).get("deletionTimestamp")]
    return sorted(staying, key=lambda pod: text(metadata(pod), "creationTimestamp"), reverse=True)


async def remove(client: KubeClient, app_id: str) -> list[str]:
    """Remove what an earlier ``apply`` made of an application; gives what it was. Raises KubeError."""
    removed = []
    for kind in (SERVICE, DEPLOYMENT):
        try:
            if is_ours(await client.get(kind, app_id, manifests.NAMESPACE)):
                await client.delete(kind, app_id, manifests.NAMESPACE, propagation="Background")
                removed.append(f"{kind.name} {app_id}")
        except NotFoundError:
            continue
    return removed
