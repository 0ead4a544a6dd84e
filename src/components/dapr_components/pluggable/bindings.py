"""Bindings in a process of their own: ``dapr.proto.components.v1.InputBinding`` and ``OutputBinding``.

A socket may offer one or both; a manifest of its type then is a binding in those directions, and each service is
initialised by itself. Events are handled side by side, since the application may take its time with one.
"""

from __future__ import annotations

from typing import Any

from dapr_components.bindings.contract import (
    InputBinding,
    InvokeRequest,
    InvokeResult,
    OutputBinding,
    ReadEvent,
    ReadHandler,
)
from dapr_components.contract import ComponentContext, ComponentError
from dapr_components.pluggable.connection import PluggableComponent
from dapr_components.pluggable.streams import Delivery
from dapr_core.proto.gen.components.v1 import bindings_pb2 as pb
from dapr_core.proto.gen.components.v1.bindings_grpc import InputBindingStub, OutputBindingStub
from dapr_core.proto.gen.components.v1.common_pb2 import MetadataRequest, PingRequest
from dapr_core.rpc.grpc.stub import Call

EVENTS_AT_ONCE = 256
Read = Call[pb.ReadRequest, pb.ReadResponse]


class PluggableOutputBinding(PluggableComponent, OutputBinding):
    """An output binding behind a socket."""

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._output = OutputBindingStub(self.connection.channel)
        self._operations: tuple[str, ...] = ()

    async def hello(self) -> None:
        metadata = MetadataRequest(properties=self.properties)
        await self.connection.raw(self._output.init, pb.OutputBindingInitRequest(metadata=metadata))
        answer = await self.connection.raw(self._output.list_operations, pb.ListOperationsRequest())
        self._operations = tuple(answer.operations)

    async def ping(self) -> None:
        await self._ping(self._output.ping, PingRequest())

    def operations(self) -> tuple[str, ...]:
        return self._operations

    async def invoke(self, request: InvokeRequest) -> InvokeResult:
        message = pb.InvokeRequest(data=request.data, metadata=request.metadata, operation=request.operation)
        answer = await self.connection.call(self._output.invoke, message)
        return InvokeResult(answer.data or None, dict(answer.metadata), answer.content_type or None)


class PluggableInputBinding(PluggableComponent, InputBinding):
    """An input binding behind a socket."""

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._input = InputBindingStub(self.connection.channel)
        self._delivery: Delivery[pb.ReadRequest, pb.ReadResponse] | None = None

    async def hello(self) -> None:
        metadata = MetadataRequest(properties=self.properties)
        await self.connection.raw(self._input.init, pb.InputBindingInitRequest(metadata=metadata))

    async def ping(self) -> None:
        await self._ping(self._input.ping, PingRequest())

    async def read(self, handler: ReadHandler) -> None:
        if self._delivery is not None:
            raise ComponentError(f"binding {self.context.name} is already read")

        async def open_stream() -> Read:
            return await self.connection.stream(self._input.read)

        async def handle(event: pb.ReadResponse) -> pb.ReadRequest:
            return await _handled(event, handler)

        label = f"reading of binding {self.context.name}"
        delivery = Delivery(label, open_stream, handle, at_once=EVENTS_AT_ONCE, logger=self.context.logger)
        await delivery.start()
        self._delivery = delivery

    async def stop_reading(self) -> None:
        delivery, self._delivery = self._delivery, None
        if delivery is not None:
            await delivery.close()

    async def close(self) -> None:
        await self.stop_reading()
        await super().close()


async def _handled(event: pb.ReadResponse, handler: ReadHandler) -> pb.ReadRequest:
    received = ReadEvent(event.data, dict(event.metadata), event.content_type or None)
    try:
        answer = await handler(received)
    except Exception as error:  # noqa: BLE001 - the component is told, and decides what becomes of the event
        failed = pb.AckResponseError(message=str(error) or type(error).__name__)
        return pb.ReadRequest(message_id=event.message_id, response_error=failed)
    return pb.ReadRequest(message_id=event.message_id, response_data=answer or b"")


class PluggableBinding(PluggableInputBinding, PluggableOutputBinding):
    """Both directions behind one socket."""

    async def hello(self) -> None:
        await PluggableInputBinding.hello(self)
        await PluggableOutputBinding.hello(self)

    async def ping(self) -> None:
        await PluggableInputBinding.ping(self)
        await PluggableOutputBinding.ping(self)


def binding_class(services: frozenset[str]) -> type[Any]:
    """The class for the binding services of a socket, of which there is at least one."""
    if "InputBinding" not in services:
        return PluggableOutputBinding
    return PluggableBinding if "OutputBinding" in services else PluggableInputBinding
