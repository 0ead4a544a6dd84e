"""The book's chapter on state as it is done today: an application in Node, the API's answers, what lies in Redis (B34
to B36)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.book import node, play
from support.calls import call
from support.cli import Cli, unique_id
from support.manifests import component, folder
from support.processes import Daprd, daprd
from support.redis_server import RedisServer, redis_server
from support.redis_words import ask, table


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture(scope="module")
def resources(redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("state") / "components"
    return folder(path, component("statestore", "state.redis", redisHost=redis.address))


@pytest.fixture(scope="module")
def sidecar(resources: Path) -> Iterator[Daprd]:
    with daprd(unique_id("myapp"), resources=resources) as running:
        yield running


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    cli = Cli(tmp_path)
    yield cli
    cli.close()


def test_B34_an_application_in_node_keeps_its_order(cli: Cli, redis: RedisServer, resources: Path) -> None:
    app = play(cli, unique_id("nodeapp"), node("orders.js"), resources=resources)
    answer = call(app.port, "POST", app.invoke_path("neworder"), {"data": {"orderId": "42"}})
    assert (answer.status, answer.text) == (200, "")
    app.running.wait_for("== APP == Successfully persisted state: 204")
    assert call(app.port, "GET", app.invoke_path("order")).json == {"orderId": "42"}
    assert table(redis.port, f"{app.app_id}||order")["data"] == '{"orderId":"42"}'


def test_B34_an_application_in_node_sees_that_its_state_was_refused(cli: Cli, resources: Path) -> None:
    app = play(cli, unique_id("nodeapp"), node("orders.js"), resources=resources, STORE="wrong")
    answer = call(app.port, "POST", app.invoke_path("neworder"), {"data": {"orderId": "42"}})
    assert (answer.status, answer.text) == (500, "Failed to persist state.")


def test_B35_get_tells_value_and_etag_or_that_there_is_none(sidecar: Daprd) -> None:
    base = "/v1.0/state/statestore"
    assert call(sidecar.http_port, "POST", base, [{"key": "known", "value": {"a": 1}}]).status == 204
    found = call(sidecar.http_port, "GET", f"{base}/known?consistency=strong")
    assert (found.status, found.json, found.headers["etag"]) == (200, {"a": 1}, "1")
    missing = call(sidecar.http_port, "GET", f"{base}/unknown")
    assert (missing.status, missing.body) == (204, b"")
    no_store = call(sidecar.http_port, "GET", "/v1.0/state/nostore/known")
    assert (no_store.status, no_store.json["errorCode"]) == (400, "ERR_STATE_STORE_NOT_FOUND")


def test_B35_without_any_store_the_answer_is_500() -> None:
    with daprd(unique_id("bare")) as bare:
        answer = call(bare.http_port, "GET", "/v1.0/state/statestore/known")
        assert (answer.status, answer.json["errorCode"]) == (500, "ERR_STATE_STORE_NOT_CONFIGURED")


def test_B35_writes_and_deletes_hold_to_the_etag(sidecar: Daprd) -> None:
    base = "/v1.0/state/statestore"

    def save(value: str, etag: str) -> int:
        item = {"key": "guarded", "value": value, "etag": etag, "options": {"concurrency": "first-write"}}
        return call(sidecar.http_port, "POST", base, [item]).status

    def delete(etag: str) -> int:
        return call(sidecar.http_port, "DELETE", f"{base}/guarded", headers={"If-Match": etag}).status

    assert call(sidecar.http_port, "POST", base, [{"key": "guarded", "value": "first"}]).status == 204
    assert [save("second", "1"), save("late", "1"), save("bad", "no number")] == [204, 409, 400]
    assert call(sidecar.http_port, "GET", f"{base}/guarded").json == "second"
    assert [delete("1"), delete("2"), call(sidecar.http_port, "GET", f"{base}/guarded").status] == [409, 204, 204]


def test_B35_the_options_of_2020_are_taken(sidecar: Daprd) -> None:
    options = {
        "concurrency": "first-write", "consistency": "strong",
        "retryPolicy": {"interval": 100, "threshold": 3, "pattern": "exponential"},
    }  # fmt: skip
    base = "/v1.0/state/statestore"
    assert call(sidecar.http_port, "POST", base, [{"key": "old", "value": 1, "options": options}]).status == 204
    assert call(sidecar.http_port, "GET", f"{base}/old").json == 1


def test_B36_keys_values_and_etags_lie_in_redis_as_documented(sidecar: Daprd, redis: RedisServer) -> None:
    state = [{"key": "balance", "value": 100}, {"key": "owner", "value": "me"}]
    assert call(sidecar.http_port, "POST", "/v1.0/state/statestore", state).status == 204
    keys = ask(redis.port, "KEYS", f"{sidecar.app_id}*")
    assert {f"{sidecar.app_id}||balance", f"{sidecar.app_id}||owner"} <= set(keys)
    assert ask(redis.port, "HGET", f"{sidecar.app_id}||balance", "data") == "100"
    assert ask(redis.port, "HGET", f"{sidecar.app_id}||balance", "version") == "1"
