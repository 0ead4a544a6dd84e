"""Requests that HTTP allows and Dapr does not: bodies, names and metadata that no block takes (api.md §1, §2)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.echo_app import EchoApp, echo_app
from support.hostile import ask, error_of, unharmed
from support.manifests import component, folder
from support.processes import Daprd, daprd

STATE = "/v1.0/state/mem"
BULK = "/v1.0/state/mem/bulk"
TRANSACTION = "/v1.0/state/mem/transaction"
PUBLISH = "/v1.0/publish/bus/orders"
BULK_PUBLISH = "/v1.0/publish/bulk/bus/orders"
BINDING = "/v1.0/bindings/files"
METADATA = "/v1.0/metadata/k"
INVOKE = "/v1.0/invoke/shop/method/m"


@pytest.fixture(scope="module")
def app() -> Iterator[EchoApp]:
    with echo_app() as running:
        yield running


@pytest.fixture(scope="module")
def shop(app: EchoApp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daprd]:
    """A sidecar with one component of each kind and an application, limits of 64 KiB and 4 KiB."""
    directory = tmp_path_factory.mktemp("bad-input")
    secrets = directory / "secrets.json"
    secrets.write_text('{"known": "value"}')
    resources = folder(
        directory / "resources",
        component("mem", "state.in-memory"),
        component("lite", "state.sqlite", connectionString=str(directory / "state.db")),
        component("bus", "pubsub.in-memory"),
        component("files", "bindings.localstorage", rootPath=str(directory / "files")),
        component("safe", "secretstores.local.file", secretsFile=str(secrets)),
    )
    with daprd("shop", "--max-body-size=64Ki", app_port=app.port, resources=resources) as sidecar:
        yield sidecar


# -- JSON

BAD_JSON = {
    "empty": (b"", "EOF"),
    "cut off": (b'[{"key":"x","val', "unexpected EOF"),
    "text": (b"hello", "invalid character 'h' looking for beginning of value"),
    "binary": (b"\xff\xfe\x00\x01", "invalid character 'ÿ' looking for beginning of value"),
    "trailing comma": (b'[{"key":"x",}]', "invalid character '}' looking for beginning of object key string"),
    "single quotes": (b"[{'key':'x'}]", "invalid character '\\'' looking for beginning of object key string"),
    "not a number": (b'[{"key":"x","value":NaN}]', "invalid character 'N' looking for beginning of value"),
    "a control character": (b'[{"key":"x\x01"}]', "invalid character '\\x01' in string literal"),
    "UTF-16": ("[]".encode("utf-16"), "invalid character 'ÿ' looking for beginning of value"),
    "a byte order mark": (b"\xef\xbb\xbf[]", "invalid character 'ï' looking for beginning of value"),
    "deep lists": (b"[" * 30_000, "exceeded max depth"),
    "deep objects": (b'{"a":' * 10_100 + b"1" + b"}" * 10_100, "exceeded max depth"),
    "deep in a value": (b'[{"key":"x","value":' + b"[" * 20_000 + b"]" * 20_000 + b"}]", "exceeded max depth"),
}
TAKES_JSON = {
    "save": (STATE, "ERR_MALFORMED_REQUEST", ""),
    "save on disk": ("/v1.0/state/lite", "ERR_MALFORMED_REQUEST", ""),
    "bulk get": (BULK, "ERR_MALFORMED_REQUEST", "failed deserializing HTTP body: "),
    "transaction": (TRANSACTION, "ERR_MALFORMED_REQUEST", "failed deserializing HTTP body: "),
    "binding": (BINDING, "ERR_MALFORMED_REQUEST", "failed deserializing HTTP body: "),
    "bulk publish": (BULK_PUBLISH, "ERR_PUBSUB_EVENTS_SER", "error when unmarshaling the request for topic orders"),
    "bulk publish (alpha)": (
        BULK_PUBLISH.replace("v1.0", "v1.0-alpha1"), "ERR_PUBSUB_EVENTS_SER", "error when unmarshaling the request",
    ),
}  # fmt: skip


@pytest.mark.parametrize("body", BAD_JSON)
@pytest.mark.parametrize("route", TAKES_JSON)
def test_what_is_no_json_is_refused_in_the_decoders_words(shop: Daprd, route: str, body: str) -> None:
    target, code, opening = TAKES_JSON[route]
    sent, cause = BAD_JSON[body]
    status, told, message = error_of(ask(shop.http_port, "POST", target, sent, "Content-Type: application/json"))
    assert (status, told) == (400, code)
    assert message.startswith(opening)
    assert cause in message


@pytest.mark.parametrize(
    ("target", "body", "status", "code"),
    [
        (STATE, b'{"key":"x"}', 400, "ERR_MALFORMED_REQUEST"),
        (STATE, b'[{"key":1,"value":1}]', 400, "ERR_MALFORMED_REQUEST"),
        (STATE, b'[{"value":1}]', 400, "ERR_MALFORMED_REQUEST"),
        (STATE, b'[{"key":"a||b","value":1}]', 400, "ERR_MALFORMED_REQUEST"),
        (STATE, b'[{"key":"x","etag":5}]', 400, "ERR_MALFORMED_REQUEST"),
        (STATE, b'[{"key":"x","options":{"consistency":"perhaps"}}]', 500, "ERR_STATE_SAVE"),
        (STATE, b'[{"key":"x","metadata":{"ttlInSeconds":"soon"}}]', 500, "ERR_STATE_SAVE"),
        (BULK, b'{"keys":"x"}', 400, "ERR_MALFORMED_REQUEST"),
        (BULK, b'{"keys":["x"],"parallelism":1e400}', 400, "ERR_MALFORMED_REQUEST"),
        (TRANSACTION, b'{"operations":[{"operation":"burn"}]}', 400, "ERR_NOT_SUPPORTED_STATE_OPERATION"),
        (TRANSACTION, b'{"operations":{}}', 400, "ERR_MALFORMED_REQUEST"),
        (BINDING, b'{"operation":7}', 400, "ERR_MALFORMED_REQUEST"),
        (BINDING, b'{"metadata":{"fileName":"x"}}', 500, "ERR_INVOKE_OUTPUT_BINDING"),
        (BINDING, b'{"operation":"burn"}', 500, "ERR_INVOKE_OUTPUT_BINDING"),
        (BINDING, b'{"operation":"get","metadata":{"fileName":"../../etc/hosts"}}', 500, "ERR_INVOKE_OUTPUT_BINDING"),
        (BINDING, b'{"operation":"create","metadata":{"fileName":"a\\u0000b"}}', 500, "ERR_INVOKE_OUTPUT_BINDING"),
        (BULK_PUBLISH, b'[{"event":1}]', 400, "ERR_PUBSUB_EVENTS_SER"),
        (BULK_PUBLISH, b'[{"entryId":"1","event":{},"contentType":"text/plain"}]', 400, "ERR_PUBSUB_EVENTS_SER"),
        (PUBLISH + "?metadata.rawPayload=perhaps", b"1", 400, "ERR_PUBSUB_REQUEST_METADATA"),
    ],
    ids=lambda value: value.decode() if isinstance(value, bytes) else "",
)
def test_json_of_the_wrong_shape_has_the_documented_error(
    shop: Daprd, target: str, body: bytes, status: int, code: str
) -> None:
    answer = ask(shop.http_port, "POST", target, body, "Content-Type: application/json")
    assert error_of(answer)[:2] == (status, code)


def test_a_cloud_event_that_is_none_cannot_be_published(shop: Daprd) -> None:
    answer = ask(shop.http_port, "POST", PUBLISH, b"{", "Content-Type: application/cloudevents+json")
    assert error_of(answer) == (500, "ERR_PUBSUB_CLOUD_EVENTS_SER", "cannot create cloudevent")


def test_text_that_is_no_utf8_is_kept_as_replacement_characters(shop: Daprd) -> None:
    assert ask(shop.http_port, "POST", STATE, b'[{"key":"odd","value":"\xff"}]').code == 204
    assert ask(shop.http_port, "GET", STATE + "/odd").body.decode() == '"\ufffd"'
    assert ask(shop.http_port, "POST", STATE, b'[{"key":"half","value":"\\ud800"}]').code == 204
    assert ask(shop.http_port, "GET", STATE + "/half").body.decode() == '"\ufffd"'


# -- names

UNKNOWN = {
    "state store": ("GET", "/v1.0/state/nowhere/k", 400, "ERR_STATE_STORE_NOT_FOUND", "nowhere"),
    "state store, save": ("POST", "/v1.0/state/nowhere", 400, "ERR_STATE_STORE_NOT_FOUND", "nowhere"),
    "state store, bulk": ("POST", "/v1.0/state/nowhere/bulk", 400, "ERR_STATE_STORE_NOT_FOUND", "nowhere"),
    "state store, transaction": (
        "POST", "/v1.0/state/nowhere/transaction", 400, "ERR_STATE_STORE_NOT_FOUND", "nowhere"
    ),
    "state store, query": ("POST", "/v1.0-alpha1/state/nowhere/query", 400, "ERR_STATE_STORE_NOT_FOUND", "nowhere"),
    "pubsub": ("POST", "/v1.0/publish/nowhere/t", 404, "ERR_PUBSUB_NOT_FOUND", "pubsub nowhere is not found"),
    "pubsub, bulk": ("POST", "/v1.0/publish/bulk/nowhere/t", 404, "ERR_PUBSUB_NOT_FOUND", "nowhere"),
    "no topic": ("POST", "/v1.0/publish/bus/", 404, "ERR_DIRECT_INVOKE", "failed getting app id"),
    "secret store": ("GET", "/v1.0/secrets/nowhere/k", 401, "ERR_SECRET_STORE_NOT_FOUND", "nowhere"),
    "secret": ("GET", "/v1.0/secrets/safe/unknown", 500, "ERR_SECRET_GET", "secret unknown not found"),
    "secret outside": ("GET", "/v1.0/secrets/safe/..%2F..%2Fetc%2Fpasswd", 500, "ERR_SECRET_GET", "not found"),
    "application": ("GET", "/v1.0/invoke/nowhere/method/m", 500, "ERR_DIRECT_INVOKE", "couldn't find service: nowhere"),
    "application id of three parts": ("GET", "/v1.0/invoke/a.b.c/method/m", 500, "ERR_DIRECT_INVOKE", "a.b.c"),
    "application id with a line break": ("GET", "/v1.0/invoke/a%0Ab/method/m", 500, "ERR_DIRECT_INVOKE", "a\nb"),
    "application id of other bytes": ("GET", "/v1.0/invoke/%FF/method/m", 500, "ERR_DIRECT_INVOKE", "\ufffd"),
    "application id, very long": ("GET", f"/v1.0/invoke/{'a' * 3000}/method/m", 500, "ERR_DIRECT_INVOKE", "aaaa"),
    "host": ("GET", "/v1.0/invoke/http://[::1/method/m", 500, "ERR_DIRECT_INVOKE", "Invalid IPv6 URL"),
    "method": ("GET", "/v1.0/invoke/shop", 404, "ERR_DIRECT_INVOKE", "failed getting app id"),
    "forbidden method": ("GET", "/v1.0/invoke/shop/method/a%00b", 500, "ERR_DIRECT_INVOKE", "forbidden character"),
    "route": ("GET", "/v1.0/nowhere", 404, "ERR_DIRECT_INVOKE", "failed getting app id"),
    "version": ("GET", "/v9/state/mem/k", 404, "ERR_DIRECT_INVOKE", "failed getting app id"),
    "verb": ("BREW", "/v1.0/state/mem/k", 404, "ERR_DIRECT_INVOKE", "failed getting app id"),
    "verb of a known route": ("PATCH", "/v1.0/state/mem", 404, "ERR_DIRECT_INVOKE", "failed getting app id"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_name_has_the_documented_error(shop: Daprd, name: str) -> None:
    method, target, status, code, text = UNKNOWN[name]
    told = error_of(ask(shop.http_port, method, target, b"[]" if method == "POST" else b""))
    assert told[:2] == (status, code)
    assert text in told[2]


def test_an_unknown_binding_is_named(shop: Daprd) -> None:
    answer = ask(shop.http_port, "POST", "/v1.0/bindings/nowhere", b'{"operation":"get"}')
    assert error_of(answer) == (
        500, "ERR_INVOKE_OUTPUT_BINDING",
        "error invoking output binding nowhere: couldn't find output binding nowhere",
    )  # fmt: skip


# -- paths, queries, headers


@pytest.mark.parametrize(
    "target",
    [
        "/v1.0/state/mem/%FF%FE", "/v1.0/secrets/safe/%C3%28", "/v1.0/state/mem/%80", "/v1.0/state/%FF/k",
    ],
)  # fmt: skip
def test_a_parameter_that_is_no_utf8_is_refused(shop: Daprd, target: str) -> None:
    answer = ask(shop.http_port, "GET", target)
    assert answer.code == 400
    assert answer.body.startswith(b"failed to unescape request parameter")


@pytest.mark.parametrize("target", ["/v1.0/state/mem/%zz", "/v1.0/state/mem/%", "/%2", "/v1.0/invoke/shop/method/%%"])
def test_a_broken_escape_is_no_path(shop: Daprd, target: str) -> None:
    assert ask(shop.http_port, "GET", target).code == 400


@pytest.mark.parametrize(
    "query", ["metadata.a=%zz&metadata.b=%FF", "metadata.=x&metadata&=&&&", "%FF=1&a=%00", "metadata.a=" + "x" * 3000]
)
def test_metadata_that_cannot_be_read_is_passed_over(shop: Daprd, query: str) -> None:
    assert ask(shop.http_port, "GET", f"/v1.0/state/mem/never-set?{query}").code == 204


@pytest.mark.parametrize(
    "header", ["If-Match: \xff", "Content-Type: \xff\xfe;;", "Traceparent: 00-zz", "Tracestate: \xff", "Accept: \xe9"]
)
def test_headers_of_other_bytes_do_no_harm(shop: Daprd, header: str) -> None:
    with unharmed(shop):
        assert ask(shop.http_port, "POST", STATE, b'[{"key":"k","value":1}]', header).code == 204
        assert ask(shop.http_port, "POST", PUBLISH, b"1", header).code == 204
        assert ask(shop.http_port, "DELETE", STATE + "/gone", b"", header).code in (204, 409)


# -- bodies over the limit

OVER = b'[{"key":"k","value":"' + b"y" * (128 << 10) + b'"}]'
TOO_LARGE = {
    "save": ("POST", STATE, 400, "ERR_MALFORMED_REQUEST"),
    "bulk get": ("POST", BULK, 400, "ERR_MALFORMED_REQUEST"),
    "transaction": ("POST", TRANSACTION, 400, "ERR_MALFORMED_REQUEST"),
    "publish": ("POST", PUBLISH, 500, "ERR_PUBSUB_PUBLISH_MESSAGE"),
    "bulk publish": ("POST", BULK_PUBLISH, 500, "ERR_PUBSUB_PUBLISH_MESSAGE"),
    "binding": ("POST", BINDING, 400, "ERR_MALFORMED_REQUEST"),
    "metadata": ("PUT", METADATA, 400, "ERR_BODY_READ"),
    "invoke": ("POST", INVOKE, 500, "ERR_DIRECT_INVOKE"),
}


@pytest.mark.parametrize("route", TOO_LARGE)
def test_a_body_over_the_limit_is_refused_and_the_next_request_served(shop: Daprd, route: str) -> None:
    method, target, status, code = TOO_LARGE[route]
    with unharmed(shop):
        told = error_of(ask(shop.http_port, method, target, OVER))
    assert told[:2] == (status, code)
    assert "stream too large" in told[2]


def test_the_old_flag_sets_the_limit_in_mebibytes(tmp_path: Path) -> None:
    resources = folder(tmp_path, component("mem", "state.in-memory"))
    value = b'[{"key":"k","value":"' + b"y" * (1 << 20) + b'"}]'
    with daprd("old", "--dapr-http-max-request-size=1", resources=resources) as sidecar, unharmed(sidecar):
        assert ask(sidecar.http_port, "POST", STATE, value[:-100] + b'"}]').code == 204
        told = error_of(ask(sidecar.http_port, "POST", STATE, value))
    assert told == (400, "ERR_MALFORMED_REQUEST", "stream too large")


def test_an_answer_shows_nothing_of_our_source_and_no_defect_was_logged(shop: Daprd) -> None:
    """The last test of the module: by now the sidecar has seen all of it."""
    with unharmed(shop):
        assert json.loads(ask(shop.http_port, "GET", "/v1.0/metadata").body)["id"] == "shop"
    assert [line for line in shop.lines if "Traceback" in line or "failed unexpectedly" in line] == []
