"""The commands that talk to running sidecars: list, stop, invoke, publish; and how fast the CLI is at hand."""

from __future__ import annotations

import json
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.cli import Cli, Running, gone, only, unique_id, with_fake_sidecar

UP = "You're up and running!"
BUDGET = 0.25
"""Seconds of processor time for a command that only looks: twice what it takes, far less than what a service takes."""


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    cli = with_fake_sidecar(tmp_path)
    yield cli
    cli.close()


@pytest.fixture
def app_id(cli: Cli) -> str:
    return unique_id("talk")


@pytest.fixture
def running(cli: Cli, app_id: str) -> Running:
    running = cli.start("run", "--app-id", app_id)
    running.wait_for(UP)
    return running


def invoked(cli: Cli, *words: str, stdin: str = "", **env: str) -> dict[str, Any]:
    done = cli.run("invoke", *words, stdin=stdin, **env)
    assert done.returncode == 0, done.stderr
    assert "App invoked successfully" in done.stdout
    return dict(json.loads(done.stdout.splitlines()[0]))


def test_invoke_posts_json_by_default(cli: Cli, running: Running, app_id: str) -> None:
    seen = invoked(cli, "--app-id", app_id, "--method", "create", "--data", '{"id": 7}')
    path = f"/v1.0/invoke/{app_id}/method/create"
    assert seen == {"verb": "POST", "path": path, "type": "application/json", "token": None, "body": '{"id": 7}'}


@pytest.mark.parametrize(
    ("method", "target"),
    [("orders/7?full=yes", "orders/7?full=yes"), ("/lead", "lead"), ("with space", "with%20space"), ("ü", "%C3%BC")],
)
def test_invoke_keeps_paths_and_queries(cli: Cli, running: Running, app_id: str, method: str, target: str) -> None:
    seen = invoked(cli, "-a", app_id, "-m", method, "-v", "get")
    assert (seen["verb"], seen["path"]) == ("GET", f"/v1.0/invoke/{app_id}/method/{target}")


def test_invoke_takes_its_body_from_a_file_or_standard_input(
    cli: Cli, running: Running, app_id: str, tmp_path: Path
) -> None:
    (tmp_path / "body.json").write_text('{"from": "file"}')
    assert invoked(cli, "-a", app_id, "-m", "m", "-f", "body.json")["body"] == '{"from": "file"}'
    assert invoked(cli, "-a", app_id, "-m", "m", "-f", "-", stdin="typed")["body"] == "typed"
    assert invoked(cli, "-a", app_id, "-m", "m", "--payload", "old")["body"] == "old"


def test_the_api_token_of_the_environment_goes_along(cli: Cli, running: Running, app_id: str) -> None:
    assert invoked(cli, "-a", app_id, "-m", "m", DAPR_API_TOKEN="secret")["token"] == "secret"


def test_publish_sends_data_and_metadata(cli: Cli, running: Running, app_id: str) -> None:
    done = cli.run(
        "publish", "-i", app_id, "-p", "pub sub", "-t", "orders/new", "-d", '{"id": 7}', "-m", '{"ttlInSeconds": 5}'
    )
    assert done.returncode == 0, done.stderr
    assert "Event published successfully" in done.stdout
    running.wait_for('published /v1.0/publish/pub%20sub/orders/new?metadata.ttlInSeconds=5 application/json {"id": 7}')


