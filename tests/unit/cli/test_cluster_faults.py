"""The command on a cluster that refuses, lacks or loses things, which a real one cannot be brought to at will."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.fake_kube import Answer, Asked, BreakOff, Script, fake_api, fake_api_in_thread, listing, refusal, thing

from dapr_cli.cluster.installing import remove_definitions
from dapr_cli.cluster.plane import Found, look
from dapr_cli.main import run
from dapr_core.kube import KubeClient
from dapr_core.resources import crds


@pytest.fixture
def on_cluster(tmp_path: Path) -> Callable[[Script, list[str]], int]:
    """Runs a command line on a cluster that answers by a script."""

    def on(script: Script, words: list[str]) -> int:
        with fake_api_in_thread(script) as api:
            context = {"name": "c", "context": {"cluster": "c", "user": ""}}
            cluster = {"name": "c", "cluster": {"server": f"http://127.0.0.1:{api.port}"}}
            config = tmp_path / "config"
            config.write_text(yaml.safe_dump({"current-context": "c", "contexts": [context], "clusters": [cluster]}))
            return run([*words, "--kubeconfig", str(config)])

    return on


def test_status_needs_no_right_to_see_deployments() -> None:
    pod = thing("dapr-operator-1")

    def script(asked: Asked) -> Answer:
        return listing(pod) if asked.path == "/api/v1/pods" else refusal(403, "Forbidden")

    async def found_on_it() -> Found:
        async with fake_api(script) as api, KubeClient(api.config()) as client:
            return await look(client)

    found = asyncio.run(found_on_it())
    assert (found.pods, found.workloads) == ([pod], [])


def test_a_listing_is_whole_where_nobody_may_look_at_the_root(
    on_cluster: Callable[[Script, list[str]], int], capsys: pytest.CaptureFixture[str]
) -> None:
    def script(asked: Asked) -> Answer:
        return listing(thing("bus")) if asked.path.endswith("/components") else refusal(403, "Forbidden")

    assert on_cluster(script, ["components", "-k"]) == 0
    printed = capsys.readouterr()
    assert "bus" in printed.out
    assert printed.err == ""


def test_a_cluster_without_definitions_is_told_with_a_remedy(
    on_cluster: Callable[[Script, list[str]], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert on_cluster(lambda _: refusal(404, "NotFound"), ["configurations", "-k"]) == 1
    assert "does not know configurations.dapr.io: Dapr is not installed in it" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (BreakOff(), "cannot be reached"),
        (refusal(500, "", "boom"), "does not answer as it should: boom"),
        (Answer(raw=b"<html>"), "does not answer as it should"),
    ],
    ids=["a broken connection", "a failure", "a page of a proxy"],
)
def test_a_cluster_that_fails_is_told(
    answer: Any, said: str, on_cluster: Callable[[Script, list[str]], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert on_cluster(lambda _: answer, ["list", "-k"]) == 1
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.out == ""


def test_definitions_that_are_there_are_removed_and_told() -> None:
    gone = "mcpservers.dapr.io"

    def script(asked: Asked) -> Answer:
        return refusal(404, "NotFound") if asked.path.endswith(gone) else Answer({"kind": "Status"})

    async def removed_from_it() -> tuple[list[str], set[str]]:
        async with fake_api(script) as api, KubeClient(api.config()) as client:
            return await remove_definitions(client), {asked.method for asked in api.asked}

    removed, methods = asyncio.run(removed_from_it())
    assert methods == {"DELETE"}
    assert sorted([*removed, gone]) == sorted(str(each["metadata"]["name"]) for _, each in crds.documents())
