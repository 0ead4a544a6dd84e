"""Queries over HTTP, on a store that can answer them (api.md §1.4)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from support.component_policies import NoPolicies

from dapr_components.contract import ComponentContext, ComponentError
from dapr_components.state.contract import QueryItem, QueryPage
from dapr_components.state.in_memory import InMemoryStateStore
from dapr_core.errors import DaprError
from dapr_core.rpc.messages import Request, Response
from daprd.api.http.render import error_response
from daprd.api.http.router import Router
from daprd.api.http.state import routes
from daprd.blocks.state import EncryptionKey, StateBlock, StateCipher

FOUND = QueryPage(
    [QueryItem("app||a", b'{"n": 1}', "7"), QueryItem("app||b", error="gone")], token="2", metadata={"x": "y"}
)


class Answering(InMemoryStateStore):
    """Answers every query with what it was given."""

    answer: QueryPage | ComponentError = FOUND
    asked: Mapping[str, Any] = {}

    async def query(self, query: Mapping[str, Any], *, metadata: Mapping[str, str]) -> QueryPage:
        self.asked = {**query, "metadata": dict(metadata)}
        if isinstance(self.answer, ComponentError):
            raise self.answer
        return self.answer


def ask(store: Answering, body: bytes, *, encrypted: bool = False) -> Response:
    async def main() -> Response:
        block = StateBlock("app", namespace="", policies=NoPolicies())
        cipher = StateCipher("store", EncryptionKey("k", "00" * 16)) if encrypted else None
        block.add("store", store, {}, cipher=cipher)
        target = b"/v1.0-alpha1/state/store/query"
        found = Router(routes(block)).find("POST", target)
        assert found is not None
        try:
            answer = found[0].endpoint(Request("POST", target + b"?metadata.index=i", body=body), found[1])
            return answer if isinstance(answer, Response) else await answer
        except DaprError as error:
            return error_response(error)

    return asyncio.run(main())


@pytest.fixture
def store() -> Answering:
    return Answering(ComponentContext(name="store", type="state.test", version="v1", app_id="app"))


def test_what_was_found_comes_under_the_clients_keys(store: Answering) -> None:
    response = ask(store, b'{"filter":{"EQ":{"n":1}}}')
    assert (response.status, response.body) == (
        200,
        b'{"results":[{"key":"a","data":{"n":1},"etag":"7"},{"key":"b","error":"gone"}],'
        b'"token":"2","metadata":{"x":"y"}}\n',
    )
    assert store.asked == {"filter": {"EQ": {"n": 1}}, "metadata": {"index": "i"}}


def test_nothing_found_has_no_content(store: Answering) -> None:
    store.answer = QueryPage([])
    assert ask(store, b"{}").status == 204


@pytest.mark.parametrize(
    ("body", "encrypted", "text"),
    [
        (b"{}", True, "cannot query encrypted store"),
        (b"{", False, "failed to parse JSON query body: unexpected end of JSON input"),
        (b"[]", False, "failed to parse JSON query body: json: cannot unmarshal array into Go value"),
    ],
)
def test_a_query_that_cannot_be_run_fails_as_documented(
    store: Answering, body: bytes, encrypted: bool, text: str
) -> None:
    response = ask(store, body, encrypted=encrypted)
    answer = json.loads(bytes(response.body))  # type: ignore[arg-type]
    assert (response.status, answer["errorCode"]) == (500, "ERR_STATE_QUERY")
    assert answer["message"].startswith(f"state store store query failed: {text}")


def test_a_store_that_fails_says_why(store: Answering) -> None:
    store.answer = ComponentError("no such index")
    assert b"state store store query failed: no such index" in bytes(ask(store, b"{}").body)  # type: ignore[arg-type]
