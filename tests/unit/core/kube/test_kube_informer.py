"""What is followed is known whatever becomes of watches: they end, break, lie fallow, or start too late."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fake_kube import Answer, Asked, BreakOff, FakeApi, Stream, event, fake_api, listing, pieces, refusal, thing

from dapr_core.kube import Informer, Key, KubeClient
from dapr_core.kube.backoff import Backoff
from dapr_core.kube.cache import Cache, Change, ChangeType, Entry
from dapr_core.kube.kinds import POD
from dapr_core.kube.objects import Object
from dapr_core.kube.reflector import Following


def run(work: Coroutine[Any, Any, Any]) -> Any:
    async def bounded() -> Any:
        async with asyncio.timeout(60):
            return await work

    return asyncio.run(bounded())


def value_of(pod: Object) -> str | None:
    return pod.get("value", "none")


class Followed:
    """An informer at work, and the changes it told."""

    def __init__(self, informer: Informer[str], server: FakeApi) -> None:
        self.informer = informer
        self.server = server
        self.changes: list[tuple[str, str]] = []
        self._more = asyncio.Event()
        informer.subscribe(self._note)

    def _note(self, change: Change[str]) -> None:
        self.changes.append((change.type.value, change.key.name))
        self._more.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._more.clear()
            await self._more.wait()

    @property
    def known(self) -> dict[str, str]:
        return {key.name: value for key, value in self.informer.cache.items()}


def follow(script: Any, work: Callable[[Followed], Awaitable[None]], **settings: Any) -> FakeApi:
    async def story() -> FakeApi:
        async with fake_api(script) as server, KubeClient(server.config()) as client:
            what = Following(**{"kind": POD, "project": value_of, "dice": lambda: 0.0, **settings})
            followed = Followed(Informer(client, what), server)
            task = asyncio.ensure_future(followed.informer.run())
            try:
                await work(followed)
            finally:
                task.cancel()
                await asyncio.wait([task])
            return server

    return run(story())


def script(*answers: Any) -> Callable[[Asked], Any]:
    """These answers in turn, then a watch that says nothing."""
    left = list(answers)
    return lambda _asked: left.pop(0) if left else Stream(pieces(hold=True))


def test_a_list_and_its_watch_are_known() -> None:
    watch = (
        event("ADDED", thing("b", "3", value="new"))
        + event("MODIFIED", thing("a", "4", value="changed"))
        + event("DELETED", thing("b", "5"))
    )

    async def work(followed: Followed) -> None:
        await followed.until(lambda: len(followed.changes) == 4)
        assert followed.changes == [("added", "a"), ("added", "b"), ("updated", "a"), ("removed", "b")]
        assert followed.known == {"a": "changed"}
        assert followed.informer.synced

    follow(script(listing(thing("a", "1"), version="2"), Stream(pieces(watch, hold=True))), work)


def test_a_watch_that_ends_is_taken_up_where_it_stood() -> None:
    bookmark = event("BOOKMARK", {"metadata": {"resourceVersion": "9"}})

    async def work(followed: Followed) -> None:
        await followed.until(lambda: len(followed.changes) == 2)

    server = follow(
        script(
            listing(version="2"),
            Stream(pieces(event("ADDED", thing("a", "3")), bookmark)),
            Stream(pieces(event("ADDED", thing("b", "10")), hold=True)),
        ),
        work,
    )
    assert [(asked.watches, asked.query.get("resourceVersion")) for asked in server.asked] == [
        (False, None),
        (True, "2"),
        (True, "9"),
    ]


@pytest.mark.parametrize(
    "end",
    [
        refusal(410, "Expired", "too old"),
        Stream(pieces(event("ERROR", {"kind": "Status", "code": 410, "reason": "Expired"}), hold=True)),
    ],
    ids=["at the beginning", "in the middle"],
)
def test_a_place_that_is_forgotten_means_to_list_again_and_tells_only_differences(end: Answer | Stream) -> None:
    async def work(followed: Followed) -> None:
        await followed.until(lambda: len(followed.changes) == 5)
        assert followed.changes[:3] == [("added", "a"), ("added", "b"), ("added", "c")]
        assert followed.changes[3:] == [("removed", "b"), ("updated", "c")]
        assert followed.known == {"a": "none", "c": "new"}

    follow(
        script(
            listing(thing("a", "1"), thing("b", "1"), thing("c", "1"), version="2"),
            end,
            listing(thing("a", "1"), thing("c", "7", value="new"), version="8"),
        ),
        work,
    )


def test_a_page_that_is_forgotten_means_to_list_all_at_once() -> None:
    answers = [
        listing(thing("a", "1"), version="2", proceed="more"),
        refusal(410, "Expired", "the provided continue parameter is too old"),
        listing(thing("a", "1"), thing("b", "1"), version="3"),
    ]

    async def work(followed: Followed) -> None:
        await followed.until(lambda: len(followed.changes) == 2)

    server = follow(script(*answers), work, page=1)
    assert [asked.query.get("limit") for asked in server.asked[:3]] == ["1", "1", None]


def test_a_server_without_versions_is_listed_after_each_watch() -> None:
    """As the fake server of the public project's own tests is (control-plane.md §4.10)."""

    async def work(followed: Followed) -> None:
        await followed.until(lambda: len(followed.changes) == 3)
        assert followed.changes == [("added", "a"), ("removed", "a"), ("added", "b")]

    server = follow(
        script(
            listing(thing("a", ""), version=""),
            Stream(pieces()),
            listing(thing("a", ""), version=""),
            Stream(pieces()),
            listing(thing("b", ""), version=""),
        ),
        work,
    )
    assert [asked.watches for asked in server.asked[:5]] == [False, True, False, True, False]


