"""The book's walk-throughs about components and pipelines as they are done today (B23, B25)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.book import play, python
from support.calls import call
from support.cli import Cli, unique_id
from support.manifests import component, configuration, folder, write
from support.processes import daprd
from support.redis_server import redis_server


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    cli = Cli(tmp_path)
    yield cli
    cli.close()


def test_B23_a_component_in_the_folder_is_loaded_at_start(tmp_path: Path) -> None:
    with redis_server() as redis:
        resources = folder(
            tmp_path / "components", component("statestore", "state.redis", redisHost=redis.address, redisPassword="")
        )
        with daprd(unique_id("loaded"), resources=resources) as sidecar:
            sidecar.wait_for_line("Component loaded: statestore (state.redis/v1)")
            told = call(sidecar.http_port, "GET", "/v1.0/metadata").json
            [listed] = told["components"]
            assert (listed["name"], listed["type"], listed["version"]) == ("statestore", "state.redis", "v1")
            assert "ETAG" in listed["capabilities"]


def test_B25_a_pipeline_of_the_configuration_upper_cases_what_an_application_is_sent(cli: Cli, tmp_path: Path) -> None:
    folder(tmp_path / "components", component("uppercase", "middleware.http.uppercase"))
    handlers = {"handlers": [{"name": "uppercase", "type": "middleware.http.uppercase"}]}
    write(tmp_path / "pipeline.yaml", configuration({"httpPipeline": handlers}))
    app = play(
        cli, unique_id("rust-web"), python("mirror.py"), "--config", "./pipeline.yaml",
        "--components-path", "./components", old_names=True,
    )  # fmt: skip
    assert call(app.app_port, "POST", "/echo", {"a": "b"}).text == '{"a":"b"}'
    answer = call(app.port, "POST", app.invoke_path("echo"), {"a": "b"})
    assert (answer.status, answer.text) == (200, '{"A":"B"}')
    broken = call(app.port, "POST", app.invoke_path("echo"), {"a": True})
    assert list(broken.json) == ["err"], "TRUE is no JSON: the middleware knows text only"
    assert "Component loaded: uppercase (middleware.http.uppercase/v1)" in app.output
