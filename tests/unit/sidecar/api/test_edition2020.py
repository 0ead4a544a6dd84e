"""What the API of 2020 says to the blocks beyond what its integration tests show: a client's own retry policy."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dapr_core.proto.gen.v0 import dapr_pb2 as pb
from dapr_core.rpc.grpc import Code, GrpcError
from daprd.api.grpc.calls import Unary
from daprd.api.grpc.edition2020 import rpcs
from daprd.blocks.state import DeleteItem, SaveItem
from daprd.blocks.state.insisting import RetryOption


class State:
    """Notes what it is to write."""

    def __init__(self) -> None:
        self.asked: list[SaveItem | DeleteItem] = []

    def require(self, name: str) -> None:
        assert name == "store"

    def save(self, name: str, items: list[SaveItem]) -> None:
        self.asked += items

    def delete(self, name: str, item: DeleteItem) -> None:
        self.asked.append(item)


def call(name: str, request: Any) -> State:
    state = State()
    rpc = cast(Unary, rpcs(cast(Any, SimpleNamespace(state=state)))[name])
    asyncio.run(_done(rpc.handle(request, cast(Any, None))))
    return state


async def _done(answer: bytes | Awaitable[bytes]) -> bytes:
    return answer if isinstance(answer, bytes) else await answer


def test_a_clients_retry_policy_reaches_the_block() -> None:
    save = pb.SaveStateEnvelope(storeName="store")
    policy = save.requests.add(key="k").options.retryPolicy
    policy.threshold, policy.pattern = 3, "exponential"
    policy.interval.FromMilliseconds(250)
    save.requests.add(key="plain")
    first, second = call("SaveState", save).asked
    assert (first.retry, second.retry) == (RetryOption(0.25, 3, "exponential"), None)

    delete = pb.DeleteStateEnvelope(storeName="store", key="k")
    delete.options.retryPolicy.threshold = 2
    assert call("DeleteState", delete).asked[0].retry == RetryOption(0, 2, "")


def test_a_retry_policy_that_makes_no_sense_is_an_invalid_argument() -> None:
    delete = pb.DeleteStateEnvelope(storeName="store", key="k")
    delete.options.retryPolicy.pattern = "random"
    with pytest.raises(GrpcError, match="unrecognized retry pattern 'random'") as caught:
        call("DeleteState", delete)
    assert caught.value.code is Code.INVALID_ARGUMENT
