"""The HTTP API's handler: what stands around the endpoints and in which order, and what failures look like."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from typing import Any

import pytest

from dapr_components.middleware.contract import AsyncHandler
from dapr_core.errors import DaprError
from dapr_core.rpc.deferred import Deferred
from dapr_core.rpc.messages import BodyTooLargeError, Headers, Request, Response
from dapr_core.telemetry.tracecontext import NO_SPAN
from dapr_core.telemetry.tracing import TraceMode, Tracer
from daprd.api.http.access import AccessList, ApiRule
from daprd.api.http.middlewares import is_loopback_host
from daprd.api.http.router import Router
from daprd.api.http.routing import Params, Route
from daprd.api.http.server import ApiOptions, Dispatch, api_handler, public_handler, socket_path
from daprd.catalogue import common

NOT_FOUND = b"404 page not found\n"


PASSIVE = Tracer(TraceMode.PASS_ON)
NO_TRACE = NO_SPAN.traceparent


def hello(request: Request, params: Params) -> Response:
    return Response(200, [(b"content-type", b"text/plain")], json.dumps(dict(params)).encode())


async def later(request: Request, params: Params) -> Response:
    await asyncio.sleep(0)
    return Response(202)


def raises(error: Exception) -> Any:
    def endpoint(request: Request, params: Params) -> Response:
        raise error

    return endpoint


def fallback(request: Request) -> Response:
    return Response(299, [], b"invoked")


def route(template: str, endpoint: Any, *methods: str, group: str = "state", public: bool = False) -> Route:
    return Route(
        methods=methods or ("GET",),
        template=template,
        endpoint=endpoint,
        group=group,
        version="v1",
        name=template,
        always_allowed=group == "healthz",
        public=public,
    )


ROUTES = [
    route("v1.0/state/{store}/{key}", hello),
    route("v1.0/later", later),
    route("v1.0/healthz", hello, group="healthz", public=True),
    route("v1.0/metadata", hello, group="metadata", public=True),
    route("v1.0/dapr-error", raises(DaprError(common.BAD_REQUEST, error="no"))),
    route("v1.0/surprise", raises(RuntimeError("disk on fire"))),
    route("v1.0/too-large", raises(BodyTooLargeError())),
]


def ask(
    options: ApiOptions, method: str, target: str, headers: Headers | None = None, *, public: bool = False
) -> Response:
    build = public_handler if public else api_handler
    answer = build(ROUTES, options)(Request(method, target.encode(), list(headers or [])))
    return answer if isinstance(answer, Response) else asyncio.run(_wait(answer))


async def _wait(answer: Awaitable[Response]) -> Response:
    return await answer


def body(response: Response) -> bytes:
    assert isinstance(response.body, bytes)
    return response.body


def test_a_synchronous_endpoint_is_answered_without_a_task_when_everything_is_on() -> None:
    options = ApiOptions(
        fallback=fallback,
        loopback_only=True,
        allowed_origins="*",
        api_token="t",
        tracer=PASSIVE,
        record=lambda *_: None,
    )
    answer = api_handler(ROUTES, options)(Request("GET", b"/v1.0/state/mem/k", [(b"dapr-api-token", b"t")]))
    assert isinstance(answer, Response)
    assert body(answer) == b'{"store": "mem", "key": "k"}'


def test_an_asynchronous_endpoint_is_awaited() -> None:
    assert ask(ApiOptions(tracer=PASSIVE), "GET", "/v1.0/later").status == 202


@pytest.mark.parametrize(
    ("method", "target"),
    [("GET", "/nope"), ("POST", "/v1.0/state/mem/k"), ("GET", "/v1.0/state/mem/a/b"), ("FROB", "/v1.0/invoke/x")],
)
def test_what_no_route_takes_goes_to_the_fallback(method: str, target: str) -> None:
    assert ask(ApiOptions(fallback=fallback), method, target).status == 299


def test_without_a_fallback_unknown_paths_are_404_and_wrong_methods_405() -> None:
    missing = ask(ApiOptions(), "GET", "/nope")
    assert (missing.status, body(missing)) == (404, NOT_FOUND)
    assert missing.header(b"x-content-type-options") == b"nosniff"

    wrong = ask(ApiOptions(), "PATCH", "/v1.0/metadata")
    assert (wrong.status, wrong.headers, body(wrong)) == (405, [(b"allow", b"GET")], b"")


@pytest.mark.parametrize("target", ["/v1.0/state/mem/a%zz", "/v1.0/invoke/x/method/%"])
def test_a_broken_escape_is_no_http(target: str) -> None:
    answer = ask(ApiOptions(fallback=fallback), "GET", target)
    assert (answer.status, body(answer), answer.header(b"connection")) == (400, b"400 Bad Request", b"close")


def test_options_star_is_answered_by_the_server_itself() -> None:
    answer = ask(ApiOptions(fallback=fallback, tracer=PASSIVE), "OPTIONS", "*")
    assert (answer.status, answer.headers, body(answer)) == (200, [], b"")


@pytest.mark.parametrize(
    ("target", "status", "expected"),
    [
        ("/v1.0/dapr-error", 400, {"errorCode": "ERR_BAD_REQUEST", "message": "invalid request: no"}),
        ("/v1.0/surprise", 500, {"errorCode": "ERROR", "message": "disk on fire"}),
        (
            "/v1.0/too-large",
            400,
            {"errorCode": "ERR_BODY_READ", "message": "failed to read request body: stream too large"},
        ),
    ],
)
def test_what_an_endpoint_raises_becomes_the_documented_answer(
    target: str, status: int, expected: dict[str, str]
) -> None:
    answer = ask(ApiOptions(), "GET", target)
    assert (answer.status, json.loads(body(answer))) == (status, expected)


# Trace context and baggage


def test_with_tracing_on_an_answer_carries_the_context_or_its_absence() -> None:
    options = ApiOptions(tracer=PASSIVE)
    assert ask(options, "GET", "/v1.0/metadata").header(b"traceparent") == NO_TRACE
    given = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    answer = ask(options, "GET", "/v1.0/metadata", [(b"traceparent", given), (b"tracestate", b"a=b")])
    assert (answer.header(b"traceparent"), answer.header(b"tracestate")) == (given, b"a=b")


def test_health_checks_are_not_traced() -> None:
    assert ask(ApiOptions(tracer=PASSIVE), "GET", "/v1.0/healthz").header(b"traceparent") is None
    bad = [(b"baggage", b"===")]
    assert ask(ApiOptions(tracer=PASSIVE), "GET", "/v1.0/healthz", bad).status == 200


def test_endpoints_see_the_new_span_as_their_context() -> None:
    seen: list[bytes | None] = []

    def endpoint(request: Request, params: Params) -> Response:
        seen.append(request.header(b"traceparent"))
        return Response(204)

    trace = b"0af7651916cd43dd8448eb211c80319c"
    handler = api_handler([route("x", endpoint)], ApiOptions(tracer=Tracer(TraceMode.SPANS, 1.0)))
    given = b"00-" + trace + b"-b7ad6b7169203331-01"
    answer = handler(Request("GET", b"/x", [(b"traceparent", given), (b"tracestate", b"a=b")]))
    assert isinstance(answer, Response)
    (span,) = seen
    assert span is not None
    assert span != given
    assert span[3:35] == trace
    assert answer.headers == [(b"traceparent", span), (b"tracestate", b"a=b")]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("===", 'invalid key: ""'),
        ("===,,;", 'invalid key: ""\ninvalid baggage list-member: ""\ninvalid baggage list-member: ";"'),
        ("a=1,b=\\", 'invalid value: "\\\\"'),
        ("a=1;p q", 'invalid baggage list-member property: "p q"'),
    ],
)
def test_malformed_baggage_is_refused_line_by_line(value: str, text: str) -> None:
    answer = ask(ApiOptions(tracer=PASSIVE), "GET", "/v1.0/metadata", [(b"baggage", value.encode())])
    assert (answer.status, body(answer)) == (400, f"invalid baggage header: {text}\n".encode())
    assert answer.header(b"traceparent") is None


def test_good_baggage_is_echoed_in_one_line() -> None:
    answer = ask(ApiOptions(tracer=PASSIVE), "GET", "/v1.0/metadata", [(b"baggage", b"a=1;p=x"), (b"baggage", b"b=2")])
    assert answer.header(b"baggage") == b"a=1;p=x,b=2"


def test_without_tracing_baggage_is_neither_checked_nor_echoed() -> None:
    answer = ask(ApiOptions(), "GET", "/v1.0/metadata", [(b"baggage", b"===")])
    assert (answer.status, answer.header(b"baggage")) == (200, None)


# API token


@pytest.mark.parametrize(
    ("method", "target", "token", "status"),
    [
        ("GET", "/v1.0/metadata", None, 401),
        ("GET", "/v1.0/metadata", b"nope", 401),
        ("GET", "/v1.0/metadata", b"tok", 200),
        ("GET", "/v1.0/healthz", None, 200),
        ("GET", "/v1.0/healthz/", None, 200),
        ("HEAD", "/v1.0/healthz", None, 401),
        ("GET", "/nope", None, 401),
    ],
)
def test_the_api_token_guards_everything_but_two_health_checks(
    method: str, target: str, token: bytes | None, status: int
) -> None:
    headers = [] if token is None else [(b"dapr-api-token", token)]
    answer = ask(ApiOptions(api_token="tok", fallback=fallback), method, target, headers)
    assert answer.status == status
    if status == 401:
        assert body(answer) == b"invalid api token\n"


def test_the_token_goes_no_further() -> None:
    seen: list[Headers] = []

    def endpoint(request: Request) -> Response:
        seen.append(request.headers)
        return Response(204)

    handler = api_handler([], ApiOptions(api_token="tok", fallback=endpoint))
    handler(Request("GET", b"/x", [(b"x-a", b"1"), (b"dapr-api-token", b"tok")]))
    assert seen == [[(b"x-a", b"1")]]


# CORS, as recorded


PREFLIGHT = [
    (b"origin", b"http://good"),
    (b"access-control-request-method", b"PUT"),
    (b"access-control-request-headers", b"x-a"),
]
VARY_ALL = {
    (b"vary", b"Origin"),
    (b"vary", b"Access-Control-Request-Method"),
    (b"vary", b"Access-Control-Request-Headers"),
}


@pytest.mark.parametrize(("allowed", "answered"), [("*", b"*"), ("http://good,http://also", b"http://good")])
def test_a_preflight_of_an_allowed_origin_is_granted_without_a_token(allowed: str, answered: bytes) -> None:
    answer = ask(ApiOptions(allowed_origins=allowed, api_token="tok"), "OPTIONS", "/v1.0/metadata", PREFLIGHT)
    assert answer.status == 200
    assert set(answer.headers) == VARY_ALL | {
        (b"access-control-allow-origin", answered),
        (b"access-control-allow-methods", b"PUT"),
        (b"access-control-allow-headers", b"X-A"),
    }


def test_a_preflight_of_another_origin_is_answered_and_grants_nothing() -> None:
    headers = [(b"origin", b"http://bad"), *PREFLIGHT[1:]]
    answer = ask(ApiOptions(allowed_origins="http://good"), "OPTIONS", "/v1.0/metadata", headers)
    assert (answer.status, set(answer.headers)) == (200, VARY_ALL)


@pytest.mark.parametrize(
    ("origin", "granted"),
    [(b"http://good", b"http://good"), (b"HTTP://GOOD", b"HTTP://GOOD"), (b"http://bad", None), (None, None)],
)
def test_an_actual_request_is_granted_by_origin(origin: bytes | None, granted: bytes | None) -> None:
    headers = [] if origin is None else [(b"origin", origin)]
    answer = ask(ApiOptions(allowed_origins="http://good"), "GET", "/v1.0/metadata", headers)
    assert answer.header(b"access-control-allow-origin") == granted
    assert answer.header(b"vary") == b"Origin"


def test_a_refused_token_still_tells_the_browser_what_it_may_read() -> None:
    options = ApiOptions(allowed_origins="*", api_token="tok")
    answer = ask(options, "GET", "/v1.0/metadata", [(b"origin", b"http://good")])
    assert (answer.status, answer.header(b"access-control-allow-origin")) == (401, b"*")


def test_a_wildcard_inside_an_origin_stands_for_anything() -> None:
    options = ApiOptions(allowed_origins="https://*.example.com")
    for origin, granted in ((b"https://a.example.com", True), (b"https://example.com", False)):
        answer = ask(options, "GET", "/v1.0/metadata", [(b"origin", origin)])
        assert (answer.header(b"access-control-allow-origin") is not None) is granted


# DNS rebinding


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        (b"localhost:3500", True),
        (b"LOCALHOST", True),
        (b"a.localhost:1", True),
        (b"127.0.0.1:3500", True),
        (b"127.8.8.8", True),
        (b"[::1]:3500", True),
        (b"evil.example:3500", False),
        (b"localhost.evil.example", False),
        (b"10.0.0.1:3500", False),
        (b"", False),
    ],
)
def test_a_page_that_reached_us_by_another_name_is_refused(host: bytes, loopback: bool) -> None:
    assert is_loopback_host(host) is loopback
    options = ApiOptions(loopback_only=True)
    with_origin = ask(options, "GET", "/v1.0/metadata", [(b"host", host), (b"origin", b"http://evil.example")])
    assert with_origin.status == (200 if loopback else 403)
    assert ask(options, "GET", "/v1.0/metadata", [(b"host", host)]).status == 200


# Allow and deny lists


def denied(*names: str) -> AccessList:
    return AccessList(denied=[ApiRule(name, "v1", "http") for name in names])


def test_denied_routes_are_not_there_and_the_rest_is() -> None:
    options = ApiOptions(access=denied("state", "invoke"), fallback=fallback)
    assert body(ask(options, "GET", "/v1.0/state/mem/k")) == NOT_FOUND
    assert body(ask(options, "GET", "/v1.0/invoke/x/method/y")) == NOT_FOUND
    assert body(ask(options, "GET", "/x", [(b"dapr-app-id", b"x")])) == NOT_FOUND
    assert ask(options, "GET", "/v1.0/metadata").status == 200


def test_an_allow_list_leaves_what_it_names_and_the_health_checks() -> None:
    access = AccessList(allowed=[ApiRule("state", "v1.0", "http")])
    options = ApiOptions(access=access, fallback=fallback)
    assert ask(options, "GET", "/v1.0/state/mem/k").status == 200
    assert ask(options, "GET", "/v1.0/healthz").status == 200
    assert ask(options, "GET", "/v1.0/metadata").status == 404
    assert ask(options, "GET", "/v1.0/invoke/x/method/y").status == 404


def test_rules_for_grpc_do_not_touch_http() -> None:
    access = AccessList(denied=[ApiRule("state", "v1", "grpc")])
    assert ask(ApiOptions(access=access), "GET", "/v1.0/state/mem/k").status == 200


# The public port, pipelines, logs, metrics


def test_the_public_port_serves_health_and_metadata_without_a_token() -> None:
    options = ApiOptions(api_token="tok", fallback=fallback, tracer=PASSIVE)
    assert ask(options, "GET", "/v1.0/healthz", public=True).status == 200
    assert ask(options, "GET", "/v1.0/metadata", public=True).header(b"traceparent") == NO_TRACE
    assert body(ask(options, "GET", "/v1.0/state/mem/k", public=True)) == NOT_FOUND


def test_a_pipeline_wraps_the_router_behind_the_token() -> None:
    def wrap(following: AsyncHandler) -> AsyncHandler:
        async def middleware(request: Request) -> Response:
            request.target = b"/v1.0/metadata"
            response = await following(request)
            response.headers.append((b"x-wrapped", b"1"))
            return response

        return middleware

    options = ApiOptions(pipeline=wrap, api_token="tok")
    assert ask(options, "GET", "/alias").status == 401
    answer = ask(options, "GET", "/alias", [(b"dapr-api-token", b"tok")])
    assert (answer.status, answer.header(b"x-wrapped")) == (200, b"1")


def test_metrics_and_the_log_are_told_about_each_answer() -> None:
    recorded: list[tuple[str, int]] = []
    logged: list[tuple[str | None, int]] = []
    options = ApiOptions(
        fallback=fallback,
        record=lambda request, status, size, elapsed: recorded.append((request.method, status)),
        log_api=lambda request, route, response, elapsed: logged.append(
            (route and route.name, response.status)
        ),
    )  # fmt: skip
    ask(options, "GET", "/v1.0/later")
    ask(options, "POST", "/nope")
    ask(options, "GET", "/v1.0/surprise")
    assert recorded == [("GET", 202), ("POST", 299), ("GET", 500)]
    assert logged == [("v1.0/later", 202), (None, 299), ("v1.0/surprise", 500)]


def test_unix_sockets_are_named_after_the_application() -> None:
    assert str(socket_path("/run/dapr", "shop", "http")) == "/run/dapr/dapr-shop-http.socket"


def test_an_error_that_a_client_gets_is_counted_by_its_code() -> None:
    counted: list[tuple[str, str]] = []
    options = ApiOptions(record_error=lambda category, code: counted.append((category, code)))
    failing = [
        route("v1.0/a", raises(DaprError(common.MALFORMED_REQUEST, error="x"))),
        route("v1.0/b", raises(ValueError("not an error of the catalogue"))),
    ]
    for target in ("/v1.0/a", "/v1.0/b"):
        api_handler(failing, options)(Request("GET", target.encode()))
    assert counted == [("common", "ERR_MALFORMED_REQUEST")]


@pytest.mark.parametrize("with_fallback", [True, False])
def test_what_a_target_led_to_is_the_same_when_it_comes_again(with_fallback: bool) -> None:
    handle = api_handler(ROUTES, ApiOptions(fallback=fallback if with_fallback else None))
    targets = [
        "state/a/b",
        "state//a/./b",
        "state/a/%62",
        "state/a/b?key=1",
        "state/a",
        "invoke/a/method/b",
        "x%zz",
        "",
    ]
    requests = [(method, f"/v1.0/{target}".encode()) for target in targets for method in ("GET", "POST")]
    rounds = [[handle(Request(method, target)) for method, target in requests] for _ in range(3)]
    told = [[(each.status, each.headers, each.body) for each in answers] for answers in rounds]  # type: ignore[union-attr]
    assert told[0] == told[1] == told[2]


def test_targets_with_a_query_are_not_remembered_and_the_others_within_bounds() -> None:
    dispatch = Dispatch(Router(ROUTES), None)
    dispatch(Request("GET", b"/v1.0/state/a/b?metadata.secret=1"))
    assert not dispatch._known
    for number in range(2000):
        dispatch(Request("GET", b"/v1.0/state/a/%d" % number))
    assert 0 < len(dispatch._known) <= 1024


def test_a_deferred_answer_is_told_and_logged_as_one_that_is_awaited() -> None:
    failures = (None, RuntimeError("disk on fire"), DaprError(common.BAD_REQUEST, error="no"))
    told = [asyncio.run(_observed(deferred, failure)) for deferred in (True, False) for failure in failures]
    assert told[:3] == told[3:]
    assert [lines[0][1] for lines in told[:3]] == [202, 500, 400]


async def _observed(deferred: bool, failure: Exception | None) -> list[tuple[Any, ...]]:
    lines: list[tuple[Any, ...]] = []
    outcome = Deferred[Response]()

    async def awaited() -> Response:
        return await outcome

    handle = api_handler(
        [route("v1.0/x", lambda request, params: outcome if deferred else awaited())],
        ApiOptions(
            tracer=PASSIVE,
            record=lambda request, status, size, elapsed: lines.append(("recorded", status, size)),
            log_api=lambda request, route, response, elapsed: lines.append(("logged", response.status, route is None)),
        ),
    )
    answer = handle(Request("GET", b"/v1.0/x"))
    asyncio.get_running_loop().call_soon(outcome.settle, None if failure else Response(202), failure)
    response = await answer  # type: ignore[misc]
    lines.append((sorted(response.headers), response.body))
    return sorted(lines, key=lambda line: line[0] != "recorded")
