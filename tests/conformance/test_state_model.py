"""Any sequence of operations leaves every store as it leaves a plain model (hypothesis' state machine)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from support.redis_server import RedisServer, redis_server

from dapr_components import registry
from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.state.contract import DeleteRequest, ETagError, SetRequest, StateStore

T = TypeVar("T")

KEYS = st.sampled_from(["a", "b", "app||c", "é☃"])
VALUES = st.one_of(
    st.integers(0, 9).map(lambda number: str(number).encode()), st.sampled_from([b'"x"', b"null", b"{}"])
)
WHICH_ETAG = st.sampled_from(["none", "current", "old"])
STEPS = st.lists(
    st.tuples(st.sampled_from(["set", "delete"]), KEYS, VALUES, WHICH_ETAG),
    max_size=4,
    unique_by=lambda step: step[1],
)


class Entry:
    """What the model knows of one key: its value, the store's tag for it, and an earlier tag."""

    def __init__(self, value: bytes) -> None:
        self.value = value
        self.etag = ""
        self.old_etag = ""


class StoreMachine(RuleBasedStateMachine):
    """Operations on a store and on the model, compared after every step."""

    vendor: str
    metadata: dict[str, str]
    runner: asyncio.Runner

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[str, Entry] = {}
        self.store = registry.find(self.vendor, "v1", StateStore)(
            ComponentContext(name="store", type=self.vendor, version="v1", app_id="app")
        )

    def wait(self, work: Awaitable[T]) -> T:
        async def main() -> T:
            return await asyncio.wait_for(work, 10)

        return self.runner.run(main())

    @initialize()
    def open(self) -> None:
        self.wait(self.store.init(Metadata(self.metadata)))
        for key in ("a", "b", "app||c", "é☃"):
            self.wait(self.store.delete(DeleteRequest(key)))

    def teardown(self) -> None:
        self.wait(self.store.close())

    def tag(self, key: str, which: str) -> tuple[str | None, bool]:
        """The tag to send, and whether it fits."""
        entry = self.model.get(key)
        if which == "none" or entry is None or (which == "old" and not entry.old_etag):
            return None, True
        return (entry.etag, True) if which == "current" else (entry.old_etag, False)

    def learn(self, key: str) -> None:
        """Take over the tag that the store gave its newest value."""
        entry = self.model[key]
        etag = self.wait(self.store.get(key, metadata={})).etag
        assert etag
        assert etag != entry.etag
        entry.old_etag, entry.etag = entry.etag, etag

    def written(self, key: str, value: bytes) -> None:
        self.model.setdefault(key, Entry(value)).value = value
        self.learn(key)

    @rule(key=KEYS, value=VALUES, which=WHICH_ETAG)
    def set(self, key: str, value: bytes, which: str) -> None:
        etag, fits = self.tag(key, which)
        request = SetRequest(key, value, etag, is_json=True)
        if fits:
            self.wait(self.store.set(request))
            self.written(key, value)
        else:
            with pytest.raises(ETagError):
                self.wait(self.store.set(request))

    @rule(key=KEYS, which=WHICH_ETAG)
    def delete(self, key: str, which: str) -> None:
        etag, fits = self.tag(key, which)
        if fits:
            self.wait(self.store.delete(DeleteRequest(key, etag)))
            self.model.pop(key, None)
        else:
            with pytest.raises(ETagError):
                self.wait(self.store.delete(DeleteRequest(key, etag)))

    @rule(steps=STEPS)
    def transact(self, steps: list[tuple[str, str, bytes, str]]) -> None:
        operations: list[Any] = []
        all_fit = True
        for kind, key, value, which in steps:
            etag, fits = self.tag(key, which)
            all_fit = all_fit and fits
            operations.append(SetRequest(key, value, etag, is_json=True) if kind == "set" else DeleteRequest(key, etag))
        if not all_fit:
            with pytest.raises(ComponentError):
                self.wait(self.store.transact(operations, metadata={}))
            return
        self.wait(self.store.transact(operations, metadata={}))
        for kind, key, value, _ in steps:
            if kind == "set":
                self.written(key, value)
            else:
                self.model.pop(key, None)

    @invariant()
    def equals_the_model(self) -> None:
        keys = ["a", "b", "app||c", "é☃"]
        items = self.wait(self.store.bulk_get(keys, metadata={})) if self.model else []
        for item in items:
            entry = self.model.get(item.key)
            assert item.data == (entry.value if entry else None)
            assert item.etag == (entry.etag if entry else None)


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.mark.parametrize("vendor", ["state.in-memory", "state.redis", "state.sqlite"])
def test_any_sequence_of_operations_leaves_the_store_as_the_model(
    vendor: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    metadata: dict[str, str] = {}
    if vendor == "state.redis":
        metadata = {"redisHost": request.getfixturevalue("server").address}
    elif vendor == "state.sqlite":
        metadata = {"connectionString": str(tmp_path / "state.db")}
    with asyncio.Runner() as runner:
        machine = type("Machine", (StoreMachine,), {"vendor": vendor, "metadata": metadata, "runner": runner})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=40, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
