"""Sentry serves only so many connections at once; the others wait, and nobody waits behind somebody else's crowd."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.identities import Authority

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.svid import make_svid
from dapr_core.identity.tls import client_context, serving_context
from dapr_core.rpc.grpc import GrpcServer
from dapr_sentry.server.gate import Gate
from dapr_sentry.server.queueing import Turns

AUTHORITY = Authority()


def context() -> ssl.SSLContext:
    leaf, key = AUTHORITY.issue("spiffe://x/ns/a/b")
    return serving_context(make_svid([leaf], key))  # type: ignore[arg-type]


def run(work: Coroutine[Any, Any, Any]) -> Any:
    async def bounded() -> Any:
        async with asyncio.timeout(60):
            return await work

    return asyncio.run(bounded())


# --- Turns


def test_addresses_take_turns() -> None:
    turns: Turns[int] = Turns(slots=10, places=10)
    for number in range(3):
        turns.arrive("crowd", number)
    turns.arrive("one", 9)
    turns.arrive("other", 8)
    assert [turns.next() for _ in range(6)] == [
        ("crowd", 0),
        ("one", 9),
        ("other", 8),
        ("crowd", 1),
        ("crowd", 2),
        None,
    ]


@given(st.lists(st.sampled_from(["a", "b", "c", "serve", "leave"]), max_size=80), st.integers(1, 4))
def test_everybody_is_served_once_in_turn_and_never_too_many_at_once(steps: list[str], slots: int) -> None:
    turns: Turns[int] = Turns(slots, places=5)
    arrived: dict[str, list[int]] = {"a": [], "b": [], "c": []}
    served: dict[str, list[int]] = {"a": [], "b": [], "c": []}
    serving = number = 0
    for step in steps:
        if step == "serve":
            waiting = turns.waiting
            found = turns.next()
            assert (found is None) == (serving == slots or waiting == 0)
            if found is not None:
                address, item = found
                served[address].append(item)
                serving += 1
        elif step == "leave":
            if serving:
                turns.left()
                serving -= 1
        elif not turns.full:
            number += 1
            turns.arrive(step, number)
            arrived[step].append(number)
        assert turns.serving == serving <= slots
        assert turns.waiting <= 5
    for address, items in served.items():
        assert items == arrived[address][: len(items)]
    left = turns.clear()
    assert sorted(left) == sorted(item for name in arrived for item in arrived[name][len(served[name]) :])
    assert turns.waiting == 0


# --- The gate


@asynccontextmanager
async def gate(slots: int, places: int = 100, timeout: float = 20.0) -> AsyncIterator[tuple[Gate, int, GrpcServer]]:
    server = GrpcServer()
    made = Gate(
        server.protocol, context(), handshake_timeout=timeout,
        slots=slots, places=places,
    )  # fmt: skip
    port = await made.open("127.0.0.1", 0)
    try:
        yield made, port, server
    finally:
        await made.close()
        await server.stop(0.0)
        await made.wait_closed()


async def greet(port: int, source: str = "127.0.0.1") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A TLS connection on which the server's HTTP/2 has begun to speak."""
    trusting = client_context(TrustBundle.of(AUTHORITY.certificate))
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=trusting, local_addr=(source, 0), ssl_handshake_timeout=30
    )
    await reader.readexactly(9)  # the head of its SETTINGS
    return reader, writer


def test_who_comes_when_all_slots_are_taken_waits_and_is_served_when_one_is_free() -> None:
    async def story() -> None:
        async with gate(slots=2) as (_gate, port, server):
            first, second = await greet(port), await greet(port)
            third = asyncio.ensure_future(greet(port))
            await asyncio.sleep(0.3)
            assert not third.done()
            assert len(server.connections) == 2
            first[1].close()
            await third
            second[1].close()
            third.result()[1].close()

    run(story())


def test_a_crowd_that_says_nothing_keeps_nobody_else_from_being_next() -> None:
    async def story() -> None:
        async with gate(slots=2, timeout=1.0) as (_gate, port, _server):
            crowd = []
            for _ in range(40):
                silent = socket.create_connection(("127.0.0.1", port))
                silent.setblocking(False)
                crowd.append(silent)
            await asyncio.sleep(0.1)
            began = asyncio.get_running_loop().time()
            _, writer = await greet(port, source="127.0.0.2")
            took = asyncio.get_running_loop().time() - began
            assert took < 12  # the crowd alone takes twenty
            writer.close()
            for silent in crowd:
                silent.close()

    run(story())


def test_more_than_may_wait_stay_in_the_kernels_queue_and_are_served_at_last() -> None:
    async def story() -> None:
        async with gate(slots=1, places=2) as (made, port, _server):
            everybody = [asyncio.ensure_future(greet(port)) for _ in range(8)]
            for _ in range(8):
                done, _ = await asyncio.wait(list(everybody), return_when=asyncio.FIRST_COMPLETED)
                assert made._turns.waiting <= 2
                for each in done:
                    everybody.remove(each)
                    each.result()[1].close()
                if not everybody:
                    break
            assert not everybody

    run(story())


def test_at_the_end_those_who_wait_are_sent_away() -> None:
    async def story() -> None:
        async with gate(slots=1) as (_gate, port, _server):
            _, writer = await greet(port)
            waiting = asyncio.ensure_future(greet(port))
            await asyncio.sleep(0.2)
        with pytest.raises((OSError, asyncio.IncompleteReadError, ssl.SSLError)):
            await waiting
        writer.close()

    run(story())


def test_every_address_of_the_host_is_listened_on_with_one_port() -> None:
    async def story() -> None:
        made = Gate(GrpcServer().protocol, context(), handshake_timeout=5.0)
        port = await made.open("", 0)
        assert {listener.getsockname()[1] for listener in made._listeners} == {port}
        with pytest.raises(OSError, match="in use"):
            await made.open("", port)
        await made.close()

    run(story())
