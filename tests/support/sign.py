"""Asks a sentry for a certificate over TLS, by our own gRPC client and without any check of the answer."""

from __future__ import annotations

import asyncio
from typing import Any

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.csr import make_csr
from dapr_core.identity.keys import generate
from dapr_core.identity.tls import client_context
from dapr_core.proto.gen.sentry.v1.sentry_grpc import CAStub
from dapr_core.proto.gen.sentry.v1.sentry_pb2 import SignCertificateRequest, SignCertificateResponse
from dapr_core.rpc.grpc import Channel, ChannelOptions


def request_of(**fields: Any) -> SignCertificateRequest:
    """A request that is right, but for these fields."""
    values = {"id": "myapp", "namespace": "default", "certificate_signing_request": make_csr(generate()), **fields}
    return SignCertificateRequest(**values)


def sign(address: str, anchors: bytes, *requests: SignCertificateRequest) -> list[SignCertificateResponse]:
    """Send these requests on one connection and give the answers. Raises ``GrpcError``."""

    async def main() -> list[SignCertificateResponse]:
        channel = Channel(address, ChannelOptions(ssl=client_context(TrustBundle.parse(anchors)), connect_timeout=10))
        try:
            return [await CAStub(channel).sign_certificate(request, timeout=10) for request in requests]
        finally:
            await channel.close()

    return asyncio.run(main())


def sign_one(address: str, anchors: bytes, **fields: Any) -> SignCertificateResponse:
    """One request."""
    return sign(address, anchors, request_of(**fields))[0]
