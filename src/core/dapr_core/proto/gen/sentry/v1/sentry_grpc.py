"""Typed services and stubs. Generated from dapr/proto/sentry/v1/sentry.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.sentry.v1 import sentry_pb2 as _sentry_v1_sentry_pb2
from dapr_core.rpc.grpc.stub import UnaryUnary, Channel
from dapr_core.rpc.grpc.service import Method, ServerContext, Service, unimplemented


class CABase(Service):
    """Serves dapr.proto.sentry.v1.CA; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "dapr.proto.sentry.v1.CA"

    async def sign_certificate(self, request: _sentry_v1_sentry_pb2.SignCertificateRequest, context: ServerContext) -> _sentry_v1_sentry_pb2.SignCertificateResponse:
        raise unimplemented("SignCertificate")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("SignCertificate", self.sign_certificate, _sentry_v1_sentry_pb2.SignCertificateRequest, _sentry_v1_sentry_pb2.SignCertificateResponse, False, False),
        )


class CAStub:
    """Calls dapr.proto.sentry.v1.CA on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.sign_certificate: UnaryUnary[_sentry_v1_sentry_pb2.SignCertificateRequest, _sentry_v1_sentry_pb2.SignCertificateResponse] = UnaryUnary(
            channel, "/dapr.proto.sentry.v1.CA/SignCertificate", _sentry_v1_sentry_pb2.SignCertificateResponse
        )
