"""Hot reload finds what changed, applies it in order, and a broken document takes nothing down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dapr_core.resources.loader import LoadedResources, load_paths
from daprd.runtime import watch
from daprd.runtime.changes import Changes, compare
from daprd.runtime.reload import Reloader

COMPONENT = """
apiVersion: dapr.io/v1alpha1
kind: Component
metadata: {{name: {name}}}
spec: {{type: state.in-memory, version: v1, metadata: [{{name: color, value: {color}}}]}}
"""
ENDPOINT = """
apiVersion: dapr.io/v1alpha1
kind: HTTPEndpoint
metadata: {{name: ext}}
spec: {{baseUrl: "http://{host}"}}
"""
CONFIGURATION = """
apiVersion: dapr.io/v1alpha1
kind: Configuration
metadata: {{name: {name}}}
spec: {{features: [{{name: HotReload, enabled: {on}}}]}}
"""
SUBSCRIPTION = """
apiVersion: dapr.io/v2alpha1
kind: Subscription
metadata: {{name: orders}}
spec: {{pubsubname: bus, topic: {topic}, routes: {{default: /orders}}}}
"""


def loaded(directory: Path, *documents: str) -> LoadedResources:
    directory.mkdir(exist_ok=True)
    (directory / "all.yaml").write_text("\n---\n".join(documents))
    return load_paths([str(directory)], namespace="", app_id="app")


def component(name: str, color: str = "red") -> str:
    return COMPONENT.format(name=name, color=color)


def test_nothing_changed_is_no_change(tmp_path: Path) -> None:
    both = loaded(tmp_path, component("a"), SUBSCRIPTION.format(topic="t"))
    assert not compare(both, both, configuration="")


def test_components_are_sorted_into_deleted_updated_and_created(tmp_path: Path) -> None:
    before = loaded(tmp_path, component("gone"), component("same"), component("other"))
    after = loaded(tmp_path, component("same"), component("other", "blue"), component("new"))
    found = compare(before, after, configuration="")
    assert [[each.name for each in group] for group in (found.deleted, found.updated, found.created)] == [
        ["gone"],
        ["other"],
        ["new"],
    ]
    assert not found.restart


def test_changed_subscriptions_come_whole(tmp_path: Path) -> None:
    before = loaded(tmp_path, SUBSCRIPTION.format(topic="one"))
    found = compare(before, loaded(tmp_path, SUBSCRIPTION.format(topic="two")), configuration="")
    assert found.subscriptions is not None
    assert [each.spec.topic for each in found.subscriptions] == ["two"]


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ([ENDPOINT.format(host="a")], [ENDPOINT.format(host="b")], ("HTTPEndpoint ext",)),
        ([ENDPOINT.format(host="a")], [], ("HTTPEndpoint ext",)),
        ([], [ENDPOINT.format(host="a")], ("HTTPEndpoint ext",)),
        ([CONFIGURATION.format(name="mine", on="true")], [CONFIGURATION.format(name="mine", on="false")],
         ("Configuration mine",)),
        ([CONFIGURATION.format(name="other", on="true")], [CONFIGURATION.format(name="other", on="false")], ()),
    ],
    ids=["endpoint updated", "endpoint deleted", "endpoint created", "own configuration", "another configuration"],
)  # fmt: skip
def test_what_needs_a_new_runtime_is_named(
    tmp_path: Path, before: list[str], after: list[str], named: tuple[str, ...]
) -> None:
    found = compare(loaded(tmp_path, *before), loaded(tmp_path, *after), configuration="mine")
    assert found.restart == named


def reconcile(tmp_path: Path, before: list[str], after: list[str]) -> list[Changes]:
    applied: list[Changes] = []
    first = loaded(tmp_path, *before)
    loaded(tmp_path, *after)

    async def apply(found: Changes) -> None:
        applied.append(found)

    async def scenario() -> None:
        reloader = Reloader(
            load=lambda: load_paths([str(tmp_path)], namespace="", app_id="app"), apply=apply, current=first,
            configuration="", interval=60,
        )  # fmt: skip
        await reloader.reconcile()
        await reloader.reconcile()

    asyncio.run(scenario())
    return applied


def test_a_change_is_applied_once(tmp_path: Path) -> None:
    applied = reconcile(tmp_path, [component("a")], [component("b")])
    assert [([each.name for each in one.deleted], [each.name for each in one.created]) for one in applied] == [
        (["a"], ["b"])
    ]


def test_a_document_that_does_not_read_takes_nothing_down(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    applied = reconcile(tmp_path, [component("a"), component("b")], ["kind: [", component("b", "blue")])
    assert [(one.deleted, [each.name for each in one.updated]) for one in applied] == [((), ["b"])]
    assert "all.yaml" in caplog.text


def test_a_name_defined_twice_changes_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert reconcile(tmp_path, [component("a")], [component("b"), component("b")]) == []
    assert "Resources are not reloaded: duplicate definition of Component name b" in caplog.text


def test_a_hint_starts_a_round_and_the_end_is_clean(tmp_path: Path) -> None:
    first = loaded(tmp_path, component("a"))

    async def scenario() -> None:
        seen = asyncio.Event()

        async def hints() -> AsyncIterator[None]:
            loaded(tmp_path, component("b"))
            yield
            await asyncio.Event().wait()

        async def apply(found: Changes) -> None:
            seen.set()

        reloader = Reloader(
            load=lambda: load_paths([str(tmp_path)], namespace="", app_id="app"), apply=apply, current=first,
            configuration="", interval=60,
        )  # fmt: skip
        task = asyncio.ensure_future(reloader.run(hints()))
        await asyncio.wait_for(seen.wait(), 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())


@pytest.mark.parametrize("source", ["changes", "_poll"])
def test_the_watch_tells_of_written_renamed_and_deleted_files(
    tmp_path: Path, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "POLL", 0.05)

    async def scenario() -> None:
        events = getattr(watch, source)([str(tmp_path)])

        await asyncio.wait_for(anext(events), 10)  # the watch stands
        (tmp_path / "a.yaml").write_text("x")
        await asyncio.wait_for(anext(events), 10)
        (tmp_path / "a.yaml").rename(tmp_path / "b.yaml")
        await asyncio.wait_for(anext(events), 10)
        (tmp_path / "b.yaml").unlink()
        await asyncio.wait_for(anext(events), 10)
        await events.aclose()

    asyncio.run(scenario())
