"""`dapr run -f`: several applications from one file, their logs, and their common end."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.cli import Cli, gone, only, unique_id, with_fake_sidecar

SLEEP = "import os, time; print('up as', os.environ['APP_ID'], os.environ.get('WHO'), flush=True); time.sleep(600)"
STOPPING = "Received signal to stop Dapr and app processes. Shutting down Dapr and app processes."


class Template:
    """A run file with two applications in folders of their own."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "dapr.yaml"
        self.first, self.second = unique_id("one"), unique_id("two")
        self.folders = [folder / "one", folder / "two"]
        for one in self.folders:
            one.mkdir()
        self.common: dict[str, Any] = {"env": {"WHO": "common"}}
        self.apps: list[dict[str, Any]] = [
            {"appID": self.first, "appDirPath": "one", "command": [sys.executable, "-c", SLEEP]},
            {
                "appID": self.second,
                "appDirPath": "two",
                "command": [sys.executable, "-c", SLEEP],
                "env": {"WHO": "own"},
            },
        ]

    def write(self) -> str:
        document = {"version": 1, "name": "pair", "common": self.common, "apps": self.apps}
        self.path.write_text(yaml.safe_dump(document))
        return str(self.path)

    def logs(self, app_id: str, kind: str) -> str:
        [path] = self.path.parent.glob(f"*/.dapr/logs/{app_id}_{kind}_*.log")
        return path.read_text()


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    (tmp_path / "home").mkdir()
    cli = with_fake_sidecar(tmp_path / "home")
    yield cli
    cli.close()


@pytest.fixture
def template(tmp_path: Path) -> Template:
    return Template(tmp_path)


def started(app_id: str) -> str:
    return f'Started Dapr with app id "{app_id}"'


def records(cli: Cli) -> list[dict[str, Any]]:
    return list(json.loads(cli.run("list", "-o", "json").stdout))


def test_all_start_in_order_and_stop_together(cli: Cli, template: Template) -> None:
    running = cli.start("run", "-f", template.write())
    said = running.wait_for(started(template.second))
    places = [said.index(text) for text in (
        f'Validating config and starting app "{template.first}"', started(template.first),
        f"Writing log files to directory : {template.folders[0]}/.dapr/logs",
        f'Validating config and starting app "{template.second}"', started(template.second),
    )]  # fmt: skip
    assert places == sorted(places)
    running.interrupt()
    status, said = running.wait()
    assert status == 0, said
    assert STOPPING in said
    for app_id in (template.first, template.second):
        assert f"{app_id}: Exited App successfully" in said
        assert f"{app_id}: Exited Dapr successfully" in said


def test_lines_are_named_by_their_application_on_the_terminal_and_in_files(cli: Cli, template: Template) -> None:
    running = cli.start("run", "-f", template.write())
    running.wait_for(f"== APP - {template.first} == up as {template.first} common")
    said = running.wait_for(f"== APP - {template.second} == up as {template.second} own")
    running.wait_for(started(template.second))
    assert "Starting Dapr Runtime" not in said, "the sidecars' logs go to files by default"
    running.interrupt()
    running.wait()
    assert f"== APP - {template.first} == up as" in template.logs(template.first, "app")
    sidecar_log = template.logs(template.second, "daprd")
    assert 'msg="Starting Dapr Runtime"' in sidecar_log
    assert "You're up and running! Dapr logs will appear here." in sidecar_log
    assert "Daprd shutdown gracefully" in sidecar_log


def test_log_destinations_are_chosen_per_application(cli: Cli, template: Template) -> None:
    template.common["appLogDestination"] = "file"
    template.apps[1] |= {"appLogDestination": "console", "daprdLogDestination": "fileAndConsole"}
    running = cli.start("run", "-f", template.write())
    running.wait_for(f"== APP - {template.second} == up as")
    said = running.wait_for(started(template.second))
    assert f"== APP - {template.first} ==" not in said
    assert f'== DAPR - {template.second} == time="now"' in said
    running.interrupt()
    running.wait()
    assert "up as" in template.logs(template.first, "app")
    assert list(template.folders[1].glob(".dapr/logs/*_app_*")) == []
    assert "Starting Dapr Runtime" in template.logs(template.second, "daprd")


def test_colours_stay_out_of_files(cli: Cli, template: Template) -> None:
    coloured = "print('\\x1b[31mred\\x1b[0m', flush=True); import time; time.sleep(600)"
    template.apps = [{"appID": template.first, "appDirPath": "one", "command": [sys.executable, "-c", coloured]}]
    running = cli.start("run", "-f", template.write())
    running.wait_for("\x1b[31mred")
    running.interrupt()
    running.wait()
    assert template.logs(template.first, "app") == f"== APP - {template.first} == red\n"


