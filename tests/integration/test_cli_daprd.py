"""The CLI with the real sidecar: what the book's first walk-throughs do, who listens where, and the demo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.cli import Cli, gone, only, unique_id
from support.ports import free_ports

DEMO = Path(__file__).parents[2] / "examples/demo.py"
LOOPBACK = {"0100007F", "00000000000000000000000001000000"}
"""127.0.0.1 and ::1 as /proc/net writes them."""
LISTEN = "0A"
APP = """
import http.server, json, os
class App(http.server.BaseHTTPRequestHandler):
    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        topics = [{"pubsubname": "bus", "topic": "orders", "route": "/orders"}]
        self.answer(json.dumps(topics if self.path == "/dapr/subscribe" else {"path": self.path}).encode())
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        print(f"received {self.path} {body.decode()}\\n", end="", flush=True)
        self.answer(body if self.path == "/echo" else b"{}")
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["APP_PORT"])), App).serve_forever()
"""


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    cli = Cli(tmp_path)
    yield cli
    cli.close()


@pytest.fixture
def resources(tmp_path: Path) -> Path:
    folder = tmp_path / "resources"
    folder.mkdir()
    for name, kind in (("statestore", "state.in-memory"), ("bus", "pubsub.in-memory")):
        component = {
            "apiVersion": "dapr.io/v1alpha1", "kind": "Component", "metadata": {"name": name},
            "spec": {"type": kind, "version": "v1", "metadata": []},
        }  # fmt: skip
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(component))
    return folder


def listed(cli: Cli, app_id: str) -> dict[str, Any]:
    return only(json.loads(cli.run("list", "-o", "json").stdout), app_id)


def listening_addresses(pid: int) -> set[str]:
    """The addresses of all TCP listeners of a process."""
    inodes = set()
    for handle in os.listdir(f"/proc/{pid}/fd"):
        try:
            target = os.readlink(f"/proc/{pid}/fd/{handle}")
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTEN and fields[9] in inodes:
                found.add(fields[1].rpartition(":")[0])
    return found


def test_an_application_is_run_called_sent_messages_and_stopped(cli: Cli, resources: Path) -> None:
    app_id, [port] = unique_id("orders"), free_ports(1)
    running = cli.start(
        "run", "--app-id", app_id, "--app-port", str(port), "--resources-path", str(resources),
        "--", sys.executable, "-c", APP,
    )  # fmt: skip
    said = running.wait_for("You're up and running! Both Dapr and your app logs will appear here.")
    assert f"application discovered on port {port}" in said
    record = listed(cli, app_id)
    assert (record["appPort"], record["cliPid"]) == (port, running.process.pid)

    answer = cli.run("invoke", "-a", app_id, "-m", "echo", "-d", '{"id": 7}')
    assert answer.stdout.splitlines() == ['{"id": 7}', "✅  App invoked successfully"], answer.stderr
    answer = cli.run("invoke", "-a", app_id, "-m", "some/path?q=1", "-v", "GET")
    assert json.loads(answer.stdout.splitlines()[0]) == {"path": "/some/path?q=1"}

    assert cli.run("publish", "-i", app_id, "-p", "bus", "-t", "orders", "-d", '{"id": 8}').returncode == 0
    event = json.loads(running.wait_for("received /orders").split("received /orders ")[1].splitlines()[0])
    assert (event["data"], event["topic"], event["pubsubname"]) == ({"id": 8}, "orders", "bus")
    refused = cli.run("publish", "-i", app_id, "-p", "none", "-t", "orders", "-d", "{}")
    assert refused.returncode == 1
    assert "ERR_PUBSUB_NOT_FOUND" in refused.stderr

    assert cli.run("stop", app_id).returncode == 0
    status, said = running.wait()
    assert status == 0, said
    assert said.index("Exited App successfully") < said.index("Exited Dapr successfully")
    assert "Daprd shutdown gracefully" in said
    assert gone(record["daprdPid"])
    assert gone(record["appPid"])


def test_nothing_listens_beyond_loopback(cli: Cli, resources: Path) -> None:
    app_id = unique_id("quiet")
    cli.start("run", "--app-id", app_id, "--resources-path", str(resources), "--enable-profiling").wait_for("You're up")
    addresses = listening_addresses(listed(cli, app_id)["daprdPid"])
    assert "0100007F" in addresses
    assert addresses <= LOOPBACK


def test_the_public_cli_finds_the_sidecar_by_its_name(cli: Cli) -> None:
    app_id = unique_id("named")
    cli.start("run", "--app-id", app_id).wait_for("You're up and running!")
    record = listed(cli, app_id)
    assert Path(f"/proc/{record['daprdPid']}/comm").read_text() == "daprd\n"
    url = f"http://127.0.0.1:{record['httpPort']}/v1.0/metadata"
    with urllib.request.urlopen(url, timeout=10) as answer:
        told = json.load(answer)
    assert told["id"] == app_id
    assert told["extended"]["cliPID"] == str(record["cliPid"])


def test_a_sidecar_that_fails_to_start_shows_why(cli: Cli, tmp_path: Path) -> None:
    broken = {"apiVersion": "dapr.io/v1alpha1", "kind": "Component", "metadata": {"name": "broken"}}
    (tmp_path / "r").mkdir()
    (tmp_path / "r/broken.yaml").write_text(yaml.safe_dump({**broken, "spec": {"type": "state.none", "version": "v1"}}))
    status, said = cli.start("run", "--app-id", unique_id("broken"), "--resources-path", str(tmp_path / "r")).wait()
    assert status == 1, said
    assert "state.none" in said
    assert "The daprd process exited with error code: 1" in said


def test_versions_come_from_the_sidecar(cli: Cli) -> None:
    told = json.loads(cli.run("version", "-o", "json").stdout)
    assert told["Cli version"] == told["Runtime version"]


def test_the_demo_succeeds_and_leaves_nothing_behind(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("DAPR_")}
    done = subprocess.run(
        [sys.executable, str(DEMO)], env={**env, "TMPDIR": str(tmp_path)}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("✔") == 9
    assert list(tmp_path.iterdir()) == []
