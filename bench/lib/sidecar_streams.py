"""Many sidecars at an operator, as sidecars come to it: each with an identity, a connection, lists and streams.

As a program it takes the operator's port, sentry's address, the file of its anchors, the namespace of control plane and
applications, and a number; it connects them all and says ``ready``. Then each line on its standard input is a word that
a component is going to hold: once every sidecar has heard of it, the times of that are answered, as JSON, by the clock
that all processes of a machine share (``CLOCK_MONOTONIC``).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import uvloop

from bench.lib.grpc_crowd import raise_file_limit
from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.sentry import SentryClient, SentryOptions
from dapr_core.identity.spiffe import parse_trust_domain
from dapr_core.identity.tls import client_context
from dapr_core.identity.tokens import TokenSource
from dapr_core.proto.gen.operator.v1 import operator_pb2 as pb
from dapr_core.proto.gen.operator.v1.operator_grpc import OperatorStub
from dapr_core.rpc.grpc import Channel, ChannelOptions

TRUST_DOMAIN: Final = "cluster.local"
_AT_ONCE: Final = 10
"""Sidecars that start at one time."""
MARK: Final = b"mark-"
"""What words begin with."""


class Crowd:
    """All sidecars of this process."""

    def __init__(self, port: int, sentry: str, anchors: bytes, namespace: str, size: int) -> None:
        self._target = f"127.0.0.1:{port}"
        self._sentry = sentry
        self._bundle = TrustBundle.parse(anchors)
        self._namespace = namespace
        self._size = size
        self._channels: list[Channel] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._heard: defaultdict[bytes, list[float]] = defaultdict(list)
        self._complete: defaultdict[bytes, asyncio.Event] = defaultdict(asyncio.Event)

    async def connect(self) -> None:
        starting = asyncio.Semaphore(_AT_ONCE)

        async def start(number: int) -> None:
            async with starting:
                await self._connect(number)

        await asyncio.gather(*(start(number) for number in range(self._size)))

    async def heard_by_all(self, word: bytes) -> list[float]:
        await self._complete[word].wait()
        return self._heard.pop(word)

    async def _connect(self, number: int) -> None:
        options = SentryOptions(
            address=self._sentry, app_id=f"app-{number}", namespace=self._namespace,
            control_plane_trust_domain=parse_trust_domain(TRUST_DOMAIN), control_plane_namespace=self._namespace,
            tokens=TokenSource(kubernetes=False, environment={}),
        )  # fmt: skip
        issued = await SentryClient(options).fetch(self._bundle)
        channel = Channel(self._target, ChannelOptions(ssl=client_context(self._bundle, issued.svid)))
        self._channels.append(channel)
        stub, where = OperatorStub(channel), self._namespace
        await stub.list_components(pb.ListComponentsRequest(namespace=where))
        await stub.list_subscriptions_v2(pb.ListSubscriptionsRequest(namespace=where))
        await stub.list_http_endpoints(pb.ListHTTPEndpointsRequest(namespace=where))
        await stub.list_resiliency(pb.ListResiliencyRequest(namespace=where))
        for stream in (
            stub.component_update(pb.ComponentUpdateRequest(namespace=where)),
            stub.subscription_update(pb.SubscriptionUpdateRequest(namespace=where)),
            stub.http_endpoint_update(pb.HTTPEndpointUpdateRequest(namespace=where)),
            stub.resiliency_update(pb.ResiliencyUpdateRequest(namespace=where)),
        ):
            self._tasks.append(asyncio.create_task(self._follow(stream)))

    async def _follow(self, stream: AsyncIterator[Any]) -> None:
        async for event in stream:
            at = time.monotonic()
            _, found, rest = event.component.partition(MARK)
            if found:
                word = rest.partition(b'"')[0]
                times = self._heard[word]
                times.append(at)
                if len(times) == self._size:
                    self._complete[word].set()
        raise RuntimeError("the operator ended a stream: no figure will come")


async def main(crowd: Crowd) -> None:
    await crowd.connect()
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        times = await crowd.heard_by_all(line.strip().encode())
        print(json.dumps(times), flush=True)


@contextlib.contextmanager
def sidecars(port: int, sentry: str, anchors: Path, namespace: str, size: int) -> Iterator[subprocess.Popen[str]]:
    """A crowd in a process of its own, connected."""
    arguments = [str(port), sentry, str(anchors), namespace, str(size)]
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "bench.lib.sidecar_streams", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if process.stdout.readline().strip() != "ready":
                raise RuntimeError("the sidecars could not all connect")
            yield process
        finally:
            process.stdin.close()
            process.terminate()


def heard(process: subprocess.Popen[str], word: str) -> list[float]:
    """When each sidecar heard of a word; waits until all have."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(word + "\n")
    process.stdin.flush()
    found: list[float] = json.loads(process.stdout.readline())
    return found


if __name__ == "__main__":
    raise_file_limit(65_536)
    port, sentry, anchors, namespace, size = sys.argv[1:]
    uvloop.run(main(Crowd(int(port), sentry, Path(anchors).read_bytes(), namespace, int(size))))