def test_publish_recognises_a_whole_cloud_event(cli: Cli, running: Running, app_id: str) -> None:
    event = json.dumps({"id": "1", "source": "s", "specversion": "1.0", "type": "t", "data": {}})
    assert cli.run("publish", "-i", app_id, "-p", "pubsub", "-t", "t", "-d", event).returncode == 0
    running.wait_for("published /v1.0/publish/pubsub/t application/cloudevents+json")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["invoke", "-a", "{id}", "-m", "refused"], "error invoking app {id}: 404 Not Found"),
        (["invoke", "-a", "nobody", "-m", "m"], "error invoking app nobody: app ID nobody not found"),
        (["invoke", "-a", "{id}", "-m", "m", "-d", "x", "-f", "y"], "Only one of --data and --data-file allowed"),
        (["invoke", "-a", "{id}", "-m", "m", "-f", "none"], "Error reading payload from 'none'. Error: No such file"),
        (["publish", "-i", "{id}", "-p", "refused", "-t", "t"], "status code 404 on publishing to t in refused"),
        (["publish", "-i", "nobody", "-p", "p", "-t", "t"], "couldn't find a running Dapr instance"),
        (["publish", "-i", "{id}", "-p", "p", "-t", "t", "-m", "{{"], "Error parsing metadata as JSON"),
        (["publish", "-i", "{id}", "-p", "p", "-t", "t", "-m", "[1]"], "Error parsing metadata as JSON"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_what_fails_is_told_with_status_1(cli: Cli, running: Running, app_id: str, words: list[str], told: str) -> None:
    done = cli.run(*(word.replace("{id}", app_id).replace("{{", "{") for word in words))
    assert done.returncode == 1
    assert told.replace("{id}", app_id) in done.stderr
    assert "Traceback" not in done.stderr


def test_list_shows_a_run_in_all_forms(cli: Cli, running: Running, app_id: str) -> None:
    records = json.loads(cli.run("list", "-o", "json").stdout)
    record = only(records, app_id)
    assert list(record) == [
        "appId", "httpPort", "grpcPort", "appPort", "metricsEnabled", "command", "age", "created", "daprdPid",
        "cliPid", "appPid", "maxRequestBodySize", "httpReadBufferSize", "runTemplatePath", "appLogPath",
        "daprdLogPath", "runTemplateName",
    ]  # fmt: skip
    assert record["cliPid"] == running.process.pid
    by_yaml = only(yaml.safe_load(cli.run("list", "-o", "yaml").stdout), app_id)
    assert by_yaml.keys() == record.keys()
    table = cli.run("list").stdout.splitlines()
    assert table[0].split("  ")[0] == "APP ID"
    [row] = [line for line in table if line.startswith(app_id)]
    assert str(record["httpPort"]) in row


def test_a_sidecar_that_nobody_watches_is_listed_and_stopped(cli: Cli, running: Running, app_id: str) -> None:
    record = only(json.loads(cli.run("list", "-o", "json").stdout), app_id)
    os.kill(running.process.pid, signal.SIGKILL)
    running.wait()
    assert only(json.loads(cli.run("list", "-o", "json").stdout), app_id)["daprdPid"] == record["daprdPid"]
    assert f"app stopped successfully: {app_id}" in cli.run("stop", "--app-id", app_id).stdout
    assert gone(record["daprdPid"])


def test_an_application_that_nobody_watches_stops_with_its_sidecar(cli: Cli) -> None:
    app_id = unique_id("orphan")
    running = cli.start("run", "--app-id", app_id, "--", "sleep", "600")
    running.wait_for(UP)
    record = only(json.loads(cli.run("list", "-o", "json").stdout), app_id)
    os.kill(running.process.pid, signal.SIGKILL)
    running.process.wait()
    assert f"app stopped successfully: {app_id}" in cli.run("stop", app_id).stdout
    assert gone(record["appPid"])
    assert gone(record["daprdPid"])


def test_stop_ends_the_run_that_watches(cli: Cli, running: Running, app_id: str) -> None:
    done = cli.run("stop", app_id, "nobody-here")
    assert done.returncode == 0
    assert f"app stopped successfully: {app_id}" in done.stdout
    assert "failed to stop app id nobody-here: couldn't find app id nobody-here" in done.stderr
    status, said = running.wait()
    assert (status, "Exited Dapr successfully" in said) == (0, True)


def test_completion_offers_the_ids_that_run(cli: Cli, running: Running, app_id: str) -> None:
    assert app_id in cli.run("__complete", "stop", app_id[:6]).stdout


def test_versions_are_told_as_text_and_json(cli: Cli) -> None:
    lines = cli.run("version").stdout.splitlines()
    assert lines[0].startswith("CLI version: ")
    assert lines[1] == "Runtime version: 9.9.9"
    assert cli.run("--version").stdout.splitlines() == lines
    told = json.loads(cli.run("version", "-o", "json").stdout)
    assert (list(told), told["Runtime version"]) == (["Cli version", "Runtime version"], "9.9.9")
    assert json.loads(cli.run("version", "-o", "json", DAPR_RUNTIME_COMMAND="/none").stdout)["Runtime version"] == "n/a"
    assert cli.run("version", "-o", "xml").returncode == 1


def test_the_build_is_told_for_both(cli: Cli) -> None:
    said = cli.run("build-info").stdout
    assert said.startswith("CLI:\n\tVersion: ")
    assert "Runtime:\n\tVersion: 9.9.9\n\tGit Commit: abc" in said


@pytest.mark.quiet
@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["list"]], ids=" ".join)
def test_the_cli_is_at_hand_at_once(cli: Cli, words: list[str]) -> None:
    """Processor time, the best of five, so that a busy machine does not decide."""
    best = min(processor_time(cli, words) for _ in range(5))
    assert best < BUDGET


def processor_time(cli: Cli, words: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert cli.run(*words).returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
