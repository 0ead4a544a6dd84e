"""What the injection of a sidecar adds to the making of a pod, and what it costs the injector.

On the cluster of a kubeconfig (``make cluster-api`` starts one and says where) an injector is registered for one
namespace. Pods are made in turn: a plain one where no webhook is asked, a plain one about which the injector is asked,
and an annotated one, which gets its sidecar. The times are those of the requests that make them, by a client on a
connection that stays; nobody runs the pods. Then annotated pods alone are made, for the injector's processor time::

    python -m bench.injector --kubeconfig FILE [--pods 300]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import secrets
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

import uvloop

from bench.lib.control_plane import Plane, percentile, plane, service, typed
from bench.lib.processes import cpu_seconds, free_ports, pss_mb
from bench.lib.report import pairs, publish
from dapr_core.kube import KubeError
from dapr_core.kube.kinds import MUTATING_WEBHOOK, NAMESPACE, POD, SERVICE, SERVICE_ACCOUNT

REGISTRATION: Final = "dapr-sidecar-injector"
_WARM: Final = 20
"""Pods made before any is counted."""
_HEARD_WITHIN: Final = 30.0


@dataclass(frozen=True)
class Figures:
    """Milliseconds of a request that makes a pod, and of the injector's processor for one; MB of its memory (PSS)."""

    pods: int
    plain_p50_ms: float
    plain_p99_ms: float
    asked_p50_ms: float
    asked_p99_ms: float
    injected_p50_ms: float
    injected_p99_ms: float
    cpu_ms: float
    idle_mb: float
    loaded_mb: float


@contextlib.contextmanager
def running_injector(made: Plane) -> Iterator[tuple[int, int]]:
    """An injector of the plane: process id and port."""
    (port,) = free_ports(1)
    flags = {"port": str(port), "listen-address": "127.0.0.1", "kubeconfig": made.kubeconfig}
    environment = {
        "SIDECAR_IMAGE": "dapr/daprd:bench",
        "NAMESPACE": made.namespace,
        "DAPR_TRUST_ANCHORS_FILE": str(made.anchors),
        "DAPR_SENTRY_ADDRESS": made.sentry,
        "KUBE_CLUSTER_DOMAIN": "cluster.local",
    }
    with service("dapr_injector.main", flags, environment) as pid:
        yield pid, port


@contextlib.asynccontextmanager
async def registered(made: Plane) -> AsyncIterator[None]:
    """What the chart registers, for pods of the plane's namespace; without an authority until the injector is there."""
    where = {"name": REGISTRATION, "namespace": made.namespace, "path": "/mutate", "port": 443}
    hook = {
        "name": "sidecar-injector.dapr.io",
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}],
        "clientConfig": {"service": where},
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": made.namespace}},
        "failurePolicy": "Fail",
        "sideEffects": "NoneOnDryRun",
        "admissionReviewVersions": ["v1"],
    }
    whole = typed(MUTATING_WEBHOOK, {"metadata": {"name": REGISTRATION}, "webhooks": [hook]})
    await made.client.create(MUTATING_WEBHOOK, whole)
    try:
        yield
    finally:
        await made.client.delete(MUTATING_WEBHOOK, REGISTRATION)


async def lead_to(made: Plane, port: int) -> None:
    """Let the API server find the injector: a Service that is ``localhost``, and its port in the registration."""
    spec = {"type": "ExternalName", "externalName": "localhost", "ports": [{"port": port}]}
    metadata = {"name": REGISTRATION, "namespace": made.namespace}
    await made.client.create(SERVICE, {"metadata": metadata, "spec": spec})
    found = await made.client.get(MUTATING_WEBHOOK, REGISTRATION)
    found["webhooks"][0]["clientConfig"]["service"]["port"] = port
    await made.client.update(MUTATING_WEBHOOK, found)


async def wait_asked(made: Plane, maker: Maker) -> None:
    """Wait until the API server has heard where the injector is, and believes it."""
    deadline = time.monotonic() + _HEARD_WITHIN
    while True:
        try:
            await maker.make(made.namespace, annotated=True)
        except KubeError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)
        else:
            return