def test_what_is_known_stays_while_the_server_is_away_and_is_mended_after(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "dapr.kube")

    async def work(followed: Followed) -> None:
        await followed.until(lambda: len(followed.changes) == 1)
        await followed.server.close()
        while "Cannot follow pods" not in caplog.text:
            await asyncio.sleep(0.01)
        assert followed.known == {"a": "none"}
        followed.server.script = script(Stream(pieces(event("ADDED", thing("b", "9")), hold=True)))
        await followed.server.open()
        await followed.until(lambda: len(followed.changes) == 2)
        assert "Following pods again" in caplog.text

    follow(script(listing(thing("a", "1"), version="2")), work)
    assert caplog.text.count("Cannot follow pods") == 1


def test_a_watch_that_is_refused_names_the_role(caplog: pytest.LogCaptureFixture) -> None:
    async def work(followed: Followed) -> None:
        await followed.until(lambda: len(followed.changes) == 1)

    follow(script(refusal(403, "Forbidden", "pods is forbidden"), listing(thing("a", "1"), version="2")), work)
    assert "its role must allow list and watch" in caplog.text


def test_failures_are_retried_ever_more_rarely() -> None:
    waits = Backoff(0.2, 30.0, dice=lambda: 1.0)
    assert [round(waits.next(), 1) for _ in range(10)] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0]
    waits.reset()
    assert waits.next() == 0.2
    assert Backoff(1.0, dice=lambda: 0.0).next() == 0.5


def test_an_object_that_cannot_be_read_keeps_nobody_from_the_others(caplog: pytest.LogCaptureFixture) -> None:
    def project(pod: Object) -> str | None:
        return {"good": "x", "ignored": None}[pod["metadata"]["name"]]

    async def work(followed: Followed) -> None:
        await followed.until(lambda: len(followed.changes) == 1)
        assert followed.known == {"good": "x"}

    follow(
        script(listing(thing("bad", "1"), thing("ignored", "1"), thing("good", "1"), version="2")),
        work,
        project=project,
    )
    assert "Cannot read an object of pods: n/bad" in caplog.text


def test_a_handler_that_fails_keeps_nobody_from_the_news(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_change: Change[str]) -> None:
        raise RuntimeError("no")

    async def work(followed: Followed) -> None:
        followed.informer._handlers.insert(0, broken)
        await followed.until(lambda: len(followed.changes) == 2)

    follow(script(listing(thing("a", "1"), thing("b", "1"), version="2")), work)
    assert "A handler of pods failed" in caplog.text


def test_an_object_that_is_no_longer_kept_is_gone() -> None:
    async def work(followed: Followed) -> None:
        await followed.until(lambda: followed.changes == [("added", "a"), ("removed", "a")])

    follow(
        script(
            listing(thing("a", "1", value="x"), version="2"),
            Stream(pieces(event("MODIFIED", thing("a", "3", value=None)), hold=True)),
        ),
        work,
    )


def test_a_connection_that_breaks_before_the_first_list_is_tried_again() -> None:
    async def work(followed: Followed) -> None:
        await followed.until(lambda: len(followed.changes) == 1)

    follow(script(BreakOff(), BreakOff(), listing(thing("a", "1"), version="2")), work)


# --- The cache alone

KEYS = [Key("n", name) for name in "abc"]
STATES = st.dictionaries(st.sampled_from(KEYS), st.integers(1, 3), max_size=3)


@given(st.lists(STATES, max_size=8), st.booleans())
def test_changes_are_exactly_the_differences(states: list[dict[Key, int]], versions: bool) -> None:
    cache: Cache[int] = Cache()
    mirror: dict[Key, int] = {}
    for state in states:
        changes = cache.replace([(key, Entry(str(value) if versions else "", value)) for key, value in state.items()])
        for change in changes:
            assert change.old == mirror.get(change.key)
            if change.type is ChangeType.REMOVED:
                del mirror[change.key]
                continue
            assert change.new is not None
            assert change.old != change.new
            assert (change.type is ChangeType.ADDED) == (change.key not in mirror)
            mirror[change.key] = change.new
        assert mirror == state == dict(cache.items())
        assert len(cache) == len(state)


def test_news_that_repeat_what_is_known_change_nothing() -> None:
    cache: Cache[str] = Cache()
    assert cache.put(KEYS[0], Entry("1", "x")) is not None
    assert cache.put(KEYS[0], Entry("1", "x")) is None
    assert cache.remove(KEYS[1]) is None
    assert KEYS[0] in cache
    assert list(cache) == ["x"]
    assert cache.get("n", "a") == "x"
    assert cache.get("n", "b") is None
