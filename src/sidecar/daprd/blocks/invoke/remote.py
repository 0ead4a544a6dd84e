"""Calls to applications behind other sidecars: find one, say who calls, send (api.md §3.2, §3.4, §3.6)."""

from __future__ import annotations

import time
from functools import partial
from typing import Final, Protocol

from dapr_core.rpc.deferred import Deferred
from dapr_core.rpc.grpc.client_stream import encode_metadata
from dapr_core.rpc.grpc.status import encode_binary
from dapr_core.rpc.messages import Headers, Response
from dapr_core.telemetry import tracecontext
from dapr_core.telemetry.tracecontext import NO_SPAN
from daprd.blocks.invoke import headers as rules
from daprd.blocks.invoke.envelope import Invocation
from daprd.blocks.invoke.metadata import padded
from daprd.grpcapp import status_code
from daprd.mesh import codec
from daprd.mesh.client import MeshClient
from daprd.mesh.errors import RECONNECT, ResolveError, RpcError, SendError
from daprd.mesh.resolve import Names

_REMEMBERED: Final = 1024
_MARSHALING: Final = "error sending message: rpc error: code = Internal desc = grpc: error while marshaling: "


class InvocationRecord(Protocol):
    """The metrics of one end of invocations (observability.md §5)."""

    def request_sent(self, target: str, kind: str = "unary") -> None: ...

    def response_received(self, source: str, status: int, elapsed_ms: float, kind: str = "unary") -> None: ...

    def request_received(self, source: str) -> None: ...

    def response_sent(self, destination: str, status: int) -> None: ...


