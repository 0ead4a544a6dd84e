"""Asks sentry for an identity (control-plane.md §2.3): new key, request, the checks of what comes back.

The connection is TLS without a client certificate. Before the token leaves, the other end must have proved to be
sentry, by its exact SPIFFE id.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from dapr_core.identity import jwt, keys
from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.csr import make_csr
from dapr_core.identity.issued import IdentityError, IdentitySource, Issued, SentryUnreachableError
from dapr_core.identity.jwt import InvalidTokenError
from dapr_core.identity.keys import KeyKind
from dapr_core.identity.paths import InvalidPathError, verify_path
from dapr_core.identity.peer import authenticate
from dapr_core.identity.policy import ExactPeer
from dapr_core.identity.spiffe import DEFAULT_TRUST_DOMAIN, TrustDomain, workload_id
from dapr_core.identity.svid import InvalidSvidError, X509Svid, read_svid
from dapr_core.identity.tls import client_context
from dapr_core.identity.tokens import TokenError, TokenSource
from dapr_core.proto.gen.sentry.v1.sentry_grpc import CAStub
from dapr_core.proto.gen.sentry.v1.sentry_pb2 import SignCertificateRequest, SignCertificateResponse
from dapr_core.rpc.grpc import Channel, ChannelOptions, Code, GrpcError

log = logging.getLogger("dapr.runtime.security")

ATTEMPTS: Final = 5
ATTEMPT_TIMEOUT: Final = 3.0
CONNECT_TIMEOUT: Final = 5.0
"""Behind a Service, what is sent to a pod that has just gone is lost, and sent there again for as long as one waits."""
RETRY_PAUSE: Final = 0.05
"""Seconds between attempts, ± 10 %."""
CONTROL_PLANE: Final = ("dapr-operator", "dapr-placement", "dapr-injector", "dapr-sentry", "dapr-scheduler")
SENTRY: Final = "dapr-sentry"
LOCAL_IDENTITY_VARIABLE: Final = "SENTRY_LOCAL_IDENTITY"

CANNOT_SIGN: Final = "failed to sign certificate"
"""What sentry says of a request that it has accepted and cannot sign (control-plane.md §1.1)."""

_AGAIN: Final = (Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentryOptions:
    """Who asks whom.

    Attributes:
        address: ``host:port`` of sentry.
        app_id: id of the workload, or of the control-plane service.
        namespace: its namespace.
        control_plane_trust_domain, control_plane_namespace: whose sentry it must be.
        workload_trust_domain: the trust domain that a workload wants to be in; None leaves it to sentry.
        tokens: where the proof lies.
        audiences: further audiences of JWTs.
        key: kind of key to make, if sentry signs for it.
        connect_timeout: seconds one attempt to connect may take.
    """

    address: str
    app_id: str
    namespace: str
    control_plane_trust_domain: TrustDomain
    control_plane_namespace: str
    workload_trust_domain: TrustDomain | None = None
    tokens: TokenSource = field(default_factory=lambda: TokenSource(kubernetes=False))
    audiences: tuple[str, ...] = ()
    key: KeyKind = KeyKind.ED25519
    connect_timeout: float = CONNECT_TIMEOUT

    @property
    def trust_domain(self) -> str:
        """The trust domain to ask for: that of the control plane for its own services, a workload's if it has one."""
        if self.app_id in CONTROL_PLANE and self.namespace == self.control_plane_namespace:
            return self.control_plane_trust_domain.name
        wanted = self.workload_trust_domain
        return "" if wanted is None or wanted.name == DEFAULT_TRUST_DOMAIN else wanted.name


class _CannotSignError(IdentityError):
    """Sentry has taken the request and cannot sign it."""


