"""What a certificate costs sentry in a cluster, what it keeps of the cluster's pods, and how soon a change counts.

On the cluster of a kubeconfig (``make cluster-api`` starts one and says where) a control plane is laid down in a
namespace of its own, with as many pods as told, which nobody needs to run. Over TLS, four connections with eight
requests in flight each ask for certificates by a pod's token, each of which sentry has reviewed by the API server.
Then the issuer in the Secret is exchanged some times, and the time is taken until sentry has it in force::

    python -m bench.sentry_kubernetes --kubeconfig FILE [--seconds 5] [--pods 500]
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import os
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import uvloop
import yaml

from bench.lib.processes import cpu_seconds, end, free_ports, pss_mb, rss_mb
from bench.lib.report import publish
from bench.sentry import CONNECTIONS, STREAMS, wait_ready
from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.certificates import to_pem
from dapr_core.identity.csr import make_csr
from dapr_core.identity.keys import generate
from dapr_core.identity.keys import to_pem as key_to_pem
from dapr_core.identity.roots import generate_issuer
from dapr_core.identity.spiffe import TrustDomain, workload_id
from dapr_core.identity.tls import client_context
from dapr_core.kube import KubeClient, Object, load_config
from dapr_core.kube.kinds import CONFIG_MAP, CRD, NAMESPACE, POD, SECRET, SERVICE_ACCOUNT
from dapr_core.proto.gen.sentry.v1.sentry_grpc import CAStub
from dapr_core.proto.gen.sentry.v1.sentry_pb2 import SignCertificateRequest
from dapr_core.rpc.grpc import Channel, ChannelOptions

BUNDLE: Final = "dapr-trust-bundle"
CHANGES: Final = 10
AT_ONCE: Final = 16
_CRD: Final = Path(__file__).parents[1] / "deploy" / "crds" / "configuration.yaml"


@dataclass(frozen=True)
class Figures:
    """Milliseconds of sentry's processor time for a certificate, certificates a second, memory in MB, and milliseconds
    until a changed Secret is in force."""

    pods: int
    cpu_ms: float
    per_second: float
    idle_mb: float
    idle_alone_mb: float
    loaded_mb: float
    change_ms: float
    slowest_change_ms: float


class Plane:
    """A control plane's namespace with pods in it."""

    def __init__(self, client: KubeClient, namespace: str) -> None:
        self._client = client
        self.namespace = namespace

    async def lay(self, pods: int) -> None:
        """Make everything. The definition of Configurations stays: it may be somebody's."""
        definition = yaml.safe_load(_CRD.read_text())
        await self._client.apply(CRD, definition, manager="dapr-bench", force=True)
        await self._client.create(NAMESPACE, {"metadata": {"name": self.namespace}})
        for kind, name in ((SERVICE_ACCOUNT, "app"), (SECRET, BUNDLE), (CONFIG_MAP, BUNDLE)):
            await self._client.create(kind, self._named(name))
        numbers = iter(range(pods))
        await asyncio.gather(*[self._make_pods(numbers) for _ in range(AT_ONCE)])

    async def clear(self) -> None:
        """Take everything back."""
        for number in range(await self._count()):
            with contextlib.suppress(Exception):
                await self._client.delete(POD, f"p{number}", self.namespace, grace=0)
        await self._client.delete(NAMESPACE, self.namespace)

    async def token(self) -> str:
        """Of the first pod."""
        pod = await self._client.get(POD, "p0", self.namespace)
        spec = {
            "audiences": [f"spiffe://localhost/ns/{self.namespace}/dapr-sentry"],
            "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "p0", "uid": pod["metadata"]["uid"]},
        }
        request = {"metadata": {"namespace": self.namespace}, "spec": spec}
        answer = await self._client.create(SERVICE_ACCOUNT, request, name="app", subresource="token")
        return str(answer["status"]["token"])

    async def anchors(self) -> TrustBundle:
        """Those that sentry has published."""
        config_map = await self._client.get(CONFIG_MAP, BUNDLE, self.namespace)
        return TrustBundle.parse(config_map["data"]["ca.crt"].encode())

    async def exchange_issuer(self) -> bytes:
        """Put a new root and issuer into the Secret; gives the anchors."""
        domain = TrustDomain("localhost")
        sentry = workload_id(domain, self.namespace, "dapr-sentry")
        issuer = generate_issuer(domain, sentry, timedelta(minutes=15), datetime.now(UTC))
        items = {
            "ca.crt": issuer.anchors.pem,
            "issuer.crt": to_pem(issuer.chain),
            "issuer.key": key_to_pem(issuer.key),
        }
        data = {name: base64.b64encode(value).decode() for name, value in items.items()}
        await self._client.patch(SECRET, BUNDLE, {"data": data}, self.namespace)
        return issuer.anchors.pem

    async def wait_published(self, anchors: bytes) -> None:
        """Wait until the ConfigMap holds these: sentry has read the Secret and put it into force."""
        listing = await self._client.list(CONFIG_MAP, self.namespace)
        if any(_publishes(each, anchors) for each in listing.items):
            return
        watch = self._client.watch(CONFIG_MAP, self.namespace, since=listing.resource_version)
        async with contextlib.aclosing(watch) as events:
            async for event in events:
                if _publishes(event.object, anchors):
                    return
        raise RuntimeError("the watch of the ConfigMap ended")

    async def _make_pods(self, numbers: Iterator[int]) -> None:
        spec = {"serviceAccountName": "app", "containers": [{"name": "app", "image": "local/app:1"}]}
        for number in numbers:
            await self._client.create(POD, {**self._named(f"p{number}"), "spec": spec})

    async def _count(self) -> int:
        return len((await self._client.list(POD, self.namespace, metadata_only=True)).items)

    def _named(self, name: str) -> Object:
        return {"metadata": {"name": name, "namespace": self.namespace}}


