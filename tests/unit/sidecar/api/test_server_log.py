"""The log of API calls: what a line says, and what it leaves out."""

from __future__ import annotations

import logging

import pytest

from dapr_core.process.logs import FIELDS
from dapr_core.rpc.messages import Request, Response
from daprd.api.http.apilog import ApiLogger
from daprd.api.http.routing import Params, Route


def nothing(request: Request, params: Params) -> Response:
    return Response(204)


GET_STATE = Route(
    methods=("GET",), template="v1.0/state/{s}/{k}", endpoint=nothing, group="state", version="v1", name="GetState"
)
HEALTHZ = Route(
    methods=("GET",), template="v1.0/healthz", endpoint=nothing, group="healthz", version="v1", name="Healthz"
)


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [getattr(record, FIELDS) for record in caplog.records if record.getMessage() == "HTTP API Called"]


def test_a_line_tells_the_call_and_its_answer(caplog: pytest.LogCaptureFixture) -> None:
    request = Request("GET", b"/v1.0/state/mem/k?metadata.a=1", [(b"user-agent", b"curl/8")])
    ApiLogger()(request, GET_STATE, Response(200, [], b"value"), 2.9)
    assert lines(caplog) == [
        {"method": "GET /v1.0/state/mem/k", "useragent": "curl/8", "code": 200, "size": 5, "duration": 2}
    ]


@pytest.mark.parametrize(
    ("target", "route", "shown"),
    [
        (b"/v1.0/state/mem/k", GET_STATE, "GetState"),
        (b"/v1.0/invoke/shop/method/orders/7", None, "InvokeService/shop"),
    ],
)
def test_an_obfuscated_line_names_the_endpoint_only(
    target: bytes, route: Route | None, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    ApiLogger(obfuscate_urls=True)(Request("GET", target), route, Response(204), 0.0)
    assert [line["method"] for line in lines(caplog)] == [shown]


def test_health_checks_can_be_left_out(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    ApiLogger(omit_health_checks=True)(Request("GET", b"/v1.0/healthz"), HEALTHZ, Response(204), 0.0)
    assert lines(caplog) == []