class SentryClient(IdentitySource):
    """Fetches identities from sentry. One of the public project up to its release 1.16 signs only requests whose key is
    of the issuer's kind; it gets them."""

    def __init__(self, options: SentryOptions, dice: Callable[[], float] = random.random) -> None:
        self.options = options
        self._dice = dice
        self._kind = options.key
        self._rule = ExactPeer(workload_id(options.control_plane_trust_domain, options.control_plane_namespace, SENTRY))

    async def fetch(self, bundle: TrustBundle) -> Issued:
        kinds = [self._kind, *(kind for kind in KeyKind if kind is not self._kind)]
        for kind in kinds:
            key = await _generate(kind)
            try:
                answer = await self._ask(self._request(key), bundle)
            except _CannotSignError:
                if kind is kinds[-1]:
                    raise
                continue
            if kind is not self._kind:
                log.info("Sentry signs only for keys of its own kind; asking for %s from now on", kind.value)
                self._kind = kind
            return accept(answer, key, bundle, datetime.now(UTC))
        raise AssertionError("there is a last kind")

    async def _ask(self, request: SignCertificateRequest, bundle: TrustBundle) -> SignCertificateResponse:
        options = self.options
        # Every connection of the channel is looked at before anything is sent on it, also one that it dials anew.
        settings = ChannelOptions(
            ssl=client_context(bundle),
            admit=lambda connection: authenticate(connection, self._rule),
            connect_timeout=options.connect_timeout,
        )
        channel = Channel(options.address, settings)
        try:
            await self._connect(channel)
            return await self._call(channel, request)
        finally:
            await channel.close()

    async def _connect(self, channel: Channel) -> None:
        try:
            await channel.connect()
        except GrpcError as error:
            text = f"cannot establish a connection to sentry at {channel.target}: {error.message}"
            raise SentryUnreachableError(text) from None

    def _request(self, key: keys.PrivateKey) -> SignCertificateRequest:
        options = self.options
        try:
            credential = options.tokens.read()
        except TokenError as error:
            raise IdentityError("sentry_token", f"error obtaining the token for sentry: {error}") from None
        return SignCertificateRequest(
            id=options.app_id,
            token=credential.token,
            trust_domain=options.trust_domain,
            namespace=options.namespace,
            certificate_signing_request=make_csr(key),
            token_validator=int(credential.validator),
            jwt_audiences=options.audiences,
        )

    async def _call(self, channel: Channel, request: SignCertificateRequest) -> SignCertificateResponse:
        stub = CAStub(channel)
        attempt = 1
        while True:
            try:
                if channel.connection is None:  # a sentry that is gone is worth waiting for; one that refuses is not
                    await self._connect(channel)
                return await stub.sign_certificate(request, timeout=ATTEMPT_TIMEOUT)
            except GrpcError as error:
                if error.code not in _AGAIN or attempt == ATTEMPTS:
                    text = f"error from sentry SignCertificate: {error.message}"
                    cannot = error.code is Code.INTERNAL and error.message == CANNOT_SIGN
                    raise (_CannotSignError if cannot else IdentityError)("sign", text) from None
            attempt += 1
            await asyncio.sleep(RETRY_PAUSE * (0.9 + 0.2 * self._dice()))


def accept(answer: SignCertificateResponse, key: keys.PrivateKey, bundle: TrustBundle, at: datetime) -> Issued:
    """Check what sentry answered.

    Args:
        answer: the message.
        key: the private half of what was asked for.
        bundle: anchors that the chain must lead to.
        at: now.

    Raises:
        IdentityError: it cannot be used.
    """
    if not answer.HasField("valid_until") or not 0 <= answer.valid_until.nanos < 1_000_000_000:
        raise IdentityError("invalid_ts", "sentry gave no valid time until which the certificate is valid")
    svid = _svid(answer.workload_certificate, key, bundle, at)
    base = answer.jwt.value if answer.HasField("jwt") else ""
    per_audience = {audience: value.value for audience, value in answer.per_audience_jwts.items()}
    expiries: list[float] = []
    base_audiences = _audiences(base, expiries) if base else ()
    for audience, text in per_audience.items():
        if _audiences(text, expiries) != (audience,):
            raise IdentityError(
                "jwt_aud", f"JWT audience mismatch: the token for {audience[:100]!r} is not for it alone"
            )
    return Issued(svid, base, per_audience, base_audiences, min(expiries) if expiries else None)


def local_identity(app_id: str, environment: Mapping[str, str]) -> str:
    """The id to ask for: ``SENTRY_LOCAL_IDENTITY`` when it is set, else the process's own."""
    return environment.get(LOCAL_IDENTITY_VARIABLE) or app_id


def _svid(pem: bytes, key: keys.PrivateKey, bundle: TrustBundle, at: datetime) -> X509Svid:
    try:
        svid = read_svid(pem, key)
        verify_path(svid.chain, bundle.anchors, at)
    except InvalidSvidError as error:
        raise IdentityError("sign", f"sentry gave a certificate that cannot be used: {error}") from None
    except InvalidPathError as error:
        text = f"sentry gave a certificate that our trust anchors do not vouch for: {error}"
        raise IdentityError("sign", text) from None
    return svid


def _audiences(text: str, expiries: list[float]) -> tuple[str, ...]:
    """The audiences of a token that has some; its end is noted."""
    try:
        token = jwt.read(text)
    except InvalidTokenError as error:
        raise IdentityError("jwt_parse", f"sentry gave a JWT that does not parse: {error}") from None
    if not token.audiences:
        raise IdentityError("jwt_aud", "sentry gave a JWT without audience")
    expires: Any = token.claims.get("exp")
    if isinstance(expires, int | float) and not isinstance(expires, bool):
        expiries.append(float(expires))
    return token.audiences


async def _generate(kind: KeyKind) -> keys.PrivateKey:
    if kind is KeyKind.RSA_2048:
        return await asyncio.to_thread(keys.generate, kind)
    return keys.generate(kind)
