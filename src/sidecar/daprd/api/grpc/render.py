"""Failures as gRPC statuses: the catalogue's rows with their details as ``google.rpc`` messages (api.md §1.3, §2).

A flat row becomes code and message; a rich one also a ``google.rpc.Status`` for ``grpc-status-details-bin``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from dapr_core.errors import DETAIL_PREFIX, DaprError, error_info
from dapr_core.rpc.grpc.status import Code, GrpcError
from daprd.catalogue.invoke import grpc_from_http
from daprd.mesh.codec.fields import varint

_ERROR_TEXT_BYTES: Final = 63
"""How much of an application's failing answer a status tells."""


def grpc_error(error: DaprError) -> GrpcError:
    """A block's error as the status its client gets."""
    code, message = Code(error.row.grpc_code), error.message("grpc")
    details = error.details("grpc")
    return GrpcError(code, message, details=status_bytes(code, message, details) if details else None)


def http_failure(status: int, body: bytes | str, *, code: int | None = None) -> GrpcError:
    """A failure that has an HTTP status, as gRPC clients read it (api.md §3.5); ``code`` overrides the table."""
    text = _reason(status)
    shown = body if isinstance(body, str) else _cut(body)
    info = error_info(text, {"http.code": str(status), "http.error_message": shown})
    chosen = Code(grpc_from_http(status) if code is None else code)
    return GrpcError(chosen, text, details=status_bytes(chosen, text, [info]))


def _reason(status: int) -> str:
    try:
        return _GO_PHRASES.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return ""


_GO_PHRASES: Final = {413: "Request Entity Too Large", 416: "Requested Range Not Satisfiable", 418: "I'm a teapot"}


def _cut(body: bytes) -> str:
    return body[:_ERROR_TEXT_BYTES].decode("utf-8", "replace")


def status_bytes(code: int, message: str, details: Iterable[Mapping[str, Any]]) -> bytes:
    """A serialized ``google.rpc.Status``; ``details`` are JSON objects with their ``@type``."""
    # Errors are rare: what writes them is loaded with the first.
    from dapr_core.proto.gen.google.rpc import error_details_pb2, status_pb2

    status = status_pb2.Status(code=code, message=message)
    for detail in details:
        kind = str(detail["@type"])
        fields = {key: value for key, value in detail.items() if key != "@type" and value is not None}
        body = getattr(error_details_pb2, kind.removeprefix(DETAIL_PREFIX))(**fields)
        status.details.add(type_url=kind, value=body.SerializeToString(deterministic=True))
    return bytes(status.SerializeToString())


def status_message(code: int, message: str, details: Iterable[bytes]) -> bytes:
    """A serialized ``google.rpc.Status`` around serialized ``Any`` values."""
    text = message.encode("utf-8", "replace")
    parts = [b"\x08", varint(code)]
    if text:
        parts += [b"\x12", varint(len(text)), text]
    for detail in details:
        parts += [b"\x1a", varint(len(detail)), detail]
    return b"".join(parts)
