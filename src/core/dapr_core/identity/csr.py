"""Certificate signing requests: what a workload sends, what of it the authority takes (control-plane.md §1.1, §2.3).

Only the public key counts, and the proof that whoever asks has its private half. Subject, names and extensions of a
request are ignored.
"""

from __future__ import annotations

import re
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from dapr_core.identity.certificates import MALFORMED
from dapr_core.identity.keys import PrivateKey, PublicKey, require_strong, signature_hash

MAX_CSR: Final = 16 * 1024
"""Bytes of a request in PEM: ten times what the largest key with a long subject takes."""

_BLOCK: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\s([A-Za-z0-9+/=\s]+?)-----END \1-----")
_TYPES: Final = (b"CERTIFICATE REQUEST", b"CERTIFICATE")
"""Old clients label their request ``CERTIFICATE``."""


class InvalidCsrError(ValueError):
    """The request cannot be used; the message says why, in the original's words where it has them."""


def make_csr(key: PrivateKey) -> bytes:
    """A request in PEM without subject and names, signed by the key."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.sign(key, signature_hash(key)).public_bytes(Encoding.PEM)  # type: ignore[arg-type]  # None: Ed25519


def key_of_csr(pem: bytes) -> PublicKey:
    """The public key of a request whose sender has proved to own it.

    Raises:
        InvalidCsrError: it is too long, no request, carries a weak key, or its signature does not fit.
    """
    if len(pem) > MAX_CSR:
        raise InvalidCsrError(f"invalid certificate signing request: it is longer than {MAX_CSR} bytes")
    block = _BLOCK.search(pem)
    if block is None or block[1] not in _TYPES:
        raise InvalidCsrError("invalid certificate signing request")
    label = b"CERTIFICATE REQUEST"
    body = b"-----BEGIN " + label + b"-----\n" + block[2].strip() + b"\n-----END " + label + b"-----\n"
    try:
        request = x509.load_pem_x509_csr(body)
        key = require_strong(request.public_key())
    except MALFORMED as error:
        raise InvalidCsrError(f"failed to parse certificate signing request: {error}") from None
    try:
        proved = request.is_signature_valid
    except (InvalidSignature, *MALFORMED):
        proved = False
    if not proved:
        raise InvalidCsrError("invalid signature")
    return key