class MeshRemote:
    """``service.Remote`` over the internal wire.

    Args:
        host_address: the address that this sidecar is reached by, and ``host_name`` its machine's name; both are told
            in the Forwarded headers.
        tracing: whether calls carry a trace context, all zeros where there is none.
    """

    def __init__(
        self,
        names: Names,
        client: MeshClient,
        *,
        app_id: str,
        namespace: str,
        host_address: str,
        host_name: str,
        tracing: bool = True,
        record: InvocationRecord | None = None,
    ) -> None:
        self._names = names
        self._client = client
        self._record = record
        node = f'"[{host_address}]"' if ":" in host_address else host_address
        self._forwarded: Headers = [
            (b"x-forwarded-for", host_address.encode()),
            (b"x-forwarded-host", host_name.encode()),
            (b"forwarded", f"for={node};by={node};host={host_name}".encode()),
        ]
        self._forwarded_entries = codec.encode_headers(self._forwarded)
        self._own_entries = _entry(rules.CALLER_APP_ID, app_id) + _entry(rules.CALLER_NAMESPACE, namespace)
        self._target_entries: dict[str, bytes] = {}
        self._no_trace = _trace_metadata(NO_SPAN.traceparent) if tracing else b""
        self._tracing = tracing

    async def call(self, app_id: str, namespace: str, call: Invocation) -> Response:
        """See ``service.Remote``."""
        address = await self._names.resolve(app_id, namespace)
        request = self._encode(app_id, call)
        record, kind = self._record, "unary" if call.replayable else "streaming"
        if record is not None:
            record.request_sent(app_id, kind)
        started = time.perf_counter()
        status = 500
        try:
            response = await self._client.call(
                address,
                request,
                call.body,
                self._trace(call),
                target=(app_id, namespace),
                replayable=call.replayable,
                deadline=call.deadline,
            )
            status = status_code(response)
            return response
        except RpcError as error:
            self._failed(app_id, namespace, address, error)
            raise
        finally:
            if record is not None:
                record.response_received(app_id, status, (time.perf_counter() - started) * 1000, kind)

    def begin(self, app_id: str, namespace: str, call: Invocation) -> Deferred[Response] | None:
        """See ``service.Remote``."""
        address = self._names.known(app_id, namespace)
        body = call.body
        if address is None or not isinstance(body, bytes) or not call.replayable:
            return None
        begun = self._client.begin(
            address,
            partial(self._prepare, app_id, call),
            body,
            target=(app_id, namespace),
            deadline=call.deadline,
        )
        if begun is not None:
            if self._record is not None:
                self._record.request_sent(app_id)
            begun.after(partial(self._answered, app_id, namespace, address, time.perf_counter()))
        return begun

    def _prepare(self, app_id: str, call: Invocation) -> tuple[bytes, bytes]:
        notes = call.notes
        if notes is None:
            return self._encode(app_id, call), self._trace(call)
        # Target and headers of the calls that share notes are the same, and so is what they are encoded to.
        request = notes.get(self)
        if request is None:
            request = notes[self] = self._encode(app_id, call)
        return request, self._trace(call)

    def _answered(
        self,
        app_id: str,
        namespace: str,
        address: str,
        started: float,
        response: Response | None,
        error: BaseException | None,
    ) -> Response:
        """The step behind a call that was begun: what ``call`` does when it has its answer."""
        if self._record is not None:
            status = 500 if response is None else status_code(response)
            self._record.response_received(app_id, status, (time.perf_counter() - started) * 1000)
        if response is not None:
            return response
        assert error is not None
        if isinstance(error, RpcError):
            self._failed(app_id, namespace, address, error)
        raise error

    def _failed(self, app_id: str, namespace: str, address: str, error: RpcError) -> None:
        if error.code in RECONNECT:
            self._names.forget(app_id, namespace, address)

    def _encode(self, app_id: str, call: Invocation) -> bytes:
        if call.from_grpc:
            return self._encode_grpc(app_id, call)
        headers = call.headers
        if call.forwarded:
            # One map entry per name: what proxies before us said comes first in it.
            headers, forwarded = headers + self._forwarded, b""
        else:
            forwarded = self._forwarded_entries
        try:
            return codec.encode_request(
                call.method.encode(),
                codec.VERBS.get(call.verb, 0),
                headers,
                query=call.query,
                content_type=call.content_type,
                extra=forwarded + self._own_entries + (self._target_entries.get(app_id) or self._target(app_id)),
            )
        except (codec.HeaderError, UnicodeEncodeError):
            raise SendError(_MARSHALING + "string field contains invalid UTF-8") from None

    def _encode_grpc(self, app_id: str, call: Invocation) -> bytes:
        if call.forwarded:
            prepared, fields, forwarded = b"", padded(call.headers) + self._forwarded, b""
        else:
            prepared, forwarded = call.prepared, self._forwarded_entries
            fields = [] if prepared else padded(call.headers)
        message = codec.encode_invoke(
            call.method.encode(),
            codec.VERBS.get(call.verb, 0),
            type_url=call.type_url,
            query=call.query,
            content_type=call.content_type,
            extension=call.extension,
        )
        extra = prepared + forwarded + self._own_entries + (self._target_entries.get(app_id) or self._target(app_id))
        try:
            return codec.encode_grpc_request(message, fields, extra)
        except codec.HeaderError:
            raise SendError(_MARSHALING + "string field contains invalid UTF-8") from None

    def _target(self, app_id: str) -> bytes:
        entries = _entry(rules.CALLEE_APP_ID, app_id) + _entry(rules.DESTINATION_APP_ID, app_id)
        if len(self._target_entries) >= _REMEMBERED:
            self._target_entries.clear()
        self._target_entries[app_id] = entries
        return entries

    def _trace(self, call: Invocation) -> bytes:
        if not self._tracing:
            return b""
        return self._no_trace if call.traceparent is None else _trace_metadata(call.traceparent)


def _entry(name: bytes, value: str) -> bytes:
    """A metadata entry under a name that only sidecars write, in lower case."""
    return codec.field(b"\x12", codec.header_entry(name, (value.encode(),)))


def _trace_metadata(traceparent: bytes) -> bytes:
    """A trace context in both of its gRPC forms."""
    span = tracecontext.parse_traceparent(traceparent) or NO_SPAN
    return encode_metadata(
        [
            (b"traceparent", span.traceparent),
            (b"grpc-trace-bin", encode_binary(tracecontext.encode_binary(span))),
        ]
    )


__all__ = ["InvocationRecord", "MeshRemote", "ResolveError"]
