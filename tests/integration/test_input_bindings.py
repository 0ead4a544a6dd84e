"""Input bindings beside an application whose health changes: its events stop, and come again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from support import manifests
from support.echo_app import Answer, Received, echo_app
from support.grpc_app import CALLBACK, HEALTH, GrpcApp, Told, grpc_app
from support.processes import Daprd, daprd, wait_until

from dapr_core.proto.gen.runtime.v1 import appcallback_pb2 as pb

OFTEN = "@every 100ms"
PROBED = ("--enable-app-health-check", "--app-health-probe-interval=1", "--app-health-threshold=1")
PROBES_OF_SILENCE = 2
"""That many seconds, in which twenty events are due."""


def cron(name: str, **metadata: str) -> manifests.Document:
    return manifests.component(name, "bindings.cron", schedule=OFTEN, **metadata)


def watch_them_stop_and_come_again(
    sidecar: Daprd, well: threading.Event, events: Callable[[], int], probes: Callable[[], int]
) -> None:
    """The story both protocols tell."""
    wait_until(lambda: events() > 0, what="the first event")
    well.clear()
    sidecar.wait_for_line("App entered un-healthy status")
    after = probes()
    wait_until(lambda: probes() > after, what="a probe after the last events")
    stopped, after = events(), probes()
    wait_until(lambda: probes() >= after + PROBES_OF_SILENCE, what="more probes")
    assert events() == stopped
    well.set()
    wait_until(lambda: events() > stopped, what="events of the application that is well again")


def test_events_stop_while_an_http_application_is_unwell_and_come_again(tmp_path: Path) -> None:
    well = threading.Event()
    well.set()

    def rule(request: Received) -> Answer | None:
        return Answer(200 if well.is_set() else 503) if request.target == "/healthz" else None

    folder = manifests.folder(tmp_path, cron("tick"))
    with echo_app(rule) as app, daprd("app", *PROBED, app_port=app.port, resources=folder) as sidecar:
        watch_them_stop_and_come_again(
            sidecar,
            well,
            lambda: sum(request.line.startswith("POST /tick ") for request in app.received),
            lambda: sum(request.target == "/healthz" for request in app.received),
        )
        questions = sum(request.line.startswith("OPTIONS /tick ") for request in app.received)
        assert questions == 2, "it is asked each time reading starts"


def test_events_stop_while_a_grpc_application_is_unwell_and_come_again(tmp_path: Path) -> None:
    well = threading.Event()
    well.set()

    def health(told: Told, context: object) -> bytes:
        if not well.is_set():
            raise RuntimeError("unwell")
        return b""

    wanted = pb.ListInputBindingsResponse(bindings=["tick"]).SerializeToString()
    answers = {
        HEALTH: health,
        CALLBACK + "ListInputBindings": lambda told, context: wanted,
        CALLBACK + "OnBindingEvent": lambda told, context: b"",
    }
    folder = manifests.folder(tmp_path, cron("tick"))
    with (
        grpc_app(GrpcApp(answers)) as app,
        daprd("app", "--app-protocol=grpc", *PROBED, app_port=app.port, resources=folder) as sidecar,
    ):
        watch_them_stop_and_come_again(
            sidecar,
            well,
            lambda: sum(told.path.endswith("/OnBindingEvent") for told in app.told),
            lambda: sum(told.path == HEALTH for told in app.told),
        )


def test_an_application_gets_the_events_it_wants_where_it_wants_them(tmp_path: Path) -> None:
    def rule(request: Received) -> Answer | None:
        return Answer(404) if request.line.startswith("OPTIONS /unwanted ") else None

    folder = manifests.folder(
        tmp_path, cron("wanted"), cron("unwanted"), cron("routed", route="/at/night"), cron("told", direction="input")
    )
    with echo_app(rule) as app, daprd("app", app_port=app.port, resources=folder) as sidecar:
        for target in ("/wanted", "/at/night", "/told"):
            app.wait_for(lambda request, target=target: request.line.startswith(f"POST {target} "), count=2)
        sidecar.wait_for_line("app has not subscribed to binding unwanted.")
        assert sidecar.terminate() == 0
        asked = {request.target for request in app.received if request.method == "OPTIONS"}
        assert asked == {"/wanted", "/unwanted", "/at/night"}
        told = {request.target for request in app.received if request.method == "POST"}
        assert told == {"/wanted", "/at/night", "/told"}


@pytest.mark.parametrize("schedule", ["", "every now and then"], ids=["none", "wrong"])
def test_a_schedule_that_is_none_ends_the_start_and_is_named(tmp_path: Path, schedule: str) -> None:
    folder = manifests.folder(tmp_path, manifests.component("tick", "bindings.cron", schedule=schedule))
    with daprd("app", resources=folder, ready=None) as sidecar:
        assert sidecar.popen.wait(20) == 1
        assert "tick (bindings.cron/v1)" in sidecar.wait_for_line("schedule")
