"""`dapr run` for one application: order, environment, logs, exit statuses, and both processes' ends.

The sidecar program is a stand-in, so that the launcher is tested by itself; `test_cli_daprd.py` runs the real one.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.cli import COMMAND, Cli, gone, only, unique_id, with_fake_sidecar
from support.ports import free_ports

UP = "You're up and running!"
SLEEP = "import time; time.sleep(600)"
SERVE = """
import http.server, os
http.server.HTTPServer(("127.0.0.1", int(os.environ["APP_PORT"])), http.server.BaseHTTPRequestHandler).serve_forever()
"""


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    cli = with_fake_sidecar(tmp_path)
    yield cli
    cli.close()


@pytest.fixture
def app_id() -> str:
    return unique_id("run")


def python(program: str) -> list[str]:
    return ["--", sys.executable, "-c", program]


def listed(cli: Cli, app_id: str) -> dict[str, Any]:
    return only(json.loads(cli.run("list", "-o", "json").stdout), app_id)


def metadata(port: int) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1.0/metadata", timeout=10) as answer:
        return dict(json.load(answer))


def test_the_application_runs_beside_its_sidecar_and_knows_it(cli: Cli, app_id: str) -> None:
    program = "import os; print({k: os.environ.get(k) for k in ('APP_ID', 'DAPR_HTTP_PORT', 'DAPR_GRPC_PORT')})"
    status, said = cli.start("run", "--app-id", app_id, *python(program)).wait()
    http_port = said.split("HTTP Port: ")[1].split(".")[0]
    grpc_port = said.split("gRPC Port: ")[1].split()[0]
    assert status == 0
    assert f"Starting Dapr with id {app_id}." in said
    expected = {"APP_ID": app_id, "DAPR_HTTP_PORT": http_port, "DAPR_GRPC_PORT": grpc_port}
    assert f"== APP == {expected}" in said
    assert "== DAPR == time=" in said
    assert "Exited App successfully" in said
    assert "Exited Dapr successfully" in said


def test_an_application_without_port_starts_when_the_sidecar_is_ready(cli: Cli, app_id: str) -> None:
    program = (
        "import os, urllib.request as u;"
        "print(u.urlopen(f\"http://127.0.0.1:{os.environ['DAPR_HTTP_PORT']}/v1.0/healthz\").status)"
    )
    said = cli.start("run", "--app-id", app_id, *python(program)).wait()[1]
    assert "== APP == 204" in said
    assert said.index("Dapr sidecar is up and running.") < said.index("== APP == 204")


def test_a_sidecar_that_waits_for_the_port_gets_its_application(cli: Cli, app_id: str) -> None:
    [port] = free_ports(1)
    running = cli.start("run", "--app-id", app_id, "--app-port", str(port), *python(SERVE))
    running.wait_for(UP)
    assert listed(cli, app_id)["appPort"] == port


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_stops_both_gracefully_the_application_first(cli: Cli, app_id: str, number: signal.Signals) -> None:
    program = (
        "import signal, sys, time\n"
        "def stop(*_):\n    print('application ends', flush=True); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, stop)\ntime.sleep(600)"
    )
    running = cli.start("run", "--app-id", app_id, *python(program))
    running.wait_for(UP)
    running.interrupt(number)
    status, said = running.wait()
    assert status == 0, said
    assert "terminated signal received: shutting down" in said
    assert said.index("application ends") < said.index("Daprd shutdown gracefully")
    assert "Exited App successfully" in said
    assert "Exited Dapr successfully" in said


def test_an_application_that_dies_of_the_signal_ended_well(cli: Cli, app_id: str) -> None:
    running = cli.start("run", "--app-id", app_id, *python(SLEEP))
    running.wait_for(UP)
    running.interrupt()
    assert running.wait()[0] == 0


def test_a_second_signal_ends_the_patience(cli: Cli, app_id: str) -> None:
    stubborn = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('deaf')\ntime.sleep(600)"
    running = cli.start("run", "--app-id", app_id, *python(stubborn))
    running.wait_for("deaf")
    running.wait_for(UP)
    running.interrupt()
    running.wait_for("shutting down")
    running.interrupt()
    status, said = running.wait(timeout=4)
    assert status == 0, said


def test_the_exit_status_of_the_application_is_passed_on(cli: Cli, app_id: str) -> None:
    status, said = cli.start("run", "--app-id", app_id, *python("raise SystemExit(7)")).wait()
    assert status == 7
    assert "The App process exited with error code: 7" in said
    assert "Exited Dapr successfully" in said


def test_an_application_killed_by_a_signal_gives_the_status_of_a_shell(cli: Cli, app_id: str) -> None:
    status, said = cli.start("run", "--app-id", app_id, *python("import os; os.kill(os.getpid(), 9)")).wait()
    assert status == 137
    assert "The App process was terminated by signal: Killed" in said


def test_the_exit_status_of_the_sidecar_is_passed_on_and_stops_the_application(cli: Cli, app_id: str) -> None:
    [port] = free_ports(1)
    running = cli.start("run", "--app-id", app_id, "-p", str(port), *python(SERVE), FAKE_SIDECAR_EXIT="3")
    status, said = running.wait()
    assert status == 3
    assert "The daprd process exited with error code: 3" in said
    assert "Exited App successfully" in said
    assert UP not in said


def test_a_sidecar_that_dies_later_takes_the_application_along(cli: Cli, app_id: str) -> None:
    running = cli.start("run", "--app-id", app_id, *python(SLEEP))
    running.wait_for(UP)
    record = listed(cli, app_id)
    os.kill(record["daprdPid"], signal.SIGKILL)
    status, said = running.wait()
    assert status == 137, said
    assert gone(record["appPid"])


def test_what_the_application_has_started_ends_with_it(cli: Cli, app_id: str) -> None:
    program = f"import subprocess, sys; print('child', subprocess.Popen([sys.executable, '-c', {SLEEP!r}]).pid)"
    said = cli.start("run", "--app-id", app_id, *python(program)).wait()[1]
    assert gone(int(said.split("child ")[1].split()[0]))


def test_a_command_that_does_not_exist_is_named(cli: Cli, app_id: str) -> None:
    status, said = cli.start("run", "--app-id", app_id, "--", "no-such-command").wait()
    assert status == 1
    assert "Failed to find command no-such-command: No such file or directory" in said
    assert "Start App failed, try to stop Dapr successfully" in said
    assert "Daprd shutdown gracefully" in said


def test_a_sidecar_program_that_does_not_exist_is_named(cli: Cli, app_id: str) -> None:
    done = cli.run("run", "--app-id", app_id, DAPR_RUNTIME_COMMAND="/no/such/daprd")
    assert done.returncode == 1
    assert "could not start the sidecar (/no/such/daprd)" in done.stderr


def test_without_command_the_sidecar_runs_alone(cli: Cli, app_id: str) -> None:
    running = cli.start("run", "--app-id", app_id)
    said = running.wait_for(f"{UP} Dapr logs will appear here.")
    assert "WARNING: no application command found." in said
    running.interrupt()
    status, said = running.wait()
    assert (status, "Exited Dapr successfully" in said, "App" in said) == (0, True, False)


def test_an_id_is_invented_when_none_is_given(cli: Cli) -> None:
    said = cli.start("run", "--", "true").wait()[1]
    assert said.split("Starting Dapr with id ")[1].split(".")[0].count("-") == 2


def test_an_id_runs_only_once(cli: Cli, app_id: str) -> None:
    cli.start("run", "--app-id", app_id).wait_for(UP)
    done = cli.run("run", "--app-id", app_id)
    assert done.returncode == 1
    assert f"app with ID {app_id} is already running" in done.stderr


def test_given_ports_are_used_and_a_taken_one_is_refused(cli: Cli, app_id: str) -> None:
    http, grpc = free_ports(2)
    running = cli.start("run", "--app-id", app_id, "--dapr-http-port", str(http), "--grpc-port", str(grpc))
    running.wait_for(UP)
    record = listed(cli, app_id)
    assert (record["httpPort"], record["grpcPort"]) == (http, grpc)
    done = cli.run("run", "--app-id", unique_id("run"), "-H", str(http))
    assert done.returncode == 1
    assert f"invalid configuration for HTTPPort. Port {http} is not available" in done.stderr


def test_everything_listens_on_loopback_by_default(cli: Cli, app_id: str) -> None:
    cli.start("run", "--app-id", app_id).wait_for(UP)
    told = metadata(listed(cli, app_id)["httpPort"])
    argv = told["argv"]
    for flag in ("--dapr-listen-addresses", "--metrics-listen-address", "--dapr-internal-grpc-listen-address"):
        assert argv[argv.index(flag) + 1] in ("127.0.0.1", "127.0.0.1,[::1]")
    assert told["env"]["DAPR_HOST_IP"] == "127.0.0.1"


def test_the_default_resources_and_configuration_are_passed(cli: Cli, app_id: str) -> None:
    assert cli.run("init", "--slim").returncode == 0
    cli.start("run", "--app-id", app_id).wait_for(UP)
    argv = metadata(listed(cli, app_id)["httpPort"])["argv"]
    assert argv[argv.index("--resources-path") + 1] == str(cli.root / "components")
    assert argv[argv.index("--config") + 1] == str(cli.root / "config.yaml")


def test_a_broken_resource_stops_the_run_before_it_starts(cli: Cli, app_id: str, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("a: [")
    done = cli.run("run", "--app-id", app_id, "--resources-path", str(tmp_path), "--", "true")
    assert done.returncode == 1
    assert "error validating components in resources path" in done.stderr
    assert "Starting Dapr" not in done.stdout


def test_json_logs_carry_no_prefix_and_reach_the_sidecar(cli: Cli, app_id: str) -> None:
    program = 'print(\'{"from": "app"}\')'
    said = cli.start("run", "--log-as-json", "--app-id", app_id, *python(program)).wait()[1]
    assert '\n{"from": "app"}\n' in said
    assert "== APP ==" not in said
    assert json.loads(said.splitlines()[0])["status"] == "info"


def test_long_and_torn_lines_arrive(cli: Cli, app_id: str) -> None:
    program = "import sys; sys.stdout.write('x' * 200_000 + '\\n' + 'no end'); sys.stdout.flush()"
    said = cli.start("run", "--app-id", app_id, *python(program)).wait()[1]
    assert said.count("x") >= 200_000
    assert "== APP == no end\n" in said


def test_unix_sockets_serve_instead_of_ports_and_are_removed(cli: Cli, app_id: str, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    running = cli.start("run", "--app-id", app_id, "--unix-domain-socket", str(folder))
    running.wait_for(UP)
    assert f"HTTP Socket: {folder}/dapr-{app_id}-http.socket." in running.output
    assert listed(cli, app_id)["cliPid"] == running.process.pid
    done = cli.run("invoke", "-a", app_id, "-m", "hello", "-u", str(folder))
    assert "App invoked successfully" in done.stdout
    running.interrupt()
    running.wait()
    assert list(folder.iterdir()) == []


def test_an_output_that_nobody_reads_any_more_ends_the_run(cli: Cli, app_id: str) -> None:
    program = "import time\nwhile True: print('tick', flush=True); time.sleep(0.05)"
    command = [*COMMAND, "run", "--app-id", app_id, *python(program)]
    with subprocess.Popen(command, env=cli.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        assert any(UP in line for line in process.stdout)
        record = listed(cli, app_id)
        process.stdout.close()
        assert process.wait(20) != 0
    assert gone(record["appPid"])
    assert gone(record["daprdPid"])
