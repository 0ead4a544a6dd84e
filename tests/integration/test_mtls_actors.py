"""Actors under mutual TLS: sidecars prove themselves to placement and to one another, and calls find their actor."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support import manifests
from support.actor_app import actor_app
from support.calls import call
from support.placement_process import PlacementProcess, placement
from support.processes import Daprd, daprd, wait_until
from support.sentry_process import Sentry, sentry


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Sentry]:
    (tmp_path / "credentials").mkdir()
    with sentry(tmp_path / "credentials") as process:
        yield process


@pytest.fixture
def placing(authority: Sentry) -> Iterator[PlacementProcess]:
    trust = f"--trust-anchors-file={authority.credentials / 'ca.crt'}"
    with placement("--tls-enabled", f"--sentry-address={authority.address}", trust) as process:
        yield process


def test_an_actor_is_reached_wherever_it_lives(authority: Sentry, placing: PlacementProcess, tmp_path: Path) -> None:
    store = manifests.component("mem", "state.in-memory", actorStateStore="true")
    resources = manifests.folder(tmp_path / "resources", store)
    env = {"DAPR_TRUST_ANCHORS": authority.anchors.decode()}
    flags = (
        "--enable-mtls", f"--sentry-address={authority.address}", f"--placement-host-address={placing.address}",
    )  # fmt: skip
    ids = [str(number) for number in range(20)]

    def ask(process: Daprd, name: str) -> int:
        return call(process.http_port, "PUT", f"/v1.0/actors/Cat/{name}/method/go", b"m", timeout=60).status

    with (
        actor_app("Cat") as one,
        actor_app("Cat") as two,
        daprd("one", *flags, env=env, app_port=one.port, resources=resources) as first,
        daprd("two", *flags, env=env, app_port=two.port, resources=resources) as second,
    ):
        wait_until(lambda: len(placing.hosts()) == 2, what="both hosts in the table")
        with ThreadPoolExecutor(4) as pool:
            for process in (first, second):
                assert set(pool.map(lambda name, process=process: ask(process, name), ids)) == {200}
        homes = [
            {each.target.split("/")[3] for each in app.received if "/method/go" in each.target} for app in (one, two)
        ]
        assert homes[0] | homes[1] == set(ids)
        assert not homes[0] & homes[1]
        assert all(homes)


def test_a_sidecar_in_clear_text_is_no_host(authority: Sentry, placing: PlacementProcess, tmp_path: Path) -> None:
    store = manifests.component("mem", "state.in-memory", actorStateStore="true")
    resources = manifests.folder(tmp_path / "resources", store)
    with (
        actor_app("Cat") as app,
        daprd(
            "plain", f"--placement-host-address={placing.address}", app_port=app.port, resources=resources, ready=None
        ),
    ):
        placing.wait_for_line("Refused a TLS connection: the peer does not speak TLS")
        assert placing.hosts() == {}
