"""Methods of blocks that this sidecar does not have: they answer as where nothing of their kind is configured.

No component of these kinds can be loaded, so what the original says without any is true here as well. Where a flag asks
for a service that such a block would use (placement, scheduler), the answer is that the API is not implemented.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Final

from dapr_core.errors import DaprError
from dapr_core.proto.gen.runtime.v1 import (
    ai_pb2,
    configuration_pb2,
    crypto_pb2,
    jobs_pb2,
    lock_pb2,
    workflow_pb2,
)
from daprd.api.grpc.blocks import Blocks
from daprd.api.grpc.calls import Rpc, StreamCall, Streaming, Unary, UnaryCall
from daprd.catalogue import absent as rows
from daprd.catalogue import common

_WORKFLOWS: Final = ("Start", "Get", "Purge", "Terminate", "Pause", "Resume", "RaiseEvent")
_JOBS: Final = {"ScheduleJob": "SCHEDULE_JOB", "GetJob": "GET_JOB", "DeleteJob": "DELETE_JOB", "ListJobs": "LIST_JOBS"}
_SUBTLE: Final = ("GetKey", "Encrypt", "Decrypt", "WrapKey", "UnwrapKey", "Sign", "Verify")


def rpcs(blocks: Blocks) -> dict[str, Rpc]:
    """The methods of all blocks that are absent."""
    return {
        **_workflows(blocks),
        **_jobs(blocks),
        **_locks(),
        **_configuration(),
        **_crypto(),
        **_conversation(),
    }


def _unary(kind: Any, refuse: Any) -> Unary:
    def handle(request: Any, call: UnaryCall) -> bytes | Awaitable[bytes]:
        raise refuse(request)

    return Unary(kind, handle)


def _stream(kind: Any, refuse: Any) -> Streaming:
    async def handle(call: StreamCall) -> None:
        raise refuse(await call.receive())

    return Streaming(kind, handle)


def _no_placement(blocks: Blocks) -> Any:
    row = common.API_UNIMPLEMENTED if blocks.placement else rows.NO_PLACEMENT
    return lambda request: DaprError(row)


def _workflows(blocks: Blocks) -> dict[str, Rpc]:
    refuse = _no_placement(blocks)
    return {
        f"{verb}Workflow{stage}": _unary(getattr(workflow_pb2, f"{verb}WorkflowRequest"), refuse)
        for verb in _WORKFLOWS
        for stage in ("Alpha1", "Beta1")
    }


def _jobs(blocks: Blocks) -> dict[str, Rpc]:
    found: dict[str, Rpc] = {}
    for name, reason in (*_JOBS.items(), ("DeleteJobsByPrefix", "DELETE_JOB")):
        refuse = _no_scheduler(blocks, reason)
        kind = getattr(jobs_pb2, f"{name}Request")
        found[name] = _unary(kind, refuse)
        found[f"{name}Alpha1"] = _unary(getattr(jobs_pb2, f"{name}RequestAlpha1", kind), refuse)
    return found


def _no_scheduler(blocks: Blocks, reason: str) -> Any:
    if blocks.scheduler:
        return lambda request: DaprError(common.API_UNIMPLEMENTED)
    row = rows.NO_SCHEDULER[reason]
    return lambda request: DaprError(row, app_id=blocks.app_id, namespace=blocks.namespace)


def _locks() -> dict[str, Rpc]:
    def refuse_lock(request: lock_pb2.TryLockRequest) -> DaprError:
        if request.expiry_in_seconds <= 0:
            return DaprError(rows.LOCK_EXPIRY, name=request.store_name)
        return DaprError(rows.NO_LOCK_STORE)

    return {
        "TryLockAlpha1": _unary(lock_pb2.TryLockRequest, refuse_lock),
        "UnlockAlpha1": _unary(lock_pb2.UnlockRequest, lambda request: DaprError(rows.NO_LOCK_STORE)),
    }


def _configuration() -> dict[str, Rpc]:
    def refuse(request: Any) -> DaprError:
        return DaprError(rows.NO_CONFIGURATION_STORE)

    def unsubscribe(request: configuration_pb2.UnsubscribeConfigurationRequest, call: UnaryCall) -> bytes:
        """True of every id: nothing can have been subscribed."""
        text = f"failed to unsubscribe to configuration request {request.id}: subscription does not exist"
        answer = configuration_pb2.UnsubscribeConfigurationResponse(ok=False, message=text)
        return bytes(answer.SerializeToString())

    found: dict[str, Rpc] = {}
    for stage in ("", "Alpha1"):
        found[f"GetConfiguration{stage}"] = _unary(configuration_pb2.GetConfigurationRequest, refuse)
        found[f"SubscribeConfiguration{stage}"] = _stream(configuration_pb2.SubscribeConfigurationRequest, refuse)
        found[f"UnsubscribeConfiguration{stage}"] = Unary(
            configuration_pb2.UnsubscribeConfigurationRequest, unsubscribe
        )
    return found


def _crypto() -> dict[str, Rpc]:
    def refuse(request: Any) -> DaprError:
        return DaprError(rows.NO_CRYPTO_PROVIDER)

    found: dict[str, Rpc] = {
        "EncryptAlpha1": _stream(crypto_pb2.EncryptRequest, refuse),
        "DecryptAlpha1": _stream(crypto_pb2.DecryptRequest, refuse),
    }
    for verb in _SUBTLE:
        kind = getattr(crypto_pb2, f"Subtle{verb}Request")
        found[f"Subtle{verb}Alpha1"] = _unary(kind, lambda request: DaprError(common.API_UNIMPLEMENTED))
    return found


def _conversation() -> dict[str, Rpc]:
    def refuse(request: Any) -> DaprError:
        return DaprError(rows.NO_CONVERSATION, name=request.name)

    return {
        "ConverseAlpha1": _unary(ai_pb2.ConversationRequest, refuse),
        "ConverseAlpha2": _unary(ai_pb2.ConversationRequestAlpha2, refuse),
    }
