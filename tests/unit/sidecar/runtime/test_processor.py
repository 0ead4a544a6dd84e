"""Components come up in the documented order, fail in the documented words, and are replaced and removed cleanly."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from dapr_components import registry
from dapr_components.contract import Component as Vendor
from dapr_components.contract import ComponentError, Metadata
from dapr_core.resources.component import Component, ComponentSpec
from dapr_core.resources.metadata import Auth, NameValuePair, ObjectMeta, SecretKeyRef
from daprd.runtime.processor import ComponentProcessor, Instance, ProcessError


class Recorder(Vendor):
    """A vendor that notes what happens to it; ``fail`` and ``hang`` come from its metadata."""

    events: ClassVar[list[str]] = []

    async def init(self, metadata: Metadata) -> None:
        if "fail" in metadata:
            raise ComponentError(metadata["fail"])
        if "hang" in metadata:
            await asyncio.Event().wait()
        self.events.append(f"init {self.context.name}")

    async def close(self) -> None:
        self.events.append(f"close {self.context.name}")


class Block:
    """A sink that holds instances by name."""

    contracts: Mapping[type[Vendor], str] = {Recorder: "couldn't find state store {}"}

    def __init__(self) -> None:
        self.held: dict[str, Instance] = {}

    async def install(self, instance: Instance) -> None:
        self.held[instance.manifest.name] = instance

    async def remove(self, name: str) -> None:
        self.held.pop(name, None)


@pytest.fixture(autouse=True)
def vendor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "BUILTIN", {"state.recorder": f"{__name__}:Recorder", "secretstores.rec": ""})
    monkeypatch.setattr(registry, "_load", lambda name: Recorder if name in registry.BUILTIN else None)
    Recorder.events.clear()


def manifest(name: str, kind: str = "state.recorder", *, store: str = "", **settings: Any) -> Component:
    timeout, ignore = settings.pop("timeout", ""), settings.pop("ignore", False)
    pairs = [NameValuePair(name=key, value=value) for key, value in settings.items()]
    if store:
        pairs.append(NameValuePair(name="password", secret_key_ref=SecretKeyRef(name="db")))
    spec = ComponentSpec(type=kind, version="v1", metadata=tuple(pairs), ignore_errors=ignore, init_timeout=timeout)
    return Component(metadata=ObjectMeta(name=name), spec=spec, auth=Auth(secret_store=store))


async def resolve(component: Component) -> Metadata:
    return Metadata({pair.name: pair.text for pair in component.spec.metadata if pair.has_value})


def processor(block: Block, denied: frozenset[str] = frozenset()) -> ComponentProcessor:
    return ComponentProcessor(
        app_id="app", namespace="", sinks={"state": block, "secretstores": block}, resolve=resolve,
        denied=lambda kind, version: kind in denied,
    )  # fmt: skip


def run(*manifests: Component, denied: frozenset[str] = frozenset()) -> Block:
    block = Block()
    asyncio.run(processor(block, denied).load(manifests))
    return block


def test_secret_stores_come_up_before_everything_else() -> None:
    run(manifest("a"), manifest("vault", "secretstores.rec"), manifest("b"))
    assert Recorder.events == ["init vault", "init a", "init b"]


def test_a_component_that_names_a_secret_store_is_taken_up_once_that_store_runs() -> None:
    async def scenario() -> Block:
        block = Block()
        components = processor(block)
        await components.load([manifest("a", store="vault")])
        assert list(block.held) == []
        await components.install(manifest("vault", "secretstores.rec"))
        return block

    assert list(asyncio.run(scenario()).held) == ["vault", "a"]


def test_a_store_that_never_comes_is_named_in_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    run(manifest("a", store="vault"))
    assert "a (state.recorder/v1): waiting for secret store 'vault', which is not loaded" in caplog.text


def test_an_unknown_type_fails_in_the_originals_words() -> None:
    with pytest.raises(ProcessError) as failure:
        run(manifest("nope", "state.doesnotexist"))
    assert str(failure.value) == (
        "process component nope error: [INIT_COMPONENT_FAILURE]: initialization error occurred for "
        "nope (state.doesnotexist/v1): [CREATE_COMPONENT_FAILURE]: initialization error occurred for "
        "nope (state.doesnotexist/v1): couldn't find state store state.doesnotexist/v1"
    )


def test_a_failed_start_fails_in_the_originals_words_and_closes_the_vendor(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ProcessError, match="process component a error"):
        run(manifest("a", fail="missing connection string"))
    assert (
        "Failed to init component a (state.recorder/v1): [INIT_COMPONENT_FAILURE]: initialization error occurred for "
        "a (state.recorder/v1): missing connection string"
    ) in caplog.text
    assert Recorder.events == ["close a"]


def test_a_start_that_takes_longer_than_its_time_fails() -> None:
    with pytest.raises(ProcessError, match=r"init timeout for component a \(state\.recorder/v1\)"):
        run(manifest("a", hang="yes", timeout="10ms"))


def test_ignored_errors_are_logged_and_the_rest_comes_up(caplog: pytest.LogCaptureFixture) -> None:
    block = run(manifest("a", fail="no", ignore=True), manifest("b"))
    assert list(block.held) == ["b"]
    assert "Ignoring error processing component: process component a error: [INIT_COMPONENT_FAILURE]" in caplog.text


@pytest.mark.parametrize("kind", ["workflow.dapr", "exporters.zipkin"])
def test_a_type_of_no_category_is_an_incorrect_type(kind: str) -> None:
    with pytest.raises(ProcessError, match=f"process component x error: incorrect type {kind}"):
        run(manifest("x", kind))


def test_a_denied_type_is_not_loaded() -> None:
    assert list(run(manifest("a"), denied=frozenset({"state.recorder"})).held) == []


def test_an_update_closes_the_old_instance_before_the_new_one_starts() -> None:
    async def scenario() -> None:
        components = processor(Block())
        await components.load([manifest("a")])
        await components.install(manifest("a", color="red"))

    asyncio.run(scenario())
    assert Recorder.events == ["init a", "close a", "init a"]


def test_an_identical_manifest_changes_nothing() -> None:
    async def scenario() -> None:
        components = processor(Block())
        await components.load([manifest("a")])
        await components.install(manifest("a"))

    asyncio.run(scenario())
    assert Recorder.events == ["init a"]


def test_close_takes_everything_down(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def scenario() -> Block:
        block = Block()
        components = processor(block)
        await components.load([manifest("a"), manifest("b")])
        await components.close()
        return block

    assert asyncio.run(scenario()).held == {}
    assert sorted(Recorder.events[2:]) == ["close a", "close b"]
    assert "Shutting down component a (state.recorder/v1)" in caplog.text
