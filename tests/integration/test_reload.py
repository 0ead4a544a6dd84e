"""Resources that change beside a running sidecar: replaced singly, or by a new runtime in the same process."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Any

import pytest
from support import manifests
from support.calls import Answer as Reply
from support.calls import call
from support.echo_app import Answer, Received, echo_app
from support.processes import Daprd, daprd, wait_until

UP = "dapr initialized. Status: Running."
RELOADING = manifests.configuration({}, hot_reload=True)


def names(sidecar: Daprd) -> set[str]:
    return {each["name"] for each in call(sidecar.http_port, "GET", "/v1.0/metadata").json["components"]}


def state(sidecar: Daprd, method: str, target: str, body: Any = None) -> Reply:
    return call(sidecar.http_port, method, f"/v1.0/state/{target}", body)


def test_a_hangup_builds_a_new_runtime_in_the_same_process(tmp_path: Path) -> None:
    folder = manifests.folder(tmp_path, manifests.component("first", "state.in-memory"))
    with daprd("app", resources=folder) as sidecar:
        sidecar.wait_for_line(UP)
        state(sidecar, "POST", "first", [{"key": "k", "value": 1}])
        before = len(sidecar.lines)
        manifests.folder(folder, manifests.component("second", "state.in-memory"))
        sidecar.popen.send_signal(signal.SIGHUP)
        sidecar.wait_for_line(UP, after=before)
        assert names(sidecar) == {"first", "second"}
        assert state(sidecar, "GET", "first/k").status == 204, "what was in memory went with the old runtime"
        assert sidecar.popen.poll() is None
        assert sidecar.terminate() == 0


def config_of(directory: Path, spec: dict[str, Any]) -> Path:
    return manifests.write(directory / "config.yaml", manifests.configuration(spec, hot_reload=True))


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        (
            manifests.resource("HTTPEndpoint", "ext", {"baseUrl": "http://127.0.0.1:1"}),
            manifests.resource("HTTPEndpoint", "ext", {"baseUrl": "http://127.0.0.1:2"}),
            "HTTPEndpoint ext",
        ),
        (
            manifests.resource("Resiliency", "res", {"policies": {"timeouts": {"t": "1s"}}}),
            manifests.resource("Resiliency", "res", {"policies": {"timeouts": {"t": "2s"}}}),
            "Resiliency res",
        ),
        (
            RELOADING,
            manifests.configuration({"api": {"denied": [{"name": "state", "version": "v1"}]}}, hot_reload=True),
            "Configuration config",
        ),
    ],
    ids=["HTTPEndpoint", "Resiliency", "Configuration"],
)
def test_what_concerns_everything_restarts_the_runtime(
    tmp_path: Path, before: manifests.Document, after: manifests.Document, named: str
) -> None:
    folder = manifests.folder(tmp_path / "resources", before)
    with daprd("app", resources=folder, config=config_of(tmp_path, {})) as sidecar:
        sidecar.wait_for_line("Watching directories")
        sidecar.wait_for_line(UP)
        seen = len(sidecar.lines)
        manifests.folder(folder, after)
        assert named in sidecar.wait_for_line("Restarting the runtime", after=seen)
        sidecar.wait_for_line(UP, after=seen)
        assert sidecar.popen.poll() is None
        assert sidecar.terminate() == 0


def test_components_come_change_and_go_one_by_one(tmp_path: Path) -> None:
    kept = manifests.component("kept", "state.in-memory")
    folder = manifests.folder(tmp_path / "resources", kept, manifests.component("gone", "state.in-memory"))
    with daprd("app", resources=folder, config=config_of(tmp_path, {})) as sidecar:
        sidecar.wait_for_line("Watching directories")
        state(sidecar, "POST", "kept", [{"key": "k", "value": 1}])
        manifests.folder(folder, manifests.component("new", "state.in-memory"))
        wait_until(lambda: names(sidecar) == {"kept", "gone", "new"}, what="the new component")
        (folder / "component-gone.yaml").unlink()
        wait_until(lambda: names(sidecar) == {"kept", "new"}, what="the end of the deleted component")
        assert state(sidecar, "GET", "kept/k").body == b"1", "an unchanged component is left alone"
        assert state(sidecar, "GET", "gone/k").status == 400


def test_a_request_in_flight_finishes_on_the_replaced_component(tmp_path: Path) -> None:
    released = threading.Event()

    def slow(request: Received) -> Answer | None:
        if request.target == "/old":
            released.wait(20)
        return Answer(200, request.target.encode())

    with echo_app(slow) as target:
        url = f"http://127.0.0.1:{target.port}"
        folder = manifests.folder(tmp_path / "resources", manifests.component("web", "bindings.http", url=f"{url}/old"))
        with daprd("app", resources=folder, config=config_of(tmp_path, {})) as sidecar:
            sidecar.wait_for_line("Watching directories")
            answers: list[Reply] = []

            def invoke() -> Reply:
                return call(sidecar.http_port, "POST", "/v1.0/bindings/web", {"operation": "get"})

            thread = threading.Thread(target=lambda: answers.append(invoke()))
            thread.start()
            target.wait_for(lambda request: request.target == "/old")
            manifests.folder(folder, manifests.component("web", "bindings.http", url=f"{url}/new"))
            threading.Timer(1.0, released.set).start()
            wait_until(lambda: invoke().body == b"/new", what="the new component")
            thread.join()
    assert [(answer.status, answer.body) for answer in answers] == [(200, b"/old")]


def test_a_section_that_is_not_supported_warns_once(tmp_path: Path) -> None:
    config = config_of(tmp_path, {"wasm": {"strictSandbox": True}})
    with daprd("app", config=config) as sidecar:
        sidecar.terminate()
    warnings = [line for line in sidecar.lines if "level=warning" in line and "spec.wasm" in line]
    assert len(warnings) == 1