def pod(namespace: str, *, annotated: bool) -> dict[str, Any]:
    """A pod as a Deployment's controller makes it."""
    annotations = {
        "dapr.io/enabled": "true",
        "dapr.io/app-id": "shop",
        "dapr.io/app-port": "8080",
        "dapr.io/config": "tracing",
    }
    metadata = {
        "name": f"shop-{secrets.token_hex(5)}",
        "namespace": namespace,
        "labels": {"app": "shop", "pod-template-hash": "5d59d67564"},
    }
    ports = [{"containerPort": 8080}]
    env = [{"name": "MODE", "value": "production"}]
    containers = [{"name": "shop", "image": "shop:1", "ports": ports, "env": env}]
    spec = {"containers": containers, "automountServiceAccountToken": False}
    return {"metadata": metadata | ({"annotations": annotations} if annotated else {}), "spec": spec}


class Maker:
    """Makes pods, takes the times, and deletes them."""

    def __init__(self, made: Plane) -> None:
        self._client = made.client
        self._names: list[tuple[str, str]] = []

    async def make(self, namespace: str, *, annotated: bool) -> float:
        """Milliseconds."""
        wanted = pod(namespace, annotated=annotated)
        begun = time.perf_counter()
        answer = await self._client.create(POD, wanted)
        took = time.perf_counter() - begun
        if (len(answer["spec"]["containers"]) == 2) is not annotated:
            raise RuntimeError("a pod is not as it was asked for")
        self._names.append((wanted["metadata"]["name"], namespace))
        return 1000 * took

    async def clear(self) -> None:
        for name, namespace in self._names:
            await self._client.delete(POD, name, namespace, grace=0)


async def measure(kubeconfig: str, count: int) -> Figures:
    """Measure everything on one injector."""
    async with plane(kubeconfig) as made, registered(made), _beside(made) as beside:
        with running_injector(made) as (pid, port):
            await lead_to(made, port)
            maker = Maker(made)
            try:
                await wait_asked(made, maker)
                idle = pss_mb(pid)
                for _ in range(_WARM):
                    await maker.make(made.namespace, annotated=True)
                plain: list[float] = []
                asked: list[float] = []
                injected: list[float] = []
                for _ in range(count):
                    plain.append(await maker.make(beside, annotated=False))
                    asked.append(await maker.make(made.namespace, annotated=False))
                    injected.append(await maker.make(made.namespace, annotated=True))
                before = cpu_seconds(pid)
                for _ in range(count):
                    await maker.make(made.namespace, annotated=True)
                spent = cpu_seconds(pid) - before
                loaded = pss_mb(pid)
            finally:
                await maker.clear()
    times = [percentile(each, part) for each in (plain, asked, injected) for part in (0.5, 0.99)]
    return Figures(count, *times, 1000 * spent / count, idle, loaded)


@contextlib.asynccontextmanager
async def _beside(made: Plane) -> AsyncIterator[str]:
    """A namespace for which no webhook is registered."""
    name = f"{made.namespace}-beside"
    await made.client.create(NAMESPACE, {"metadata": {"name": name}})
    try:
        await made.client.create(SERVICE_ACCOUNT, {"metadata": {"name": "default", "namespace": name}})
        yield name
    finally:
        await made.client.delete(NAMESPACE, name)


def show(found: Figures) -> None:
    """The figures as a table."""
    rows = [
        ("a plain pod, p50 / p99", f"{found.plain_p50_ms:.1f} / {found.plain_p99_ms:.1f} ms"),
        ("a plain pod about which the injector is asked", f"{found.asked_p50_ms:.1f} / {found.asked_p99_ms:.1f} ms"),
        ("a pod with a sidecar", f"{found.injected_p50_ms:.1f} / {found.injected_p99_ms:.1f} ms"),
        ("injector's processor for one", f"{found.cpu_ms:.2f} ms"),
        ("injector's memory (PSS), idle / after", f"{found.idle_mb:.0f} / {found.loaded_mb:.0f} MB"),
    ]
    print(pairs(rows))


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.injector", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kubeconfig", required=True, help="kubeconfig of a cluster's administrator")
    parser.add_argument("--pods", type=int, default=300, help="pods of each kind (default 300)")
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(measure(options.kubeconfig, options.pods))
    show(found)
    publish("injector", asdict(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
