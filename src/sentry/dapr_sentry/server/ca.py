"""``dapr.proto.sentry.v1.CA``: takes a request through its steps (control-plane.md §1.1)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding

from dapr_core.identity.csr import InvalidCsrError, key_of_csr
from dapr_core.identity.keys import PublicKey
from dapr_core.identity.spiffe import SpiffeId, TrustDomain
from dapr_core.identity.tokens import Validator as Kind
from dapr_core.proto.gen.sentry.v1.sentry_grpc import CABase
from dapr_core.proto.gen.sentry.v1.sentry_pb2 import SignCertificateRequest, SignCertificateResponse
from dapr_core.rpc.grpc import Code, GrpcError
from dapr_core.rpc.grpc.server_stream import ServerStream
from dapr_core.rpc.grpc.service import ServerContext
from dapr_sentry.authority.desk import Desk, DeskHolder
from dapr_sentry.authority.images import images_extension
from dapr_sentry.authority.names import dns_names
from dapr_sentry.authority.tokens import MAX_AUDIENCES
from dapr_sentry.metrics import SentryMetrics
from dapr_sentry.validators.contract import Claim, Proof, RefusedError, Validator

log = logging.getLogger("dapr.sentry.server")

MESSAGE_LIMIT: Final = 256 * 1024
"""Bytes of a request: a CSR of at most 16 KiB, a token of at most 64 KiB, some names."""


class CertificateAuthority(CABase):
    """The service.

    Args:
        desk: what issues.
        validators: those enabled, by their number on the wire.
        default: the one for requests that name none; ``UNKNOWN`` when they must.
        control_plane: trust domain and namespace of the control plane, for names of its services.
        metrics: what is counted.
    """

    def __init__(
        self,
        desk: DeskHolder,
        validators: Mapping[Kind, Validator],
        default: Kind,
        control_plane: tuple[TrustDomain, str],
        metrics: SentryMetrics,
    ) -> None:
        self._desk = desk
        self._validators: Mapping[int, Validator] = {int(kind): each for kind, each in validators.items()}
        self._default = default
        self._domain, self._namespace = control_plane
        self._metrics = metrics

    async def sign_certificate(
        self, request: SignCertificateRequest, context: ServerContext
    ) -> SignCertificateResponse:
        """Serve one request."""
        self._metrics.requests.value += 1
        try:
            response = await self._serve(request)
        except GrpcError as error:
            self._metrics.failed.value += 1
            log.warning(
                "Refused to sign a certificate for %r in namespace %r, asked by %s: %s",
                request.id[:64],
                request.namespace[:64],
                context.peer.address,
                error.message,
            )
            raise
        self._metrics.signed.value += 1
        return response

    def tell_broken(self, stream: ServerStream, error: GrpcError) -> None:
        """A call that is refused before there is a request, such as one that is too large."""
        self._metrics.requests.value += 1
        self._metrics.failed.value += 1
        log.warning("Refused to sign a certificate, asked by %s: %s", stream.peer.address, error.message[:200])

    async def _serve(self, request: SignCertificateRequest) -> SignCertificateResponse:
        proof = await self._prove(request)
        key = self._key(request.certificate_signing_request)
        names = dns_names(request.id, request.namespace, self._namespace, self._domain)
        desk = self._desk.current
        response = self._certificate(desk, key, proof, names)
        if desk.tokens is not None:
            await self._add_tokens(response, desk, proof.identity, request.jwt_audiences)
        return response

    async def _prove(self, request: SignCertificateRequest) -> Proof:
        kind = request.token_validator or self._default
        if kind == Kind.UNKNOWN:
            raise GrpcError(Code.INVALID_ARGUMENT, "a validator name must be specified in this environment")
        validator = self._validators.get(kind)
        if validator is None:
            raise GrpcError(Code.INVALID_ARGUMENT, "the requested validator is not enabled")
        claim = Claim(
            request.id,
            request.namespace,
            request.trust_domain,
            request.token,
            bool(request.certificate_signing_request),
        )
        try:
            return await validator.validate(claim)
        except RefusedError as error:
            raise GrpcError(Code.PERMISSION_DENIED, str(error)) from None

    def _key(self, pem: bytes) -> PublicKey:
        try:
            return key_of_csr(pem)
        except InvalidCsrError as error:
            self._metrics.not_issued("invalid_csr")
            raise GrpcError(Code.INVALID_ARGUMENT, str(error)) from None

    def _certificate(self, desk: Desk, key: PublicKey, proof: Proof, names: Sequence[str]) -> SignCertificateResponse:
        try:
            extensions = [images_extension(proof.images)] if proof.images else []
            leaf = desk.leaves.sign(key, proof.identity, names, extensions=extensions)
        except ValueError as error:  # a time out of range, a name that cannot be written
            self._metrics.not_issued("ca_error")
            log.error("Cannot sign a certificate for %s: %s", proof.identity, error)
            raise GrpcError(Code.INTERNAL, "failed to sign certificate") from None
        issuer = desk.leaves.issuer
        response = SignCertificateResponse(
            workload_certificate=leaf.public_bytes(Encoding.PEM) + issuer.served_pem,
            trust_chain_certificates=[issuer.anchors.pem],
        )
        response.valid_until.seconds = int(leaf.not_valid_after_utc.timestamp())
        return response

    async def _add_tokens(
        self, response: SignCertificateResponse, desk: Desk, identity: SpiffeId, audiences: Sequence[str]
    ) -> None:
        assert desk.tokens is not None
        if len(audiences) > MAX_AUDIENCES:
            raise GrpcError(Code.INVALID_ARGUMENT, f"at most {MAX_AUDIENCES} JWT audiences can be asked for at once")
        tokens = await asyncio.to_thread(desk.tokens.issue, identity, list(audiences))
        response.jwt.value = tokens.base
        for audience, token in tokens.per_audience.items():
            response.per_audience_jwts[audience].value = token
