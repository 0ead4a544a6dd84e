"""Deciding where a call goes, guarding it by its policy, and saying how it ended (api.md §3.2, §3.5, §3.6).

Four kinds of target, looked at in this order: a URL, an HTTPEndpoint resource, the own application, another sidecar.
A policy may run an attempt again only when the body can be replayed; a streamed call gets one attempt, and its
failures still count for the circuit breaker.

The busiest calls, of another sidecar under no policy but the built-in one, are begun at once and cost no task: what
follows from the answer is a step of its ``Deferred``. Any other call, and any that fails in a way that is tried again,
is a coroutine; both end by the same functions.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, Protocol, TypeAlias

from dapr_core.errors import DaprError
from dapr_core.rpc.deferred import Deferred, Detour
from dapr_core.rpc.messages import BodyBrokenError, BodyStream, BodyTooLargeError, Headers, Response
from daprd.app.contract import AppChannel, AppChannelError, AppUnhealthyError
from daprd.app.urls import UrlError
from daprd.blocks.invoke import headers as rules
from daprd.blocks.invoke.appids import AppIdError, parse_app_id
from daprd.blocks.invoke.apprequest import grpc_call, http_request
from daprd.blocks.invoke.envelope import Invocation
from daprd.blocks.invoke.finishing import complete, completed, finish, http_form
from daprd.blocks.invoke.method import MethodError, normalise
from daprd.catalogue.invoke import DIRECT_INVOKE, DIRECT_INVOKE_DENIED
from daprd.grpcapp import status_code
from daprd.mesh.errors import (
    INTERNAL,
    INVALID_ARGUMENT,
    PERMISSION_DENIED,
    RECONNECT,
    ResolveError,
    RpcError,
    SendError,
)
from daprd.policy.contract import CircuitOpenError, PermanentError, Policies, Policy, RetriesExhaustedError


class ExternalError(Exception):
    """A URL or HTTPEndpoint did not answer; the text says why."""


class Remote(Protocol):
    """The door to other sidecars. ``blocks.invoke.remote`` has the one over the internal wire."""

    async def call(self, app_id: str, namespace: str, call: Invocation) -> Response:
        """The application's answer, its headers as its sidecar sent them.

        Raises:
            RpcError: the call failed on the way, or the callee refused it.
            ResolveError: nobody answers to that id.
        """

    def begin(self, app_id: str, namespace: str, call: Invocation) -> Deferred[Response] | None:
        """The same at once; None where ``call`` would wait for anything before the request is sent."""


class External(Protocol):
    """The door to URLs and HTTPEndpoints. ``blocks.invoke.external`` has the one over HTTP."""

    def is_endpoint(self, name: str) -> bool:
        """Whether an HTTPEndpoint resource of this name is loaded."""

    async def call(self, target: str, call: Invocation) -> Response:
        """The answer of ``target`` (a URL or an HTTPEndpoint's name).

        Raises:
            ExternalError: it cannot be reached.
            UrlError: the method does not make a URL.
        """


Attempt: TypeAlias = Callable[[], Awaitable[Response]]
"""Makes a call once."""
Ending: TypeAlias = Callable[[Response, Invocation], Response | Awaitable[Response]]
"""Makes an answer what its caller gets, now or once its body has been read."""


class Invoker:
    """Service invocation of one sidecar.

    Args:
        app_id: the own application's id; ``namespace`` its namespace.
        channel: gives the application's channel now, or None while there is none.
        tracing: whether an application is told ``NO_TRACE`` when a call has no trace context (api.md §1.1).
    """

    def __init__(
        self,
        *,
        app_id: str,
        namespace: str,
        channel: Callable[[], AppChannel | None],
        remote: Remote,
        external: External,
        policies: Policies,
        tracing: bool = True,
    ) -> None:
        self._app_id = app_id
        self._namespace = namespace
        self._channel = channel
        self._remote = remote
        self._external = external
        self._policies = policies
        self._tracing = tracing
        self._stamps: Headers = [
            (rules.CALLEE_APP_ID, app_id.encode()),
            (rules.CALLER_APP_ID, app_id.encode()),
            (rules.CALLER_NAMESPACE, namespace.encode()),
        ]

    def invoke(self, target: str, call: Invocation) -> Awaitable[Response]:
        """Make a call and give the application's answer, ready for an HTTP client.

        Raises:
            DaprError: DIRECT_INVOKE or DIRECT_INVOKE_DENIED with the cause, as the documented messages word it; now or
                when awaited.
        """
        return self._make(target, call, _for_http)

    def call(self, target: str, call: Invocation) -> Awaitable[Response]:
        """Make a call and give the application's answer as it is, its body read: a ``GrpcAnswer`` of one that speaks
        gRPC.

        Raises:
            DaprError: see ``invoke``.
        """
        return self._make(target, call, _read)

    def _make(self, target: str, call: Invocation, ending: Ending) -> Awaitable[Response]:
        try:
            attempt, policy, sidecar = self._plan(target, call)
            if sidecar is not None and (policy is None or policy.built_in):
                begun = self._remote.begin(*sidecar, call)
                if begun is not None:
                    begun.after(partial(self._answered, target, call, ending, attempt, policy))
                    return begun
        except FAILURES as error:
            raise refusal(target, error) from error
        return self._ended(target, call, ending, self._attempted(target, call, attempt, policy))

    async def _ended(self, target: str, call: Invocation, ending: Ending, answer: Awaitable[Response]) -> Response:
        try:
            response = ending(await answer, call)
            return response if isinstance(response, Response) else await response
        except FAILURES as error:
            raise refusal(target, error) from error

    def _answered(
        self,
        target: str,
        call: Invocation,
        ending: Ending,
        attempt: Attempt,
        policy: Policy | None,
        answer: Response | None,
        error: BaseException | None,
    ) -> Response:
        """The step behind a call that was begun: what ``_attempted`` and ``_ended`` do."""
        if answer is None:
            assert error is not None
            if policy is not None and isinstance(error, RpcError) and error.code in RECONNECT:
                again = self._guarded(policy, _reconnecting(attempt, error), target)
                raise Detour(self._ended(target, call, ending, again))
            if isinstance(error, FAILURES):
                raise refusal(target, error) from error
            raise error
        try:
            response = ending(answer, call)
        except FAILURES as failure:
            raise refusal(target, failure) from failure
        if isinstance(response, Response):
            return response
        raise Detour(self._ended(target, call, _as_it_is, response))

    async def _attempted(self, target: str, call: Invocation, attempt: Attempt, policy: Policy | None) -> Response:
        if policy is None:
            return await attempt()
        if policy.built_in and call.replayable:
            # The built-in policy only retries: nothing of it is needed until an attempt has failed.
            try:
                return await attempt()
            except RpcError as error:
                if error.code not in RECONNECT:
                    raise
                again = _reconnecting(attempt, error)
            return await self._guarded(policy, again, target)
        return await self._guarded(policy, await _operation(policy, attempt, call), target)

    def _plan(self, target: str, call: Invocation) -> tuple[Attempt, Policy | None, tuple[str, str] | None]:
        """What one attempt does, the policy that guards it, and the application if it is behind another sidecar."""
        is_url = target.startswith(("http://", "https://"))
        if is_url or self._external.is_endpoint(target):
            self._normalise(call)
            # An HTTPEndpoint's name stands for its one base URL; URLs have a circuit breaker for each method.
            key = f"{target}/{call.method}" if is_url else ""
            return partial(self._external.call, target, call), self._policies.endpoint(target, key=key), None
        app_id, namespace = application = parse_app_id(target, self._namespace)
        self._normalise(call)
        policy = self._policies.app(app_id, namespace=namespace, method=call.method)
        if app_id == self._app_id and namespace == self._namespace:
            return partial(self._local, call), policy, None
        return partial(self._remote.call, app_id, namespace, call), policy, application

    def _normalise(self, call: Invocation) -> None:
        try:
            call.method = normalise(call.method)
        except MethodError as error:
            raise RpcError(INVALID_ARGUMENT, str(error)) from error

    async def _local(self, call: Invocation) -> Response:
        channel = self._channel()
        if channel is None:
            raise AppChannelError("cannot invoke local endpoint: app channel not initialized")
        if channel.speaks_grpc:
            return await channel.invoke(await grpc_call(call, self._stamps, tracing=self._tracing))
        response = await channel.invoke(http_request(call, self._stamps, tracing=self._tracing))
        response.headers = rules.answer_headers(response.headers)
        return response

    async def _guarded(self, policy: Policy, operation: Attempt, target: str) -> Response:
        try:
            return await policy.run(operation, failed=None if policy.built_in else _failing_status)
        except PermanentError as error:
            if isinstance(error.cause, _AnsweredError):
                return error.cause.response
            raise error.cause from None
        except _AnsweredError as failure:
            return failure.response
        except RetriesExhaustedError as refusal:
            raise _RetriesError(target, refusal) from refusal.cause


def _for_http(answer: Response, call: Invocation) -> Response | Awaitable[Response]:
    """What an HTTP client gets."""
    response = http_form(answer)
    body = response.body
    if finish(response, call):
        return completed(response, body) if type(body) is bytes else complete(response)
    if type(body) is not bytes and isinstance(body, BodyStream) and body.broken is not None:
        raise body.broken  # nothing has gone to the client yet: it can still get a proper error
    return response


def _read(answer: Response, call: Invocation) -> Response | Awaitable[Response]:
    """The answer with its whole body."""
    return answer if type(answer.body) is bytes else _reading(answer)


async def _reading(answer: Response) -> Response:
    await answer.read()
    return answer


def _as_it_is(answer: Response, call: Invocation) -> Response:
    return answer


async def _operation(policy: Policy, attempt: Attempt, call: Invocation) -> Attempt:
    """What a policy runs: an attempt that may be repeated if policy and body allow it."""
    if not call.replayable:
        return _once(attempt)
    if policy.has_retry and not isinstance(call.body, bytes):
        call.body = await call.body.read()
    return _repeatable(attempt)


def _failing_status(response: Response) -> int | None:
    return None if 200 <= response.status < 400 else status_code(response)


class _AnsweredError(Exception):
    """A failing answer of a streamed call: passed on as it is, but a failure for the breaker."""

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__(f"status {response.status}")


class _RetriesError(Exception):
    """All attempts failed; the text counts the retries, as clients know it."""

    def __init__(self, target: str, error: RetriesExhaustedError) -> None:
        super().__init__(f"failed to invoke target {target} after {error.attempts} retries. Error: {error.cause}")


def _once(attempt: Attempt) -> Attempt:
    """An attempt that must not be made twice: whatever goes wrong is final."""

    async def operation() -> Response:
        try:
            response = await attempt()
        except Exception as error:
            raise PermanentError(error) from error
        if _failing_status(response) is not None:
            raise PermanentError(_AnsweredError(response))
        return response

    return operation


def _reconnecting(attempt: Attempt, first: RpcError) -> Attempt:
    """What the built-in policy runs after a first attempt that failed with ``first``, which counts as its first."""
    failed: list[RpcError] = [first]

    async def operation() -> Response:
        if failed:
            raise failed.pop()
        try:
            return await attempt()
        except Exception as error:
            if isinstance(error, RpcError) and error.code in RECONNECT:
                raise
            raise PermanentError(error) from error

    return operation


def _repeatable(attempt: Attempt) -> Attempt:
    """An attempt that the policy may repeat; a failing answer is read whole, so that its connection is free again."""

    async def operation() -> Response:
        try:
            response = await attempt()
        except (BodyTooLargeError, BodyBrokenError) as error:
            raise PermanentError(error) from error
        if _failing_status(response) is not None:
            await response.read()
        return response

    return operation


def refusal(target: str, error: BaseException) -> DaprError:
    """What a client is told of one of ``FAILURES``."""
    row = DIRECT_INVOKE
    if isinstance(error, RpcError):
        text = str(error)
        row = DIRECT_INVOKE_DENIED if error.code == PERMISSION_DENIED else row
    elif isinstance(error, AppUnhealthyError):
        text = str(RpcError(INTERNAL, str(error)))
    elif isinstance(error, TimeoutError):
        text = "context deadline exceeded"
    elif isinstance(error, CircuitOpenError):
        text = str(error) or "circuit breaker is open"
    else:
        text = str(error) or "unexpected EOF"
    return DaprError(row, id=target, error=text)


FAILURES: Final = (
    RpcError,
    TimeoutError,
    CircuitOpenError,
    ResolveError,
    SendError,
    AppIdError,
    UrlError,
    ExternalError,
    AppChannelError,
    BodyTooLargeError,
    BodyBrokenError,
    _RetriesError,
)
"""How a call fails that was not answered; the text of each says why."""
