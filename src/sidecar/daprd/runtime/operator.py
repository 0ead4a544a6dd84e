"""The operator as the source of resources (control-plane.md §4.1, §4.5).

Everything is listed at the start; then one stream a kind tells what changes. A stream that breaks is taken up again,
and everything of its kind is listed once more, for nobody knows what was missed. All kinds are also listed at a steady
interval, in case news were lost. What was read stays in force while the operator is away.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from dapr_core.proto.gen.operator.v1 import operator_pb2 as pb
from dapr_core.proto.gen.operator.v1.operator_grpc import OperatorStub
from dapr_core.resources.component import Component
from dapr_core.resources.configuration import Configuration
from dapr_core.resources.decoding import DecodeError, decode
from dapr_core.resources.documents import DocumentError
from dapr_core.resources.httpendpoint import HTTPEndpoint
from dapr_core.resources.loader import LoadedResources, read_value
from dapr_core.resources.resiliency import Resiliency
from dapr_core.resources.subscription import Subscription
from dapr_core.rpc.grpc import Channel, ChannelOptions, Code, GrpcError
from daprd.options import Options
from daprd.runtime.security import Security
from daprd.runtime.settings import Surroundings
from daprd.runtime.sources import ResourceSource

log = logging.getLogger("dapr.runtime.hotreload.loader.operator")
runtime_log = logging.getLogger("dapr.runtime")

OPERATOR: Final = "dapr-operator"
CONNECT_TIMEOUT: Final = 5.0
"""Seconds. Behind a Service, what is sent to a pod that has just gone is lost: better to dial again soon."""
LONGEST_BACKOFF: Final = 10.0
"""Seconds. The streams wait for longer and longer themselves; what they wait for need not be added to that."""
LIMIT: Final = 5.0
"""Seconds that one call may take."""
ATTEMPTS: Final = 100
_PAUSE: Final = 0.5
_FACTOR: Final = 1.5
_LONGEST: Final = 60.0
_REFUSALS: Final = (Code.PERMISSION_DENIED, Code.UNAUTHENTICATED, Code.UNIMPLEMENTED)
_DELETED: Final = 3

R = TypeVar("R", Component, Subscription, HTTPEndpoint, Resiliency)
Answer = TypeVar("Answer")


class OperatorError(Exception):
    """The operator does not give what the sidecar cannot start without; the text says why."""


@dataclass(slots=True)
class Kind(Generic[R]):
    """One kind of resource: how it is listed, how its changes come, and what is known.

    Attributes:
        model: its class.
        ask: asks for all of a namespace; gives their JSON.
        follow: the stream of changes; gives JSON and what became of it.
        known: by name.
        heard: news since a list was asked for; None while none is.
    """

    model: type[R]
    ask: Callable[[], Awaitable[Iterable[bytes]]]
    follow: Callable[[], AsyncIterator[tuple[bytes, int]]]
    known: dict[str, R] = field(default_factory=dict)
    heard: list[tuple[bytes, int]] | None = None


class OperatorSource(ResourceSource):
    """The resources of one namespace, for one application.

    Args:
        channel: to the operator, proved to be it.
        namespace, app_id: the application's.
        interval: seconds after which everything is listed again.
        configuration: name of the application's Configuration; empty for none.
        dice: for jitter, from 0 to 1.
    """

    def __init__(
        self,
        channel: Channel,
        *,
        namespace: str,
        app_id: str,
        interval: float,
        configuration: str,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._channel = channel
        self._stub = OperatorStub(channel)
        self._namespace = namespace
        self._app_id = app_id
        self._interval = interval
        self._named = configuration
        self._dice = dice
        self._configuration: Configuration | None = None
        self._changed = asyncio.Event()
        self._kinds = self._all_kinds()

    # --- The start

    async def configuration(self) -> Configuration:
        """The application's Configuration; the default where it names none.

        Raises:
            OperatorError: it is not there, does not read, or the operator refuses.
        """
        if not self._named:
            return Configuration()
        request = pb.GetConfigurationRequest(name=self._named, namespace=self._namespace)
        answer = await self._ask(lambda: self._stub.get_configuration(request, timeout=LIMIT))
        if not answer.configuration:
            raise OperatorError(f"configuration {self._named} not found")
        try:
            self._configuration = decode(Configuration, json.loads(answer.configuration))
        except (ValueError, DecodeError) as error:
            raise OperatorError(f"configuration {self._named} does not read: {error}") from None
        return self._configuration

    async def start(self) -> None:
        """List everything.

        Raises:
            OperatorError: the operator refuses, or does not come.
        """
        for kind in self._kinds:
            await self._ask(lambda kind=kind: self._list(kind))  # type: ignore[misc]

    # --- The source

    def load(self) -> LoadedResources:
        # Called on a thread: each dictionary is replaced whole, never changed.
        components, subscriptions, endpoints, resiliencies = [self._mine(kind.known) for kind in self._kinds]
        configuration = self._configuration
        return LoadedResources(
            components=components,
            subscriptions=subscriptions,
            endpoints=endpoints,
            resiliencies=resiliencies,
            configurations=() if configuration is None else (configuration,),
        )

    async def hints(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            for kind in self._kinds:
                group.create_task(self._follow(kind))
            if self._named:
                group.create_task(self._follow_configuration())
            group.create_task(self._list_again())
            while True:
                await self._changed.wait()
                self._changed.clear()
                yield

    async def close(self) -> None:
        await self._channel.close()

    def _mine(self, known: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(one for _, one in sorted(known.items()) if not one.scopes or self._app_id in one.scopes)

    # --- Lists and streams

    async def _list(self, kind: Kind[R]) -> None:
        listed: dict[str, R] = {}
        heard = kind.heard = []
        for data in await kind.ask():
            read = self._read(kind, data)
            if read is not None:
                listed[read.name] = read
        kind.known, kind.heard = listed, None
        # What was heard meanwhile may be newer than the list.
        for data, event in heard:
            self._apply(kind, data, event)

    async def _list_again(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            for kind in self._kinds:
                try:
                    await self._list(kind)
                except GrpcError as error:
                    log.warning("Cannot list %s: %s", kind.model.KIND, error.message)
            self._changed.set()

    async def _follow(self, kind: Kind[R]) -> None:
        """Take up the stream again and again."""
        pause = _PAUSE
        connected = False
        while True:
            # The stream is under way before the list is asked for, so that nothing falls between the two.
            hearing = asyncio.create_task(self._hear(kind), name=f"{kind.model.KIND} updates")
            try:
                await asyncio.sleep(0)
                await self._list(kind)
                self._changed.set()
                if connected:
                    log.info("Reconnected to operator")
                connected, pause = True, _PAUSE
                await hearing
                log.error("Error from operator stream: the operator ended it")
            except GrpcError as error:
                log.error("Error from operator stream: %s", error.message)
            finally:
                hearing.cancel()
                await asyncio.gather(hearing, return_exceptions=True)
            await asyncio.sleep(pause * (0.5 + self._dice()))
            pause = min(pause * _FACTOR, _LONGEST)

    async def _hear(self, kind: Kind[R]) -> None:
        async for data, event in kind.follow():
            if kind.heard is not None:
                kind.heard.append((data, event))
            self._apply(kind, data, event)
            self._changed.set()

    def _apply(self, kind: Kind[R], data: bytes, event: int) -> None:
        if event == _DELETED:
            name = _name_of(data)
            kind.known = {key: one for key, one in kind.known.items() if key != name}
            return
        read = self._read(kind, data)
        if read is not None:
            kind.known = kind.known | {read.name: read}

    def _read(self, kind: Kind[R], data: bytes) -> R | None:
        """A resource; one that does not read stays what it was, with a line in the log."""
        try:
            value = json.loads(data)
            # Events come without their kind, as the watch had them.
            value = {"kind": kind.model.KIND, "apiVersion": kind.model.API_VERSIONS[0], **value}
            read = read_value(value)
        except (ValueError, TypeError, DecodeError, DocumentError) as error:
            name = _name_of(data)
            log.error("%s %s from the operator does not read: %s", kind.model.KIND, name or "without a name", error)
            return kind.known.get(name)
        return read if isinstance(read, kind.model) else None

    async def _follow_configuration(self) -> None:
        """The same for the application's Configuration, which is read by its name."""
        pause = _PAUSE
        while True:
            hearing = asyncio.create_task(self._hear_configuration(), name="Configuration updates")
            try:
                await asyncio.sleep(0)
                await self._read_configuration()
                pause = _PAUSE
                await hearing
                log.error("Error from operator stream: the operator ended it")
            except GrpcError as error:
                log.error("Error from operator stream: %s", error.message)
            finally:
                hearing.cancel()
                await asyncio.gather(hearing, return_exceptions=True)
            await asyncio.sleep(pause * (0.5 + self._dice()))
            pause = min(pause * _FACTOR, _LONGEST)

    async def _hear_configuration(self) -> None:
        request = pb.ConfigurationUpdateRequest(namespace=self._namespace)
        async for event in self._stub.configuration_update(request):
            self._configuration_told(event.configuration, event.type)

    async def _read_configuration(self) -> None:
        """What it has become while nobody was told of changes. One that is gone stays in force until it is told of."""
        request = pb.GetConfigurationRequest(name=self._named, namespace=self._namespace)
        try:
            answer = await self._stub.get_configuration(request, timeout=LIMIT)
        except GrpcError as error:
            if error.code is not Code.UNKNOWN:
                raise
            log.warning("Cannot read configuration %s: %s", self._named, error.message)
            return
        self._configuration_told(answer.configuration, 0)

    def _configuration_told(self, data: bytes, event: int) -> None:
        if _name_of(data) != self._named:
            return
        try:
            self._configuration = None if event == _DELETED else decode(Configuration, json.loads(data))
        except (ValueError, DecodeError) as error:
            log.error("Configuration %s from the operator does not read: %s", self._named, error)
            return
        self._changed.set()

    async def _ask(self, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """A call that the start depends on: again and again, unless the operator refuses."""
        pause = 0.1
        told = ""
        for _ in range(ATTEMPTS):
            try:
                return await call()
            except GrpcError as error:
                if error.code in _REFUSALS or error.code is Code.UNKNOWN:
                    raise OperatorError(error.message) from None
                if told != error.message:
                    told = error.message
                    runtime_log.warning("Waiting for the operator: %s", error.message)
            await asyncio.sleep(pause * (0.5 + self._dice()))
            pause = min(pause * 2, LIMIT)
        raise OperatorError(f"the operator did not answer {ATTEMPTS} times: {told}")

    def _all_kinds(self) -> tuple[Kind[Any], Kind[Any], Kind[Any], Kind[Any]]:
        stub, where = self._stub, self._namespace

        async def components() -> Iterable[bytes]:
            return (await stub.list_components(pb.ListComponentsRequest(namespace=where), timeout=LIMIT)).components

        async def subscriptions() -> Iterable[bytes]:
            request = pb.ListSubscriptionsRequest(namespace=where)
            return (await stub.list_subscriptions_v2(request, timeout=LIMIT)).subscriptions

        async def endpoints() -> Iterable[bytes]:
            request = pb.ListHTTPEndpointsRequest(namespace=where)
            return (await stub.list_http_endpoints(request, timeout=LIMIT)).http_endpoints

        async def resiliencies() -> Iterable[bytes]:
            return (await stub.list_resiliency(pb.ListResiliencyRequest(namespace=where), timeout=LIMIT)).resiliencies

        async def component_news() -> AsyncIterator[tuple[bytes, int]]:
            async for event in stub.component_update(pb.ComponentUpdateRequest(namespace=where)):
                yield event.component, event.type

        async def subscription_news() -> AsyncIterator[tuple[bytes, int]]:
            async for event in stub.subscription_update(pb.SubscriptionUpdateRequest(namespace=where)):
                yield event.subscription, event.type

        async def endpoint_news() -> AsyncIterator[tuple[bytes, int]]:
            async for event in stub.http_endpoint_update(pb.HTTPEndpointUpdateRequest(namespace=where)):
                yield event.http_endpoints, event.type

        async def resiliency_news() -> AsyncIterator[tuple[bytes, int]]:
            async for event in stub.resiliency_update(pb.ResiliencyUpdateRequest(namespace=where)):
                yield event.resiliency, event.type

        return (
            Kind(Component, components, component_news),
            Kind(Subscription, subscriptions, subscription_news),
            Kind(HTTPEndpoint, endpoints, endpoint_news),
            Kind(Resiliency, resiliencies, resiliency_news),
        )


def _name_of(data: bytes) -> str:
    try:
        name = json.loads(data)["metadata"]["name"]
    except (ValueError, KeyError, TypeError):
        return ""
    return name if isinstance(name, str) else ""


async def operator_source(options: Options, surroundings: Surroundings, security: Security) -> OperatorSource:
    """The source of a sidecar in a cluster, with everything listed.

    Raises:
        OperatorError: nobody says where the operator is, it refuses, or does not come.
    """
    if not options.control_plane_address:
        raise OperatorError("nobody says where it is; set --control-plane-address")
    dial = ChannelOptions(connect_timeout=CONNECT_TIMEOUT, backoff_max=LONGEST_BACKOFF)
    channel = Channel(options.control_plane_address, security.calling_control_plane(dial, OPERATOR))
    source = OperatorSource(
        channel,
        namespace=surroundings.namespace,
        app_id=options.app_id,
        interval=options.reconcile_interval,
        configuration=options.config[0] if options.config else "",
    )
    try:
        await source.start()
    except BaseException:
        await source.close()
        raise
    return source
