"""`dapr init --with-sentry`: a certificate authority on this machine, which every sidecar of `dapr run` joins."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import stat
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.cli import Cli, gone, only, unique_id, with_fake_sidecar
from support.ports import free_ports
from support.sentry_process import chain_of
from support.sign import sign_one

from dapr_core.identity.svid import identity_of

UP = "You're up and running!"


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    cli = with_fake_sidecar(tmp_path)
    yield cli
    cli.close()
    cli.run("uninstall", "--all")


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


def init(cli: Cli, *words: str) -> str:
    done = cli.run("init", "--slim", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def with_sentry(cli: Cli, port: int) -> str:
    return init(cli, "--with-sentry", "--sentry-port", str(port))


def anchors(cli: Cli) -> bytes:
    return (cli.root / "sentry/credentials/ca.crt").read_bytes()


def process(cli: Cli) -> dict[str, Any]:
    return dict(json.loads((cli.root / "sentry/process.json").read_text()))


def status(cli: Cli) -> list[dict[str, Any]]:
    return list(json.loads(cli.run("status", "-o", "json").stdout))


def metadata(port: int) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1.0/metadata", timeout=10) as answer:
        return dict(json.load(answer))


def test_sentry_runs_and_gives_identities(cli: Cli, port: int) -> None:
    said = with_sentry(cli, port)
    assert f"sentry is running on localhost:{port}" in said
    leaf = chain_of(sign_one(f"127.0.0.1:{port}", anchors(cli)))[0]
    assert str(identity_of(leaf)) == "spiffe://public/ns/default/myapp"


def test_keys_are_for_the_user_alone(cli: Cli, port: int) -> None:
    with_sentry(cli, port)
    folder = cli.root / "sentry"
    assert {stat.S_IMODE(each.stat().st_mode) for each in (folder, folder / "credentials")} == {0o700}
    assert {stat.S_IMODE(each.stat().st_mode) for each in (folder / "credentials").iterdir()} == {0o600}


def test_the_configuration_asks_for_mutual_tls(cli: Cli, port: int) -> None:
    with_sentry(cli, port)
    mtls = yaml.safe_load((cli.root / "config.yaml").read_text())["spec"]["mtls"]
    assert (mtls["enabled"], mtls["sentryAddress"]) == (True, f"127.0.0.1:{port}")


def test_init_again_keeps_sentry_and_its_root(cli: Cli, port: int) -> None:
    with_sentry(cli, port)
    before = (process(cli), anchors(cli))
    with_sentry(cli, port)
    init(cli)  # also when it is not asked for again
    assert (process(cli), anchors(cli)) == before


def test_a_sentry_that_was_killed_comes_back_with_its_root(cli: Cli, port: int) -> None:
    with_sentry(cli, port)
    before, root = process(cli), anchors(cli)
    os.kill(before["pid"], signal.SIGKILL)
    assert gone(before["pid"])
    assert status(cli)[0]["status"] == "Stopped"
    init(cli)
    after = process(cli)
    assert (after["port"], after["pid"] != before["pid"], anchors(cli)) == (port, True, root)


def test_a_start_that_fails_says_why(cli: Cli, port: int) -> None:
    (cli.root / "sentry/credentials").mkdir(parents=True)
    (cli.root / "sentry/credentials/issuer.crt").write_text("rubbish")
    (cli.root / "sentry/credentials/issuer.key").write_text("rubbish")
    (cli.root / "sentry/credentials/ca.crt").write_text("rubbish")
    done = cli.run("init", "--slim", "--with-sentry", "--sentry-port", str(port))
    assert done.returncode == 1
    assert "the sentry ended at once with status 1" in done.stderr
    assert "holds no certificate in PEM form" in done.stderr


def test_a_wanted_port_that_is_taken_is_refused(cli: Cli, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        done = cli.run("init", "--slim", "--with-sentry", "--sentry-port", str(port))
    assert (done.returncode, f"port {port} is taken; choose another with --sentry-port" in done.stderr) == (1, True)


def test_the_preferred_port_being_taken_is_no_obstacle(cli: Cli) -> None:
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # then somebody else has it
            stack.enter_context(socket.create_server(("127.0.0.1", 50001)))
        assert "(port 50001 is taken)" in init(cli, "--with-sentry")
        assert process(cli)["port"] != 50001
        assert status(cli)[0]["healthy"]


def test_a_port_of_a_sentry_that_is_not_wanted_is_a_mistake(cli: Cli) -> None:
    done = cli.run("init", "--sentry-port", "50001")
    assert done.returncode == 255
    assert "--with-sentry" in done.stderr


def test_status_and_list_show_it(cli: Cli, port: int) -> None:
    assert "Run `dapr init` first" in cli.run("status").stdout
    with_sentry(cli, port)
    [row] = [each for each in status(cli) if each["name"] == "sentry"]
    assert (row["healthy"], row["status"], row["port"], row["pid"]) == (True, "Running", port, process(cli)["pid"])
    assert "NAME" in cli.run("status").stdout
    assert f"sentry is running on localhost:{port}" in cli.run("list").stdout
    assert "sentry" not in cli.run("list", "-o", "json").stdout


def test_uninstall_stops_it_and_keeps_its_root_unless_told_otherwise(cli: Cli, port: int) -> None:
    with_sentry(cli, port)
    root, pid = anchors(cli), process(cli)["pid"]
    assert "Stopped the sentry" in cli.run("uninstall").stdout
    assert gone(pid)
    assert anchors(cli) == root
    assert status(cli) == []
    with_sentry(cli, port)
    assert anchors(cli) == root
    assert cli.run("uninstall", "--all").returncode == 0
    assert not cli.root.exists()


# --- What runs joins it


def told(cli: Cli, app_id: str) -> tuple[list[str], dict[str, str]]:
    """The command line and the environment of a sidecar."""
    listed = only(json.loads(cli.run("list", "-o", "json").stdout), app_id)
    found = metadata(listed["httpPort"])
    return list(found["argv"]), dict(found["env"])


def joins(argv: list[str], port: int) -> bool:
    return "--enable-mtls" in argv and argv[argv.index("--sentry-address") + 1] == f"127.0.0.1:{port}"


def test_a_sidecar_joins_it(cli: Cli, port: int) -> None:
    with_sentry(cli, port)
    app_id = unique_id("joins")
    cli.start("run", "--app-id", app_id).wait_for(UP)
    argv, env = told(cli, app_id)
    assert joins(argv, port)
    assert env["DAPR_TRUST_ANCHORS_FILE"] == str(cli.root / "sentry/credentials/ca.crt")


def test_a_sidecar_whose_configuration_says_no_stays_out(cli: Cli, port: int, tmp_path: Path) -> None:
    with_sentry(cli, port)
    (tmp_path / "plain.yaml").write_text("spec: {mtls: {enabled: false}}")
    app_id = unique_id("stays-out")
    cli.start("run", "--app-id", app_id, "--config", "plain.yaml").wait_for(UP)
    argv, env = told(cli, app_id)
    assert "--enable-mtls" not in argv
    assert "DAPR_TRUST_ANCHORS_FILE" not in env


def test_run_wakes_a_sentry_that_sleeps(cli: Cli, port: int) -> None:
    with_sentry(cli, port)
    pid = process(cli)["pid"]
    os.kill(pid, signal.SIGKILL)
    assert gone(pid)
    running = cli.start("run", "--app-id", unique_id("wakes"))
    running.wait_for("Started the sentry again")
    running.wait_for(UP)
    assert status(cli)[0]["healthy"]


def test_the_applications_of_a_run_file_join_it(cli: Cli, port: int, tmp_path: Path) -> None:
    with_sentry(cli, port)
    (tmp_path / "app").mkdir()
    (tmp_path / "off.yaml").write_text("spec: {mtls: {enabled: false}}")
    ids = [unique_id(stem) for stem in ("first", "second", "out")]
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    apps: list[dict[str, Any]] = [{"appID": each, "appDirPath": "app", "command": command} for each in ids]
    apps[2]["configFilePath"] = str(tmp_path / "off.yaml")
    (tmp_path / "dapr.yaml").write_text(json.dumps({"version": 1, "apps": apps}))
    cli.start("run", "-f", "dapr.yaml").wait_for(f'Started Dapr with app id "{ids[2]}"')
    assert [joins(told(cli, each)[0], port) for each in ids[:2]] == [True, True]
    assert "--enable-mtls" not in told(cli, ids[2])[0]


def test_mutual_tls_without_an_authority_is_refused_with_the_remedy(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "mtls.yaml").write_text("spec: {mtls: {enabled: true}}")
    done = cli.run("run", "--app-id", unique_id("alone"), "--config", "mtls.yaml")
    assert done.returncode == 1
    assert "dapr init --with-sentry" in done.stderr