def _publishes(config_map: Object, anchors: bytes) -> bool:
    return (config_map.get("data") or {}).get("ca.crt", "").encode() == anchors


@contextlib.asynccontextmanager
async def plane(kubeconfig: str, pods: int) -> AsyncIterator[Plane]:
    """A control plane that is taken back at the end."""
    async with KubeClient(load_config({}, kubeconfig)) as client:
        made = Plane(client, f"bench-{secrets.token_hex(4)}")
        try:
            await made.lay(pods)
            yield made
        finally:
            await made.clear()


@contextlib.contextmanager
def running_sentry(kubeconfig: str, namespace: str) -> Iterator[tuple[int, str]]:
    """Sentry of a control plane: process id and address."""
    port, healthz, metrics = free_ports(3)
    process = subprocess.Popen(
        [
            sys.executable, "-m", "dapr_sentry.main", "--mode=kubernetes", f"--kubeconfig={kubeconfig}",
            f"--port={port}", "--listen-address=127.0.0.1", f"--healthz-port={healthz}", f"--metrics-port={metrics}",
            "--log-level=error",
        ],
        env={**os.environ, "NAMESPACE": namespace, "DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK": "true"},
    )  # fmt: skip
    try:
        wait_ready(healthz)
        yield process.pid, f"127.0.0.1:{port}"
    finally:
        end(process)


async def issue(address: str, anchors: TrustBundle, request: SignCertificateRequest, seconds: float) -> int:
    """Ask for certificates on all streams; how many came."""
    channels = [Channel(address, ChannelOptions(ssl=client_context(anchors))) for _ in range(CONNECTIONS)]
    until = time.monotonic() + seconds

    async def stream(channel: Channel) -> int:
        stub, count = CAStub(channel), 0
        while time.monotonic() < until:
            await stub.sign_certificate(request, timeout=30)
            count += 1
        return count

    try:
        return sum(await asyncio.gather(*[stream(channel) for channel in channels for _ in range(STREAMS)]))
    finally:
        for channel in channels:
            await channel.close()


async def changes(made: Plane) -> list[float]:
    """Milliseconds that each of some changes took to be in force."""
    times = []
    for _ in range(CHANGES):
        began = time.monotonic()
        anchors = await made.exchange_issuer()
        await made.wait_published(anchors)
        times.append(1000 * (time.monotonic() - began))
    return times


async def measure(kubeconfig: str, seconds: float, pods: int) -> Figures:
    """Measure everything on one control plane."""
    async with plane(kubeconfig, pods) as made:
        with running_sentry(kubeconfig, made.namespace) as (pid, address):
            idle, alone = pss_mb(pid), rss_mb(pid)
            anchors = await made.anchors()
            request = SignCertificateRequest(
                id="p0",
                namespace=made.namespace,
                token=await made.token(),
                certificate_signing_request=make_csr(generate()),
            )
            await issue(address, anchors, request, min(1.0, seconds))
            before, begun = cpu_seconds(pid), time.monotonic()
            count = await issue(address, anchors, request, seconds)
            spent, took = cpu_seconds(pid) - before, time.monotonic() - begun
            loaded = pss_mb(pid)
            times = await changes(made)
        return Figures(
            pods, 1000 * spent / count, count / took, idle, alone, loaded, statistics.median(times), max(times)
        )


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.sentry_kubernetes", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--kubeconfig", required=True, help="kubeconfig of a cluster's administrator")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of the run (default 5)")
    parser.add_argument("--pods", type=int, default=500, help="pods in the cluster (default 500)")
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found: Any = runner.run(measure(options.kubeconfig, options.seconds, max(1, options.pods)))
    publish("sentry-kubernetes", {"kubernetes": asdict(found)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
