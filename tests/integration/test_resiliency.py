"""Policies of Resiliency resources, as an application that counts sees them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import manifests
from support.calls import call
from support.echo_app import Answer, EchoApp, Received, echo_app
from support.processes import Daprd, daprd

POLICIES: dict[str, Any] = {
    "timeouts": {"short": "300ms"},
    "retries": {"thrice": {"policy": "constant", "duration": "10ms", "maxRetries": 3}},
    "circuitBreakers": {"nervous": {"maxRequests": 1, "timeout": "60s", "trip": "consecutiveFailures >= 2"}},
}


def behave(request: Received) -> Answer | None:
    if request.target.startswith("/fails"):
        return Answer(500, b"no")
    if request.target == "/slow":
        time.sleep(2)
    return None


@pytest.fixture
def app() -> Iterator[EchoApp]:
    with echo_app(behave) as running:
        yield running


def guarded(tmp_path: Path, app: EchoApp, target: dict[str, Any], *more: manifests.Document) -> Any:
    spec = {"policies": POLICIES, "targets": target}
    folder = manifests.folder(tmp_path, manifests.resource("Resiliency", "res", spec), *more)
    return daprd("app", app_port=app.port, resources=folder)


def invoked(sidecar: Daprd, method: str) -> int:
    return call(sidecar.http_port, "POST", f"/v1.0/invoke/app/method/{method}", b"x").status


def reached(app: EchoApp, path: str) -> int:
    return sum(request.target == path for request in list(app.received))


def test_a_call_is_retried_as_often_as_the_target_says(tmp_path: Path, app: EchoApp) -> None:
    with guarded(tmp_path, app, {"apps": {"app": {"retry": "thrice"}}}) as sidecar:
        assert invoked(sidecar, "fails") == 500
    assert reached(app, "/fails") == 4


def test_a_call_that_takes_too_long_is_given_up(tmp_path: Path, app: EchoApp) -> None:
    with guarded(tmp_path, app, {"apps": {"app": {"timeout": "short"}}}) as sidecar:
        started = time.monotonic()
        assert invoked(sidecar, "slow") == 500
        assert time.monotonic() - started < 1.8


def test_an_open_circuit_breaker_spares_the_method_that_failed_and_no_other(tmp_path: Path, app: EchoApp) -> None:
    with guarded(tmp_path, app, {"apps": {"app": {"circuitBreaker": "nervous"}}}) as sidecar:
        assert [invoked(sidecar, "fails") for _ in range(4)] == [500] * 4
        assert invoked(sidecar, "hello") == 200
    assert reached(app, "/fails") == 2


def test_a_component_is_guarded_too(tmp_path: Path, app: EchoApp) -> None:
    web = manifests.component("web", "bindings.http", url=f"http://127.0.0.1:{app.port}/fails-too")
    with guarded(tmp_path, app, {"components": {"web": {"outbound": {"retry": "thrice"}}}}, web) as sidecar:
        assert call(sidecar.http_port, "POST", "/v1.0/bindings/web", {"operation": "get"}).status == 500
    assert reached(app, "/fails-too") == 4
