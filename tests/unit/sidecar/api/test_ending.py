"""Who may end a sidecar by the port for other sidecars: the operator, by the id that mutual TLS has proved."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from dapr_core.identity.spiffe import parse_spiffe_id
from dapr_core.rpc.grpc.status import Code, GrpcError
from dapr_core.rpc.messages import Peer
from daprd.api.grpc.ending import METHOD, EndingByOperator

OPERATOR = "spiffe://cluster.local/ns/dapr-system/dapr-operator"


class Server:
    """Where the call is registered."""

    def __init__(self) -> None:
        self.factories: dict[str, Callable[[Any], Any]] = {}

    def register(self, path: str, factory: Callable[[Any], Any]) -> None:
        self.factories[path] = factory


class Stream:
    """One call of a peer; what the loop would do soon is kept."""

    def __init__(self, identity: str | None) -> None:
        self.peer = Peer("10.0.0.1", 4711, identity is not None, identity)
        self.said: list[object] = []
        self.server = SimpleNamespace(
            loop=SimpleNamespace(call_soon=lambda call, *given: self.said.append((call, given)))
        )

    def _soon(self, call: object, *given: object) -> None:
        self.said.append((call, given))

    def send_message(self, message: bytes) -> None:
        self.said.append(message)

    def finish(self) -> None:
        self.said.append("finished")


def begin(stream: Stream, stop: Callable[[bool], None]) -> Any:
    server = Server()
    EndingByOperator(parse_spiffe_id(OPERATOR), stop).register(server)  # type: ignore[arg-type]
    return server.factories[METHOD](stream)


def test_the_operator_gets_its_answer_and_the_end_begins_after_it() -> None:
    asked: list[bool] = []
    stream = Stream(OPERATOR)
    begin(stream, asked.append).on_end()
    (soon, given), *answer = stream.said
    assert answer == [b"", "finished"]
    assert asked == []
    soon(*given)
    assert asked == [False], "with grace"


@pytest.mark.parametrize(
    "identity",
    [
        None,
        "spiffe://cluster.local/ns/dapr-system/dapr-sentry",
        "spiffe://cluster.local/ns/default/dapr-operator",
        "spiffe://elsewhere/ns/dapr-system/dapr-operator",
        "spiffe://cluster.local/ns/dapr-system/dapr-operator/more",
    ],
)
def test_nobody_else_is_listened_to(identity: str | None) -> None:
    with pytest.raises(GrpcError) as refused:
        begin(Stream(identity), pytest.fail)
    assert refused.value.code is Code.PERMISSION_DENIED
