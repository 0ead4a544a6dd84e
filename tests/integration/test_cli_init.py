"""`dapr init` and `dapr uninstall` on real folders with a real engine: complete, repeatable, and careful."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml
from support.cli import Cli, gone, with_fake_sidecar
from support.ports import free_ports


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    cli = with_fake_sidecar(tmp_path)
    yield cli
    cli.close()


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


def init(cli: Cli, *words: str) -> str:
    done = cli.run("init", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def document(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def host_in(path: Path) -> str:
    return next(item["value"] for item in document(path)["spec"]["metadata"] if item["name"] == "redisHost")


def engine_process(cli: Cli) -> dict[str, Any]:
    return dict(json.loads((cli.root / "redis/process.json").read_text()))


def connect(port: int) -> redis.Redis:
    return redis.Redis(host="127.0.0.1", port=port)


def test_init_writes_the_resources_of_the_public_cli(cli: Cli, port: int) -> None:
    said = init(cli, "--redis-port", str(port))
    assert "Making the jump to hyperspace..." in said
    assert "Success! Dapr is up and running." in said
    statestore = document(cli.root / "components/statestore.yaml")
    pubsub = document(cli.root / "components/pubsub.yaml")
    assert statestore["metadata"]["name"] == "statestore"
    assert (statestore["spec"]["type"], statestore["spec"]["version"]) == ("state.redis", "v1")
    assert {item["name"]: item["value"] for item in statestore["spec"]["metadata"]} == {
        "redisHost": f"localhost:{port}", "redisPassword": "", "actorStateStore": "true",
    }  # fmt: skip
    assert pubsub["spec"]["type"] == "pubsub.redis"
    assert host_in(cli.root / "components/pubsub.yaml") == f"localhost:{port}"
    config = document(cli.root / "config.yaml")
    assert (config["kind"], config["metadata"]["name"]) == ("Configuration", "daprConfig")
    assert config["spec"]["tracing"]["samplingRate"] == "1"


def test_the_engine_serves_on_loopback_alone(cli: Cli, port: int) -> None:
    init(cli, "--redis-port", str(port))
    with connect(port) as client:
        assert client.ping()
        assert client.config_get("bind")["bind"] == "127.0.0.1 -::1"
        assert client.config_get("appendonly")["appendonly"] == "yes"
    listening = Path("/proc/net/tcp").read_text().splitlines()[1:]
    sockets = [line.split() for line in listening]
    addresses = {one[1] for one in sockets if one[1].endswith(f":{port:04X}") and one[3] == "0A"}
    assert addresses == {f"0100007F:{port:04X}"}
    assert stat.S_IMODE((cli.root / "redis").stat().st_mode) == 0o700


def test_the_launcher_starts_without_path_or_home(cli: Cli) -> None:
    init(cli, "--slim")
    done = subprocess.run(
        [cli.root / "bin/daprd", "--version"], env={}, capture_output=True, text=True, timeout=40, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_slim_sets_up_neither_server_nor_resources(cli: Cli) -> None:
    init(cli, "--slim")
    assert list((cli.root / "components").iterdir()) == []
    assert not (cli.root / "redis").exists()
    assert "tracing" not in (document(cli.root / "config.yaml").get("spec") or {})


def test_init_again_changes_nothing(cli: Cli, port: int) -> None:
    init(cli, "--redis-port", str(port))
    before = engine_process(cli), {path: path.read_text() for path in cli.root.rglob("*.yaml")}
    init(cli)
    assert (engine_process(cli), {path: path.read_text() for path in cli.root.rglob("*.yaml")}) == before


def test_init_again_repairs_what_is_missing(cli: Cli, port: int) -> None:
    init(cli, "--redis-port", str(port))
    (cli.root / "components/pubsub.yaml").unlink()
    first = engine_process(cli)["pid"]
    with connect(port) as client:
        client.set("kept", "yes")
        client.shutdown(nosave=True)
    assert gone(first)
    init(cli)
    assert host_in(cli.root / "components/pubsub.yaml") == f"localhost:{port}"
    with connect(port) as client:
        assert client.get("kept") == b"yes"


def test_data_survive_a_crash_of_the_engine(cli: Cli, port: int) -> None:
    init(cli, "--redis-port", str(port))
    with connect(port) as client:
        client.set("counter", 3)
        client.config_set("appendfsync", "always")
        client.incr("counter")
    pid = engine_process(cli)["pid"]
    os.kill(pid, signal.SIGKILL)
    assert gone(pid)
    init(cli)
    with connect(port) as client:
        assert client.get("counter") == b"4"


def test_a_server_that_moved_is_written_into_our_manifests(cli: Cli, port: int) -> None:
    init(cli, "--redis-port", str(port))
    with connect(port) as client:
        client.set("kept", "yes")
    [other] = free_ports(1)
    init(cli, "--redis-port", str(other))
    assert host_in(cli.root / "components/statestore.yaml") == f"localhost:{other}"
    with connect(other) as client:
        assert client.get("kept") == b"yes"


def test_a_wanted_port_that_is_taken_is_refused(cli: Cli, port: int) -> None:
    init(cli, "--redis-port", str(port))
    cli.run("uninstall")
    with socket.create_server(("127.0.0.1", port)):
        done = cli.run("init", "--redis-port", str(port))
    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr
    assert "--redis-port" in done.stderr


def test_the_preferred_port_being_taken_is_no_obstacle(cli: Cli) -> None:
    try:
        taken: socket.socket | None = socket.create_server(("127.0.0.1", 6379))
    except OSError:
        taken = None  # somebody else holds it, which serves as well
    try:
        init(cli)
    finally:
        if taken is not None:
            taken.close()
    chosen = engine_process(cli)["port"]
    assert chosen != 6379
    assert host_in(cli.root / "components/statestore.yaml") == f"localhost:{chosen}"


def test_an_existing_redis_is_used_when_asked(cli: Cli, tmp_path: Path, port: int) -> None:
    other = Cli(tmp_path / "other")
    other.home.mkdir()
    try:
        init(other, "--redis-port", str(port))
        init(cli, "--redis-host", f"localhost:{port}")
        assert host_in(cli.root / "components/pubsub.yaml") == f"localhost:{port}"
        assert not (cli.root / "redis").exists()
        cli.run("uninstall", "--all")
        with connect(port) as client:
            assert client.ping()
    finally:
        other.close()


def test_a_redis_that_does_not_answer_is_refused(cli: Cli, port: int) -> None:
    done = cli.run("init", "--redis-host", f"localhost:{port}")
    assert done.returncode == 1
    assert f"no Redis answers at localhost:{port}" in done.stderr
    assert not (cli.root / "components/statestore.yaml").exists()


def test_an_installation_of_the_public_cli_survives(cli: Cli) -> None:
    theirs = {
        "bin/daprd": "a binary", "components/statestore.yaml": "a: store", "components/pubsub.yaml": "a: bus",
        "config.yaml": "a: config",
    }  # fmt: skip
    for name, text in theirs.items():
        (cli.root / name).parent.mkdir(parents=True, exist_ok=True)
        (cli.root / name).write_text(text)
    said = init(cli)
    assert said.count("Kept the existing") == 4
    assert not (cli.root / "redis").exists()
    assert cli.run("uninstall", "--all").returncode == 0
    assert {name: (cli.root / name).read_text() for name in theirs} == theirs
    assert sorted(path.name for path in cli.root.iterdir()) == ["bin", "components", "config.yaml"]


def test_uninstall_stops_the_server_and_keeps_resources_and_data(cli: Cli, port: int) -> None:
    init(cli, "--redis-port", str(port))
    pid = engine_process(cli)["pid"]
    done = cli.run("uninstall")
    assert done.returncode == 0
    assert "Dapr has been removed successfully" in done.stdout
    assert gone(pid)
    assert not (cli.root / "bin").exists()
    assert (cli.root / "components/statestore.yaml").exists()
    assert (cli.root / "redis/data").is_dir()


def test_uninstall_all_leaves_nothing_of_ours(cli: Cli, port: int) -> None:
    init(cli, "--redis-port", str(port))
    pid = engine_process(cli)["pid"]
    assert cli.run("uninstall", "--all").returncode == 0
    assert gone(pid)
    assert not cli.root.exists()


def test_uninstall_all_keeps_what_was_added_or_edited(cli: Cli, port: int) -> None:
    init(cli, "--redis-port", str(port))
    (cli.root / "components/mine.yaml").write_text("mine: 1")
    (cli.root / "config.yaml").write_text("edited: 1")
    said = cli.run("uninstall", "--all").stdout
    assert "config.yaml: it was edited" in said
    assert sorted(path.relative_to(cli.root).as_posix() for path in cli.root.rglob("*")) == [
        "components", "components/mine.yaml", "config.yaml",
    ]  # fmt: skip


def test_uninstall_without_installation_is_told_not_failed(cli: Cli) -> None:
    done = cli.run("uninstall", "--all")
    assert done.returncode == 0
    assert "WARNING" in done.stdout
    assert not cli.root.exists()


def test_the_runtime_path_moves_everything(cli: Cli, tmp_path: Path) -> None:
    init(cli, "--slim", "--runtime-path", str(tmp_path / "by flag"))
    assert (tmp_path / "by flag/.dapr/config.yaml").exists()
    cli.run("init", "--slim", DAPR_RUNTIME_PATH=str(tmp_path / "by env"))
    assert (tmp_path / "by env/.dapr/config.yaml").exists()
    assert not cli.root.exists()


def test_progress_in_json_is_one_object_a_line(cli: Cli) -> None:
    lines = init(cli, "--slim", "--log-as-json").splitlines()
    states = [json.loads(line)["status"] for line in lines]
    assert (states[0], states[-1]) == ("pending", "success")


def test_run_wakes_a_server_that_sleeps(cli: Cli, port: int) -> None:
    init(cli, "--redis-port", str(port))
    pid = engine_process(cli)["pid"]
    with connect(port) as client:
        client.shutdown(nosave=True)
    assert gone(pid)
    running = cli.start("run", "--", "true")
    assert "Started the redis server again" in running.wait()[1]
    with connect(port) as client:
        assert client.ping()
