"""Actors of the sidecar itself in two real runtimes, with a real placement between them: what workflows live on."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from support.calls import call as http_call
from support.inside_runtimes import LIMIT, TYPE_URL, Sidecar
from support.placement_process import PlacementProcess, placement
from support.processes import wait_until

from dapr_core.errors import DaprError
from dapr_core.proto.gen.internals.v1 import service_invocation_pb2 as pb
from daprd.blocks.actors.host import ActorAnswer, ActorCall, Firing
from daprd.blocks.actors.names import internal_type
from daprd.blocks.actors.settings import TypeSettings

TYPE = internal_type("default", "flow", "counter")
IDS = [f"id-{number}" for number in range(40)]
STREAM = "/dapr.proto.internals.v1.ServiceInvocation/CallActorStream"


@pytest.fixture
def placing() -> Iterator[PlacementProcess]:
    with placement() as process:
        yield process


def run(main: Callable[[], Awaitable[Any]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(100):
            await main()

    asyncio.run(limited())


@contextlib.asynccontextmanager
async def both(placing: PlacementProcess, tmp_path: Path) -> AsyncIterator[tuple[Sidecar, Sidecar]]:
    """Two replicas of one application, both of which host the type."""
    one = Sidecar("flow", placing.address, tmp_path / "one")
    two = Sidecar("flow", placing.address, tmp_path / "two")
    async with one.running(), two.running():
        for sidecar in (one, two):
            await sidecar.actors.host_inside({TYPE: TypeSettings()}, sidecar.host)
        await in_table(placing, one, two)
        await agreed(one, two)
        yield one, two


async def in_table(placing: PlacementProcess, *sidecars: Sidecar) -> None:
    wanted = {sidecar.address: [TYPE] for sidecar in sidecars}
    await asyncio.to_thread(wait_until, lambda: placing.hosts() == wanted, what=f"{wanted} in the table", timeout=LIMIT)


async def agreed(*sidecars: Sidecar) -> None:
    """Wait until each of them has unlocked a table with all of them."""
    names = {sidecar.address for sidecar in sidecars}
    for sidecar in sidecars:
        claims = sidecar.actors._claims
        while set((await claims.wait_for(TYPE)).rings[TYPE].hosts if TYPE in claims.table.rings else ()) != names:  # type: ignore[union-attr]
            await claims.change()


def work(method: str, actor_id: str) -> ActorCall:
    return ActorCall(TYPE, actor_id, method)


async def home_of(actor_id: str, one: Sidecar, two: Sidecar) -> tuple[Sidecar, Sidecar]:
    """Where an actor lives, and the other one."""
    answer = await one.actors.router.invoke(work("read", actor_id))
    return (one, two) if answer.data.startswith(one.address.encode()) else (two, one)


async def foreign(one: Sidecar, two: Sidecar, but: str = "") -> str:
    """An actor that does not live at the first of them, and another one than ``but``."""
    for actor_id in IDS:
        if actor_id != but and (await home_of(actor_id, one, two))[0] is two:
            return actor_id
    raise AssertionError("all actors live on one host")


def test_an_actor_lives_in_one_of_two_runtimes_and_both_reach_it(placing: PlacementProcess, tmp_path: Path) -> None:
    async def main() -> None:
        async with both(placing, tmp_path) as (one, two):
            for actor_id in IDS:
                for sidecar in (one, two):
                    answer = await sidecar.actors.router.invoke(work("add", actor_id))
                    assert (answer.status, answer.type_url, answer.content_type) == (409, TYPE_URL, b"text/plain")
                assert answer.data.endswith(b" 2")
                assert (b"x-home", answer.data.split()[0]) in answer.headers
            assert one.made.keys() | two.made.keys() == set(IDS)
            assert not one.made.keys() & two.made.keys()
            assert one.made
            assert two.made
            assert one.actors.info().active == {TYPE: len(one.made)}
            far = await foreign(one, two)
            with pytest.raises(DaprError, match="no such method: dance"):
                await one.actors.router.invoke(work("dance", far))

    run(main)


def test_applications_do_not_touch_them(placing: PlacementProcess, tmp_path: Path) -> None:
    async def main() -> None:
        async with both(placing, tmp_path) as (one, _):
            for verb, path in (("GET", "state/count"), ("PUT", "state"), ("PUT", "timers/t"), ("PUT", "reminders/r")):
                answer = await asyncio.to_thread(
                    http_call, one.http_port, verb, f"/v1.0/actors/{TYPE}/id-1/{path}", b"{}" if "/" in path else b"[]"
                )
                assert answer.status == 403
                assert json.loads(answer.body)["errorCode"] == "ERR_ACTOR_TYPE_RESERVED"

    run(main)


def test_a_stream_of_answers_comes_from_wherever_the_actor_lives(placing: PlacementProcess, tmp_path: Path) -> None:
    async def main() -> None:
        async with both(placing, tmp_path) as (one, two):
            far = await foreign(one, two)
            for sidecar in (one, two):
                seen: asyncio.Queue[ActorAnswer] = asyncio.Queue()
                watching = asyncio.create_task(sidecar.actors.router.stream(work("watch", far), seen.put))
                first = await seen.get()
                assert (first.data, first.status, first.type_url) == (f"{two.address} 0".encode(), 409, TYPE_URL)
                for count in (1, 2, 3):
                    await one.actors.router.invoke(work("add", far))
                    assert (await seen.get()).data == f"{two.address} {count}".encode()
                await watching  # the actor has ended it
                assert two.made[far].streams == 0
                far = await foreign(one, two, but=far)

    run(main)


def test_nobody_streams_on_for_a_reader_who_has_left(placing: PlacementProcess, tmp_path: Path) -> None:
    async def main() -> None:
        async with both(placing, tmp_path) as (one, two):
            far = await foreign(one, two)
            seen: asyncio.Queue[ActorAnswer] = asyncio.Queue()
            watching = asyncio.create_task(one.actors.router.stream(work("watch", far), seen.put))
            await seen.get()
            assert two.made[far].streams == 1
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            while two.made[far].streams:
                await asyncio.sleep(0.01)

    run(main)


def test_what_an_actor_refuses_to_stream_is_told_in_its_words(placing: PlacementProcess, tmp_path: Path) -> None:
    async def main() -> None:
        async with both(placing, tmp_path) as (one, two):
            far = await foreign(one, two)
            for sidecar in (one, two):
                with pytest.raises(DaprError, match="unsupported stream method: listen") as caught:
                    await sidecar.actors.router.stream(work("listen", far), lambda answer: asyncio.sleep(0))
                assert str(caught.value).startswith("error invoke actor method: ")

    run(main)


def test_a_foreign_client_reads_the_stream(placing: PlacementProcess, tmp_path: Path) -> None:
    async def main() -> None:
        async with both(placing, tmp_path) as (one, two):
            far = await foreign(one, two)
            request = pb.InternalInvokeRequest(ver=1, actor=pb.Actor(actor_type=TYPE, actor_id=far))  # type: ignore[arg-type]
            request.message.method = "watch"
            async with grpc.aio.insecure_channel(two.address) as channel:
                stub = channel.unary_stream(
                    STREAM, request_serializer=pb.InternalInvokeRequest.SerializeToString,
                    response_deserializer=pb.InternalInvokeResponse.FromString,
                )  # fmt: skip
                answers = stub(request, timeout=LIMIT)
                first = await answers.read()
                assert (first.status.code, first.message.data.value) == (409, f"{two.address} 0".encode())
                assert first.message.data.type_url == TYPE_URL.decode()
                assert first.message.content_type == "text/plain"
                for _ in range(3):
                    await one.actors.router.invoke(work("add", far))
                told = []
                while (answer := await answers.read()) is not grpc.aio.EOF:
                    told.append(answer.message.data.value)
                assert told[-1] == f"{two.address} 3".encode()
            async with grpc.aio.insecure_channel(one.address) as channel:
                stub = channel.unary_stream(
                    STREAM, request_serializer=pb.InternalInvokeRequest.SerializeToString,
                    response_deserializer=pb.InternalInvokeResponse.FromString,
                )  # fmt: skip
                with pytest.raises(grpc.aio.AioRpcError) as caught:
                    await stub(request, timeout=LIMIT).read()
                assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.UNKNOWN, "remote actor moved")

    run(main)


def test_timers_and_reminders_reach_it_those_without_the_lock_beside_its_turn(
    placing: PlacementProcess, tmp_path: Path
) -> None:
    async def main() -> None:
        async with both(placing, tmp_path) as (one, two):
            far = await foreign(one, two)
            counter = two.made[far]
            counter.hold.set()
            busy = asyncio.ensure_future(one.actors.router.invoke(work("add", far)))
            await counter.holding.wait()
            await one.actors.router.fire(Firing(TYPE, far, "run", b'{"n":1}', "1s", skip_lock=True))
            await one.actors.router.invoke(work("peek", far))
            waiting = asyncio.ensure_future(one.actors.router.fire(Firing(TYPE, far, "wake", is_timer=True)))
            assert [(each.turn_name, each.data, each.skip_lock) for each in counter.fired] == [
                ("remind/run", b'{"n":1}', True)
            ]
            assert not waiting.done()
            busy.cancel()
            await waiting
            assert counter.fired[-1].turn_name == "timer/wake"

    run(main)


def test_types_come_and_go_at_run_time_and_a_stream_goes_on_where_its_actor_lives_next(
    placing: PlacementProcess, tmp_path: Path
) -> None:
    async def main() -> None:
        async with both(placing, tmp_path) as (one, two):
            far = await foreign(one, two)
            seen: asyncio.Queue[ActorAnswer] = asyncio.Queue()
            watching = asyncio.create_task(one.actors.router.stream(work("watch", far), seen.put))
            assert (await seen.get()).data.startswith(two.address.encode())

            gone = two.made[far]
            await two.actors.leave_inside([TYPE], two.host)
            assert gone.gone
            assert (await seen.get()).data == f"{one.address} 0".encode()
            await in_table(placing, one)
            assert two.actors.residence.registered.is_set()  # the application's own word still holds
            assert (await two.actors.router.invoke(work("read", far))).data == f"{one.address} 0".encode()

            await two.actors.host_inside({TYPE: TypeSettings()}, two.host)
            assert (await seen.get()).data == f"{two.address} 0".encode()
            assert one.made[far].gone
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

            for sidecar in (one, two):
                await sidecar.actors.leave_inside([TYPE], sidecar.host)
            await in_table(placing)

    run(main)
