"""Calls of actors over HTTP: what the application is told of them, and which headers are known again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dapr_core.rpc.deferred import Deferred
from dapr_core.rpc.messages import BodyStream, Headers, Request, Response
from daprd.api.http.actors import routes
from daprd.api.http.routing import Params
from daprd.blocks.actors.host import ActorAnswer, ActorCall
from daprd.blocks.actors.kept import KeptHeaders

PARAMS: Params = {"actorType": "Cat", "actorId": "tom", "method": "go"}
OURS = [(b"dapr-caller-app-id", b"shop"), (b"dapr-caller-namespace", b"default"), (b"dapr-api-call", b"true")]


class Block:
    """Notes calls and answers all of them."""

    def __init__(self) -> None:
        self.calls: list[ActorCall] = []

    def invoke(self, call: ActorCall) -> Deferred[ActorAnswer]:
        self.calls.append(call)
        begun = Deferred[ActorAnswer]()
        begun.settle(ActorAnswer(b"done", b"text/plain", [(b"x-b", b"2"), (b"content-length", b"4")]))
        return begun


class Api:
    def __init__(self) -> None:
        self.block = Block()
        block: Any = self.block
        self._invoke = routes(block, "shop", "default")[0].endpoint

    def call(self, *headers: tuple[bytes, bytes], body: Any = b"", target: bytes = b"/v1.0/x") -> ActorCall:
        """Makes a call; what the block was asked."""

        async def main() -> Response:
            answer = self._invoke(Request("POST", target, list(headers), body), PARAMS)
            return answer if isinstance(answer, Response) else await answer

        response = asyncio.run(main())
        assert (response.status, response.body) == (200, b"done")
        assert response.headers == [(b"x-b", b"2"), (b"content-type", b"text/plain")]
        return self.block.calls[-1]


class Pieces(BodyStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"


def test_a_call_says_who_makes_it_whatever_its_client_says() -> None:
    call = Api().call(
        (b"host", b"x"),
        (b"content-type", b"text/plain"),
        (b"dapr-caller-app-id", b"liar"),
        (b"dapr-reentrancy-id", b"chain"),
        body=b"data",
        target=b"/v1.0/x?a=b",
    )
    assert sorted(call.headers) == sorted([(b"content-type", b"text/plain"), (b"dapr-reentrancy-id", b"chain"), *OURS])
    assert (call.actor_type, call.actor_id, call.method) == ("Cat", "tom", "go")
    assert (call.content_type, call.data, call.query, call.reentrancy_id) == (b"text/plain", b"data", b"a=b", "chain")


def test_a_body_that_arrives_is_read_before_the_call_is_made() -> None:
    assert Api().call(body=Pieces()).data == b"one two"


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        ((b"x-a", b"1"), True),
        ((b"authorization", b"Bearer x"), False),
        ((b"x-api-key", b"1"), False),
        ((b"traceparent", b"00-1"), False),
        ((b"x-a", b"1" * 2000), False),
    ],
)
def test_headers_are_known_again_from_the_second_call_on_unless_they_may_hold_a_credential(
    header: tuple[bytes, bytes], kept: bool
) -> None:
    api = Api()
    first, second, third = (api.call(header, body=b"%d" % n).headers for n in range(3))
    assert list(first) == list(second) == list(third)
    assert type(first) is not KeptHeaders
    assert (second is third) == kept
    assert (type(third) is KeptHeaders) == kept


_headers = st.lists(
    st.tuples(
        st.sampled_from([b"x-a", b"content-type", b"dapr-reentrancy-id", b"cookie", b"connection", b"baggage"]),
        st.sampled_from([b"1", b"x-a", b"text/plain"]),
    ),
    max_size=4,
)


@settings(deadline=None)
@given(st.lists(_headers, max_size=8))
def test_a_call_of_known_headers_is_what_it_would_be_the_first_time(calls: list[Headers]) -> None:
    api = Api()
    for headers in calls:
        call, alone = api.call(*headers), Api().call(*headers)
        assert list(call.headers) == list(alone.headers)
        assert (call.content_type, call.reentrancy_id) == (alone.content_type, alone.reentrancy_id)


def test_what_is_kept_with_headers_is_bounded() -> None:
    headers = KeptHeaders([(b"x-a", b"1")])
    for number in range(1000):
        headers.keep(("me", number), number)
    assert headers.note(("me", 999)) == 999
    assert len(headers._notes) <= 64
