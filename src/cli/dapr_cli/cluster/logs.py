"""Which pod's sidecar a user means, when its log is asked for (cli-dashboard.md §12)."""

from __future__ import annotations

from collections.abc import Sequence

from dapr_cli.command import Failure
from dapr_core.kube import KubeClient, KubeError, NotFoundError
from dapr_core.kube.kinds import POD
from dapr_core.kube.objects import text

from .apps import SIDECAR, Application, application_of, applications, chosen, containers_of

SHOWN = 10


async def find_pod(client: KubeClient, app_id: str, namespace: str, pod: str = "") -> tuple[Application, int]:
    """The pod whose log is meant, and how many more the application has there.

    Raises:
        Failure: there is none; it says why.
        KubeError: the cluster cannot be asked.
    """
    if pod:
        return await _named(client, app_id, namespace, pod), 0
    pods = chosen(await applications(client, namespace), app_id)
    if not pods:
        raise Failure(await _nowhere(client, app_id, namespace))
    return pods[0], len(pods) - 1


async def _named(client: KubeClient, app_id: str, namespace: str, name: str) -> Application:
    try:
        pod = await client.get(POD, name, namespace)
    except NotFoundError as error:
        raise Failure(
            f"could not get logs. There is no pod {name} in namespace {namespace}; "
            "leave --pod-name out to get a pod of the application, or choose another --namespace"
        ) from error
    found = application_of(pod)
    if found is None:
        names = ", ".join(text(container, "name") for container in containers_of(pod))
        raise Failure(
            f"could not get logs. The pod {name} has no sidecar (its containers: {names}); "
            'its template needs the annotation dapr.io/enabled: "true" and a restart (see `dapr annotate --help`)'
        )
    if found.app_id != app_id:
        raise Failure(f"could not get logs. The pod {name} is of the application {found.app_id}, not of {app_id}")
    return found


async def _nowhere(client: KubeClient, app_id: str, namespace: str) -> str:
    """Why there is no such application, as far as the user may see it."""
    said = f"could not get logs. Please check app-id ({app_id}) and namespace ({namespace})"
    try:
        elsewhere = await applications(client)
    except KubeError:
        return said  # only this namespace may be seen
    return said + _hint(elsewhere, app_id, namespace)


def _hint(found: Sequence[Application], app_id: str, namespace: str) -> str:
    others = sorted({each.namespace for each in found if each.app_id == app_id})
    if others:
        return f"; it runs in {', '.join(others[:SHOWN])}: give --namespace {others[0]}"
    here = sorted({each.app_id for each in found if each.namespace == namespace})
    if here:
        return f"; the applications there are {', '.join(here[:SHOWN])}"
    return f"; no pod there has a container {SIDECAR}, see `dapr list -k`"
