"""A control plane of our processes on the cluster of a kubeconfig: a namespace, sentry, and what the chart would make.

Sentry stands alone, for who gets a certificate is not what is measured here. What is made is taken back at the end, but
for the definitions, which may be somebody's.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.lib.processes import end, free_ports
from dapr_core.kube import Kind, KubeClient, load_config
from dapr_core.kube.kinds import CONFIGURATION, CRD, NAMESPACE, SERVICE_ACCOUNT
from dapr_core.resources import crds

TRUST_DOMAIN: Final = "cluster.local"
_READY_WITHIN: Final = 60.0


@dataclass(frozen=True)
class Plane:
    """Where everything is.

    Attributes:
        kubeconfig: of the cluster.
        client: of its administrator.
        namespace: of the control plane, and of what is measured.
        sentry: its address.
        anchors: file with the trust anchors.
    """

    kubeconfig: str
    client: KubeClient
    namespace: str
    sentry: str
    anchors: Path


@contextlib.asynccontextmanager
async def plane(kubeconfig: str) -> AsyncIterator[Plane]:
    """A namespace with a running sentry, a service account and the system's Configuration."""
    async with KubeClient(load_config({}, kubeconfig)) as client:
        for _, definition in crds.documents():
            definition["spec"]["conversion"] = {"strategy": "None"}
            await client.apply(CRD, definition, manager="dapr-bench", force=True)
        namespace = f"bench-{secrets.token_hex(4)}"
        await client.create(NAMESPACE, {"metadata": {"name": namespace}})
        try:
            await client.create(SERVICE_ACCOUNT, {"metadata": {"name": "default", "namespace": namespace}})
            with tempfile.TemporaryDirectory() as folder, _sentry(Path(folder), namespace) as address:
                await _configure(client, namespace, address)
                yield Plane(kubeconfig, client, namespace, address, Path(folder) / "ca.crt")
        finally:
            await client.delete(NAMESPACE, namespace)


async def _configure(client: KubeClient, namespace: str, sentry: str) -> None:
    mtls = {"enabled": True, "sentryAddress": sentry, "controlPlaneTrustDomain": TRUST_DOMAIN}
    metadata = {"name": "daprsystem", "namespace": namespace}
    await client.create(CONFIGURATION, typed(CONFIGURATION, {"metadata": metadata, "spec": {"mtls": mtls}}))


@contextlib.contextmanager
def _sentry(folder: Path, namespace: str) -> Iterator[str]:
    port, oidc = free_ports(2)
    flags = {
        "issuer-credentials": str(folder),
        "trust-domain": TRUST_DOMAIN,
        "port": str(port),
        "listen-address": "127.0.0.1",
        "oidc-server-listen-port": str(oidc),
    }
    with service("dapr_sentry.main", flags, {"NAMESPACE": namespace}):
        yield f"127.0.0.1:{port}"


@contextlib.contextmanager
def service(module: str, flags: dict[str, str], environment: dict[str, str]) -> Iterator[int]:
    """A service of ours once it is ready; gives its process id."""
    healthz, metrics = free_ports(2)
    whole = flags | {"healthz-port": str(healthz), "metrics-port": str(metrics), "log-level": "error"}
    process = subprocess.Popen(
        [sys.executable, "-m", module, *(f"--{name}={value}" for name, value in whole.items())],
        env={**os.environ, **environment},
    )
    try:
        _wait_ready(process, module, healthz)
        yield process.pid
    finally:
        end(process)


def _wait_ready(process: subprocess.Popen[bytes], module: str, port: int) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError, urllib.error.URLError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()
            return
        time.sleep(0.05)
    raise RuntimeError(f"{module} was not ready within {_READY_WITHIN:g} seconds")


def typed(kind: Kind, thing: dict[str, Any]) -> dict[str, Any]:
    """An object with its kind, without which the API server takes none of a definition."""
    return {"apiVersion": kind.api_version, "kind": kind.name, **thing}


def percentile(values: list[float], part: float) -> float:
    """The value that ``part`` (0 to 1) of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def named(plane: Plane, name: str, **metadata: Any) -> dict[str, Any]:
    """Metadata of an object in the plane's namespace."""
    return {"name": name, "namespace": plane.namespace, **metadata}
