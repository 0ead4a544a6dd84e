"""What a gRPC application is asked and what it answers: values between its channel, the blocks and the mesh.

They are forms of ``Request`` and ``Response``, so that policies, pipelines and records treat both kinds of application
alike. An answer knows its HTTP form too, for a caller who came by HTTP (api.md §3.5).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from dapr_core.rpc.messages import Body, Headers, Request, Response
from daprd.catalogue.invoke import http_from_grpc

_JSON: Final = (b"content-type", b"application/json")


class StatusFormError(ValueError):
    """A status holds details that nobody can show as JSON; the text says which."""


class GrpcCall(Request):
    """A call of ``OnInvoke``: ``message`` is the serialized ``InvokeRequest``, the headers are its metadata."""

    __slots__ = ("message",)

    def __init__(self, method: str, target: bytes, metadata: Headers, message: bytes) -> None:
        super().__init__(method, target, metadata)
        self.message = message


class GrpcAnswer(Response):
    """What ``OnInvoke`` answered. ``status`` is the HTTP form of ``code``; headers and body are those of a success.

    Attributes:
        code: the gRPC code.
        message: the status message.
        details: serialized ``google.protobuf.Any`` values of the status.
        trailers: the application's trailing metadata.
        content_type, type_url: what the answer's message says of its data.
    """

    __slots__ = ("code", "content_type", "details", "message", "trailers", "type_url")

    def __init__(
        self,
        code: int,
        headers: Headers,
        body: Body = b"",
        *,
        message: str = "",
        details: Sequence[bytes] = (),
        trailers: Headers | None = None,
        content_type: bytes = b"",
        type_url: bytes = b"",
    ) -> None:
        super().__init__(http_from_grpc(code), headers, body)
        self.code = code
        self.message = message
        self.details = details
        self.trailers: Headers = [] if trailers is None else trailers
        self.content_type = content_type
        self.type_url = type_url

    def as_http(self) -> Response:
        """The answer of an HTTP application that says the same.

        Raises:
            StatusFormError: a detail of the status cannot be shown.
        """
        headers = [pair for pair in self.headers if pair[0] != b"content-type"]
        if self.code == 0:
            if self.content_type:
                headers.append((b"content-type", self.content_type))
            return Response(200, headers, self.body)
        return Response(self.status, [*headers, _JSON], _status_json(self.code, self.message, self.details))


def status_code(response: Response) -> int:
    """The status of an answer in its own protocol: a gRPC code, or an HTTP status."""
    return response.code if isinstance(response, GrpcAnswer) else response.status


def _status_json(code: int, message: str, details: Sequence[bytes]) -> bytes:
    """A ``google.rpc.Status`` as protobuf's JSON has it: fields without a value are left out."""
    shown: dict[str, Any] = {"code": code}
    if message:
        shown["message"] = message
    if details:
        shown["details"] = [_detail_json(detail) for detail in details]
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


def _detail_json(detail: bytes) -> Any:
    # Details are rare: what reads them is loaded with the first.
    from google.protobuf import json_format
    from google.protobuf.message import DecodeError

    from dapr_core.proto.gen.google.protobuf import any_pb2
    from dapr_core.proto.gen.google.rpc import error_details_pb2  # noqa: F401 - registers what details usually are
    from dapr_core.proto.pool import POOL

    try:
        packed = any_pb2.Any.FromString(detail)
        return json_format.MessageToDict(packed, descriptor_pool=POOL)
    except (DecodeError, TypeError, json_format.Error) as error:
        raise StatusFormError(f"a detail of the status cannot be shown as JSON: {error}") from None
