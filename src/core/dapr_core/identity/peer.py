"""Who is at the other end of a TLS connection whose handshake is done, and whether that is allowed.

OpenSSL has verified the path by then. Here the leaf must be an SVID, and its id must satisfy the rule.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509

from dapr_core.identity.certificates import MALFORMED
from dapr_core.identity.policy import ANY_PEER, PeerRule
from dapr_core.identity.spiffe import SpiffeId
from dapr_core.identity.svid import identity_of


class PeerRefusedError(ConnectionError):
    """The peer is not one that may be at the other end; the message says why."""


@dataclass(frozen=True, slots=True)
class AuthenticatedPeer:
    """A peer that has proved its id.

    Attributes:
        identity: the id.
        not_after: when its certificate ends.
        anchor: DER of the anchor its path led to; empty when Python's ``ssl`` does not tell.
    """

    identity: SpiffeId
    not_after: datetime
    anchor: bytes = field(repr=False, default=b"")


def authenticate(connection: Any, rule: PeerRule = ANY_PEER) -> AuthenticatedPeer:
    """The peer of a verified connection.

    Args:
        connection: the ``ssl.SSLObject`` of a transport (``get_extra_info("ssl_object")``), handshake done.
        rule: who is accepted.

    Raises:
        PeerRefusedError: it showed no certificate, no SVID, or an id that the rule refuses.
    """
    der = connection.getpeercert(True) if connection is not None else None
    if not isinstance(der, bytes):
        raise PeerRefusedError("the peer showed no certificate")
    try:
        leaf = x509.load_der_x509_certificate(der)
        identity = identity_of(leaf)
    except MALFORMED as error:
        raise PeerRefusedError(f"the peer's certificate is no X.509-SVID: {error}") from None
    if refusal := rule.refusal(identity):
        raise PeerRefusedError(refusal)
    return AuthenticatedPeer(identity, leaf.not_valid_after_utc, _anchor(connection))


def _anchor(connection: Any) -> bytes:
    """The last certificate of the verified path: asked for publicly since Python 3.13, before by a private name."""
    if hasattr(connection, "get_verified_chain"):
        chain = connection.get_verified_chain()
        return bytes(chain[-1]) if chain else b""
    inner = getattr(connection, "_sslobj", None)
    chain = inner.get_verified_chain() if inner is not None else None
    return ssl.PEM_cert_to_DER_cert(chain[-1].public_bytes()) if chain else b""
