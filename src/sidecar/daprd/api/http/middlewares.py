"""What stands between the server and the router: each step is there only when it is configured (api.md §1.1, §6.3).

Order, from outside: the check against DNS rebinding, trace context, metrics, CORS, API token, the configured
pipeline, the log of API calls. ``server`` puts them together.
"""

from __future__ import annotations

import hmac
import ipaddress
import time
from collections.abc import Awaitable
from functools import partial
from operator import itemgetter
from typing import Final, Protocol

from dapr_core.rpc.deferred import Deferred
from dapr_core.rpc.messages import Handler, Headers, Request, Response
from dapr_core.telemetry.tracecontext import NO_SPAN, SpanContext
from dapr_core.telemetry.tracing import Tracer
from daprd.api.http import baggage
from daprd.api.http.chain import Step, size_of
from daprd.api.http.paths import clean, path_of
from daprd.api.http.render import plain_error

TOKEN_HEADER: Final = b"dapr-api-token"
_name = itemgetter(0)
_NO_TRACE: Final[Headers] = [(b"traceparent", NO_SPAN.traceparent)]
_SPAN: Final = frozenset({b"traceparent", b"tracestate"})
_CONTEXT: Final = _SPAN | {b"baggage"}
_TOKEN_FREE: Final = frozenset({b"/v1.0/healthz", b"/v1.0/healthz/outbound"})


class Recorder(Protocol):
    """What the server's metrics need to know about a request that has been answered."""

    def __call__(self, request: Request, status: int, response_bytes: int, elapsed_ms: float) -> None: ...


def observing(tracer: Tracer | None, record: Recorder | None) -> Step:
    """Trace context, baggage and metrics in one step, so that an asynchronous answer is waited for once.

    W3C trace context and baggage are checked on the way in and told on the way out, but for health checks. Either part
    is left out by None.
    """

    def step(following: Handler) -> Handler:
        def handle(request: Request) -> Response | Awaitable[Response]:
            told: Headers | None = None
            bags: bytes | None = None
            target = request.target
            if tracer is not None and target != b"*" and not (b"/healthz" in target and b"/healthz" in path_of(target)):
                told, bags = _context(tracer, request)
                if bags is not None and (wrong := baggage.problems(bags.decode("latin-1"))):
                    return plain_error(400, "invalid baggage header: " + "\n".join(wrong))
            started = time.perf_counter()
            answer = following(request)
            if not isinstance(answer, Response):
                if not isinstance(answer, Deferred):
                    return later(answer, request, told, bags, started)
                answer.after(partial(finished, request, told, bags, started))
                return answer
            finish(answer, request, told, bags, started)
            return answer

        def finish(
            response: Response, request: Request, told: Headers | None, bags: bytes | None, started: float
        ) -> None:
            if record is not None:
                record(request, response.status, size_of(response), (time.perf_counter() - started) * 1000)
            if told is not None:
                _tell(response, told, bags)
                # In order of their names they are the quickest for the server to write.
                response.headers.sort(key=_name)

        def finished(
            request: Request,
            told: Headers | None,
            bags: bytes | None,
            started: float,
            response: Response | None,
            error: BaseException | None,
        ) -> Response:
            """The step that ``later`` is for an answer that costs no task."""
            if response is None:
                assert error is not None
                raise error
            finish(response, request, told, bags, started)
            return response

        async def later(
            answer: Awaitable[Response], request: Request, told: Headers | None, bags: bytes | None, started: float
        ) -> Response:
            response = await answer
            finish(response, request, told, bags, started)
            return response

        return handle

    return step


def _context(tracer: Tracer, request: Request) -> tuple[Headers, bytes | None]:
    """What the answer will tell of the request's context, and its baggage, if it has any."""
    parent = state = bags = None
    for name, value in request.headers:
        if name in _CONTEXT:
            if name == b"baggage":
                bags = value if bags is None else bags + b"," + value
            elif name == b"traceparent":
                parent = parent or value
            else:
                state = state or value
    span = tracer.start(parent, state)
    if span is NO_SPAN:
        return _NO_TRACE, bags
    told = _headers_of(span)
    if told[0][1] != parent:
        # Whoever works on this request shall see the new span as its context.
        kept = [pair for pair in request.headers if pair[0] not in _SPAN]
        request.headers = kept + told
    return told, bags


def _headers_of(span: SpanContext) -> Headers:
    told: Headers = [(b"traceparent", span.traceparent)]
    if span.tracestate:
        told.append((b"tracestate", span.tracestate.encode("latin-1")))
    return told


def _tell(response: Response, told: Headers, bags: bytes | None) -> None:
    if bags is not None and response.header(b"baggage") is None:
        response.headers.append((b"baggage", bags))
    if response.header(b"traceparent") is None:
        response.headers.extend(told)


def api_token(token: str) -> Step:
    """Only requests that carry the token pass; two health checks need none. The token goes no further (api.md §6.3)."""
    expected = token.encode()

    def step(following: Handler) -> Handler:
        def handle(request: Request) -> Response | Awaitable[Response]:
            given = request.header(TOKEN_HEADER)
            if given is not None and hmac.compare_digest(given, expected):
                request.headers = [pair for pair in request.headers if pair[0] != TOKEN_HEADER]
                return following(request)
            if request.method == "GET" and clean(path_of(request.target)) in _TOKEN_FREE:
                return following(request)
            return plain_error(401, "invalid api token")

        return handle

    return step


def same_machine_only(following: Handler) -> Handler:
    """Refuse what a browser was tricked into sending here: a page's request whose host is no loopback name.

    A web page can point its own host name at 127.0.0.1 and then talk to whatever listens there (DNS rebinding). The
    browser says which page asks (``Origin``) and which name it used (``Host``): with the first and without a loopback
    name in the second nobody meant us.
    """

    def handle(request: Request) -> Response | Awaitable[Response]:
        if request.header(b"origin") is not None and not is_loopback_host(request.header(b"host") or b""):
            return plain_error(
                403,
                "the request's Host is no loopback name; call the sidecar as localhost or 127.0.0.1",
            )
        return following(request)

    return handle


def is_loopback_host(host: bytes) -> bool:
    """Whether a Host header names this machine's loopback: localhost, a name under it, 127.0.0.0/8 or ::1."""
    text = host.decode("latin-1").strip().lower()
    name = text[1:].partition("]")[0] if text.startswith("[") else text.rpartition(":")[0] or text
    name = name.rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
