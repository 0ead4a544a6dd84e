"""The recorded answers of the state API, replayed on the routes with real stores behind them."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from support import recordings
from support.component_policies import NoPolicies
from support.redis_server import redis_server

from dapr_components.contract import ComponentContext, Metadata
from dapr_components.state.in_memory import InMemoryStateStore
from dapr_components.state.redis import RedisStateStore
from dapr_core.errors import DaprError
from dapr_core.rpc.messages import Request, Response
from daprd.api.http.paths import clean
from daprd.api.http.render import error_response
from daprd.api.http.router import Router
from daprd.api.http.state import routes
from daprd.blocks.state import StateBlock

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ON_PURPOSE = {
    # The original leaves the other steps of a refused transaction written.
    "red: transaction stale etag rolled back": (204, b""),
    # An ETag that does not fit reads the same in a transaction of every store.
    "red: transaction stale etag": (
        500,
        b'{"errorCode":"ERR_STATE_TRANSACTION","message":"error while executing state transaction: '
        b"possible etag mismatch. error from state store: ERR user_script:14: "
        b'failed to set key golden||t1 script: on @user_script:14."}',
    ),
    "red: transaction malformed etag": (
        500,
        b'{"errorCode":"ERR_STATE_TRANSACTION","message":"error while executing state transaction: '
        b"possible etag mismatch. error from state store: ERR user_script:6: "
        b'failed to delete golden||t1 script: on @user_script:6."}',
    ),
}


def state_entries(context: str) -> list[dict[str, Any]]:
    """Entries that reach a state route: not the fallback or the actors."""
    found = []
    for entry in recordings.load("http-api")["entries"]:
        request = entry.get("request", {})
        target = request.get("target", "")
        if entry["context"] != context or "raw" in request or "/actors/" in target:
            continue
        if (
            not re.match(r"/v1\.0(-alpha1)?/state/", target)
            or "public port" in entry["name"]
            or "over 4 MiB" in entry["name"]
        ):
            continue
        if "ERR_DIRECT_INVOKE" in json.dumps(entry["response"]) or request["method"] == "HEAD" or "%zz" in target:
            continue
        found.append(entry)
    return found


async def play(router: Router, entry: Mapping[str, Any], etags: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    recorded = entry["request"]

    def live(text: str) -> str:
        for old, new in etags.items():
            text = text.replace(old, new)
        return text

    body = recordings.body_of(recorded.get("body")) or b"".join(chunk.encode() for chunk in recorded.get("chunks", ()))
    headers = []
    for line in recorded["headers"]:
        name, _, value = live(line).partition(":")
        headers.append((name.lower().encode(), value.strip().encode()))
    target = live(recorded["target"]).encode()
    if len(body) < 6000:
        body = live(body.decode("latin-1")).encode("latin-1")
    found = router.find(recorded["method"], clean(target.partition(b"?")[0]))
    assert found is not None, target
    route, params = found
    try:
        answer = route.endpoint(Request(recorded["method"], target, headers, body), params)
        response = answer if isinstance(answer, Response) else await answer
    except DaprError as error:
        response = error_response(error)
    return (
        response.status,
        {name.decode().lower(): value.decode() for name, value in response.headers},
        await response.read(),
    )


def differences(entry: Mapping[str, Any], status: int, headers: dict[str, str], body: bytes) -> list[str]:
    recorded = entry["response"]
    want_headers = {}
    for line in recorded["headers"]:
        name, _, value = line.partition(": ")
        if name.lower() in ("etag", "content-type") or name.lower().startswith("metadata."):
            want_headers[name.lower()] = recordings.neutral(value)
    got_headers = {name: recordings.neutral(value) for name, value in headers.items()}
    want_status = int(recorded["status"].split()[1])
    want = recordings.neutral(recordings.body_of(recorded["body"]).decode("utf-8", "replace"))
    got = recordings.neutral(body.decode("utf-8", "replace"))
    found = []
    if entry["name"] in ON_PURPOSE:
        return [] if (status, body) == ON_PURPOSE[entry["name"]] else ["no longer different as described"]
    if status != want_status:
        found.append(f"status {want_status} != {status}")
    if want_headers != got_headers:
        found.append(f"headers {want_headers} != {got_headers}")
    if want != got:
        found.append(f"body {want[:500]!r} != {got[:500]!r}")
    return found


def test_every_recorded_answer_of_a_state_route_is_equal() -> None:
    entries = state_entries("full")
    assert len(entries) > 180

    async def main(address: str) -> list[str]:
        block = StateBlock("golden", namespace="", policies=NoPolicies())
        stores = {
            "mem": (InMemoryStateStore, {}),
            "red": (RedisStateStore, {"redisHost": address}),
            "rednone": (RedisStateStore, {"redisHost": address, "keyPrefix": "none"}),
        }
        started = []
        for name, (kind, metadata) in stores.items():
            store = kind(ComponentContext(name=name, type="state", version="v1", app_id="golden"))
            await store.init(Metadata(metadata))
            block.add(name, store, metadata)
            started.append(store)
        router, etags, wrong = Router(routes(block)), dict[str, str](), []
        for entry in entries:
            status, headers, body = await play(router, entry, etags)
            for line in entry["response"]["headers"]:
                if line.startswith("Etag: ") and UUID.fullmatch(line[6:]) and "etag" in headers:
                    etags[line[6:]] = headers["etag"]
            wrong += [f"{entry['name']}: {text}" for text in differences(entry, status, headers, body)]
        for store in started:
            await store.close()
        return wrong

    with redis_server() as server:
        wrong = asyncio.run(main(server.address))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("entry", state_entries("bare"), ids=lambda entry: entry["name"])
def test_without_any_store_every_route_says_so(entry: dict[str, Any]) -> None:
    router = Router(routes(StateBlock("golden", namespace="", policies=NoPolicies())))
    status, headers, body = asyncio.run(play(router, entry, {}))
    assert differences(entry, status, headers, body) == []
