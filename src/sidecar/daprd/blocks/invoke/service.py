"""Deciding where a call goes, guarding it by its policy, and saying how it ended (api.md §3.2, §3.5, §3.6).

Four kinds of target, looked at in this order: a URL, an HTTPEndpoint resource, the own application, another sidecar.
A policy may run an attempt again only when the body can be replayed; a streamed call gets one attempt, and its
failures still count for the circuit breaker.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from dapr_core.errors import DaprError
from dapr_core.rpc.messages import BodyBrokenError, BodyStream, BodyTooLargeError, Headers, Response
from daprd.app.contract import AppChannel, AppChannelError, AppUnhealthyError
from daprd.app.urls import UrlError
from daprd.blocks.invoke import headers as rules
from daprd.blocks.invoke.appids import AppIdError, parse_app_id
from daprd.blocks.invoke.apprequest import grpc_call, http_request
from daprd.blocks.invoke.envelope import Invocation
from daprd.blocks.invoke.finishing import complete, finish, http_form
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

    async def invoke(self, target: str, call: Invocation) -> Response:
        """Make a call and give the application's answer, ready for an HTTP client.

        Raises:
            DaprError: DIRECT_INVOKE or DIRECT_INVOKE_DENIED with the cause, as the documented messages word it.
        """
        try:
            response = http_form(await self._attempted(target, call))
            if finish(response, call):
                await complete(response)
                return response
            body = response.body
            if type(body) is not bytes and isinstance(body, BodyStream) and body.broken is not None:
                raise body.broken  # nothing has gone to the client yet: it can still get a proper error
            return response
        except FAILURES as error:
            raise refusal(target, error) from error

    async def call(self, target: str, call: Invocation) -> Response:
        """Make a call and give the application's answer as it is, its body read: a ``GrpcAnswer`` of one that speaks
        gRPC.

        Raises:
            DaprError: see ``invoke``.
        """
        try:
            response = await self._attempted(target, call)
            await response.read()
            return response
        except FAILURES as error:
            raise refusal(target, error) from error

    async def _attempted(self, target: str, call: Invocation) -> Response:
        attempt, policy = self._plan(target, call)
        if policy is None:
            return await attempt()
        if policy.built_in and call.replayable:
            # The built-in policy only retries: nothing of it is needed until an attempt has failed.
            try:
                return await attempt()
            except RpcError as error:
                if error.code not in RECONNECT:
                    raise
                return await self._guarded(policy, _reconnecting(attempt, error), target)
        return await self._guarded(policy, await _operation(policy, attempt, call), target)

    def _plan(self, target: str, call: Invocation) -> tuple[Callable[[], Awaitable[Response]], Policy | None]:
        """What one attempt does, and the policy that guards it."""
        is_url = target.startswith(("http://", "https://"))
        if is_url or self._external.is_endpoint(target):
            self._normalise(call)
            # An HTTPEndpoint's name stands for its one base URL; URLs have a circuit breaker for each method.
            key = f"{target}/{call.method}" if is_url else ""
            return lambda: self._external.call(target, call), self._policies.endpoint(target, key=key)
        app_id, namespace = parse_app_id(target, self._namespace)
        self._normalise(call)
        policy = self._policies.app(app_id, namespace=namespace, method=call.method)
        if app_id == self._app_id and namespace == self._namespace:
            return lambda: self._local(call), policy
        return lambda: self._remote.call(app_id, namespace, call), policy

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

    async def _guarded(self, policy: Policy, operation: Callable[[], Awaitable[Response]], target: str) -> Response:
        try:
            return await policy.run(operation, failed=None if policy.built_in else _failing_status)
        except PermanentError as error:
            if isinstance(error.cause, _AnsweredError):
                return error.cause.response
            raise error.cause from None
        except _AnsweredError as error:
            return error.response
        except RetriesExhaustedError as error:
            raise _RetriesError(target, error) from error.cause


async def _operation(
    policy: Policy, attempt: Callable[[], Awaitable[Response]], call: Invocation
) -> Callable[[], Awaitable[Response]]:
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


def _once(attempt: Callable[[], Awaitable[Response]]) -> Callable[[], Awaitable[Response]]:
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


def _reconnecting(attempt: Callable[[], Awaitable[Response]], first: RpcError) -> Callable[[], Awaitable[Response]]:
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


def _repeatable(attempt: Callable[[], Awaitable[Response]]) -> Callable[[], Awaitable[Response]]:
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
