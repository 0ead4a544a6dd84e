"""`dapr init` starts placement, and `dapr run` uses it: actors are called through other applications' sidecars."""

from __future__ import annotations

import contextlib
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.actor_app import actor_app
from support.cli import Cli, unique_id
from support.ports import free_ports
from support.processes import wait_until


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    cli = Cli(tmp_path)
    yield cli
    cli.close()


def init(cli: Cli, *flags: str) -> str:
    redis_port, placement_port = free_ports(2)
    done = cli.run("init", "--redis-port", str(redis_port), "--placement-port", str(placement_port), *flags)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def put(port: int, path: str) -> tuple[int, bytes]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=b"meow", method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def ready(port: int) -> bool:
    url = f"http://127.0.0.1:{port}/v1.0/healthz"
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
        return bool(answer.status == 204)
    return False


@pytest.mark.parametrize("secured", [False, True], ids=["in clear text", "by mutual TLS"])
def test_an_actor_is_called_through_another_sidecar(cli: Cli, secured: bool) -> None:
    flags = ("--with-sentry", "--sentry-port", str(free_ports(1)[0])) if secured else ()
    assert "placement service is running" in init(cli, *flags)
    host_port, client_port = free_ports(2)
    with actor_app("Cat") as app:
        cli.start("run", "--app-id", unique_id("host"), "--dapr-http-port", str(host_port), "--app-port", str(app.port))
        cli.start("run", "--app-id", unique_id("client"), "--dapr-http-port", str(client_port))
        for port in (host_port, client_port):
            wait_until(lambda port=port: ready(port), what=f"the sidecar at {port}", timeout=60)
        assert put(client_port, "/v1.0/actors/Cat/tom/method/go") == (200, b"meow")


def test_status_shows_it_and_uninstall_stops_it(cli: Cli) -> None:
    init(cli)
    rows = {row["name"]: row for row in json.loads(cli.run("status", "-o", "json").stdout)}
    assert rows["placement"]["healthy"] is True
    assert "Stopped the placement service" in cli.run("uninstall", "--all").stdout


def test_init_again_with_an_authority_makes_it_ask_for_identities(cli: Cli) -> None:
    init(cli)
    done = cli.run("init", "--with-sentry", "--sentry-port", str(free_ports(1)[0]))
    assert done.returncode == 0
    command = Path(f"/proc/{placement_pid(cli)}/cmdline").read_text().split("\0")
    assert "--tls-enabled" in command


def placement_pid(cli: Cli) -> int:
    (row,) = [row for row in json.loads(cli.run("status", "-o", "json").stdout) if row["name"] == "placement"]
    return int(row["pid"])


def test_slim_starts_none(cli: Cli) -> None:
    assert "placement" not in cli.run("init", "--slim").stdout
    assert cli.run("init", "--slim", "--placement-port", "50005").returncode != 0
