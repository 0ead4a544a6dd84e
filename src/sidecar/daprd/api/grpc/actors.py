"""The actor API over gRPC (actors-placement.md §3.4, §4.3, §5): decode, ask the block, encode."""

from __future__ import annotations

import base64
from typing import Any, Final

from dapr_core import jsonx
from dapr_core.errors import DaprError
from dapr_core.proto.gen.runtime.v1 import actors_pb2 as pb
from dapr_core.rpc.grpc.status import Code, GrpcError
from dapr_core.rpc.messages import Headers
from daprd.api.grpc.blocks import Blocks
from daprd.api.grpc.calls import EMPTY, Rpc, Unary, UnaryCall
from daprd.blocks.actors.host import REENTRANCY, ActorCall
from daprd.blocks.actors.refusals import StatusError
from daprd.blocks.actors.timers import TimerRequest
from daprd.blocks.invoke.headers import CALLER_APP_ID, CALLER_NAMESPACE, NOT_FROM_CLIENTS
from daprd.blocks.state import DeleteItem, SaveItem
from daprd.catalogue import actors as rows

_API_CALL: Final = (b"dapr-api-call", b"true")
_CONTENT_TYPE: Final = b"content-type"


def rpcs(blocks: Blocks) -> dict[str, Rpc]:
    """The methods of actors."""
    api = _Actors(blocks)
    return {
        "InvokeActor": Unary(pb.InvokeActorRequest, api.invoke),
        "GetActorState": Unary(pb.GetActorStateRequest, api.get),
        "ExecuteActorStateTransaction": Unary(pb.ExecuteActorStateTransactionRequest, api.transact),
        "RegisterActorTimer": Unary(pb.RegisterActorTimerRequest, api.put_timer),
        "UnregisterActorTimer": Unary(pb.UnregisterActorTimerRequest, api.remove_timer),
        "RegisterActorReminder": Unary(pb.RegisterActorReminderRequest, api.put_reminder),
        "UnregisterActorReminder": Unary(pb.UnregisterActorReminderRequest, api.remove_reminder),
        "UnregisterActorRemindersByType": Unary(pb.UnregisterActorRemindersByTypeRequest, api.remove_reminders),
        "GetActorReminder": Unary(pb.GetActorReminderRequest, api.get_reminder),
        "ListActorReminders": Unary(pb.ListActorRemindersRequest, api.list_reminders),
    }


class _Actors:
    def __init__(self, blocks: Blocks) -> None:
        self._block = blocks.actors
        self._caller: Headers = [
            (CALLER_APP_ID, blocks.app_id.encode()),
            (CALLER_NAMESPACE, blocks.namespace.encode()),
            _API_CALL,
        ]

    async def invoke(self, request: pb.InvokeActorRequest, call: UnaryCall) -> bytes:
        given = [(name.lower().encode(), value.encode()) for name, value in request.metadata.items()]
        spelling = {name.lower().encode(): name.encode() for name in request.metadata}
        headers = [pair for pair in given if pair[0] not in NOT_FROM_CLIENTS]
        values = dict(headers)
        actor_call = ActorCall(
            request.actor_type,
            request.actor_id,
            request.method,
            request.data,
            values.get(_CONTENT_TYPE, b""),
            [*headers, *self._caller],
            b"",
            values.get(REENTRANCY, b"").decode(),
            spelling,
        )
        try:
            answer = await self._block.invoke(actor_call)
        except StatusError as error:
            raise GrpcError(Code(error.code), error.text) from None
        return bytes(pb.InvokeActorResponse(data=answer.data).SerializeToString())

    async def get(self, request: pb.GetActorStateRequest, call: UnaryCall) -> bytes:
        got = await self._block.get_state(request.actor_type, request.actor_id, request.key)
        return bytes(pb.GetActorStateResponse(data=got.data or b"", metadata=got.metadata).SerializeToString())

    async def transact(self, request: pb.ExecuteActorStateTransactionRequest, call: UnaryCall) -> bytes:
        items = [_operation(operation) for operation in request.operations]
        await self._block.transact(request.actor_type, request.actor_id, items)
        return EMPTY

    async def put_timer(self, request: pb.RegisterActorTimerRequest, call: UnaryCall) -> bytes:
        await self._block.put_timer(
            TimerRequest(
                request.actor_type,
                request.actor_id,
                request.name,
                request.due_time,
                request.period,
                request.ttl,
                request.callback,
                # Data of gRPC are bytes; an HTTP application is told them as JSON tells bytes.
                jsonx.dumps(base64.b64encode(request.data).decode()) if request.data else None,
            )
        )
        return EMPTY

    async def remove_timer(self, request: pb.UnregisterActorTimerRequest, call: UnaryCall) -> bytes:
        await self._block.remove_timer(request.actor_type, request.actor_id, request.name)
        return EMPTY

    async def put_reminder(self, request: pb.RegisterActorReminderRequest, call: UnaryCall) -> bytes:
        await self._block.put_reminder(request.actor_type, request.actor_id, request.name)
        return EMPTY

    async def remove_reminder(self, request: pb.UnregisterActorReminderRequest, call: UnaryCall) -> bytes:
        await self._block.remove_reminder(request.actor_type, request.actor_id)
        return EMPTY

    async def remove_reminders(self, request: pb.UnregisterActorRemindersByTypeRequest, call: UnaryCall) -> bytes:
        await self._block.remove_reminder(request.actor_type, request.actor_id)
        return EMPTY

    async def get_reminder(self, request: pb.GetActorReminderRequest, call: UnaryCall) -> bytes:
        await self._block.get_reminder(request.actor_type, request.actor_id)
        return EMPTY

    async def list_reminders(self, request: pb.ListActorRemindersRequest, call: UnaryCall) -> bytes:
        await self._block.get_reminder(request.actor_type, request.actor_id)
        return EMPTY


def _operation(operation: Any) -> SaveItem | DeleteItem:
    kind = operation.operationType
    if kind not in ("upsert", "delete"):
        raise DaprError(rows.UNSUPPORTED_OPERATION, type=kind)
    metadata = dict(operation.metadata)
    if kind == "delete":
        return DeleteItem(operation.key, metadata=metadata)
    return SaveItem(operation.key, operation.value.value, metadata=metadata)
