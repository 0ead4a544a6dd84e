"""A sentry of the tests, independent of ours: answers SignCertificate over TLS from a test authority."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from cryptography import x509

from dapr_core.identity.svid import make_svid
from dapr_core.identity.tls import serving_context
from dapr_core.proto.gen.sentry.v1.sentry_grpc import CABase
from dapr_core.proto.gen.sentry.v1.sentry_pb2 import SignCertificateRequest, SignCertificateResponse
from dapr_core.rpc.grpc import GrpcServer
from support.identities import Authority, now, pem

SENTRY = "spiffe://localhost/ns/default/dapr-sentry"


class FakeSentry(CABase):
    """``answer`` may replace or change what is given; ``requests`` are what came."""

    def __init__(self, *, life: float = 3600.0, identity: str = SENTRY) -> None:
        self.root = Authority("root")
        self.issuer = Authority("issuer", issuer=self.root)
        self.life = life
        self.identity = identity
        self.requests: list[SignCertificateRequest] = []
        self.answer: Callable[[SignCertificateResponse], SignCertificateResponse] = lambda response: response
        self.port = 0
        self._server: GrpcServer | None = None

    async def start(self, port: int = 0) -> None:
        leaf, key = self.issuer.issue(self.identity)
        self._server = GrpcServer()
        self._server.add_service(self)
        context = serving_context(make_svid([leaf, self.issuer.certificate], key))
        (socket,) = await self._server.listen("127.0.0.1", port, ssl=context)
        self.port = socket.getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.stop(0.5)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def anchors(self) -> str:
        return pem(self.root.certificate).decode()

    async def sign_certificate(self, request: SignCertificateRequest, context: Any) -> SignCertificateResponse:
        self.requests.append(request)
        csr = x509.load_pem_x509_csr(request.certificate_signing_request)
        uri = f"spiffe://{request.trust_domain or 'public'}/ns/{request.namespace}/{request.id}"
        end = now() + datetime.timedelta(seconds=self.life)
        leaf, _ = self.issuer.issue(uri, key=_Public(csr.public_key()), end=end)  # type: ignore[arg-type]
        response = SignCertificateResponse(
            workload_certificate=pem(leaf, self.issuer.certificate),
            trust_chain_certificates=[pem(self.root.certificate)],
        )
        response.valid_until.FromDatetime(end.replace(tzinfo=None))
        return self.answer(response)


class _Public:
    """Only the public half, where a test authority asks a key for it."""

    def __init__(self, key: object) -> None:
        self._key = key

    def public_key(self) -> object:
        return self._key
