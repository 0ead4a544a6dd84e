"""Where a call goes, what guards it, and how its end is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import pytest

from dapr_core.errors import DaprError
from dapr_core.rpc.messages import BodyStream, Headers, Request, Response
from daprd.app.contract import AppChannelError, AppUnhealthyError
from daprd.blocks.invoke.apprequest import NO_TRACE
from daprd.blocks.invoke.envelope import Invocation
from daprd.blocks.invoke.service import ExternalError, Invoker
from daprd.mesh.errors import INTERNAL, PERMISSION_DENIED, UNAVAILABLE, ResolveError, RpcError
from daprd.policy.contract import CircuitOpenError, PermanentError, Policies, Policy, RetriesExhaustedError

T = TypeVar("T")
Answer = Response | Exception


class Chunks(BodyStream):
    def __init__(self, *chunks: bytes) -> None:
        self.chunks = list(chunks)
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.chunks:
            yield self.chunks.pop(0)

    def close(self) -> None:
        self.closed = True


class Door:
    """Stands for the application, other sidecars and URLs at once: keeps what it gets, answers from a list."""

    speaks_grpc = False

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []
        self.calls: list[tuple[str, str, bytes]] = []

    def _answer(self) -> Response:
        answer = self.answers.pop(0) if self.answers else Response(200, [], b"ok")
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def invoke(self, request: Request) -> Response:
        self.requests.append(request)
        return self._answer()

    async def call_remote(self, app_id: str, namespace: str, call: Invocation) -> Response:
        body = call.body if isinstance(call.body, bytes) else await call.body.read()
        self.calls.append((f"{app_id}/{namespace}", call.method, body))
        return self._answer()

    async def call_external(self, target: str, call: Invocation) -> Response:
        self.calls.append((target, call.method, b""))
        return self._answer()


class Remote:
    def __init__(self, door: Door) -> None:
        self.call = door.call_remote

    def begin(self, app_id: str, namespace: str, call: Invocation) -> None:
        """Nothing is ready: every call waits."""


class External:
    def __init__(self, door: Door) -> None:
        self.call = door.call_external

    def is_endpoint(self, name: str) -> bool:
        return name == "extapi"


class Retrying(Policy):
    """Retries at once, as often as told; what the contract promises and nothing else."""

    def __init__(self, retries: int, *, built_in: bool = False) -> None:
        self.retries = retries
        self.has_retry = retries > 0
        self.built_in = built_in
        self.failures: list[int] = []

    async def run(self, operation: Callable[[], Awaitable[T]], *, failed: Callable[[T], int | None] | None = None) -> T:
        made = 0
        while True:
            try:
                value = await operation()
            except PermanentError as error:
                raise error.cause from None
            except Exception as error:
                if made == self.retries:
                    if made:
                        raise RetriesExhaustedError(error, made) from error
                    raise
            else:
                code = failed(value) if failed is not None else None
                if code is None or made == self.retries:
                    return value
                self.failures.append(code)
            made += 1


class Fixed(Policies):
    def __init__(self, policy: Policy | None) -> None:
        self.policy = policy
        self.asked: list[str] = []

    def app(self, app_id: str, *, namespace: str = "", method: str = "") -> Policy | None:
        self.asked.append(f"app {app_id} in {namespace}, {method}")
        return self.policy

    def endpoint(self, name: str, *, key: str = "") -> Policy | None:
        self.asked.append(f"endpoint {name}, {key or 'by name'}")
        return self.policy

    def component(self, name: str, kind: Any, direction: Any = "outbound") -> Policy | None:
        raise AssertionError

    def actor(self, actor_type: str, actor_id: str) -> Policy | None:
        raise AssertionError


def invoke(
    door: Door,
    target: str,
    call: Invocation | None = None,
    *,
    policy: Policy | None = None,
    policies: Fixed | None = None,
    app: bool = True,
) -> Response:
    invoker = Invoker(
        app_id="golden",
        namespace="default",
        channel=lambda: door if app else None,  # type: ignore[arg-type, return-value]
        remote=Remote(door),
        external=External(door),
        policies=policies or Fixed(policy),
    )
    return asyncio.run(_invoke(invoker, target, call or Invocation("hello", "GET", [])))


async def _invoke(invoker: Invoker, target: str, call: Invocation) -> Response:
    response = await invoker.invoke(target, call)
    await response.read()
    return response


def error_of(door: Door, target: str, call: Invocation | None = None, **options: Any) -> DaprError:
    with pytest.raises(DaprError) as caught:
        invoke(door, target, call, **options)
    return caught.value


# Targets


@pytest.mark.parametrize("target", ["golden", "golden.default"])
def test_the_own_application_is_called_without_the_network(target: str) -> None:
    door = Door()
    invoke(door, target, Invocation("hello", "GET", [(b"x-a", b"1")], query=b"a=1"))
    (request,) = door.requests
    assert (request.method, request.target) == ("GET", b"/hello?a=1")
    assert sorted(request.headers) == [
        (b"dapr-callee-app-id", b"golden"),
        (b"dapr-caller-app-id", b"golden"),
        (b"dapr-caller-namespace", b"default"),
        (b"traceparent", NO_TRACE),
        (b"x-a", b"1"),
    ]


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        ("other", "other/default"),
        ("other.ns", "other/ns"),
        ("golden.ns", "golden/ns"),
        ("extapi", "extapi"),
        ("http://example/base", "http://example/base"),
        ("https://example", "https://example"),
    ],
)
def test_other_targets_go_through_their_door(target: str, reached: str) -> None:
    door = Door()
    invoke(door, target, Invocation("a/../b", "POST", [], body=b"x"))
    assert [(where, method) for where, method, _ in door.calls] == [(reached, "b")]


def test_a_given_trace_context_is_passed_on_as_it_is() -> None:
    door = Door()
    invoke(door, "golden", Invocation("x", "GET", [(b"traceparent", b"nonsense")]))
    assert door.requests[0].header(b"traceparent") == b"nonsense"


# Failures


@pytest.mark.parametrize(
    ("target", "method", "message"),
    [
        ("a.b.c", "x", "failed to invoke, id: a.b.c, err: invalid app id a.b.c"),
        (
            "golden",
            "a#b",
            "failed to invoke, id: golden, err: rpc error: code = InvalidArgument desc = "
            'invalid method: method contains forbidden character: "a#b"',
        ),
    ],
)
def test_a_call_that_cannot_be_made_says_why(target: str, method: str, message: str) -> None:
    error = error_of(Door(), target, Invocation(method, "GET", []))
    assert (error.row.http_status, error.message("http")) == (500, message)


@pytest.mark.parametrize(
    ("failure", "status", "text"),
    [
        (AppChannelError('Get "http://app/x": connection refused'), 500, 'Get "http://app/x": connection refused'),
        (AppUnhealthyError(), 500, "rpc error: code = Internal desc = app is not in a healthy state"),
    ],
    ids=["refused", "unhealthy"],
)
def test_an_application_that_does_not_answer(failure: Exception, status: int, text: str) -> None:
    error = error_of(Door(failure), "golden")
    assert (error.row.http_status, error.message("http")) == (status, f"failed to invoke, id: golden, err: {text}")


@pytest.mark.parametrize(
    ("failure", "status", "text"),
    [
        (ResolveError("couldn't find service: other"), 500, "couldn't find service: other"),
        (RpcError(INTERNAL, "boom"), 500, "rpc error: code = Internal desc = boom"),
        (RpcError(PERMISSION_DENIED, "no"), 403, "rpc error: code = PermissionDenied desc = no"),
        (TimeoutError(), 500, "context deadline exceeded"),
        (CircuitOpenError("circuit breaker is open"), 500, "circuit breaker is open"),
        (ExternalError("dial tcp"), 500, "dial tcp"),
    ],
    ids=["unknown id", "internal", "denied", "time-out", "circuit open", "external"],
)
def test_a_sidecar_that_does_not_answer(failure: Exception, status: int, text: str) -> None:
    error = error_of(Door(failure), "other")
    assert (error.row.http_status, error.row.tag) == (status, "ERR_DIRECT_INVOKE")
    assert error.message("http") == f"failed to invoke, id: other, err: {text}"


def test_without_an_application_a_call_to_oneself_fails() -> None:
    assert error_of(Door(), "golden", app=False).message("http") == (
        "failed to invoke, id: golden, err: cannot invoke local endpoint: app channel not initialized"
    )


# Answers


@pytest.mark.parametrize("status", [200, 201, 204, 301, 399])
def test_a_success_is_streamed(status: int) -> None:
    response = invoke(Door(Response(status, [(b"content-length", b"999")], b"x")), "other")
    assert (response.status, response.length, response.headers) == (status, None, [])


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_a_failure_is_sent_whole_and_has_a_content_type(status: int) -> None:
    response = invoke(Door(Response(status, [(b"x-app", b"yes")], Chunks(b"na", b"y"))), "other")
    assert (response.status, response.body) == (status, b"nay")
    assert sorted(response.headers) == [
        (b"content-length", b"3"),
        (b"content-type", b"application/json"),
        (b"x-app", b"yes"),
    ]


def test_a_failure_of_a_streamed_call_is_streamed_too() -> None:
    call = Invocation("x", "POST", [], body=Chunks(b"a"), length=None)
    response = invoke(Door(Response(500, [], b"no")), "other", call)
    assert (response.status, response.length) == (500, None)


def test_not_modified_has_no_content_type() -> None:
    response = invoke(Door(Response(304, [(b"content-type", b"text/plain")], b"")), "other")
    assert response.headers == []


def test_server_sent_events_get_their_headers() -> None:
    headers: Headers = [(b"content-type", b"text/plain"), (b"x-app", b"yes"), (b"content-length", b"5")]
    call = Invocation("x", "GET", [(b"accept", b" Text/Event-Stream ")])
    response = invoke(Door(Response(200, headers, b"hello")), "other", call)
    assert sorted(response.headers) == [
        (b"cache-control", b"no-cache"),
        (b"connection", b"keep-alive"),
        (b"content-type", b"text/event-stream"),
        (b"x-app", b"yes"),
    ]


# Policies


def test_the_built_in_policy_retries_only_a_broken_connection() -> None:
    door = Door(RpcError(UNAVAILABLE, "refused"), RpcError(UNAVAILABLE, "refused"))
    response = invoke(door, "other", policy=Retrying(3, built_in=True))
    assert (response.status, len(door.calls)) == (200, 3)

    door = Door(RpcError(INTERNAL, "app"))
    error_of(door, "other", policy=Retrying(3, built_in=True))
    assert len(door.calls) == 1

    door = Door(Response(503))
    assert invoke(door, "other", policy=Retrying(3, built_in=True)).status == 503
    assert len(door.calls) == 1


def test_after_the_last_retry_the_message_counts_them() -> None:
    door = Door(*[RpcError(UNAVAILABLE, "broken pipe")] * 4)
    error = error_of(door, "other", policy=Retrying(3, built_in=True))
    assert error.message("http") == (
        "failed to invoke, id: other, err: failed to invoke target other after 3 retries. "
        "Error: rpc error: code = Unavailable desc = broken pipe"
    )
    assert len(door.calls) == 4


def test_a_broken_connection_then_another_failure_ends_the_retries() -> None:
    door = Door(RpcError(UNAVAILABLE, "refused"), RpcError(INTERNAL, "app"))
    error = error_of(door, "other", policy=Retrying(3, built_in=True))
    assert error.message("http").endswith("err: rpc error: code = Internal desc = app")
    assert len(door.calls) == 2


@pytest.mark.parametrize(
    ("target", "asked"),
    [
        ("golden", "app golden in default, a/b"),
        ("other.prod", "app other in prod, a/b"),
        ("extapi", "endpoint extapi, by name"),
        ("http://host:1", "endpoint http://host:1, http://host:1/a/b"),
    ],
    ids=["own application", "another", "HTTPEndpoint", "URL"],
)
def test_policies_are_asked_for_what_tells_circuit_breakers_apart(target: str, asked: str) -> None:
    policies = Fixed(None)
    invoke(Door(), target, Invocation("/a//b", "GET", []), policies=policies)
    assert policies.asked == [asked]


def test_a_named_policy_retries_failing_answers_and_replays_the_body() -> None:
    door = Door(Response(500, [], Chunks(b"no")), Response(503), Response(200, [], b"yes"))
    policy = Retrying(3)
    call = Invocation("x", "POST", [], body=Chunks(b"bo", b"dy"), length=4)
    response = invoke(door, "other", call, policy=policy)
    assert response.body == b"yes"
    assert [body for _, _, body in door.calls] == [b"body"] * 3
    assert policy.failures == [500, 503]


def test_when_retries_end_the_last_answer_is_given() -> None:
    response = invoke(Door(Response(500, [], b"1"), Response(500, [], b"2")), "golden", policy=Retrying(1))
    assert (response.status, response.body) == (500, b"2")


@pytest.mark.parametrize("failure", [Response(500, [], b"no"), RpcError(UNAVAILABLE, "gone")])
def test_a_streamed_call_is_made_once(failure: Answer) -> None:
    door = Door(failure)
    call = Invocation("x", "POST", [], body=Chunks(b"a"), length=None)
    if isinstance(failure, Response):
        assert invoke(door, "other", call, policy=Retrying(3)).body == b"no"
    else:
        assert "Unavailable" in error_of(door, "other", call, policy=Retrying(3)).message("http")
    assert len(door.calls) == 1
