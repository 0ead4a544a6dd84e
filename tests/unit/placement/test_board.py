"""The board does what the machines want: frames made once, portions a turn, timers; nothing while it may not act."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dapr_core.proto.gen.placement.v1.placement_pb2 import Host, PlacementOrder
from dapr_core.rpc.grpc import Code, GrpcError
from dapr_core.rpc.messages import Peer
from dapr_core.telemetry.metrics import Registry
from dapr_placement.metrics import PlacementMetrics
from dapr_placement.server import board as board_module
from dapr_placement.server.board import Board
from dapr_placement.server.service import PlacementService
from dapr_placement.server.streams import SidecarStream

OPERATIONS = {"lock": 2, "update": 3, "unlock": 4}


class FakeCall:
    """A gRPC call as a method sees it, without a connection."""

    def __init__(self, *, gzip: bool = False) -> None:
        self.frames: list[bytes] = []
        self.metadata: list[Any] = []
        self.status: tuple[Code, str] | None = None
        self.head = self
        self.peer = Peer("10.0.0.1", 1)
        self.breaks: Callable[[], None] | None = None
        self._gzip = gzip

    def get(self, name: bytes) -> bytes | None:
        return b"identity, gzip" if self._gzip and name == b"grpc-accept-encoding" else None

    @property
    def ended(self) -> bool:
        return self.status is not None

    def send_metadata(self, fields: Any = ()) -> None:
        self.metadata = self.metadata or list(fields)

    def send_data(self, data: bytes) -> None:
        self.frames.append(data)
        if self.breaks is not None:
            self.breaks()

    def fail(self, error: GrpcError) -> None:
        self.status = (error.code, error.message)

    def finish(self, code: Code, message: str) -> None:
        self.status = (code, message)

    @property
    def orders(self) -> list[PlacementOrder]:
        return [
            PlacementOrder.FromString(gzip.decompress(frame[5:]) if frame[0] else frame[5:]) for frame in self.frames
        ]

    @property
    def words(self) -> list[str]:
        return [f"{order.operation} {order.version}" for order in self.orders]


class House:
    """A board behind its service, and streams into it."""

    def __init__(self, *, timeout: float = 60.0, window: float = 0.0) -> None:
        self.permitted = True
        self.metrics = PlacementMetrics(Registry())
        self.board = Board(100, timeout, window, self.metrics, lambda: self.service.guard())
        self.service = PlacementService(self.board, "me", authenticated=False, permitted=lambda: self.permitted)
        self.service.leading = True

    def stream(self, *, gzip: bool = False) -> tuple[FakeCall, SidecarStream]:
        call = FakeCall(gzip=gzip)
        listener = self.service.accept(call)  # type: ignore[arg-type]
        assert isinstance(listener, SidecarStream)
        return call, listener

    def join(self, name: str, *types: str, gzip: bool = False) -> tuple[FakeCall, SidecarStream]:
        call, listener = self.stream(gzip=gzip)
        listener.on_message(Host(name=name, id="app", namespace="ns", entities=types, operation=1).SerializeToString())
        return call, listener

    def gauges(self) -> tuple[float, float]:
        return self.metrics.runtimes.labels("ns").value, self.metrics.actor_runtimes.labels("ns").value


def ack(call: FakeCall, stream: SidecarStream) -> None:
    """Acknowledge the last order."""
    order = call.orders[-1]
    operation = OPERATIONS[order.operation]
    stream.on_message(Host(id="app", namespace="ns", operation=operation, version=order.version).SerializeToString())


def complete(*pairs: tuple[FakeCall, SidecarStream]) -> None:
    """Let a round come to its end."""
    for _ in OPERATIONS:
        for call, stream in pairs:
            ack(call, stream)


def run(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 30))  # type: ignore[arg-type]


def test_all_streams_send_the_same_frame_object() -> None:
    async def work() -> None:
        house = House()
        a = house.join("a:1", "cat")
        complete(a)
        b = house.join("b:1", "cat")
        for call, stream in (a, b):
            ack(call, stream)
        assert a[0].words[-1] == b[0].words[-1] == "update 2"
        assert a[0].frames[-1] is b[0].frames[-1]

    run(work)


def test_newcomers_without_actors_share_the_frames_of_one_table() -> None:
    async def work() -> None:
        house = House()
        host = house.join("a:1", *[f"type-{number}" for number in range(100)])
        complete(host)
        clients = [house.join(f"c{number}:1", gzip=True)[0] for number in range(3)]
        assert [client.words for client in clients] == [["lock 1", "update 1", "unlock 1"]] * 3
        assert clients[0].frames[1] is clients[2].frames[1]
        assert len(clients[0].frames[1]) < len(host[0].frames[1]) / 5

    run(work)


@pytest.mark.parametrize("takes", [True, False], ids=["takes gzip", "takes none"])
def test_only_large_messages_are_packed_and_only_for_those_who_take_it(takes: bool) -> None:
    async def work() -> None:
        house = House()
        call, stream = house.join("a:1", *[f"type-{number}" for number in range(100)], gzip=takes)
        complete((call, stream))
        assert [frame[0] for frame in call.frames] == [0, int(takes), 0]
        assert call.metadata == ([(b"grpc-encoding", b"gzip")] if takes else [])
        assert len(call.orders[1].tables.entries) == 100

    run(work)


def test_a_table_for_many_goes_out_in_portions_and_not_to_those_who_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_module, "TURN", 1)

    async def work() -> None:
        house = House()
        first = house.join("a:1", "cat")
        others = [house.join(f"b{number}:1", "cat") for number in range(3)]
        for _ in OPERATIONS:
            ack(*first)
        for _ in range(5):
            await asyncio.sleep(0)  # the locks of the second round, one a turn
        for call, stream in (first, *others):
            ack(call, stream)
        assert [call.words[-1] for call, _ in (first, *others)] == ["update 2", "lock 2", "lock 2", "lock 2"]
        others[0][1].on_cancel()
        for _ in range(5):
            await asyncio.sleep(0)
        assert [call.words[-1] for call, _ in others] == ["lock 2", "update 2", "update 2"]

    run(work)


def test_what_is_still_to_be_written_of_an_old_round_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_module, "TURN", 1)

    async def work() -> None:
        house = House()
        a, b = house.join("a:1", "cat"), house.join("b:1", "cat")
        for _ in OPERATIONS:
            ack(*a)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for call, stream in (a, b):
            ack(call, stream)
        a[1].on_message(Host(name="a:1", id="app", namespace="ns", entities=["dog"], operation=1).SerializeToString())
        for _ in range(5):
            await asyncio.sleep(0)
        assert b[0].words == ["lock 2", "lock 3"], "a table that is already out of date was sent"

    run(work)


def test_a_stream_that_breaks_under_a_write_does_not_disturb_the_others() -> None:
    async def work() -> None:
        house = House()
        a = house.join("a:1", "cat")
        complete(a)
        b = house.join("b:1", "cat")
        complete(a, b)
        a[0].breaks = a[1].on_cancel  # the next write to it fails, in the middle of an effect
        c = house.join("c:1", "cat")
        complete(b, c)
        complete(b, c)
        assert set(b[0].orders[-2].tables.entries["cat"].load_map) == {"b:1", "c:1"}
        assert house.gauges() == (2, 2)

    run(work)


def test_a_round_has_its_time_and_no_more() -> None:
    async def work() -> None:
        house = House(timeout=0.05)
        a = house.join("a:1", "cat")
        complete(a)
        b = house.join("b:1", "cat")
        ack(*a)
        while b[0].status is None:
            await asyncio.sleep(0.01)
        assert b[0].status == (Code.DEADLINE_EXCEEDED, "dissemination timeout after 50ms for version 2")
        assert a[0].status is None
        assert house.gauges() == (1, 1)
        complete(a)
        await asyncio.sleep(0.15)
        assert a[0].status is None

    run(work)


def test_the_last_one_takes_the_namespace_along_and_its_timers() -> None:
    async def work() -> None:
        house = House(timeout=0.05)
        call, stream = house.join("a:1", "cat")
        assert [name for name, *_ in house.board.tables()] == ["ns"]
        stream.on_end()
        assert call.status == (Code.UNKNOWN, "EOF")
        assert (list(house.board.tables()), house.gauges()) == ([], (0, 0))
        await asyncio.sleep(0.1)

    run(work)


def test_a_stream_that_never_reported_is_nobody() -> None:
    async def work() -> None:
        house = House()
        _, stream = house.stream()
        stream.on_cancel()
        assert (list(house.board.tables()), house.gauges()) == ([], (0, 0))

    run(work)


messages = st.builds(
    Host,
    name=st.sampled_from(["a:1", "b:1", ""]),
    id=st.sampled_from(["app", "other", ""]),
    namespace=st.sampled_from(["ns", "ns2", ""]),
    entities=st.lists(st.sampled_from(["cat", "dog", "", "dapr.internal.ns.app.x", "dapr.internal.y"]), max_size=3),
    operation=st.integers(-1, 6),
    api_level=st.integers(0, 2**32 - 1),
)
versions = st.none() | st.integers(0, 6) | st.just(2**64 - 1)
said = st.tuples(st.integers(0, 3), messages, versions) | st.tuples(
    st.integers(0, 3), st.binary(max_size=30), st.none()
)


@given(st.lists(said, max_size=40))
@settings(deadline=None)
def test_whatever_sidecars_say_only_their_own_streams_suffer(
    events: list[tuple[int, Host | bytes, int | None]],
) -> None:
    async def work() -> None:
        house = House()
        streams: dict[int, tuple[FakeCall, SidecarStream]] = {}
        for number, message, version in events:
            if number not in streams or streams[number][0].ended:
                streams[number] = house.stream()
            call, stream = streams[number]
            if isinstance(message, Host) and version is not None:
                message.version = version
            try:
                stream.on_message(message if isinstance(message, bytes) else message.SerializeToString())
            except GrpcError as refusal:
                call.fail(refusal)
                stream.on_cancel()
        reported = [stream for call, stream in streams.values() if stream.namespace is not None and not call.ended]
        known = {name for name, *_ in house.board.tables()}
        assert known == {stream.namespace for stream in reported}
        assert house.gauges()[0] == sum(stream.namespace == "ns" for stream in reported)
        for call, _ in streams.values():
            assert all(order.operation in OPERATIONS for order in call.orders)
        house.board.close(GrpcError(Code.UNAVAILABLE, "over"))

    run(work)


class TestPermission:
    def test_whoever_may_not_act_takes_nobody_in(self) -> None:
        async def work() -> None:
            house = House()
            house.permitted = False
            with pytest.raises(GrpcError) as caught:
                house.stream()
            assert caught.value.code is Code.FAILED_PRECONDITION
            assert caught.value.message == "node id=me is not a leader. Only the leader can serve requests"

        run(work)

    def test_the_first_event_of_a_time_without_it_ends_all_streams(self) -> None:
        async def work() -> None:
            house = House()
            a, b = house.join("a:1", "cat"), house.join("b:1", "cat")
            house.permitted = False
            sent = len(a[0].frames)
            ack(*a)
            assert len(a[0].frames) == sent
            for call, _ in (a, b):
                assert call.status is not None
                assert call.status[0] is Code.FAILED_PRECONDITION
            assert (list(house.board.tables()), house.gauges()) == ([], (0, 0))

        run(work)

    def test_when_it_comes_back_the_table_begins_anew(self) -> None:
        async def work() -> None:
            house = House()
            a = house.join("a:1", "cat")
            house.permitted = False
            ack(*a)
            house.permitted = True
            again = house.join("a:1", "cat")
            complete(again)
            assert again[0].words == ["lock 1", "update 1", "unlock 1"]

        run(work)
