"""What a gRPC application wants done in answer to an input binding's event (api.md §5.3)."""

from __future__ import annotations

import asyncio
import logging

from dapr_components.bindings.contract import InvokeRequest
from dapr_core.errors import DaprError
from dapr_core.proto.gen.runtime.v1 import appcallback_pb2 as pb
from daprd.api.grpc.state import save_item
from daprd.blocks.bindings.block import BindingsBlock
from daprd.blocks.state.block import StateBlock

log = logging.getLogger("dapr.runtime.processor.binding")
_PARALLEL = 1


class BindingReplies:
    """Saves the state and calls the output bindings that an answer names. A failure is logged, and ends nothing."""

    def __init__(self, bindings: BindingsBlock, state: StateBlock) -> None:
        self._bindings = bindings
        self._state = state

    async def __call__(self, answer: pb.BindingEventResponse) -> None:
        """Do what the answer says: one output binding after the other, or all at once."""
        if answer.states:
            await self._save(answer)
        if answer.concurrency == _PARALLEL:
            await asyncio.gather(*(self._call(name, answer.data) for name in answer.to))
            return
        for name in answer.to:
            await self._call(name, answer.data)

    async def _save(self, answer: pb.BindingEventResponse) -> None:
        try:
            self._state.require(answer.store_name)
            pending = self._state.save(answer.store_name, [save_item(item) for item in answer.states])
            if pending is not None:
                await pending
        except DaprError as error:
            log.error("error saving state from app response: %s", error)

    async def _call(self, name: str, data: bytes) -> None:
        try:
            await self._bindings.invoke(name, InvokeRequest("create", data, {}))
        except DaprError as error:
            log.error("error sending app response to output binding %s: %s", name, error)
