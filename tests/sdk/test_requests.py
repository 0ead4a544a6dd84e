"""``requests`` as the client of every block: one session, kept-alive connections, nothing but its usual idioms."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from support.neighbours import SECRETS, TOKEN, TOPIC, Neighbours


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False  # no proxy stands between a program and its sidecar
        yield session


def test_state_is_saved_read_guarded_and_deleted(session: requests.Session, pair: Neighbours) -> None:
    url, key = f"{pair.near_url}/v1.0/state/statestore", uuid.uuid4().hex
    assert session.post(url, json=[{"key": key, "value": {"a": [1, "\u00e9"]}}]).status_code == 204
    found = session.get(f"{url}/{key}")
    assert (found.json(), found.headers["ETag"]) == ({"a": [1, "\u00e9"]}, "1")
    stale = session.post(url, json=[{"key": key, "value": 2, "etag": "7", "options": {"concurrency": "first-write"}}])
    assert (stale.status_code, stale.json()["errorCode"]) == (409, "ERR_STATE_SAVE")
    assert session.delete(f"{url}/{key}", headers={"If-Match": "1"}).status_code == 204
    assert (session.get(f"{url}/{key}").status_code, session.get(f"{url}/{key}").content) == (204, b"")


def test_many_keys_are_read_at_once(session: requests.Session, pair: Neighbours) -> None:
    url = f"{pair.near_url}/v1.0/state/statestore"
    items = [{"key": f"requests-{n}", "value": n} for n in range(3)]
    assert session.post(url, json=items).status_code == 204
    found = session.post(f"{url}/bulk", json={"keys": [item["key"] for item in items] + ["requests-none"]}).json()
    assert {item["key"]: item.get("data") for item in found} == {
        "requests-0": 0, "requests-1": 1, "requests-2": 2, "requests-none": None,
    }  # fmt: skip


def test_a_published_event_reaches_the_application(session: requests.Session, pair: Neighbours) -> None:
    mark = uuid.uuid4().hex
    answer = session.post(
        f"{pair.near_url}/v1.0/publish/pubsub/{TOPIC}", json={"mark": mark}, params={"metadata.ttlInSeconds": "60"}
    )
    assert (answer.status_code, answer.content) == (204, b"")
    [request] = pair.app.wait_for(lambda each: each.target == f"/{TOPIC}" and mark.encode() in each.body)
    assert json.loads(request.body)["data"] == {"mark": mark}


def test_events_are_published_in_bulk(session: requests.Session, pair: Neighbours) -> None:
    mark = uuid.uuid4().hex
    entries = [{"entryId": str(n), "event": f"{mark} {n}", "contentType": "text/plain"} for n in range(3)]
    answer = session.post(f"{pair.near_url}/v1.0/publish/bulk/pubsub/{TOPIC}", json=entries)
    assert (answer.status_code, answer.content) == (204, b"")
    events = pair.app.wait_for(lambda each: each.target == f"/{TOPIC}" and mark.encode() in each.body, count=3)
    assert sorted(json.loads(each.body)["data"] for each in events) == [f"{mark} {n}" for n in range(3)]


def test_a_call_carries_query_headers_and_verb(session: requests.Session, pair: Neighbours) -> None:
    mark = uuid.uuid4().hex
    for verb in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        answer = session.request(verb, pair.invoke_url(mark), params={"q": "a b"}, headers={"X-Mine": verb})
        assert (answer.status_code, answer.headers["X-App"]) == (200, "yes")
    seen = [each for each in pair.app.received if each.target.startswith(f"/{mark}")]
    assert [(each.method, each.header("x-mine")) for each in seen] == [
        (verb, verb) for verb in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    ]
    assert {each.target for each in seen} == {f"/{mark}?q=a+b"}


def test_the_application_may_be_named_by_credentials(session: requests.Session, pair: Neighbours) -> None:
    answer = session.get(f"{pair.near_url}/hello", auth=("dapr-app-id", pair.far.app_id))
    assert (answer.status_code, answer.text) == (200, "hello")


def test_bodies_stream_both_ways(session: requests.Session, pair: Neighbours) -> None:
    parts = [bytes([n]) * 100_000 for n in range(20)]
    with session.post(pair.invoke_url("stream"), data=iter(parts), stream=True) as answer:
        assert b"".join(answer.iter_content(65_536)) == b"".join(parts)
    [request] = [each for each in pair.app.received if each.target == "/stream"]
    assert request.framing == "chunked"


def test_a_status_of_the_application_is_the_callers(session: requests.Session, pair: Neighbours) -> None:
    answer = session.get(pair.invoke_url("status/418"))
    assert (answer.status_code, answer.json()) == (418, {"said": "418"})
    with pytest.raises(requests.HTTPError, match="418 Client Error"):
        answer.raise_for_status()


def test_calls_at_once_on_kept_connections_get_their_own_answers(session: requests.Session, pair: Neighbours) -> None:
    def echoed(number: int) -> str:
        return session.post(pair.invoke_url("echo"), data=f"number {number}").text

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(echoed, range(64))) == [f"number {n}" for n in range(64)]


def test_secrets_are_told(session: requests.Session, pair: Neighbours) -> None:
    url = f"{pair.near_url}/v1.0/secrets/secrets"
    assert session.get(f"{url}/other").json() == {"other": SECRETS["other"]}
    missing = session.get(f"{url}/none")
    assert (missing.status_code, missing.json()["errorCode"]) == (500, "ERR_SECRET_GET")


def test_a_binding_is_invoked(session: requests.Session, pair: Neighbours) -> None:
    url = f"{pair.near_url}/v1.0/bindings/files"
    create = {"operation": "create", "data": "by requests", "metadata": {"fileName": "requests.txt"}}
    assert session.post(url, json=create).json() == {"fileName": "requests.txt"}
    get = {"operation": "get", "metadata": {"fileName": "requests.txt"}}
    assert session.post(url, json=get).text == "by requests"
    wrong = session.post(url, json={"operation": "fly"})
    assert (wrong.status_code, wrong.json()["errorCode"]) == (500, "ERR_INVOKE_OUTPUT_BINDING")


def test_metadata_are_told_and_extended(session: requests.Session, pair: Neighbours) -> None:
    url = f"{pair.far_url}/v1.0/metadata"
    session.headers["dapr-api-token"] = TOKEN
    assert session.put(f"{url}/set-with", data="requests").status_code == 204
    told = session.get(url).json()
    assert (told["id"], told["extended"]["set-with"]) == (pair.far.app_id, "requests")
    assert [each["topic"] for each in told["subscriptions"]] == [TOPIC]


def test_health_is_told(session: requests.Session, pair: Neighbours) -> None:
    for path in ("healthz", "healthz/outbound"):
        answer = session.get(f"{pair.near_url}/v1.0/{path}")
        assert (answer.status_code, answer.ok, answer.content) == (204, True, b"")
