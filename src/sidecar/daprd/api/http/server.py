"""The HTTP API as one handler: routes, the fallback to service invocation, and the steps around them (api.md §1.1).

``api_handler`` builds what the API server serves, ``public_handler`` what the public port serves: the same routes,
those marked public, with nothing around them but tracing and metrics. The chain is put together once, at the start;
an endpoint that answers at once is answered without a task.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from dapr_components.middleware.contract import AsyncHandler
from dapr_core.errors import DaprError
from dapr_core.rpc.deferred import Deferred
from dapr_core.rpc.messages import BodyBrokenError, BodyTooLargeError, Handler, Request, Response
from dapr_core.telemetry.tracing import Tracer
from daprd.api.http import middlewares, paths
from daprd.api.http.access import AccessList
from daprd.api.http.chain import Step, compose, pipeline
from daprd.api.http.cors import cors
from daprd.api.http.render import error_response, plain_error, text_response
from daprd.api.http.router import Router, UnescapeError
from daprd.api.http.routing import Params, Route
from daprd.catalogue import common

INVOKE_PREFIX: Final = b"/v1.0/invoke/"
INVOKE_TEMPLATE: Final = "v1.0/invoke/*"

_NO_PARAMS: Final[Params] = {}
_REMEMBERED: Final = 1024
_REMEMBERED_TARGET: Final = 256
_log = logging.getLogger("dapr.runtime.http")


@dataclass(slots=True, kw_only=True)
class ApiOptions:
    """What is configured around the routes. Whatever stays empty is not in the chain.

    Attributes:
        fallback: service invocation; takes every request that no route takes, unless the lists deny it.
        loopback_only: the listener is bound to loopback, so requests of foreign pages are refused.
        tracer: makes trace contexts; a disabled one (sampling rate zero) leaves the step out.
        pipeline: wraps a handler in the middlewares of ``spec.httpPipeline``.
        log_api: logs each call (``daprd.api.http.apilog``).
        record_error: told the category and code of each error a client gets (``spec.metric.recordErrorCodes``).
    """

    access: AccessList = field(default_factory=AccessList)
    fallback: Handler | None = None
    loopback_only: bool = False
    allowed_origins: str = ""
    api_token: str = ""
    tracer: Tracer | None = None
    record: middlewares.Recorder | None = None
    pipeline: Callable[[AsyncHandler], AsyncHandler] | None = None
    log_api: ApiLog | None = None
    record_error: RecordError | None = None


RecordError = Callable[[str, str], None]
"""Told the category and the code of an error that a client gets."""

ApiLog = Callable[[Request, Route | None, Response, float], None]
"""Told about each answered call: its route (None for the fallback) and the milliseconds it took."""


def api_handler(routes: Sequence[Route], options: ApiOptions) -> Handler:
    """The handler of the API server."""
    fallback = options.fallback
    if fallback is not None and not options.access.permits("invoke", "v1", INVOKE_TEMPLATE):
        fallback = None
    dispatch = Dispatch(Router(options.access.filter(routes)), fallback, options.log_api, options.record_error)
    return compose(dispatch, _api_steps(options))


def public_handler(routes: Sequence[Route], options: ApiOptions) -> Handler:
    """The handler of the public port: health and metadata, without token, CORS, pipeline and log."""
    public = [route for route in options.access.filter(routes) if route.public]
    steps = _observing(options)
    return compose(Dispatch(Router(public), None), steps)


def _observing(options: ApiOptions) -> list[Step]:
    tracer = options.tracer if options.tracer is not None and options.tracer.enabled else None
    if tracer is None and options.record is None:
        return []
    return [middlewares.observing(tracer, options.record)]


def _api_steps(options: ApiOptions) -> list[Step]:
    steps: list[Step] = []
    if options.loopback_only:
        steps.append(middlewares.same_machine_only)
    steps += _observing(options)
    if options.allowed_origins:
        steps.append(cors(options.allowed_origins))
    if options.api_token:
        steps.append(middlewares.api_token(options.api_token))
    if options.pipeline is not None:
        steps.append(pipeline(options.pipeline))
    return steps


class Dispatch:
    """The innermost handler: finds the endpoint and turns what it raises into the documented answer."""

    def __init__(
        self,
        router: Router,
        fallback: Handler | None,
        log: ApiLog | None = None,
        record_error: RecordError | None = None,
    ) -> None:
        self._router = router
        self._fallback = fallback
        self._log = log
        self._record_error = record_error
        self._known: dict[tuple[str, bytes], tuple[Route | None, Params]] = {}

    def __call__(self, request: Request) -> Response | Awaitable[Response]:
        key = (request.method, request.target)
        known = self._known.get(key)
        if known is None:
            found = self._find(request)
            if isinstance(found, Response):
                return found
            known = found
            # A query may hold a credential, and hardly comes again; the router knows the path before it.
            if len(request.target) <= _REMEMBERED_TARGET and b"?" not in request.target:
                if len(self._known) >= _REMEMBERED:
                    self._known.clear()
                self._known[key] = known
        route, params = known
        started = time.perf_counter() if self._log else 0.0
        try:
            answer = self._fallback(request) if route is None else route.endpoint(request, params)  # type: ignore[misc]
        except Exception as error:  # noqa: BLE001 - the edge: whatever an endpoint raises becomes an answer
            answer = self._failure(error)
        if not isinstance(answer, Response):
            if not isinstance(answer, Deferred):
                return self._guard(answer, request, route, started)
            answer.after(self._recovered if self._log is None else partial(self._logged, request, route, started))
            return answer
        if self._log is not None:
            self._log(request, route, answer, (time.perf_counter() - started) * 1000)
        return answer

    def _find(self, request: Request) -> tuple[Route | None, Params] | Response:
        """The route and its parameters, None for the fallback; or the answer to a request that nothing serves."""
        path = paths.path_of(request.target)
        if path == b"*":
            return Response(200)
        if paths.has_broken_escape(path):
            return Response(400, [*text_response(400, "").headers, (b"connection", b"close")], b"400 Bad Request")
        # Service invocation is the busiest path and has no route of its own: look for it before the trie does.
        if self._fallback is not None and path.startswith(INVOKE_PREFIX):
            return None, _NO_PARAMS
        try:
            found = self._router.find(request.method, paths.clean(path))
        except UnescapeError as error:
            return text_response(400, str(error))
        if found is not None:
            return found
        return (None, _NO_PARAMS) if self._fallback is not None else self._refuse(request, path)

    async def _guard(
        self, answer: Awaitable[Response], request: Request, route: Route | None, started: float
    ) -> Response:
        try:
            response = await answer
        except Exception as error:  # noqa: BLE001 - as above
            response = self._failure(error)
        if self._log is not None:
            self._log(request, route, response, (time.perf_counter() - started) * 1000)
        return response

    def _recovered(self, response: Response | None, error: BaseException | None) -> Response:
        """The step that ``_guard`` is for an answer that costs no task."""
        if response is not None:
            return response
        if isinstance(error, Exception):
            return self._failure(error)
        assert error is not None
        raise error

    def _logged(
        self,
        request: Request,
        route: Route | None,
        started: float,
        response: Response | None,
        error: BaseException | None,
    ) -> Response:
        response = self._recovered(response, error)
        if self._log is not None:
            self._log(request, route, response, (time.perf_counter() - started) * 1000)
        return response

    def _failure(self, error: Exception) -> Response:
        if self._record_error is not None and isinstance(error, DaprError):
            self._record_error(error.row.category, error.row.tag or error.row.reason)
        return failure(error)

    def _refuse(self, request: Request, path: bytes) -> Response:
        """Nothing serves this: 405 when another method would have been served, else 404."""
        methods = self._router.methods(paths.clean(path))
        if methods:
            return Response(405, [(b"allow", method.encode()) for method in methods])
        return plain_error(404, "404 page not found")


def failure(error: Exception) -> Response:
    """The answer for what an endpoint raised. An unforeseen error is logged and shown by its text, never its trace."""
    if isinstance(error, DaprError):
        return error_response(error)
    if isinstance(error, BodyTooLargeError | BodyBrokenError):
        return error_response(DaprError(common.BODY_READ, error=str(error) or "unexpected EOF"))
    _log.error("an endpoint failed unexpectedly: %s", type(error).__name__, exc_info=error)
    return error_response(DaprError(common.INTERNAL, error=str(error) or type(error).__name__))


def socket_path(directory: str, app_id: str, protocol: str) -> Path:
    """Where the API's Unix socket lies under ``--unix-domain-socket`` (api.md §7.3); protocol: ``http`` or ``grpc``."""
    return Path(directory) / f"dapr-{app_id}-{protocol}.socket"
