"""The book's chapter on services as it is done today: names, requests and answers, concurrency (B16 to B18)."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support.book import play, python
from support.calls import call
from support.cli import Cli, unique_id
from support.processes import wait_until

PARALLEL = 6
LIMIT = 2


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    cli = Cli(tmp_path)
    yield cli
    cli.close()


def test_B16_two_sidecars_of_one_host_find_each_other_by_id(cli: Cli) -> None:
    a = play(cli, unique_id("dapr-a"), python("mirror.py"))
    d = play(cli, unique_id("dapr-d"), python("mirror.py"))
    for caller in (a, d):
        for callee in (a, d):
            answer = call(caller.port, "GET", callee.invoke_path(f"to-{callee.app_id}"))
            assert answer.status == 200, answer.text
            assert answer.json["uri"] == f"/to-{callee.app_id}"
            seen = {name.lower(): value for name, value in answer.json["headers"]}
            assert seen["host"].endswith(f":{callee.app_port}")
            assert (seen["dapr-caller-app-id"], seen["dapr-callee-app-id"]) == (caller.app_id, callee.app_id)
    refused = call(a.port, "GET", "/v1.0/invoke/nobody-of-that-name/method/x")
    assert (refused.status, refused.json["errorCode"]) == (500, "ERR_DIRECT_INVOKE")


@pytest.fixture
def pair(cli: Cli) -> tuple[int, str]:
    """A caller's port and the id of another application, a mirror."""
    caller, callee = (play(cli, unique_id(name), python("mirror.py")) for name in ("caller", "callee"))
    return caller.port, callee.app_id


def test_B17_verb_query_headers_and_body_reach_the_callee_in_every_form_of_address(pair: tuple[int, str]) -> None:
    port, callee = pair
    basic = base64.b64encode(f"dapr-app-id:{callee}".encode()).decode()
    forms: list[tuple[str, dict[str, str]]] = [
        (f"/v1.0/invoke/{callee}/method/abc/def", {}),
        ("/abc/def", {"dapr-app-id": callee}),
        ("/abc/def", {"Authorization": f"Basic {basic}"}),
    ]
    for verb in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        for path, address in forms:
            body = None if verb == "GET" else f"{verb} says"
            answer = call(
                port, verb, f"{path}?param=123&x=%20y", body, {"X-Custom": "mine", "Accept": "a/b", **address}
            )
            assert answer.status == 200, answer.text
            assert answer.headers["x-mirror"] == "yes"
            check(answer.json, verb, body or "")


def check(seen: dict[str, Any], verb: str, body: str) -> None:
    headers = {name.lower(): value for name, value in seen["headers"]}
    assert (seen["method"], seen["uri"], seen["body"]) == (verb, "/abc/def?param=123&x=%20y", body)
    assert (headers["x-custom"], headers["accept"]) == ("mine", "a/b")
    assert "dapr-app-id" not in headers
    assert headers["forwarded"].startswith("for=127.0.0.1;by=127.0.0.1;host=")


def test_B17_head_is_answered_without_a_body(pair: tuple[int, str]) -> None:
    port, callee = pair
    answer = call(port, "HEAD", f"/v1.0/invoke/{callee}/method/abc")
    assert (answer.status, answer.body, answer.headers["x-mirror"]) == (200, b"", "yes")


def test_B18_no_more_calls_than_allowed_are_in_the_application_and_the_rest_wait(cli: Cli) -> None:
    app = play(cli, unique_id("crowd"), python("crowd.py"), "--max-concurrency", str(LIMIT))

    def crowd() -> dict[str, int]:
        return dict(call(app.app_port, "GET", "/most").json)

    with ThreadPoolExecutor(PARALLEL) as threads:
        calls = [threads.submit(call, app.port, "GET", app.invoke_path("work")) for _ in range(PARALLEL)]
        wait_until(lambda: crowd()["came"] >= LIMIT, what="the first calls")
        # The sidecar has seen the others by the time it answers a call that came after them.
        assert call(app.port, "GET", "/v1.0/metadata").status == 200
        assert not any(each.done() for each in calls)
        assert crowd() == {"now": LIMIT, "most": LIMIT, "came": LIMIT}
        call(app.app_port, "POST", "/go", b"")
        assert [each.result().status for each in calls] == [200] * PARALLEL
    assert crowd() == {"now": 0, "most": LIMIT, "came": PARALLEL}
