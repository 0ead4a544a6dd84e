"""Sidecars in this process, on its event loop, with actors of their own: what a part of the runtime may do."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from unittest.mock import patch

from dapr_core.process.flags import parse
from dapr_core.process.shutdown import Shutdown
from daprd.blocks.actors.host import ActorAnswer, ActorCall, Firing, HostError
from daprd.blocks.actors.inside import InternalActor, InternalHost
from daprd.options import Options
from daprd.runtime.actors import Actors
from daprd.runtime.identity import KeptIdentity
from daprd.runtime.runtime import Runtime
from daprd.runtime.settings import surroundings
from support.manifests import component, folder
from support.ports import free_ports
from support.processes import http_status

TYPE_URL = b"type.googleapis.com/google.protobuf.StringValue"
LIMIT = 60.0


class Sidecar:
    """One real runtime, and the actors that it hosts itself."""

    def __init__(self, app_id: str, placement: str, directory: Path, *flags: str) -> None:
        self.http_port, self.grpc_port, self.internal_port, metrics, public = free_ports(5)
        resources = folder(directory, component("memory", "state.in-memory", actorStateStore="true"))
        arguments = [
            f"--app-id={app_id}", f"--placement-host-address={placement}", f"--resources-path={resources}",
            f"--dapr-http-port={self.http_port}", f"--dapr-grpc-port={self.grpc_port}", f"--metrics-port={metrics}",
            f"--dapr-internal-grpc-port={self.internal_port}", f"--dapr-public-port={public}",
            "--dapr-listen-addresses=127.0.0.1", "--metrics-listen-address=127.0.0.1",
            "--dapr-internal-grpc-listen-address=127.0.0.1", "--dapr-public-listen-address=127.0.0.1", *flags,
        ]  # fmt: skip
        environment = {"DAPR_HOST_IP": "127.0.0.1", "NAMESPACE": "default"}
        options = parse(Options, arguments, environment).settings
        self._shutdown = Shutdown()
        self._identity = KeptIdentity()
        self._runtime = Runtime(options, surroundings(environment), self._shutdown, self._identity)
        self.address = f"127.0.0.1:{self.internal_port}"
        self.made: dict[str, Counter] = {}
        self.host = InternalHost(self._make, beside=["peek"])

    def _make(self, actor_type: str, actor_id: str) -> Counter:
        self.made[actor_id] = Counter(self, actor_type, actor_id)
        return self.made[actor_id]

    @property
    def actors(self) -> Actors:
        parts = self._runtime._parts
        assert parts is not None
        assert parts.actors is not None
        return parts.actors

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Sidecar]:
        with patch.dict(os.environ):  # a runtime tells its components where it is
            running = asyncio.create_task(self._runtime.run())
            try:
                async with asyncio.timeout(LIMIT):
                    while await asyncio.to_thread(http_status, self.http_port, "/v1.0/healthz") != 204:
                        assert not running.done(), "the runtime has ended"
                        await asyncio.sleep(0.02)
                yield self
            finally:
                self._shutdown.request(immediate=True)
                await running
                await self._identity.stop()


class Counter(InternalActor):
    """Keeps a count in its state; a stream tells of it whenever it changes."""

    def __init__(self, sidecar: Sidecar, actor_type: str, actor_id: str) -> None:
        self._sidecar = sidecar
        self._actor = actor_type, actor_id
        self._changed = asyncio.Event()
        self.hold = asyncio.Event()
        """While it is set, ``add`` does not end."""
        self.holding = asyncio.Event()
        self.fired: list[Firing] = []
        self.streams = 0
        self.gone = False

    async def _count(self) -> int:
        return int((await self._sidecar.actors.state.get(*self._actor, "count")).data or b"0")

    async def invoke(self, call: ActorCall) -> ActorAnswer:
        from daprd.blocks.state.values import SaveItem

        if call.method == "add":
            if self.hold.is_set():
                self.holding.set()
                await asyncio.Event().wait()
            await self._sidecar.actors.state.transact(*self._actor, [SaveItem("count", await self._count() + 1)])
            self._changed.set()
            self._changed = asyncio.Event()
        elif call.method not in ("read", "peek"):
            raise HostError(f"no such method: {call.method}")
        return await self._told()

    async def _told(self) -> ActorAnswer:
        data = f"{self._sidecar.address} {await self._count()}".encode()
        return ActorAnswer(data, b"text/plain", [(b"x-home", self._sidecar.address.encode())], False, 409, TYPE_URL)

    async def stream(self, call: ActorCall) -> AsyncGenerator[ActorAnswer, None]:  # type: ignore[override]
        if call.method != "watch":
            raise HostError(f"unsupported stream method: {call.method}")
        self.streams += 1
        try:
            while True:
                changed = self._changed
                answer = await self._told()
                yield answer
                if answer.data.endswith(b" 3"):
                    return
                await changed.wait()
        finally:
            self.streams -= 1

    async def fire(self, firing: Firing) -> bool:
        self.fired.append(firing)
        return False

    async def deactivate(self) -> None:
        self.gone = True