def test_list_shows_the_run_file_and_the_logs(cli: Cli, template: Template) -> None:
    running = cli.start("run", "-f", template.write())
    running.wait_for(started(template.second))
    record = only(records(cli), template.first)
    assert (record["runTemplatePath"], record["runTemplateName"]) == (str(template.path), "pair")
    assert record["appLogPath"].startswith(f"{template.folders[0]}/.dapr/logs/{template.first}_app_")
    assert record["daprdLogPath"].startswith(f"{template.folders[0]}/.dapr/logs/{template.first}_daprd_")
    assert record["cliPid"] == running.process.pid
    assert record["command"] == f"{sys.executable} -c"[:17] + "..."


@pytest.mark.parametrize("by", ["file", "folder"])
def test_stop_by_run_file_ends_all(cli: Cli, template: Template, by: str) -> None:
    running = cli.start("run", "-f", template.write())
    running.wait_for(started(template.second))
    done = cli.run("stop", "-f", str(template.path if by == "file" else template.path.parent))
    assert "Dapr and app processes stopped successfully" in done.stdout
    status, said = running.wait()
    assert (status, STOPPING in said) == (0, True)
    again = cli.run("stop", "-f", str(template.path))
    assert again.returncode == 0
    assert f'couldn\'t find apps with run file "{template.path}"' in again.stderr


def test_the_run_leads_a_process_group_for_the_public_cli_to_stop(cli: Cli, template: Template) -> None:
    running = cli.start("run", "-f", template.write())
    running.wait_for(started(template.second))
    assert os.getpgid(running.process.pid) == running.process.pid
    assert os.getpgid(only(records(cli), template.first)["daprdPid"]) != running.process.pid


def test_stopping_one_application_leaves_the_others(cli: Cli, template: Template) -> None:
    running = cli.start("run", "-f", template.write())
    running.wait_for(started(template.second))
    first = only(records(cli), template.first)
    assert f"app stopped successfully: {template.first}" in cli.run("stop", template.first).stdout
    assert gone(first["daprdPid"])
    running.wait_for(f"{template.first}: Exited Dapr successfully")
    assert only(records(cli), template.second)["cliPid"] == running.process.pid
    assert template.first not in {record["appId"] for record in records(cli)}


def test_one_that_crashes_does_not_take_the_others_along(cli: Cli, template: Template) -> None:
    template.apps[0]["command"] = [sys.executable, "-c", "raise SystemExit(4)"]
    running = cli.start("run", "-f", template.write())
    running.wait_for(started(template.second))
    running.wait_for(f"{template.first}: The App process exited with error code: 4")
    assert running.process.poll() is None
    running.interrupt(signal.SIGTERM)
    assert running.wait()[0] == 1


def test_one_that_cannot_start_ends_the_run(cli: Cli, template: Template) -> None:
    template.apps[1]["command"] = ["no-such-command"]
    running = cli.start("run", "-f", template.write())
    status, said = running.wait()
    assert status == 1
    assert f'Error starting Dapr and app ("{template.second}"): Failed to find command no-such-command' in said
    assert f"{template.first}: Exited App successfully" in said


def test_a_sidecar_that_fails_is_told_with_its_log(cli: Cli, template: Template) -> None:
    status, said = cli.start("run", "-f", template.write(), FAKE_SIDECAR_EXIT="5").wait()
    assert status == 1
    assert "the daprd process exited with error code: 5; see " in said
    assert template.second not in said


def test_without_command_only_the_sidecar_runs(cli: Cli, template: Template) -> None:
    del template.apps[0]["command"]
    running = cli.start("run", "-f", template.write())
    said = running.wait_for(started(template.second))
    assert f'No application command found for app "{template.first}" present in {template.path}' in said
    assert only(records(cli), template.first)["appPid"] == 0


def test_the_file_may_come_from_standard_input(cli: Cli, template: Template) -> None:
    text = Path(template.write()).read_text().replace("appDirPath: one", f"appDirPath: {template.folders[0]}")
    text = text.replace("appDirPath: two", f"appDirPath: {template.folders[1]}")
    template.path.write_text(text)
    with template.path.open() as source:
        running = cli.start("run", "-f", "-", stdin=source.fileno())
    running.wait_for(started(template.second))
    running.interrupt()
    assert running.wait()[0] == 0


def test_other_flags_are_ignored_with_a_warning(cli: Cli, template: Template) -> None:
    template.apps = []
    done = cli.run("run", "-f", template.write(), "--app-id", "x", "--log-level", "debug")
    assert done.returncode == 1
    assert "Beside a run file these are ignored: --app-id, --log-level" in done.stdout
    assert "No apps to run" in done.stderr


def test_a_broken_file_is_explained(cli: Cli, template: Template) -> None:
    template.apps[0]["appPrt"] = 1
    done = cli.run("run", "-f", template.write())
    assert done.returncode == 1
    assert (
        "Error getting apps from config file: unknown field 'appPrt' in app 1; did you mean 'appPort'?" in done.stderr
    )
