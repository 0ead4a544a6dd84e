"""How a connection is looked after: the decisions by themselves, then a live server and its clients."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.h2client import Client

from dapr_core.rpc.grpc import (
    CallListener,
    Channel,
    ChannelOptions,
    Code,
    GrpcServer,
    KeepAlive,
    ResponseListener,
    ServerStream,
    Status,
)
from dapr_core.rpc.h2 import ErrorCode, frames, protocol
from dapr_core.rpc.h2.keepalive import MAX_STRIKES, PingStrikes, Verdict, Watch

# --- Decisions

OPTIONS = KeepAlive(interval=10, timeout=5, max_idle=180)


def watch(options: KeepAlive = OPTIONS, *, jitter: float = 0.5, wakes: bool = True) -> Watch:
    return Watch(options, 0.0, jitter=jitter, wakes=wakes)


def test_a_silent_peer_with_a_call_is_asked_and_given_up() -> None:
    watching = watch()
    assert watching.wake(0.0) == 5
    assert watching.look(5, heard=True, streams=1, newest=1) == (Verdict.KEEP, 10)
    assert watching.look(10, heard=False, streams=1, newest=1) == (Verdict.KEEP, 15)
    assert watching.look(15, heard=False, streams=1, newest=1) == (Verdict.PING, 20)
    assert watching.look(20, heard=False, streams=1, newest=1) == (Verdict.DEAD, None)


def test_a_peer_that_answers_is_kept() -> None:
    watching = watch()
    assert watching.look(10, heard=False, streams=1, newest=1) == (Verdict.PING, 15)
    assert watching.look(15, heard=True, streams=1, newest=1) == (Verdict.KEEP, 20)
    assert watching.look(20, heard=False, streams=1, newest=1) == (Verdict.KEEP, 25)
    assert watching.look(25, heard=False, streams=1, newest=1) == (Verdict.PING, 30)


def test_an_answer_may_take_longer_than_an_interval() -> None:
    watching = watch(KeepAlive(interval=10, timeout=25))
    assert watching.look(10, heard=False, streams=1, newest=1) == (Verdict.PING, 15)
    for now in (15, 20, 25, 30):
        assert watching.look(now, heard=False, streams=1, newest=1) == (Verdict.KEEP, now + 5)
    assert watching.look(35, heard=False, streams=1, newest=1) == (Verdict.DEAD, None)


def test_nobody_looks_after_a_connection_without_calls_until_it_is_let_go() -> None:
    watching = watch()
    assert watching.begin(0.0) == 180
    assert watching.look(180, heard=False, streams=0, newest=0) == (Verdict.IDLE, None)


def test_idle_time_counts_from_the_last_call() -> None:
    watching = watch()
    assert watching.wake(100) == 105
    assert watching.look(110, heard=True, streams=0, newest=1) == (Verdict.KEEP, 290)  # it came and went in between
    assert watching.look(290, heard=False, streams=0, newest=1) == (Verdict.IDLE, None)


def test_a_call_that_lasts_keeps_its_connection() -> None:
    watching = watch(KeepAlive(max_idle=180))
    assert watching.look(180, heard=False, streams=1, newest=1) == (Verdict.KEEP, 360)
    assert watching.look(360, heard=False, streams=1, newest=1) == (Verdict.KEEP, 540)


def test_probing_without_calls_is_for_those_who_ask_for_it() -> None:
    watching = watch(KeepAlive(interval=10, timeout=5, without_calls=True))
    assert watching.begin(0.0) == 5
    assert watching.look(10, heard=False, streams=0, newest=0) == (Verdict.PING, 15)


def test_a_client_that_nobody_wakes_looks_on_without_asking() -> None:
    watching = watch(KeepAlive(interval=10), wakes=False)
    assert watching.begin(0.0) == 5
    assert watching.look(10, heard=False, streams=0, newest=0) == (Verdict.KEEP, 15)


@pytest.mark.parametrize(("jitter", "age"), [(0.0, 90), (0.5, 100), (1.0, 110)])
def test_an_old_connection_is_let_go_and_what_is_left_ended_after_the_grace(jitter: float, age: float) -> None:
    watching = watch(KeepAlive(max_age=100, max_age_grace=30), jitter=jitter)
    due = watching.begin(0.0)
    assert due is not None
    assert due == pytest.approx(age)
    assert watching.look(due, heard=True, streams=1, newest=5) == (Verdict.OLD, due + 30)
    assert watching.look(due + 30, heard=True, streams=1, newest=5) == (Verdict.OVER, None)


def test_looks_wait_for_one_another_but_not_for_long() -> None:
    assert OPTIONS.grain == 5 / 16
    assert OPTIONS.rounded(100.01) == OPTIONS.rounded(100.3) == pytest.approx(100.3125)


def test_without_settings_nobody_ever_looks() -> None:
    assert watch(KeepAlive()).begin(0.0) is None


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 2), st.booleans()), max_size=40),
    st.booleans(),
)
def test_whatever_happens_the_rules_hold(steps: list[tuple[int, int, bool]], without_calls: bool) -> None:
    """A peer is asked only while it has calls, an idle connection goes in time and a busy one never, and a silent
    peer with a call is given up within one and a half intervals and the time for an answer."""
    watching = watch(KeepAlive(interval=10, timeout=5, max_idle=180, without_calls=without_calls))
    now, due, streams, newest, heard = 0.0, watching.begin(0.0), 0, 0, False
    idle_since, last_heard, gone = 0.0, 0.0, False
    for pause, calls, says in steps:
        until = now + pause
        while due is not None and due <= until and not gone:
            now = due
            verdict, due = watching.look(now, heard=heard, streams=streams, newest=newest)
            heard = False
            if verdict is Verdict.PING:
                assert streams or without_calls
            elif verdict is Verdict.IDLE:
                assert not streams
                assert now - idle_since >= 180
                gone = True
            elif verdict is Verdict.DEAD:
                assert now - last_heard >= 15
                gone = True
        if gone:
            return
        now = until
        assert streams or now - idle_since < 180 + 2 * 10 + 5
        if streams:
            assert now - max(last_heard, idle_since) < 1.5 * 10 + 5
        if says or calls > streams:
            heard, last_heard = True, now
        if calls > streams:
            newest += 2 * (calls - streams)
            if not streams:
                woken = watching.wake(now)
                due = woken if due is None else min(woken or math.inf, due)
        if streams and not calls:
            idle_since = now
        streams = calls


def test_early_pings_are_counted_and_forgotten_when_something_was_sent() -> None:
    strikes = PingStrikes(8.0)
    assert not strikes.too_many(0.0, "a")
    for number in range(MAX_STRIKES):
        assert not strikes.too_many(1.0 + number, "a")
    assert not strikes.too_many(4.0, "b")
    for number in range(MAX_STRIKES):
        assert not strikes.too_many(5.0 + number, "b")
    assert strikes.too_many(8.0, "b")


@given(st.lists(st.floats(8.0, 100.0), max_size=30))
def test_a_patient_client_may_ping_for_ever(pauses: list[float]) -> None:
    strikes, now = PingStrikes(8.0), 0.0
    for pause in pauses:
        now += pause
        assert not strikes.too_many(now, None)


# --- A live server

PATH = "/s/Hold"
CALL = [
    (b":method", b"POST"),
    (b":scheme", b"http"),
    (b":path", PATH.encode()),
    (b":authority", b"localhost"),
    (b"content-type", b"application/grpc"),
]


class Hold(CallListener):
    """A call that ends when its caller does, or is cancelled."""

    __slots__ = ("stream",)
    cancelled = 0

    def __init__(self, stream: ServerStream) -> None:
        self.stream = stream

    def on_message(self, message: bytes) -> None:
        self.stream.send_message(message)

    def on_end(self) -> None:
        self.stream.finish()

    def on_cancel(self) -> None:
        Hold.cancelled += 1


class End(ResponseListener):
    def __init__(self) -> None:
        self.done: asyncio.Future[Status] = asyncio.get_running_loop().create_future()

    def on_close(self, status: Status) -> None:
        self.done.set_result(status)


def serving(keepalive: KeepAlive, test: Callable[[GrpcServer, int], Awaitable[None]]) -> None:
    async def main() -> None:
        Hold.cancelled = 0
        server = GrpcServer(keepalive=keepalive)
        server.register(PATH, Hold)
        (sock,) = await server.listen("127.0.0.1", 0)
        try:
            async with asyncio.timeout(20):
                await test(server, sock.getsockname()[1])
        finally:
            await server.stop(0)

    asyncio.run(main())


async def say(channel: Channel) -> Status:
    """One whole call."""
    end = End()
    (await channel.connect()).start(PATH, (), end).send_message(b"", end=True)
    return await end.done


def test_a_client_that_hangs_loses_its_connection_and_its_calls_are_cancelled() -> None:
    async def test(server: GrpcServer, port: int) -> None:
        client = await Client.open(port)
        client.mute = True
        client.begin(CALL, end=False)
        await client.until(lambda: client.eof)
        assert client.pings == 1
        assert Hold.cancelled == 1
        await client.close()

    serving(KeepAlive(interval=0.05, timeout=0.05), test)


def test_a_client_that_answers_keeps_its_call_for_as_long_as_it_likes() -> None:
    async def test(server: GrpcServer, port: int) -> None:
        client = await Client.open(port)
        number = client.begin(CALL, end=False)
        await client.until(lambda: client.pings >= 4)
        client.data(number, b"", end=True)
        answer = await client.answer(number)
        assert answer.heads[-1]["grpc-status"] == "0"
        await client.close()

    serving(KeepAlive(interval=0.03, timeout=5, max_idle=0.05), test)


def test_an_idle_client_is_not_asked_and_let_go_with_the_reason() -> None:
    async def test(server: GrpcServer, port: int) -> None:
        client = await Client.open(port)
        number = client.begin(CALL)
        assert (await client.answer(number)).ended
        await client.until(lambda: client.eof)
        assert [code for _, code in client.goaway] == [ErrorCode.NO_ERROR] * 2
        assert client.goaway[-1] == (number, ErrorCode.NO_ERROR)
        assert client.goaway_text == b"max_idle"
        assert client.pings == 1  # the drain's own
        await client.close()

    serving(KeepAlive(interval=0.05, timeout=0.05, max_idle=0.3), test)


def test_a_channel_whose_connection_was_let_go_calls_on() -> None:
    async def test(server: GrpcServer, port: int) -> None:
        channel = Channel(f"127.0.0.1:{port}")
        assert (await say(channel)).ok
        first = channel.connection
        while channel.connection is first:
            await asyncio.sleep(0.01)
        assert (await say(channel)).ok
        await channel.close()

    serving(KeepAlive(max_idle=0.1), test)


def test_a_call_on_an_old_connection_has_its_grace_and_no_more() -> None:
    async def test(server: GrpcServer, port: int) -> None:
        client = await Client.open(port)
        client.begin(CALL, end=False)
        await client.until(lambda: client.goaway)
        assert Hold.cancelled == 0
        await client.until(lambda: client.eof)
        assert Hold.cancelled == 1
        await client.close()

    serving(KeepAlive(max_age=0.1, max_age_grace=0.2), test)


def test_a_client_that_never_answers_a_drain_does_not_hold_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "DRAIN_PATIENCE", 0.1)

    async def test(server: GrpcServer, port: int) -> None:
        client = await Client.open(port)
        client.mute = True
        await client.until(lambda: client.settings)
        await server.stop(10)
        await client.until(lambda: client.eof)
        assert [last for last, _ in client.goaway] == [2**31 - 1, 0]
        await client.close()

    serving(KeepAlive(), test)


def test_a_client_that_says_goaway_gets_its_answers_and_then_the_end() -> None:
    async def test(server: GrpcServer, port: int) -> None:
        client = await Client.open(port)
        number = client.begin(CALL, end=False)
        client.send(frames.goaway(0, ErrorCode.NO_ERROR))
        await client.until(lambda: client.goaway)
        client.data(number, b"", end=True)
        assert (await client.answer(number)).ended
        await client.until(lambda: client.eof)
        await client.close()

    serving(KeepAlive(), test)


def test_a_client_that_pings_too_often_is_sent_away() -> None:
    async def test(server: GrpcServer, port: int) -> None:
        client = await Client.open(port)
        client.begin(CALL, end=False)
        for number in range(MAX_STRIKES + 1):
            client.send(frames.frame(frames.PING, 0, 0, b"too soon"))
            await client.until(lambda number=number: client.pongs == number + 1)
        client.send(frames.frame(frames.PING, 0, 0, b"too soon"))
        await client.until(lambda: client.eof)
        assert [code for _, code in client.goaway] == [ErrorCode.ENHANCE_YOUR_CALM]
        assert client.goaway_text == b"too_many_pings"
        assert Hold.cancelled == 1
        await client.close()

    serving(KeepAlive(min_ping_interval=8), test)


def test_pings_that_answer_messages_are_no_strikes() -> None:
    """grpc-go and grpc-java estimate bandwidth so."""

    async def test(server: GrpcServer, port: int) -> None:
        client = await Client.open(port)
        number = client.begin(CALL, end=False)
        for turn in range(20):
            client.data(number, b"\0\0\0\0\1x")
            await client.until(lambda turn=turn: len(client.answers[number].body) == 6 * (turn + 1))
            client.send(frames.frame(frames.PING, 0, 0, b"estimate"))
            await client.until(lambda turn=turn: client.pongs == turn + 1)
        client.data(number, b"", end=True)
        assert (await client.answer(number)).heads[-1]["grpc-status"] == "0"
        await client.close()

    serving(KeepAlive(min_ping_interval=8), test)


def test_a_channel_that_was_sent_away_for_its_pings_probes_half_as_often() -> None:
    async def test(server: GrpcServer, port: int) -> None:
        mine = KeepAlive(interval=0.02, timeout=5)
        channel = Channel(f"127.0.0.1:{port}", ChannelOptions(keepalive=mine))
        end = End()
        (await channel.connect()).start(PATH, (), end)
        status = await end.done
        assert status.code is Code.UNAVAILABLE
        assert "too_many_pings" in status.message
        assert channel.keepalive.interval == 0.04
        assert (await say(channel)).ok
        await channel.close()

    serving(KeepAlive(min_ping_interval=8), test)
