"""Certificates in PEM, read within bounds and written without decoration.

Chains and bundles travel as concatenated ``CERTIFICATE`` blocks; whatever stands between the blocks (comments, as
``openssl x509 -text`` leaves them) is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

MAX_PEM: Final = 1024 * 1024
"""Bytes of a chain or a bundle: hundreds of certificates."""


MALFORMED: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What ``cryptography`` raises for bytes that are no certificate, no request, or one it cannot work with."""


class InvalidCertificateError(ValueError):
    """The text holds no certificates that can be used; the message says what is wrong with it."""


def load_certificates(pem: bytes, what: str = "the PEM") -> tuple[x509.Certificate, ...]:
    """All certificates of a text, in order; at least one.

    Args:
        pem: the text.
        what: how an error names it.

    Raises:
        InvalidCertificateError: there is none, one does not parse, or the text is too long.
    """
    if len(pem) > MAX_PEM:
        raise InvalidCertificateError(f"{what} is longer than {MAX_PEM} bytes")
    if b"-----BEGIN CERTIFICATE-----" not in pem:
        raise InvalidCertificateError(f"{what} holds no certificate in PEM form")
    try:
        found = tuple(x509.load_pem_x509_certificates(pem))
        for certificate in found:
            certificate.extensions  # noqa: B018  # parsed on demand: a broken one must not wait for its first use
            certificate.public_key()
    except MALFORMED as error:
        raise InvalidCertificateError(f"{what} holds a certificate that does not parse: {error}") from None
    return found


def to_pem(certificates: Iterable[x509.Certificate]) -> bytes:
    """The certificates as PEM blocks, in order."""
    return b"".join([certificate.public_bytes(Encoding.PEM) for certificate in certificates])


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Whether its own key has signed it."""
    return signed_by(certificate, certificate)


def signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the issuer's name is the one the certificate gives, and the issuer's key has signed it."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *MALFORMED):
        return False
    return True
