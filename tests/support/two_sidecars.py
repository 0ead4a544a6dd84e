"""A caller's and a callee's half of service invocation, wired by hand on real sockets inside one thread.

No runtime, no manifests: the caller is an HTTP API with nothing but the fallback, the callee an internal port with an
application behind it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

from dapr_core.rpc.grpc.server import GrpcServer
from dapr_core.rpc.http1.limits import Limits
from dapr_core.rpc.http1.server import HTTP1Server
from dapr_core.telemetry.tracing import TraceMode, Tracer
from daprd.api.grpc.internal import InternalService
from daprd.api.grpc.lazyactors import LazyActors
from daprd.api.http import invoke as invoke_api
from daprd.api.http.server import ApiOptions, api_handler
from daprd.app.contract import AppChannel
from daprd.app.http import HttpAppChannel, HttpAppSettings
from daprd.blocks.invoke.external import Endpoint, HttpExternal
from daprd.blocks.invoke.inbound import Inbound
from daprd.blocks.invoke.remote import MeshRemote
from daprd.blocks.invoke.service import Invoker
from daprd.mesh.client import MeshClient
from daprd.mesh.errors import ResolveError
from daprd.policy.contract import Policies
from support.policies import NoPolicies

T = TypeVar("T")


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


class StaticNames:
    """Name resolution from a dictionary."""

    def __init__(self, addresses: dict[str, str]) -> None:
        self.addresses = addresses
        self.forgotten: list[str] = []

    async def resolve(self, app_id: str, namespace: str) -> str:
        if app_id not in self.addresses:
            raise ResolveError(f"couldn't find service: {app_id}")
        return self.addresses[app_id]

    def known(self, app_id: str, namespace: str) -> str | None:
        """As fast as may be."""
        return self.addresses.get(app_id)

    def forget(self, app_id: str, namespace: str, address: str) -> None:
        self.forgotten.append(app_id)


class TwoSidecars:
    """``caller`` and ``callee``; build and close inside the loop."""

    def __init__(self, app_port: int | None, **options: Any) -> None:
        self._app_port = app_port
        self._options = options

    async def start(self) -> TwoSidecars:
        options = self._options
        mode = options.get("mode", TraceMode.PASS_ON)
        tracer = Tracer(mode, 1.0)
        self.channel: HttpAppChannel | None = None
        if self._app_port is not None:
            settings = HttpAppSettings(app_id="callee", port=self._app_port, **options.get("app", {}))
            self.channel = HttpAppChannel(settings)

        def channel() -> AppChannel | None:
            return self.channel

        self.internal = GrpcServer()
        InternalService(Inbound(channel, tracer, authorize=options.get("authorize"))).register(self.internal)
        LazyActors(None).register(self.internal)
        (socket, *_) = await self.internal.listen("127.0.0.1", 0)
        self.internal_port: int = socket.getsockname()[1]
        self.names = StaticNames({"callee": f"127.0.0.1:{self.internal_port}"})
        self.client = MeshClient()
        self.external = HttpExternal(self._endpoint)
        remote = MeshRemote(
            self.names,  # type: ignore[arg-type]
            self.client,
            app_id="caller",
            namespace="default",
            host_address="127.0.0.1",
            host_name="vm",
            tracing=tracer.enabled,
        )
        policies: Policies = options.get("policies") or NoPolicies()
        self.invoker = Invoker(
            app_id="caller",
            namespace="default",
            channel=lambda: None,
            remote=remote,
            external=self.external,
            policies=policies,
            tracing=tracer.enabled,
        )
        handler = api_handler([], ApiOptions(fallback=invoke_api.handler(self.invoker.invoke), tracer=tracer))
        self.server = HTTP1Server(handler, Limits(max_body=None))
        ((_, self.http_port),) = await self.server.serve_tcp("127.0.0.1", 0)
        return self

    def _endpoint(self, name: str) -> Endpoint | None:
        endpoints: dict[str, Endpoint] = self._options.get("endpoints", {})
        return endpoints.get(name)

    async def close(self) -> None:
        await self.server.close()
        await self.client.close()
        await self.external.close()
        await self.internal.stop(0.5)
        if self.channel is not None:
            await self.channel.close()


@contextlib.contextmanager
def two_sidecars(app_port: int | None, **options: Any) -> Iterator[tuple[Loop, TwoSidecars]]:
    """Both halves, running; ``loop.run`` works beside them."""
    loop = Loop()
    try:
        pair = loop.run(TwoSidecars(app_port, **options).start())
        try:
            yield loop, pair
        finally:
            loop.run(pair.close())
    finally:
        loop.close()
