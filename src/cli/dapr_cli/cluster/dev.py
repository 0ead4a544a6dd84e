"""What ``dapr init -k --dev`` adds for trying things out: a Redis, a Zipkin, and the resources that use them.

Names are those of the public CLI (cli-dashboard.md §5), which installs them by charts of others. These are a Deployment
and a Service each, with the label ``MANAGED``, by which ``dapr uninstall -k --dev`` knows them again; what is there
already under one of the names and has no such label is left alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from dapr_core.kube import AlreadyExistsError, Kind, KubeClient, NotFoundError, Object
from dapr_core.kube.kinds import COMPONENT, CONFIGURATION, DEPLOYMENT, SECRET, SERVICE
from dapr_core.kube.objects import metadata, text

from .owned import MANAGED, is_ours

NAMESPACE = "default"
REDIS, REDIS_SERVICE, ZIPKIN = "dapr-dev-redis", "dapr-dev-redis-master", "dapr-dev-zipkin"
REDIS_IMAGE, ZIPKIN_IMAGE = "docker.io/redis:6", "docker.io/openzipkin/zipkin"
PASSWORD = "redis-password"
API_VERSION = "dapr.io/v1alpha1"
RESTRICTED = {
    "runAsNonRoot": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def objects(password: str) -> Iterator[tuple[Kind, Object]]:
    """Everything, in the order in which it is to be made."""
    yield SECRET, _named(REDIS, type="Opaque", stringData={PASSWORD: password})
    yield from _workload(REDIS_SERVICE, 6379, _redis(), "/data", user=999)
    yield from _workload(ZIPKIN, 9411, {"image": ZIPKIN_IMAGE}, "/tmp", user=1000)
    for name, kind in (("statestore", "state.redis"), ("pubsub", "pubsub.redis")):
        yield COMPONENT, _component(name, kind)
    zipkin = f"http://{ZIPKIN}.{NAMESPACE}.svc.cluster.local:9411/api/v2/spans"
    tracing = {"samplingRate": "1", "zipkin": {"endpointAddress": zipkin}}
    yield CONFIGURATION, _named("appconfig", spec={"tracing": tracing})


async def add(client: KubeClient) -> list[str]:
    """Make what is missing; gives the names of those that were there. Raises KubeError."""
    present = []
    for kind, thing in objects(secrets.token_urlsafe(24)):
        try:
            await client.create(kind, {"apiVersion": kind.api_version, "kind": kind.name, **thing})
        except AlreadyExistsError:
            present.append(f"{kind.name} {text(metadata(thing), 'name')}")
    return present


async def remove(client: KubeClient) -> list[str]:
    """Remove all that was made here; gives its names. Raises KubeError."""
    removed = []
    for kind, thing in reversed(list(objects(""))):
        name = text(metadata(thing), "name")
        try:
            present = await client.get(kind, name, NAMESPACE)
            if not is_ours(present):
                continue
            await client.delete(kind, name, NAMESPACE, propagation="Background")
        except NotFoundError:  # nor is it when the kind is gone
            continue
        removed.append(f"{kind.name} {name}")
    return removed


def _named(name: str, **content: Any) -> Object:
    return {"metadata": {"name": name, "namespace": NAMESPACE, "labels": dict(MANAGED)}, **content}


def _workload(name: str, port: int, container: Object, folder: str, *, user: int) -> Iterator[tuple[Kind, Object]]:
    labels = {"app": name}
    whole = {
        "name": "server",
        "ports": [{"containerPort": port}],
        "readinessProbe": {"tcpSocket": {"port": port}},
        "securityContext": {**RESTRICTED, "runAsUser": user},
        "volumeMounts": [{"name": "scratch", "mountPath": folder}],
        **container,
    }
    pod = {
        "automountServiceAccountToken": False,
        "containers": [whole],
        "volumes": [{"name": "scratch", "emptyDir": {}}],
    }
    template = {"metadata": {"labels": labels}, "spec": pod}
    yield DEPLOYMENT, _named(name, spec={"replicas": 1, "selector": {"matchLabels": labels}, "template": template})
    yield SERVICE, _named(name, spec={"selector": labels, "ports": [{"port": port, "targetPort": port}]})


def _redis() -> Object:
    reference = {"secretKeyRef": {"name": REDIS, "key": PASSWORD}}
    return {
        "image": REDIS_IMAGE,
        "args": ["redis-server", "--requirepass", "$(REDIS_PASSWORD)"],
        "env": [{"name": "REDIS_PASSWORD", "valueFrom": reference}],
    }


def _component(name: str, kind: str) -> Object:
    items: list[Object] = [
        {"name": "redisHost", "value": f"{REDIS_SERVICE}:6379"},
        {"name": "redisPassword", "secretKeyRef": {"name": REDIS, "key": PASSWORD}},
    ]
    if kind.startswith("state."):
        items.append({"name": "actorStateStore", "value": "true"})
    spec = {"type": kind, "version": "v1", "metadata": items}
    return _named(name, spec=spec, auth={"secretStore": "kubernetes"})
