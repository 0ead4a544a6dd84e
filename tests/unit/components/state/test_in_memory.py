"""``state.in-memory`` on a held clock (components.md, state.in-memory)."""

from __future__ import annotations

import asyncio
import re

import pytest

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.state import in_memory
from dapr_components.state.contract import DeleteRequest, ETagError, SetRequest
from dapr_components.state.in_memory import InMemoryStateStore

CONTEXT = ComponentContext(name="s", type="state.in-memory", version="v1", app_id="app")


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000_000.5

    def __call__(self) -> float:
        return self.now


def put(key: str, ttl: str = "", **fields: str) -> SetRequest:
    return SetRequest(key, b"1", metadata={"ttlInSeconds": ttl} if ttl else {}, **fields)  # type: ignore[arg-type]


def test_a_value_is_gone_once_its_time_has_passed() -> None:
    async def main() -> None:
        clock = Clock()
        store = InMemoryStateStore(CONTEXT, clock=clock)
        store.set_now(put("k", "10"))
        assert store.get_now("k").metadata == {"ttlExpireTime": "2001-09-09T01:46:50Z"}
        clock.now += 9.9
        assert store.get_now("k").data == b"1"
        clock.now += 0.1
        assert store.get_now("k").data is None
        await store.close()

    asyncio.run(main())


def test_a_sweep_removes_what_nobody_asks_for_and_only_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_memory, "SWEEP_SECONDS", 0.001)

    async def main() -> None:
        clock = Clock()
        store = InMemoryStateStore(CONTEXT, clock=clock)
        for number in range(100):
            store.set_now(put(f"short{number}", "1"))
        store.set_now(put("long", "100"))
        store.set_now(put("rewritten", "1"))
        store.set_now(put("rewritten"))
        clock.now += 2
        while len(store._items) > 2:
            await asyncio.sleep(0.001)
        assert set(store._items) == {"long", "rewritten"}
        await store.close()

    asyncio.run(main())


def test_the_etag_check_still_sees_what_has_expired_but_is_not_swept() -> None:
    async def main() -> None:
        clock = Clock()
        store = InMemoryStateStore(CONTEXT, clock=clock)
        store.set_now(put("k", "1"))
        clock.now += 2
        with pytest.raises(ETagError, match="item already exists"):
            store.set_now(put("k", concurrency="first-write"))
        await store.close()

    asyncio.run(main())


@pytest.mark.parametrize("ttl", ["-5", "0"])
def test_zero_and_negative_times_mean_for_ever(ttl: str) -> None:
    async def main() -> None:
        store = InMemoryStateStore(CONTEXT)
        store.set_now(put("k", ttl))
        assert store.get_now("k").metadata == {}
        assert store._sweeper is None

    asyncio.run(main())


def test_a_time_that_is_no_number_is_refused_in_the_known_words() -> None:
    store = InMemoryStateStore(CONTEXT)
    with pytest.raises(ComponentError, match=re.escape('strconv.Atoi: parsing "soon": invalid syntax')):
        store.set_now(put("k", "soon"))


def test_etags_are_version_4_uuids_and_never_repeat() -> None:
    store = InMemoryStateStore(CONTEXT)
    etags = set()
    for _ in range(1000):
        store.set_now(put("k"))
        etags.add(store.get_now("k").etag)
    assert len(etags) == 1000
    pattern = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    assert all(pattern.fullmatch(etag or "") for etag in etags)


def test_a_transaction_checks_everything_before_it_changes_anything() -> None:
    store = InMemoryStateStore(CONTEXT)
    store.set_now(put("k"))
    etag = store.get_now("k").etag
    with pytest.raises(ETagError):
        store.transact_now([put("new"), DeleteRequest("k", "wrong")])
    with pytest.raises(ComponentError):
        store.transact_now([put("new"), put("k", "soon")])
    assert (store.get_now("new").data, store.get_now("k").etag) == (None, etag)


def test_closing_empties_the_store() -> None:
    async def main() -> None:
        store = InMemoryStateStore(CONTEXT)
        await store.init(Metadata())
        store.set_now(put("k", "100"))
        await store.close()
        assert store.get_now("k").data is None
        assert store._sweeper is None

    asyncio.run(main())
