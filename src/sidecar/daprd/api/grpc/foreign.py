"""Calls of services that are not the sidecar's: handed on to the application they name (api.md §3.8).

On the API port they pass the same checks as the sidecar's own methods. On the port for other sidecars they are calls
that a sidecar hands on to this one's application.
"""

from __future__ import annotations

from typing import Final

from dapr_core.rpc.grpc.server_stream import CallListener, MethodFactory, ServerStream
from dapr_core.rpc.grpc.status import Code, GrpcError
from daprd.api.grpc.edge import RESTRICTED, AccessList, Edge, context_fields, not_available
from daprd.api.grpc.proxy import ProxiedCall
from daprd.blocks.invoke.headers import APP_ID, CALLEE_APP_ID
from daprd.blocks.invoke.proxying import Proxying

_UNKNOWN_METHOD: Final = "failed to proxy request: required metadata dapr-callee-app-id or dapr-app-id not found"


class ForeignServices:
    """The ``fallback`` of the API's server."""

    def __init__(self, edge: Edge, access: AccessList, proxying: Proxying) -> None:
        self._edge = edge
        self._access = access
        self._proxying = proxying

    def __call__(self, stream: ServerStream) -> CallListener:
        """The listener of a call. Raises ``GrpcError`` when it is refused."""
        path = stream.head.path.decode("latin-1")
        restricted = path.startswith(RESTRICTED)
        if restricted and not self._access.permits(""):
            raise not_available()
        admission = self._edge.admit(stream)
        if restricted and not names_app(stream):
            # An unknown method of the sidecar's own API, which tells the call's context as its methods do.
            stream.send_metadata(context_fields(admission.span, admission.baggage))
            raise GrpcError(Code.UNKNOWN, _UNKNOWN_METHOD)
        plan = self._proxying.from_client(path, stream.head.fields, admission.span)
        call = ProxiedCall(self._proxying, plan, stream, self._edge.watch(stream, path, admission.started))
        call.start()
        return call

    def unless_named(self, factory: MethodFactory) -> MethodFactory:
        """A service that the sidecar serves itself, but for calls that name an application: those are handed on."""

        def choose(stream: ServerStream) -> CallListener:
            if names_app(stream):
                return self(stream)
            self._edge.admit(stream)
            return factory(stream)

        return choose


class HandedOn:
    """The ``fallback`` of the server for other sidecars."""

    def __init__(self, proxying: Proxying) -> None:
        self._proxying = proxying

    def __call__(self, stream: ServerStream) -> CallListener:
        """The listener of a call. Raises ``GrpcError`` when it is refused."""
        plan = self._proxying.from_sidecar(stream.head.path.decode("latin-1"), stream.head.fields, stream.peer)
        call = ProxiedCall(self._proxying, plan, stream, _unwatched)
        call.start()
        return call


def names_app(stream: ServerStream) -> bool:
    """Whether a call says which application it is for."""
    return any(name in (APP_ID, CALLEE_APP_ID) for name, _ in stream.head.fields)


def _unwatched(code: int) -> None:
    """Calls of other sidecars are counted where they came in."""
