"""Replay recorded requests of the HTTP API on a block's routes, without a server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dapr_core.errors import DaprError
from dapr_core.rpc.messages import Request, Response
from daprd.api.http.paths import clean
from daprd.api.http.render import error_response
from daprd.api.http.router import Router
from daprd.api.http.routing import Route
from daprd.policy.contract import ComponentKind, Direction, Policies, Policy
from support import recordings


class NoPolicies(Policies):
    """Nothing applies to anything."""

    def app(self, app_id: str, *, namespace: str = "", method: str = "") -> Policy | None:
        return None

    def endpoint(self, name: str, *, key: str = "") -> Policy | None:
        return None

    def component(self, name: str, kind: ComponentKind, direction: Direction = "outbound") -> Policy | None:
        return None

    def actor(self, actor_type: str, actor_id: str) -> Policy | None:
        return None


async def call(
    routes: Iterable[Route], method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Response:
    """The answer of the route that a request finds, its body read; a block's error rendered."""
    fields = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    found = Router(routes).find(method, clean(target.encode().partition(b"?")[0]))
    assert found is not None, target
    route, params = found
    try:
        answer = route.endpoint(Request(method, target.encode(), fields, body), params)
        response = answer if isinstance(answer, Response) else await answer
    except DaprError as error:
        response = error_response(error)
    await response.read()
    return response


async def replay(routes: Iterable[Route], entry: Mapping[str, Any]) -> Response:
    """The answer to a recorded request."""
    recorded = entry["request"]
    lines = (line.partition(":") for line in recorded["headers"])
    headers = {name: value.strip() for name, _, value in lines}
    return await call(routes, recorded["method"], recorded["target"], recordings.body_of(recorded.get("body")), headers)


def differences(entry: Mapping[str, Any], response: Response, replace: Mapping[str, str] | None = None) -> list[str]:
    """Where an answer differs from the recorded one; ``replace`` maps texts of the recording's machine to ours."""

    def neutral(text: str) -> str:
        for theirs, ours in (replace or {}).items():
            text = text.replace(theirs, ours)
        return recordings.neutral(text)

    recorded = entry["response"]
    want_headers = {}
    for line in recorded["headers"]:
        name, _, value = line.partition(": ")
        if name.lower() == "content-type" or name.lower().startswith("metadata."):
            want_headers[name.lower()] = neutral(value)
    got_headers = {name.decode(): recordings.neutral(value.decode()) for name, value in response.headers}
    found = []
    want_status = int(recorded["status"].split()[1])
    if response.status != want_status:
        found.append(f"status {want_status} != {response.status}")
    if want_headers != got_headers:
        found.append(f"headers {want_headers} != {got_headers}")
    want = neutral(recordings.body_of(recorded["body"]).decode("utf-8", "replace"))
    assert isinstance(response.body, bytes)
    got = recordings.neutral(response.body.decode("utf-8", "replace"))
    if want != got:
        found.append(f"body {want[:700]!r} != {got[:700]!r}")
    return found
