"""``curl`` as the client of every block, with the command lines that people write."""

from __future__ import annotations

import json
import shutil
import subprocess
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from support.neighbours import SECRETS, TOKEN, TOPIC, Neighbours

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
JSON = ("-H", "Content-Type: application/json")


@dataclass(frozen=True)
class Told:
    """What one curl printed: the status it was given, and the body."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def curl(*words: str, stdin: bytes = b"") -> Told:
    """Run curl, silent but for its errors, to its end."""
    command = ["curl", "--silent", "--show-error", "--max-time", "30", "--write-out", "\n%{http_code}", *words]
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=40, check=False)
    assert done.returncode == 0, done.stderr.decode()
    body, _, status = done.stdout.rpartition(b"\n")
    return Told(int(status), body)


def test_state_is_saved_read_and_deleted(pair: Neighbours) -> None:
    url = f"{pair.near_url}/v1.0/state/statestore"
    assert curl("-X", "POST", *JSON, "-d", '[{"key":"name","value":"Bruce Wayne"}]', url).status == 204
    assert curl(f"{url}/name") == Told(200, b'"Bruce Wayne"')
    heads = curl("-i", f"{url}/name").body.decode().lower()
    assert "etag: 1" in heads
    assert curl("-X", "DELETE", "-H", "If-Match: 1", f"{url}/name") == Told(204, b"")
    assert curl(f"{url}/name") == Told(204, b"")


def test_state_needs_no_content_type(pair: Neighbours) -> None:
    url = f"{pair.near_url}/v1.0/state/statestore"
    assert curl("-d", '[{"key":"untyped","value":1}]', url).status == 204
    assert curl(f"{url}/untyped") == Told(200, b"1")


def test_many_keys_are_read_at_once_and_changed_in_a_transaction(pair: Neighbours) -> None:
    url = f"{pair.near_url}/v1.0/state/statestore"
    operations = [{"operation": "upsert", "request": {"key": f"curl-{n}", "value": n}} for n in (1, 2)]
    assert curl(*JSON, "-d", json.dumps({"operations": operations}), f"{url}/transaction").status == 204
    found = curl(*JSON, "-d", '{"keys":["curl-1","curl-2"]}', f"{url}/bulk")
    assert {item["key"]: item["data"] for item in found.json} == {"curl-1": 1, "curl-2": 2}


@pytest.mark.parametrize(
    ("words", "body", "data", "kind"),
    [
        pytest.param(JSON, '{{"mark":"{mark}"}}', {"mark": "{mark}"}, "application/json", id="JSON"),
        pytest.param(("-H", "Content-Type: text/plain"), "{mark}", "{mark}", "text/plain", id="text"),
    ],
)
def test_a_published_event_reaches_the_application(
    pair: Neighbours, words: tuple[str, ...], body: str, data: Any, kind: str
) -> None:
    mark = uuid.uuid4().hex
    published = curl(*words, "-d", body.format(mark=mark), f"{pair.near_url}/v1.0/publish/pubsub/{TOPIC}")
    assert published == Told(204, b"")
    [request] = pair.app.wait_for(lambda each: each.target == f"/{TOPIC}" and mark.encode() in each.body)
    event = json.loads(request.body)
    assert event["data"] == ({"mark": mark} if isinstance(data, dict) else mark)
    assert (event["datacontenttype"], event["source"]) == (kind, pair.near.app_id)


def test_a_call_is_answered_over_every_version_of_http(pair: Neighbours) -> None:
    url = pair.invoke_url("hello")
    for version in ("--http1.0", "--http1.1", "--http2-prior-knowledge"):
        assert curl(version, url) == Told(200, b"hello")


def test_a_call_may_name_its_application_in_a_header_or_as_a_user(pair: Neighbours) -> None:
    callee = pair.far.app_id
    assert curl("-H", f"dapr-app-id: {callee}", f"{pair.near_url}/hello") == Told(200, b"hello")
    assert curl("-u", f"dapr-app-id:{callee}", f"{pair.near_url}/hello") == Told(200, b"hello")


def test_head_tells_the_headers_alone(pair: Neighbours) -> None:
    told = curl("-I", pair.invoke_url("hello"))
    assert told.status == 200
    assert b"x-app: yes" in told.body.lower()
    assert b"hello" not in told.body.partition(b"\r\n\r\n")[2]


def test_an_upload_of_unknown_length_is_streamed_to_the_application(pair: Neighbours) -> None:
    upload = bytes(range(256)) * 12_000
    assert curl("-X", "POST", "-T", "-", pair.invoke_url("up"), stdin=upload) == Told(200, upload)


def test_a_large_body_waits_for_the_word_to_go_on(pair: Neighbours) -> None:
    upload = b"x" * 2_000_000
    told = curl("-H", "Expect: 100-continue", "--data-binary", "@-", "-i", pair.invoke_url("up"), stdin=upload)
    assert told.status == 200
    assert told.body.startswith(b"HTTP/1.1 100 Continue")
    assert told.body.endswith(upload)


def test_secrets_are_told(pair: Neighbours) -> None:
    url = f"{pair.near_url}/v1.0/secrets/secrets"
    assert curl(f"{url}/mysecret").json == {"mysecret": SECRETS["mysecret"]}
    assert curl(f"{url}/bulk").json == {name: {name: value} for name, value in SECRETS.items()}


def test_a_binding_is_invoked(pair: Neighbours) -> None:
    url = f"{pair.near_url}/v1.0/bindings/files"
    create = {"operation": "create", "data": "by curl", "metadata": {"fileName": "curl.txt"}}
    assert curl("-X", "PUT", "-d", json.dumps(create), url).status == 200
    assert (pair.files / "curl.txt").read_text() == "by curl"
    assert curl("-d", '{"operation":"get","metadata":{"fileName":"curl.txt"}}', url) == Told(200, b"by curl")


def test_metadata_are_told_and_extended(pair: Neighbours) -> None:
    url = f"{pair.near_url}/v1.0/metadata"
    assert curl("-X", "PUT", "-H", "Content-Type: text/plain", "-d", "curl", f"{url}/set-with") == Told(204, b"")
    told = curl(url).json
    assert (told["id"], told["extended"]["set-with"]) == (pair.near.app_id, "curl")
    assert {each["name"] for each in told["components"]} == {"statestore", "pubsub", "secrets", "files"}


@pytest.mark.parametrize("path", ["healthz", "healthz/outbound"])
def test_health_is_told_without_a_token(pair: Neighbours, path: str) -> None:
    assert curl("--fail", f"{pair.near_url}/v1.0/{path}") == Told(204, b"")
    assert curl("--fail", f"{pair.far_url}/v1.0/{path}") == Told(204, b"")


def test_a_sidecar_with_a_token_wants_it(pair: Neighbours) -> None:
    url = f"{pair.far_url}/v1.0/metadata"
    assert curl(url).status == 401
    assert curl("-H", "dapr-api-token: wrong", url).status == 401
    assert curl("-H", f"dapr-api-token: {TOKEN}", url).json["id"] == pair.far.app_id
