"""The API of 2020 (wire.md, "The 2020 API"), which the book's programs speak: ``dapr.Dapr`` on the same port.

Its messages carry payloads as ``Any``, of which only the bytes count, and know neither pub/sub components nor the
operations of bindings. It stands on the same blocks as the present API, and lists that allow or deny that one rule
this one by the same groups.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from dapr_components.bindings.contract import InvokeRequest
from dapr_components.state.contract import GetResult
from dapr_core import jsonx
from dapr_core.proto.gen.v0 import dapr_pb2 as pb
from dapr_core.rpc.grpc.status import Code, GrpcError
from dapr_core.rpc.messages import Headers, Response
from daprd.api.grpc.blocks import Blocks
from daprd.api.grpc.calls import EMPTY, Rpc, Unary, UnaryCall
from daprd.api.grpc.invoke import call_fields
from daprd.api.grpc.render import http_failure
from daprd.blocks.bindings import OutputBindingError
from daprd.blocks.invoke.envelope import Invocation
from daprd.blocks.invoke.headers import NOT_FROM_CLIENTS
from daprd.blocks.pubsub.subscriptions import DEFAULT_COMPONENT
from daprd.blocks.state import DeleteItem, SaveItem
from daprd.blocks.state.insisting import RetryOption
from daprd.blocks.state.values import NO_METADATA
from daprd.grpcapp import GrpcAnswer
from daprd.mesh.codec import VERBS

_OPERATION: Final = "create"
_VERB: Final = "http.verb"
_QUERY: Final = "http.query_string"


def rpcs(blocks: Blocks) -> dict[str, Rpc]:
    """The methods of ``dapr.Dapr``."""
    api = _Edition2020(blocks)
    return {
        "PublishEvent": Unary(pb.PublishEventEnvelope, api.publish),
        "InvokeService": Unary(pb.InvokeServiceEnvelope, api.invoke),
        "InvokeBinding": Unary(pb.InvokeBindingEnvelope, api.bind),
        "GetState": Unary(pb.GetStateEnvelope, api.get),
        "SaveState": Unary(pb.SaveStateEnvelope, api.save),
        "DeleteState": Unary(pb.DeleteStateEnvelope, api.delete),
    }


class _Edition2020:
    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks

    async def publish(self, request: pb.PublishEventEnvelope, call: UnaryCall) -> bytes:
        publisher = self._blocks.pubsub.publisher
        target = publisher.target(self._bus(), request.topic, {})
        data = request.data.value
        await publisher.publish(target, data, content_type=_content_type(data))
        return EMPTY

    def _bus(self) -> str:
        """The component that is meant: the only one, or the one that ``dapr init`` writes."""
        names = list(self._blocks.pubsub.registry)
        return names[0] if len(names) == 1 else DEFAULT_COMPONENT

    async def invoke(self, request: pb.InvokeServiceEnvelope, call: UnaryCall) -> bytes:
        metadata = dict(request.metadata)
        verb = metadata.pop(_VERB, "POST").upper()
        query = metadata.pop(_QUERY, "").lstrip("?")
        fields, marks = call_fields(call)
        named = {name.lower(): value for name, value in metadata.items()}
        extra: Headers = [
            (name.encode(), value.encode())
            for name, value in named.items()
            if name.encode() not in NOT_FROM_CLIENTS and not name.endswith("-bin") and name != "content-type"
        ]
        invocation = Invocation(
            request.method, verb if verb in VERBS else "POST", [*fields, *extra], query=query.encode(),
            body=request.data.value, marks=marks,
        )  # fmt: skip
        invocation.content_type = named.get("content-type", "application/json").encode()
        invocation.from_grpc = True
        invocation.deadline = call.stream.deadline
        return _invoked(await self._blocks.invoke(request.id, invocation))

    async def bind(self, request: pb.InvokeBindingEnvelope, call: UnaryCall) -> bytes:
        metadata = dict(request.metadata)
        try:
            await self._blocks.bindings.invoke(request.name, InvokeRequest(_OPERATION, request.data.value, metadata))
        except OutputBindingError as error:
            raise GrpcError(Code.INTERNAL, error.message("grpc")) from error
        return EMPTY

    def get(self, request: pb.GetStateEnvelope, call: UnaryCall) -> bytes | Awaitable[bytes]:
        got = self._blocks.state.get(
            request.storeName, request.key, consistency=request.consistency, metadata=NO_METADATA
        )
        return _state(got) if isinstance(got, GetResult) else _state_later(got)

    async def save(self, request: pb.SaveStateEnvelope, call: UnaryCall) -> bytes:
        self._blocks.state.require(request.storeName)
        items = []
        for each in request.requests:
            item = SaveItem(each.key, each.value.value, each.etag or None, dict(each.metadata))
            item.concurrency, item.consistency = each.options.concurrency, each.options.consistency
            item.retry = _retry_option(each.options)
            items.append(item)
        pending = self._blocks.state.save(request.storeName, items)
        if pending is not None:
            await pending
        return EMPTY

    async def delete(self, request: pb.DeleteStateEnvelope, call: UnaryCall) -> bytes:
        options = request.options
        retry = _retry_option(options)
        item = DeleteItem(request.key, request.etag or None, {}, options.concurrency, options.consistency, retry)
        pending = self._blocks.state.delete(request.storeName, item)
        if pending is not None:
            await pending
        return EMPTY


def _retry_option(options: pb.StateOptions | pb.StateRequestOptions) -> RetryOption | None:
    """What the client says of repetitions; None for nothing. Raises ``GrpcError``."""
    if not options.HasField("retryPolicy"):
        return None
    policy = options.retryPolicy
    try:
        return RetryOption(policy.interval.ToTimedelta().total_seconds(), policy.threshold, policy.pattern)
    except (ValueError, OverflowError) as error:
        raise GrpcError(Code.INVALID_ARGUMENT, f"retryPolicy: {error}") from error


def _content_type(data: bytes) -> str:
    """What a payload without a type is: JSON if it reads as that, else text."""
    try:
        jsonx.loads(data)
    except (ValueError, RecursionError):
        return "text/plain"
    return "application/json"


def _invoked(response: Response) -> bytes:
    """The application's answer. Raises ``GrpcError`` for a failure."""
    body = response.body
    assert isinstance(body, bytes)
    answer = pb.InvokeServiceResponseEnvelope()
    if isinstance(response, GrpcAnswer):
        if response.code:
            raise GrpcError(Code(response.code), response.message)
        answer.data.type_url = response.type_url.decode("utf-8", "replace")
    elif not 200 <= response.status < 300:
        raise http_failure(response.status, body)
    answer.data.value = body
    for name, value in response.headers:
        if not name.endswith(b"-bin") and value.isascii():
            answer.metadata[name.decode()] = value.decode()
    return answer.SerializeToString()


def _state(got: GetResult) -> bytes:
    if got.data is None:
        return EMPTY
    answer = pb.GetStateResponseEnvelope(etag=got.etag or "")
    answer.data.value = got.data
    return answer.SerializeToString()


async def _state_later(pending: Awaitable[GetResult]) -> bytes:
    return _state(await pending)
