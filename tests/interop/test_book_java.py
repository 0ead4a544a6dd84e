"""The book's gRPC programs in Java (B10, B11), built by Maven from its proto, with the grpc-java of its time.

The client speaks ``dapr.Dapr`` to its sidecar and the server serves that same service to its own (wire.md, "The 2020
API"); neither knows anything of what came after 2020.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import foreign
from support.cli import unique_id
from support.echo_app import Answer, EchoApp, Received, echo_app
from support.manifests import component, folder
from support.ports import free_port
from support.processes import Daprd, Process, daprd

pytestmark = pytest.mark.timeout(600)  # a cold machine builds the programs first


def client(sidecar: Daprd, app_id: str, *more: str) -> list[bytes]:
    """The lines that the book's client prints."""
    command = [*foreign.book_command(), "io.dapr.Client", str(sidecar.grpc_port), app_id, *more]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.removesuffix(b"\n").split(b"\n")


# -- B10: a client, and an application that knows HTTP only


def greeting(request: Received) -> Answer | None:
    """The application of the book: it greets back whoever posts a greeting."""
    return Answer(body=b"Hello, World!") if request.line.startswith("POST /greeting ") else None


@pytest.fixture(scope="module")
def app() -> Iterator[EchoApp]:
    with echo_app(greeting) as running:
        yield running


@pytest.fixture(scope="module")
def hello_dapr(app: EchoApp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daprd]:
    resources = folder(tmp_path_factory.mktemp("resources"), component("statestore", "state.in-memory"))
    with daprd(unique_id("hello-dapr"), app_port=app.port, resources=resources) as sidecar:
        yield sidecar


def test_B10_the_client_prints_the_body_that_the_application_answered(hello_dapr: Daprd, app: EchoApp) -> None:
    assert client(hello_dapr, hello_dapr.app_id) == [b"Hello, World!"]
    [request, *_] = [each for each in app.received if each.method == "POST"]
    assert request.body == b"\x1a\x09Hi, Dapr.", "the bytes of the packed Value, two of them before the text"


def test_the_client_keeps_state(hello_dapr: Daprd) -> None:
    _, *state = client(hello_dapr, hello_dapr.app_id, "statestore")
    assert state == [b"saved: 42", b"deleted: "]


# -- B11: an application that serves the API of 2020


@pytest.fixture
def java_app(tmp_path: Path) -> Iterator[tuple[Process, int]]:
    port = free_port()
    with Process([*foreign.book_command(), "io.dapr.App", str(port)], cwd=tmp_path) as process:
        process.wait_for_line("Server started.")
        yield process, port


def test_B11_the_client_reaches_the_server_through_two_sidecars(java_app: tuple[Process, int]) -> None:
    process, port = java_app
    with (
        daprd(unique_id("java"), "--app-protocol=grpc", app_port=port) as theirs,
        daprd(unique_id("client")) as ours,
    ):
        answer = b"\n".join(client(ours, theirs.app_id))
    assert answer == b"\x0a\x0dHello, World!", "a packed StringValue: tag and length before the text"
    assert process.wait_for_line("called: greeting").endswith("Hi, Dapr.")
