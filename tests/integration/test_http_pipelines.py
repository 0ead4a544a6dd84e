"""``httpPipeline`` before the API and ``appHttpPipeline`` before the application, made of real middlewares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import manifests
from support.calls import call
from support.echo_app import Answer, EchoApp, Received, echo_app
from support.processes import Daprd, daprd, wait_until

SELDOM = "0.001"
"""Requests a second: the first passes, any other of the test does not."""
TOO_MANY = b"You have reached maximum request limit."
RUNS = "dapr initialized. Status: Running."


def middleware(name: str, kind: str, **metadata: str) -> manifests.Document:
    return manifests.component(name, f"middleware.http.{kind}", **metadata)


def listed(*documents: manifests.Document, version: str = "") -> dict[str, Any]:
    handlers = [{"name": each["metadata"]["name"], "type": each["spec"]["type"]} for each in documents]
    return {"handlers": [{**each, **({"version": version} if version else {})} for each in handlers]}


def configured(directory: Path, **spec: Any) -> Path:
    return manifests.write(directory / "config.yaml", manifests.configuration(spec))


def ok(request: Received) -> Answer | None:
    """An application that is content with whatever it is told, and answers in small letters."""
    return None if request.target.startswith("/dapr/") else Answer(200, b"fine", [("Content-Type", "text/plain")])


@pytest.fixture
def app() -> Iterator[EchoApp]:
    with echo_app(ok) as running:
        yield running


def received(app: EchoApp, target: str) -> Received:
    (request,) = app.wait_for(lambda request: request.target == target)
    return request


# -- httpPipeline


def test_an_alias_leads_to_the_api_and_what_follows_it_sees_the_new_path(tmp_path: Path, app: EchoApp) -> None:
    alias = middleware(
        "alias",
        "routeralias",
        routes='{"/shop/{id}": "/v1.0/invoke/app/method/order", "/keep": "/v1.0/state/store"}',
    )
    upper = middleware("upper", "uppercase")
    folder = manifests.folder(tmp_path / "r", alias, upper, manifests.component("store", "state.in-memory"))
    config = configured(tmp_path, httpPipeline=listed(alias, upper))
    with daprd("app", app_port=app.port, resources=folder, config=config) as sidecar:
        answer = call(sidecar.http_port, "POST", "/shop/7?a=1", b"one please", {"Content-Type": "text/plain"})
        assert (answer.status, answer.body) == (200, b"fine")
        assert received(app, "/order?a=1&id=7").body == b"ONE PLEASE"
        assert call(sidecar.http_port, "POST", "/keep", [{"key": "k", "value": 1}]).status == 204
        assert call(sidecar.http_port, "GET", "/v1.0/state/store/K").body == b"1"
        assert call(sidecar.http_port, "GET", "/shop/7/unknown").status == 404


def test_the_api_is_limited_by_client_and_path_and_the_public_port_is_not(tmp_path: Path) -> None:
    limit = middleware("limit", "ratelimit", maxRequestsPerSecond=SELDOM)
    folder = manifests.folder(tmp_path / "r", limit)
    config = configured(tmp_path, httpPipeline=listed(limit))
    with daprd("app", resources=folder, config=config, ready=None) as sidecar:
        sidecar.wait_for_line(RUNS)
        port, target = sidecar.http_port, "/v1.0/metadata"
        first, second = (call(port, "GET", target) for _ in range(2))
        assert (first.status, first.headers["x-rate-limit-duration"]) == (200, "1")
        assert (second.status, second.body) == (429, TOO_MANY)
        assert second.headers["content-type"] == "text/plain; charset=utf-8"
        assert call(port, "GET", target, headers={"X-Forwarded-For": "192.0.2.7"}).status == 200, "another client"
        assert call(port, "GET", "/v1.0/healthz").status == 204, "another path"
        assert [call(sidecar.public_port, "GET", target).status for _ in range(3)] == [200] * 3


def test_the_first_listed_is_the_outermost(tmp_path: Path) -> None:
    """Upper case outside of the limit changes what the limit says; inside of it, it does not."""
    limit = middleware("limit", "ratelimit", maxRequestsPerSecond=SELDOM)
    upper = middleware("upper", "uppercase", direction="response")
    folder = manifests.folder(tmp_path / "r", limit, upper)
    for order, said in (((upper, limit), TOO_MANY.upper()), ((limit, upper), TOO_MANY)):
        config = configured(tmp_path, httpPipeline=listed(*order))
        with daprd("app", resources=folder, config=config, ready=None) as sidecar:
            sidecar.wait_for_line(RUNS)
            answers = [call(sidecar.http_port, "GET", "/v1.0/metadata") for _ in range(2)]
        assert [answer.status for answer in answers] == [200, 429]
        assert answers[1].body == said


def test_calls_of_other_sidecars_do_not_pass_the_callees_pipeline(tmp_path: Path, app: EchoApp) -> None:
    upper = middleware("upper", "uppercase", direction="both")
    folder = manifests.folder(tmp_path / "r", upper)
    names = {"component": "sqlite", "version": "v1", "configuration": {"connectionString": str(tmp_path / "names.db")}}
    piped = configured(tmp_path / "piped", nameResolution=names, httpPipeline=listed(upper))
    plain = configured(tmp_path / "plain", nameResolution=names)
    with (
        daprd("callee", app_port=app.port, resources=folder, config=piped) as callee,
        daprd("caller", config=plain) as caller,
    ):
        target = "/v1.0/invoke/callee/method/say"
        wait_until(lambda: call(caller.http_port, "GET", target).status == 200, what="the call")
        assert call(caller.http_port, "POST", target, b"low").body == b"fine"
        assert app.wait_for(lambda request: request.method == "POST")[0].body == b"low"
        assert call(callee.http_port, "POST", target, b"low").body == b"FINE"


# -- appHttpPipeline


@pytest.fixture
def piped(tmp_path: Path, app: EchoApp) -> Iterator[Daprd]:
    """An application behind an alias and upper case, with messages and events of its own."""
    alias = middleware("alias", "routeralias", routes='{"/orders": "/handled", "/tick": "/tock", "/healthz": "/never"}')
    upper = middleware("upper", "uppercase", direction="both")
    folder = manifests.folder(
        tmp_path / "r", alias, upper,
        manifests.component("bus", "pubsub.in-memory"),
        manifests.component("tick", "bindings.cron", schedule="@every 100ms", direction="input"),
        manifests.subscription("orders", "bus", "orders", "/orders"),
    )  # fmt: skip
    config = configured(tmp_path, appHttpPipeline=listed(alias, upper))
    with daprd("app", "--enable-app-health-check", app_port=app.port, resources=folder, config=config) as sidecar:
        yield sidecar


def test_calls_messages_and_events_pass_it_and_probes_do_not(piped: Daprd, app: EchoApp) -> None:
    assert received(app, "/healthz").method == "GET"
    app.wait_for(lambda request: request.line.startswith("POST /tock "))

    answer = call(piped.http_port, "POST", "/v1.0/invoke/app/method/orders", b"low")
    assert (answer.status, answer.body) == (200, b"FINE")
    assert app.wait_for(lambda request: request.target == "/handled")[0].body == b"LOW"

    assert call(piped.http_port, "POST", "/v1.0/publish/bus/orders", {"said": "low"}).status == 204
    delivered = app.wait_for(lambda request: request.target == "/handled", count=2)[1]
    assert b'"SAID":"LOW"' in delivered.body.replace(b" ", b"")
    assert {"/orders", "/tick", "/never"}.isdisjoint(request.target for request in app.received)


def test_the_api_itself_is_left_alone(piped: Daprd) -> None:
    assert call(piped.http_port, "GET", "/v1.0/metadata").json["id"] == "app"


def test_the_application_can_be_protected_by_a_limit(tmp_path: Path, app: EchoApp) -> None:
    limit = middleware("limit", "ratelimit", maxRequestsPerSecond=SELDOM)
    folder = manifests.folder(tmp_path / "r", limit)
    config = configured(tmp_path, appHttpPipeline=listed(limit))
    with daprd("app", app_port=app.port, resources=folder, config=config) as sidecar:
        answers = [call(sidecar.http_port, "GET", "/v1.0/invoke/app/method/once") for _ in range(3)]
    assert [(answer.status, answer.body) for answer in answers] == [(200, b"fine"), (429, TOO_MANY), (429, TOO_MANY)]
    assert sum(request.target == "/once" for request in app.received) == 1


# -- what is listed and what is loaded


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_only_the_version_that_is_loaded_is_taken(tmp_path: Path, app: EchoApp, version: str) -> None:
    upper, absent = middleware("upper", "uppercase"), middleware("absent", "uppercase")
    folder = manifests.folder(tmp_path / "r", upper)
    config = configured(tmp_path, appHttpPipeline=listed(upper, absent, version=version))
    with daprd("app", app_port=app.port, resources=folder, config=config) as sidecar:
        assert call(sidecar.http_port, "POST", "/v1.0/invoke/app/method/say", b"low").status == 200
    assert received(app, "/say").body == (b"LOW" if version == "v1" else b"low")


def test_a_middleware_joins_and_leaves_while_the_sidecar_runs(tmp_path: Path, app: EchoApp) -> None:
    upper = middleware("upper", "uppercase", direction="response")
    folder = manifests.folder(tmp_path / "r", manifests.component("store", "state.in-memory"))
    config = configured(tmp_path, httpPipeline=listed(upper))
    with daprd("app", app_port=app.port, resources=folder, config=config) as sidecar:
        sidecar.wait_for_line("Watching directories")

        def said() -> bytes:
            return call(sidecar.http_port, "GET", "/v1.0/invoke/app/method/say").body

        assert said() == b"fine"
        manifests.folder(folder, upper)
        wait_until(lambda: said() == b"FINE", what="the middleware")
        (folder / "component-upper.yaml").unlink()
        wait_until(lambda: said() == b"fine", what="the end of the middleware")
