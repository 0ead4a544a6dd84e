"""The book's introduction as it is done today: the first application, then one with a memory (B02 to B06)."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.book import Play, play, python
from support.calls import call
from support.cli import Cli, unique_id
from support.ports import free_port, free_ports
from support.redis_server import RedisServer, redis_server
from support.redis_words import ask, table

RUN_DEFAULTS = {
    "app-id": None, "app-port": "-1", "config": None, "enable-profiling": None, "dapr-grpc-port": "-1",
    "dapr-http-port": "-1", "profile-port": "-1", "log-level": "info", "app-max-concurrency": "-1",
    "app-protocol": "http",
}  # fmt: skip
"""Table I-1 in today's names; None where the table says that there is no default, or false."""

STATE_STORE_OF_2020 = """\
apiVersion: dapr.io/v1alpha1
kind: Component
metadata:
  name: statestore
spec:
  type: state.redis
  metadata:
  - name: redisHost
    value: localhost:{port}
  - name: redisPassword
    value: ""
"""
"""As the book prints it: without ``spec.version`` (N07)."""


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    cli = Cli(tmp_path)
    yield cli
    cli.close()


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def components(tmp_path: Path, redis: RedisServer) -> Path:
    folder = tmp_path / "components"
    folder.mkdir()
    (folder / "redis.yaml").write_text(STATE_STORE_OF_2020.format(port=redis.port))
    return folder


def greeted(app: Play) -> str:
    answer = call(app.port, "GET", app.invoke_path("greeting"))
    assert answer.status == 200, answer
    return answer.text


def test_B02_the_version_flag_tells_both_versions(cli: Cli) -> None:
    done = cli.run("--version")
    assert done.returncode == 0
    told = dict(re.findall(r"^(CLI|Runtime) version: (\S+)", done.stdout, re.MULTILINE))
    assert set(told) == {"CLI", "Runtime"}, done.stdout
    assert told["CLI"] == told["Runtime"]


def test_B03_an_application_is_called_through_its_sidecar(cli: Cli) -> None:
    assert cli.run("init", "--redis-port", str(free_port())).returncode == 0
    app = play(cli, unique_id("hello-dapr"), python("greeting.py"), old_names=True)
    assert greeted(app) == "Hello, World!"
    for verb in ("POST", "PUT", "DELETE"):
        answer = call(app.port, verb, app.invoke_path("greeting"), {"data": f"from the browser's {verb}"})
        assert (answer.status, answer.text) == (200, "Hello, World!")
        app.running.wait_for(f"== APP == from the browser's {verb}")
    said = app.stop()
    for fact in (
        f"Starting Dapr with id {app.app_id}. HTTP Port: {app.port}. gRPC Port: ",
        "Starting Dapr Runtime -- version ",
        "Log level set to: info",
        "standalone mode configured",
        f"app id: {app.app_id}",
        "Component loaded: pubsub (pubsub.redis/v1)",
        "Component loaded: statestore (state.redis/v1)",
        f"application protocol: http. waiting on port {app.app_port}.",
        "You're up and running! Both Dapr and your app logs will appear here.",
    ):
        assert fact in said


def test_B04_run_help_lists_every_switch_with_its_default(cli: Cli) -> None:
    told = cli.run("run", "--help").stdout
    for name, default in RUN_DEFAULTS.items():
        [line] = re.findall(rf"^ +(?:-\w, )?--{name} .*$", told, re.MULTILINE)
        assert f"(default {default})" in line or default is None, line


def test_B04_ports_are_chosen_when_none_is_given(cli: Cli) -> None:
    running = cli.start(
        "run", "--app-id", unique_id("ports"), "--", sys.executable, "-c", "import time; time.sleep(60)"
    )
    said = running.wait_for("You're up and running!")
    found = re.search(r"HTTP Port: (\d+)\. gRPC Port: (\d+)", said)
    assert found is not None
    assert found[1] != found[2]
    assert int(found[1]) > 0
    assert call(int(found[1]), "GET", "/v1.0/healthz").status == 204


def test_B04_the_names_of_2020_still_set_what_they_set(cli: Cli) -> None:
    http_port, grpc_port = free_ports(2)
    running = cli.start(
        "run", "--app-id", unique_id("names"), "--port", str(http_port), "--grpc-port", str(grpc_port),
        "--protocol", "http", "--max-concurrency", "-1", "sleep", "60",
    )  # fmt: skip
    said = running.wait_for("You're up and running!")
    assert f"HTTP Port: {http_port}. gRPC Port: {grpc_port}" in said
    assert call(http_port, "GET", "/v1.0/healthz").status == 204


def test_B05_a_counter_is_kept_in_the_state_store(cli: Cli, components: Path) -> None:
    app = play(cli, unique_id("hello-dapr"), python("counter.py"), "--components-path", "./components", old_names=True)
    expected = [f"I've greeted you {count}." for count in ("0 times", "1 time", "2 times")]
    assert [greeted(app) for _ in range(3)] == expected
    said = app.stop()
    assert f"application discovered on port {app.app_port}" in said
    assert "Component loaded: statestore (state.redis)" in said, "without a version, as the manifest"


def test_B06_the_count_goes_on_after_a_restart_and_lies_in_redis_as_documented(
    cli: Cli, redis: RedisServer, components: Path
) -> None:
    app_id = unique_id("hello-dapr")
    app = play(cli, app_id, python("counter.py"), resources=components)
    for _ in range(4):
        greeted(app)
    app.stop()  # Ctrl-C
    again = play(cli, app_id, python("counter.py"), resources=components)
    assert [greeted(again) for _ in range(3)] == [f"I've greeted you {count} times." for count in (4, 5, 6)]
    again.stop()
    key = f"{app_id}||mystate"
    assert ask(redis.port, "KEYS", "*") == [key]
    stored = table(redis.port, key)
    assert (stored["data"], stored["version"]) == ("6", "7")
