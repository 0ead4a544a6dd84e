"""A component of a user's own, in its own process, through a real sidecar and a real application."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from support import manifests
from support.echo_app import Answer, EchoApp, Received, echo_app
from support.pluggable_component import component
from support.processes import Daprd, Process, daprd, wait_until
from support.rawhttp import exchange, request_bytes

FOLDER = "DAPR_COMPONENTS_SOCKETS_FOLDER"


@pytest.fixture
def app() -> Iterator[EchoApp]:
    """Wants the binding ``bell`` and the topic ``t``."""
    subscriptions = [{"pubsubname": "post", "topic": "t", "route": "/t"}]

    def answer(request: Received) -> Answer:
        if request.target == "/dapr/subscribe":
            return Answer(body=json.dumps(subscriptions).encode())
        return Answer(status=200)

    with echo_app(answer) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "sockets"
    made.mkdir()
    made.chmod(0o755)
    return made


@pytest.fixture
def resources(tmp_path: Path) -> Path:
    made = tmp_path / "resources"
    made.mkdir()
    documents = [
        manifests.component("drawer", "state.shelf", size="3"),
        manifests.component("post", "pubsub.shelf"),
        manifests.component("bell", "bindings.shelf", secrets=json.dumps({"key": "hush"})),
        manifests.component("safe", "secretstores.shelf", secrets=json.dumps({"key": "hush"})),
    ]
    (made / "all.yaml").write_text(yaml.safe_dump_all(documents))
    return made


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes


def call(sidecar: Daprd, method: str, path: str, document: object = None) -> Reply:
    body = b"" if document is None else json.dumps(document).encode()
    headers = ["Host: localhost", f"Content-Length: {len(body)}", "Content-Type: application/json"]
    answer = exchange(sidecar.http_port, request_bytes(method, path, headers, body))
    return Reply(int(answer.status.split()[1]), answer.body)


@pytest.fixture
def shelf(folder: Path) -> Iterator[Process]:
    with component(folder / "shelf.sock") as running:
        yield running


@pytest.fixture
def sidecar(folder: Path, shelf: Process, resources: Path, app: EchoApp) -> Iterator[Daprd]:
    with daprd("shop", app_port=app.port, resources=resources, env={FOLDER: str(folder)}) as running:
        yield running


def test_every_kind_works_through_the_sidecar(sidecar: Daprd, app: EchoApp) -> None:
    loaded = json.loads(call(sidecar, "GET", "/v1.0/metadata").body)["components"]
    assert {each["name"]: sorted(each["capabilities"]) for each in loaded} == {
        "drawer": ["ACTOR", "ETAG", "QUERY_API", "TRANSACTIONAL", "TTL"],
        "post": ["BULK_PUBSUB"],
        "bell": ["INPUT_BINDING", "OUTPUT_BINDING"],
        "safe": ["MULTIPLE_KEY_VALUES_PER_SECRET"],
    }

    assert call(sidecar, "POST", "/v1.0/state/drawer", [{"key": "k", "value": {"n": 1}}]).status == 204
    got = call(sidecar, "GET", "/v1.0/state/drawer/k")
    assert (got.status, json.loads(got.body)) == (200, {"n": 1})
    stale = call(sidecar, "POST", "/v1.0/state/drawer", [{"key": "k", "value": 2, "etag": "99"}])
    assert stale.status == 409
    assert b"possible etag mismatch" in stale.body
    query = {"filter": {"EQ": {"n": 1}}, "sort": [], "page": {"limit": 1}}
    found = json.loads(call(sidecar, "POST", "/v1.0-alpha1/state/drawer/query", query).body)
    assert [item["data"] for item in found["results"]] == [{"n": 1}]

    assert json.loads(call(sidecar, "GET", "/v1.0/secrets/safe/key").body) == {"key": "hush"}

    assert call(sidecar, "POST", "/v1.0/publish/post/t", {"order": 7}).status == 204
    ring = {"operation": "create", "data": {"ring": 1}, "metadata": {"name": "x"}}
    assert call(sidecar, "POST", "/v1.0/bindings/bell", ring).status == 204
    wait_until(
        lambda: {"/t", "/bell"} <= {each.target for each in app.received if each.method == "POST"},
        what="the message and the event",
    )
    event = next(each for each in app.received if each.target == "/t")
    assert json.loads(event.body)["data"] == {"order": 7}
    assert json.loads(next(each for each in app.received if each.target == "/bell" and each.body).body) == {"ring": 1}


def test_a_components_structured_error_reaches_the_client_as_it_is(sidecar: Daprd) -> None:
    item = {"key": "k", "value": 1, "metadata": {"refuse": "structured"}}
    answer = call(sidecar, "POST", "/v1.0/state/drawer", [item])
    assert answer.status == 507
    body = json.loads(answer.body)
    assert (body["errorCode"], body["message"]) == ("ERR_SHELF_FULL", "no room on {the} shelf")
    assert body["details"][0]["reason"] == "SHELF_FULL"


def test_the_sidecar_goes_on_when_a_component_dies_and_comes_back(sidecar: Daprd, shelf: Process, folder: Path) -> None:
    assert call(sidecar, "GET", "/v1.0/secrets/safe/key").status == 200
    shelf.terminate()
    gone = call(sidecar, "GET", "/v1.0/secrets/safe/key")
    assert gone.status == 500
    assert b"Unavailable" in gone.body
    with component(folder / "shelf.sock"):
        wait_until(lambda: call(sidecar, "GET", "/v1.0/secrets/safe/key").status == 200, what="the secret")


def test_a_folder_open_to_everybody_is_refused_and_so_are_its_types(
    folder: Path, shelf: Process, resources: Path
) -> None:
    folder.chmod(0o777)
    with daprd("shop", resources=resources, env={FOLDER: str(folder)}, ready=None) as sidecar:
        sidecar.wait_for_line("chmod o-w")
        sidecar.wait_for_line("couldn't find secret store secretstores.shelf/v1")
        assert sidecar.popen.wait(15) == 1


def test_without_the_folder_nothing_of_it_is_loaded(tmp_path: Path) -> None:
    none = {FOLDER: str(tmp_path / "none")}
    with daprd("shop", env=none, python=["-X", "importtime"]) as sidecar:
        assert "dapr_components.registry" in sidecar.output
        assert "dapr_components.pluggable" not in sidecar.output
