"""Hosts over streams: numbers find whoever waits, slow readers cost nothing more, and types have one owner (§3.10)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.simulated_time import simulate

from daprd.blocks.actors.claims import Claims
from daprd.blocks.actors.host import ActorAnswer, ActorCall, Firing, HostError, HostGoneError, PermanentHostError
from daprd.blocks.actors.residence import Residence
from daprd.blocks.actors.settings import InvalidSettingsError
from daprd.blocks.actors.streams import (
    DISCONNECTED,
    NOT_CONNECTED,
    Answer,
    Departed,
    Departure,
    Fired,
    HostStreams,
    Refused,
    StreamHost,
)

TIMER = Firing("Cat", "tom", "t", callback="cb", is_timer=True)
REMINDER = Firing("Cat", "tom", "r")


def run(main: Callable[[], Awaitable[Any]]) -> Any:
    async def limited() -> Any:
        async with asyncio.timeout(10):
            return await main()

    return asyncio.run(limited())


async def breathe() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def call(method: str = "go", actor_type: str = "Cat") -> ActorCall:
    return ActorCall(actor_type, "tom", method)


async def answered(work: Coroutine[Any, Any, Any], host: StreamHost, answer: Answer) -> Any:
    """What somebody gets who asks for work, when the application answers so."""
    asking = asyncio.ensure_future(work)
    request = await host.next()
    host.deliver(request.number, answer)
    return await asking


# --- One stream


def test_requests_are_numbered_from_one_in_the_order_in_which_they_go_out() -> None:
    async def main() -> None:
        host = StreamHost({})
        works = [host.invoke(call()), host.fire(TIMER), host.fire(REMINDER), host.deactivate("Cat", "tom")]
        tasks = [asyncio.create_task(work) for work in works]
        requests = [await host.next() for _ in tasks]
        assert [request.number for request in requests] == ["1", "2", "3", "4"]
        assert [request.work for request in requests] == [call(), TIMER, REMINDER, Departure("Cat", "tom")]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert len(host) == 0

    run(main)


def test_answers_find_whoever_waits_in_whatever_order_they_come() -> None:
    async def main() -> None:
        host = StreamHost({})
        tasks = [asyncio.create_task(host.invoke(call(str(number)))) for number in range(5)]
        sent = [await host.next() for _ in tasks]
        for request in reversed(sent):
            assert isinstance(request.work, ActorCall)
            host.deliver(request.number, ActorAnswer(request.work.method.encode()))
        assert [(await task).data for task in tasks] == [b"0", b"1", b"2", b"3", b"4"]
        assert len(host) == 0

    run(main)


@pytest.mark.parametrize("cancel", [True, False])
@pytest.mark.parametrize("firing", [TIMER, REMINDER], ids=["timer", "reminder"])
def test_who_tells_of_a_timer_or_reminder_hears_whether_it_shall_come_again(firing: Firing, cancel: bool) -> None:
    async def main() -> None:
        host = StreamHost({})
        assert await answered(host.fire(firing), host, Fired(firing.is_timer, cancel)) is cancel

    run(main)


def test_a_method_that_is_not_there_is_a_permanent_failure() -> None:
    async def main() -> None:
        host = StreamHost({})
        with pytest.raises(PermanentHostError, match=r"^actor method not found: go$"):
            await answered(host.invoke(call()), host, Refused(5, "no such thing"))

    run(main)


@pytest.mark.parametrize("ask", [lambda host: host.invoke(call()), lambda host: host.deactivate("Cat", "tom")])
def test_a_refusal_is_told_in_the_applications_words(ask: Callable[[StreamHost], Any]) -> None:
    async def main() -> None:
        host = StreamHost({})
        with pytest.raises(HostError, match=r"^error from actor service: kaput$") as caught:
            await answered(ask(host), host, Refused(13, "kaput"))
        assert not isinstance(caught.value, PermanentHostError)

    run(main)


@pytest.mark.parametrize(("message", "told"), [("", ""), (" ", ""), ("x" * 5000, " " + "x" * 1024)])
def test_a_refusals_words_fit_into_a_header(message: str, told: str) -> None:
    async def main() -> None:
        host = StreamHost({})
        with pytest.raises(HostError) as caught:
            await answered(host.invoke(call()), host, Refused(2, message))
        assert str(caught.value) == "error from actor service:" + told

    run(main)


def test_an_application_that_never_confirms_a_departure_holds_nobody_up_for_ever() -> None:
    async def main() -> float:
        host = StreamHost({})
        with pytest.raises(HostError, match="has not confirmed it within 60 seconds"):
            await host.deactivate("Cat", "tom")
        assert len(host) == 0
        return asyncio.get_running_loop().time()

    assert simulate(main) == 60.0


def test_a_reminder_that_nobody_takes_may_be_told_again() -> None:
    async def main() -> None:
        host = StreamHost({})
        with pytest.raises(HostError, match=r"^error from actor service: gone$") as caught:
            await answered(host.fire(REMINDER), host, Refused(5, "gone"))
        assert not isinstance(caught.value, PermanentHostError)

    run(main)


@pytest.mark.parametrize(
    ("ask", "answer", "what"),
    [
        (lambda host: host.invoke(call()), Departed(), "invoke"),
        (lambda host: host.fire(TIMER), Fired(False), "timer"),
        (lambda host: host.fire(REMINDER), ActorAnswer(), "reminder"),
        (lambda host: host.deactivate("Cat", "tom"), Fired(True), "deactivate"),
    ],
)
def test_an_answer_to_something_else_is_a_failure(ask: Callable[[StreamHost], Any], answer: Answer, what: str) -> None:
    async def main() -> None:
        host = StreamHost({})
        with pytest.raises(HostError, match=f"^actor host returned an unexpected response type for {what}$"):
            await answered(ask(host), host, answer)

    run(main)


def test_a_stream_that_ends_fails_what_it_was_given_and_takes_no_more() -> None:
    async def main() -> None:
        host = StreamHost({})
        sent, queued = (asyncio.create_task(host.invoke(call())) for _ in range(2))
        await host.next()
        host.close()
        for task in (sent, queued):
            with pytest.raises(HostGoneError, match=f"^{DISCONNECTED}$"):
                await task
        with pytest.raises(HostGoneError, match=f"^{NOT_CONNECTED}$"):
            await host.invoke(call())
        assert len(host) == 0

    run(main)


def test_where_the_stream_is_gone_an_actor_goes_without_a_word() -> None:
    async def main() -> None:
        host = StreamHost({})
        leaving = asyncio.create_task(host.deactivate("Cat", "tom"))
        await host.next()
        host.close()
        await leaving
        await host.deactivate("Cat", "tim")

    run(main)


def test_who_gives_up_before_the_stream_takes_the_request_takes_it_back() -> None:
    async def main() -> None:
        host = StreamHost({})
        tasks = [asyncio.create_task(host.invoke(call(str(number)))) for number in range(1000)]
        await breathe()
        assert len(host) == 1000
        for task in tasks[:999]:
            task.cancel()
        await asyncio.wait(tasks[:999])
        assert len(host) == 1
        request = await host.next()
        assert (request.number, request.work) == ("1", call("999"))
        host.deliver("1", ActorAnswer())
        await tasks[999]

    run(main)


def test_a_late_answer_is_nothing_to_warn_of_and_a_foreign_one_is(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        host = StreamHost({})
        task = asyncio.create_task(host.invoke(call()))
        await host.next()
        task.cancel()
        await asyncio.wait([task])
        host.deliver("1", ActorAnswer())
        assert not caplog.records
        for number in ("2", "0", "", "x", "-1", "1" * 5000, "²"):
            host.deliver(number, ActorAnswer())
        assert len(caplog.records) == 7
        assert all(record.getMessage().startswith("Dropping actor callback response") for record in caplog.records)

    with caplog.at_level(logging.INFO):
        run(main)


@given(st.lists(st.tuples(st.sampled_from(["ask", "give up", "send", "answer", "again"]), st.integers(0, 7))))
def test_whatever_happens_everybody_gets_the_own_answer_or_none(steps: list[tuple[str, int]]) -> None:
    async def main() -> None:
        host = StreamHost({})
        asked: list[asyncio.Task[ActorAnswer]] = []
        sent: list[tuple[str, str]] = []
        for step, which in steps:
            if step == "ask":
                asked.append(asyncio.create_task(host.invoke(call(str(len(asked))))))
            elif step == "give up" and asked:
                asked[which % len(asked)].cancel()
            elif step == "send":
                await breathe()
                if host._queue:
                    request = await host.next()
                    assert isinstance(request.work, ActorCall)
                    sent.append((request.number, request.work.method))
            elif sent:
                number, method = sent[which % len(sent)]
                host.deliver(number, ActorAnswer(method.encode()))
            await breathe()
        assert [number for number, _ in sent] == [str(number) for number in range(1, len(sent) + 1)]
        host.close()
        for number, task in enumerate(asked):
            try:
                assert (await task).data == str(number).encode()
            except (asyncio.CancelledError, HostGoneError):
                pass
        assert len(host) == 0

    run(main)


# --- Several


class Stage:
    """A residence whose types are reported to a list, and its streams."""

    def __init__(self) -> None:
        self.reported: list[list[str]] = []
        self.residence = Residence("127.0.0.1:1", Claims(), offers=lambda: True, changed=self._changed)
        self.streams = HostStreams(self.residence, 30.0)

    async def _changed(self) -> None:
        await asyncio.sleep(0)  # a report takes time, and others come and go meanwhile
        self.reported.append(sorted(self.residence.types()))

    async def open(self, *types: str, **settings: Any) -> StreamHost:
        host = self.streams.host({"entities": list(types), **settings})
        await self.streams.open(host)
        return host


def test_the_youngest_stream_takes_new_calls_and_the_older_one_finishes_its_own() -> None:
    async def main() -> None:
        stage = Stage()
        old = await stage.open("Cat")
        first = asyncio.ensure_future(stage.residence.invoke(call("one")))
        request = await old.next()
        young = await stage.open("Cat")
        second = asyncio.ensure_future(stage.residence.invoke(ActorCall("Cat", "tim", "two")))
        assert (await young.next()).number == "1"
        old.deliver(request.number, ActorAnswer(b"old"))
        young.deliver("1", ActorAnswer(b"young"))
        assert ((await first).data, (await second).data) == (b"old", b"young")

    run(main)


def test_one_turn_at_a_time_holds_across_streams_with_other_settings() -> None:
    async def main() -> None:
        stage = Stage()
        old = await stage.open("Cat")
        first = asyncio.ensure_future(stage.residence.invoke(call("one")))
        request = await old.next()
        young = await stage.open("Cat", actorIdleTimeout="5s")
        second = asyncio.ensure_future(stage.residence.invoke(call("two")))
        await breathe()
        assert len(young) == 0
        old.deliver(request.number, ActorAnswer())
        young.deliver((await young.next()).number, ActorAnswer(b"young"))
        assert ((await first).data, (await second).data) == (b"", b"young")
        assert stage.residence.counts() == {"Cat": 1}

    run(main)


def test_when_the_youngest_ends_the_next_has_its_types_again() -> None:
    async def main() -> None:
        stage = Stage()
        old = await stage.open("Cat", "Dog")
        young = await stage.open("Cat", "Cow")
        await stage.streams.close(young)
        assert stage.reported[-1] == ["Cat", "Dog"]
        calling = asyncio.ensure_future(stage.residence.invoke(call()))
        old.deliver((await old.next()).number, ActorAnswer(b"old"))
        assert (await calling).data == b"old"

    run(main)


def test_the_end_of_an_older_stream_takes_nothing_from_a_younger_one() -> None:
    async def main() -> None:
        stage = Stage()
        old, young = await stage.open("Cat", "Dog"), await stage.open("Cat")
        await stage.streams.close(old)
        assert stage.reported[-1] == ["Cat"]
        assert stage.residence.registered.is_set()
        await stage.streams.close(young)
        assert stage.reported[-1] == []
        assert not stage.residence.registered.is_set()

    run(main)


def test_a_stream_without_types_says_so_and_calls_need_not_wait() -> None:
    async def main() -> None:
        stage = Stage()
        assert not stage.residence.registered.is_set()
        host = await stage.open()
        assert stage.residence.registered.is_set()
        await stage.streams.close(host)
        assert stage.residence.registered.is_set()

    run(main)


def test_a_type_that_is_taken_over_while_its_old_host_leaves_stays() -> None:
    async def main() -> None:
        stage = Stage()
        old = await stage.open("Cat")
        calling = asyncio.ensure_future(stage.residence.invoke(call()))
        old.deliver((await old.next()).number, ActorAnswer())
        await calling
        leaving = asyncio.create_task(stage.streams.close(old))
        await asyncio.sleep(0)  # it has begun to leave
        young = await stage.open("Cat")
        await leaving
        assert stage.residence.types() == ["Cat"]
        assert stage.residence.counts() == {"Cat": 1}
        assert len(young) == 0
        assert stage.residence.registered.is_set()

    run(main)


def test_the_end_of_the_sidecar_lets_actors_go_before_their_streams() -> None:
    async def main() -> None:
        stage = Stage()
        host = await stage.open("Cat")
        calling = asyncio.ensure_future(stage.residence.invoke(call()))
        host.deliver((await host.next()).number, ActorAnswer())
        await calling
        releasing = asyncio.create_task(stage.streams.release())
        request = await host.next()
        assert request.work == Departure("Cat", "tom")
        assert not host.ended.is_set()
        host.deliver(request.number, Departed())
        await releasing
        assert host.ended.is_set()

    run(main)


def test_a_configuration_that_does_not_read_opens_nothing() -> None:
    stage = Stage()
    with pytest.raises(InvalidSettingsError, match="actorIdleTimeout"):
        stage.streams.host({"entities": ["Cat"], "actorIdleTimeout": "soon"})


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("open"), st.sets(st.sampled_from("ABC"))), st.tuples(st.just("close"), st.integers(0, 5))
        ),
        max_size=20,
    ),
    st.booleans(),
)
def test_a_type_belongs_to_the_youngest_stream_that_names_it(steps: list[tuple[str, Any]], at_once: bool) -> None:
    async def main() -> None:
        stage = Stage()
        alive: list[StreamHost] = []
        working: list[asyncio.Task[None]] = []
        for step, value in steps:
            if step == "open":
                host = stage.streams.host({"entities": sorted(value), "actorIdleTimeout": f"{len(alive) + 1}m"})
                alive.append(host)
                working.append(asyncio.create_task(stage.streams.open(host)))
            elif alive:
                host = alive.pop(value % len(alive))
                working.append(asyncio.create_task(stage.streams.close(host)))
            await asyncio.sleep(0)
            if not at_once and working:
                await asyncio.wait(working)
        if working:
            await asyncio.gather(*working)
        owners = {name: host for host in alive for name in sorted(host.types)}
        assert {name: hosted.host for name, hosted in stage.residence._types.items()} == owners
        assert all(stage.residence._types[name].settings == host.types[name] for name, host in owners.items())
        if stage.reported:
            assert stage.reported[-1] == sorted(owners)
        if owners:
            assert stage.residence.registered.is_set()

    run(main)
