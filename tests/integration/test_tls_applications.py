"""An application that listens behind TLS with a certificate of its own making (``--app-protocol https``)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from support import manifests
from support.calls import call
from support.echo_app import Answer, Received
from support.processes import Daprd, daprd
from support.tls_app import TlsApp, self_signed, tls_app

HEALTHY = ("--enable-app-health-check", "--app-health-probe-interval=1")


class Street(NamedTuple):
    app: TlsApp
    sidecar: Daprd


def no_content(request: Received) -> Answer | None:
    return Answer(200) if request.target in ("/orders", "/tick", "/healthz") else None


@pytest.fixture(scope="module", params=["--app-protocol=https", "--app-ssl"])
def street(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    directory = tmp_path_factory.mktemp("tls")
    folder = manifests.folder(
        directory / "resources",
        manifests.component("bus", "pubsub.in-memory"),
        manifests.component("tick", "bindings.cron", schedule="@every 100ms"),
        manifests.subscription("orders", "bus", "orders", "/orders"),
    )
    with (
        tls_app(self_signed(directory), no_content) as app,
        daprd("app", request.param, *HEALTHY, app_port=app.port, resources=folder) as sidecar,
    ):
        app.wait_for(lambda received: received.line.startswith("POST /tick "))
        yield Street(app, sidecar)


def test_it_is_asked_probed_and_given_its_events(street: Street) -> None:
    for line in ("GET /dapr/config ", "GET /dapr/subscribe ", "GET /healthz ", "OPTIONS /tick ", "POST /tick "):
        street.app.wait_for(lambda received, line=line: received.line.startswith(line))


def test_calls_and_answers_pass_whole(street: Street) -> None:
    body = bytes(range(256)) * 4096
    answer = call(street.sidecar.http_port, "POST", "/v1.0/invoke/app/method/echo?q=1", body)
    assert (answer.status, answer.body, answer.headers["x-line"]) == (200, body, "POST /echo?q=1 HTTP/1.1")


def test_messages_are_delivered(street: Street) -> None:
    assert call(street.sidecar.http_port, "POST", "/v1.0/publish/bus/orders", {"id": 7}).status == 204
    (delivered,) = street.app.wait_for(lambda received: received.target == "/orders")
    assert b'"data":{"id":7}' in delivered.body.replace(b" ", b"")


def test_it_is_spoken_to_in_a_version_of_tls_that_is_not_broken(street: Street) -> None:
    assert street.app.versions
    assert set(street.app.versions) <= {"TLSv1.2", "TLSv1.3"}


def test_metadata_tell_the_protocol(street: Street) -> None:
    told = call(street.sidecar.http_port, "GET", "/v1.0/metadata").json["appConnectionProperties"]
    assert (told["protocol"], told["port"]) == ("https", street.app.port)


def test_the_sidecar_waits_until_the_port_speaks_tls(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        plain.settimeout(20)
        port = plain.getsockname()[1]
        flags = ("--app-protocol=https", f"--app-port={port}")
        with daprd("app", *flags, ready="/v1.0/healthz/outbound") as sidecar:
            for _ in range(3):
                connection, _ = plain.accept()
                with connection:
                    connection.recv(1)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            assert call(sidecar.http_port, "GET", "/v1.0/healthz").status == 500
            context = self_signed(tmp_path)

            def secured() -> bool:
                connection, _ = plain.accept()
                with connection, context.wrap_socket(connection, server_side=True) as stream:
                    return bool(stream.version())

            assert secured()
            sidecar.wait_for_line(f"application discovered on port {port}")
