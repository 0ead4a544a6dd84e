"""``bindings.redis`` on a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from support.bindings import binding
from support.redis_server import RedisServer, redis_server

from dapr_components.bindings.contract import InvokeRequest, OutputBinding
from dapr_components.contract import ComponentError


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


def invoke(server: RedisServer, *requests: InvokeRequest) -> list[bytes | None]:
    server.command_line(b"FLUSHALL")

    async def main() -> list[bytes | None]:
        async with binding("bindings.redis", OutputBinding, {"redisHost": server.address}) as output:  # type: ignore[type-abstract]
            return [(await output.invoke(request)).data for request in requests]

    return asyncio.run(main())


def named(operation: str, data: bytes = b"", **metadata: str) -> InvokeRequest:
    return InvokeRequest(operation, data, {"key": "k", **metadata})


def test_a_key_is_read_once_when_asked_to_remove_it(server: RedisServer) -> None:
    answers = invoke(server, named("create", b'"v"'), named("get", delete="true"), named("get"))
    assert answers == [None, b'"v"', b""]


def test_increment_counts(server: RedisServer) -> None:
    assert invoke(server, named("increment"), named("increment"), named("get")) == [None, None, b"2"]


def test_delete_of_a_missing_key_succeeds(server: RedisServer) -> None:
    assert invoke(server, named("delete")) == [None]


@pytest.mark.parametrize("operation", ["create", "increment"])
@pytest.mark.parametrize(
    ("metadata", "seconds"),
    [({"ttlInSeconds": "60"}, 60), ({"ttl": "2m"}, 120), ({"TTLINSECONDS": "60"}, 60), ({}, -1)],
    ids=["seconds", "a duration", "another case", "none"],
)
def test_time_to_live_is_set(server: RedisServer, operation: str, metadata: dict[str, str], seconds: int) -> None:
    invoke(server, named(operation, b"1", **metadata))
    left = int(server.command_line(b"TTL k").strip().removeprefix(b":"))
    assert seconds - 2 <= left <= seconds


@pytest.mark.parametrize("ttl", ["0", "-1", "soon"])
def test_a_wrong_time_to_live_is_refused(server: RedisServer, ttl: str) -> None:
    with pytest.raises(ComponentError, match="ttlInSeconds"):
        invoke(server, named("create", b"1", ttlInSeconds=ttl))


def test_without_a_key_nothing_is_done(server: RedisServer) -> None:
    with pytest.raises(ComponentError, match="redis binding: missing key in request metadata"):
        invoke(server, InvokeRequest("get"))


def test_a_refusal_of_the_server_is_passed_on(server: RedisServer) -> None:
    with pytest.raises(ComponentError, match="not an integer"):
        invoke(server, named("create", b"text"), named("increment"))


def test_a_server_that_is_not_there_fails_the_start() -> None:
    async def main() -> None:
        fields = {"redisHost": "127.0.0.1:1", "redisMaxRetries": "0"}
        with pytest.raises(ComponentError, match=r"error connecting to redis.*refused"):
            async with binding("bindings.redis", OutputBinding, fields):  # type: ignore[type-abstract]
                pass

    asyncio.run(main())
