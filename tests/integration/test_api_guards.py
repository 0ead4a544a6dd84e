"""Who may call a sidecar, and what of it: tokens, lists, origins, sockets."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from support import manifests
from support.calls import call
from support.echo_app import echo_app
from support.processes import daprd
from support.rawhttp import read_answer

STORE = manifests.component("store", "state.in-memory")
KEY = "/v1.0/state/store/k"


def configured(directory: Path, spec: dict[str, object]) -> Path:
    return manifests.write(directory / "config.yaml", manifests.configuration(spec))


def test_with_a_token_only_health_answers_without_it() -> None:
    with daprd("app", env={"DAPR_API_TOKEN": "s3cret"}) as sidecar:
        port = sidecar.http_port
        assert call(port, "GET", "/v1.0/metadata").status == 401
        assert call(port, "GET", "/v1.0/metadata", headers={"dapr-api-token": "wrong"}).status == 401
        assert call(port, "GET", "/v1.0/metadata", headers={"dapr-api-token": "s3cret"}).status == 200
        assert call(port, "GET", "/v1.0/healthz").status == 204
    assert "s3cret" not in sidecar.output


def test_the_application_gets_its_token_and_not_the_sidecars() -> None:
    tokens = {"APP_API_TOKEN": "for-the-app", "DAPR_API_TOKEN": "for-the-api"}
    with echo_app() as app, daprd("app", app_port=app.port, env=tokens) as sidecar:
        headers = {"dapr-api-token": "for-the-api"}
        assert call(sidecar.http_port, "GET", "/v1.0/invoke/app/method/hello", headers=headers).status == 200
        (request,) = app.wait_for(lambda received: received.target == "/hello")
    assert [line for line in request.headers if "for-the-" in line] == ["Dapr-Api-Token: for-the-app"]


@pytest.mark.parametrize(
    ("api", "state", "metadata"),
    [
        ({"allowed": [{"name": "state", "version": "v1", "protocol": "http"}]}, 204, 404),
        ({"denied": [{"name": "state", "version": "v1", "protocol": "http"}]}, 404, 200),
        ({"denied": [{"name": "state", "version": "v1", "protocol": "grpc"}]}, 204, 200),
    ],
    ids=["allowed", "denied", "of another protocol"],
)
def test_lists_say_what_is_served(tmp_path: Path, api: dict[str, object], state: int, metadata: int) -> None:
    folder = manifests.folder(tmp_path / "resources", STORE)
    with daprd("app", resources=folder, config=configured(tmp_path, {"api": api})) as sidecar:
        assert call(sidecar.http_port, "GET", KEY).status == state
        assert call(sidecar.http_port, "GET", "/v1.0/metadata").status == metadata
        assert call(sidecar.http_port, "GET", "/v1.0/healthz").status == 204


def test_pages_of_allowed_origins_may_call() -> None:
    with daprd("app", "--allowed-origins=https://good.example") as sidecar:
        good = call(sidecar.http_port, "GET", "/v1.0/metadata", headers={"Origin": "https://good.example"})
        bad = call(sidecar.http_port, "GET", "/v1.0/metadata", headers={"Origin": "https://bad.example"})
    assert good.headers.get("access-control-allow-origin") == "https://good.example"
    assert "access-control-allow-origin" not in bad.headers


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("rebound.example", "http://rebound.example", 403),
        ("rebound.example", None, 200),
        ("localhost", "http://page.example", 200),
        ("127.0.0.1:3500", "http://page.example", 200),
    ],
    ids=["a rebound name", "no page", "localhost", "an address"],
)
def test_a_page_behind_a_rebound_name_is_refused(host: str, origin: str | None, status: int) -> None:
    headers = {"Host": host, **({"Origin": origin} if origin else {})}
    with daprd("app") as sidecar:
        assert call(sidecar.http_port, "GET", "/v1.0/metadata", headers=headers).status == status


EXPOSED = "without a token: whoever reaches this host may call it"


def test_an_api_that_others_reach_without_a_token_warns() -> None:
    with daprd("app", "--dapr-listen-addresses=0.0.0.0") as sidecar:
        assert "level=warning" in sidecar.wait_for_line(EXPOSED)


@pytest.mark.parametrize(
    ("flags", "env"),
    [((), {}), (("--dapr-listen-addresses=0.0.0.0",), {"DAPR_API_TOKEN": "t"})],
    ids=["loopback", "a token"],
)
def test_others_do_not(flags: tuple[str, ...], env: dict[str, str]) -> None:
    with daprd("app", *flags, env=env) as sidecar:
        sidecar.terminate()
    assert EXPOSED not in sidecar.output


def test_sockets_take_the_place_of_the_ports(tmp_path: Path) -> None:
    with daprd("app", f"--unix-domain-socket={tmp_path}", ready=None) as sidecar:
        sidecar.wait_for_line("dapr initialized. Status: Running.")
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(str(tmp_path / "dapr-app-http.socket"))
            connection.sendall(b"GET /v1.0/healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            with connection.makefile("rb") as stream:
                assert read_answer(stream).code == 204
        assert (tmp_path / "dapr-app-grpc.socket").is_socket()
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", sidecar.http_port), timeout=2)
        assert sidecar.terminate() == 0
    assert list(tmp_path.iterdir()) == []
