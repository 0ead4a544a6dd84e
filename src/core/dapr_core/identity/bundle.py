"""The trust anchors of a process: one set of roots, which serves every trust domain (control-plane.md §2.5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from dapr_core.identity.certificates import load_certificates, to_pem


@dataclass(frozen=True)
class TrustBundle:
    """Roots, at least one. Two bundles are equal when they hold the same roots, in whatever order."""

    anchors: tuple[x509.Certificate, ...] = field(compare=False)
    ders: frozenset[bytes] = field(repr=False)

    @classmethod
    def of(cls, *anchors: x509.Certificate) -> TrustBundle:
        """A bundle of these roots; repeated ones count once.

        Raises:
            ValueError: there is none.
        """
        if not anchors:
            raise ValueError("trust anchors are required")
        distinct = {anchor.public_bytes(Encoding.DER): anchor for anchor in anchors}
        return cls(tuple(distinct.values()), frozenset(distinct))

    @classmethod
    def parse(cls, pem: bytes) -> TrustBundle:
        """Read the roots from PEM.

        Raises:
            InvalidCertificateError: there is none, or one does not parse.
        """
        return cls.of(*load_certificates(pem, "the trust bundle"))

    @cached_property
    def pem(self) -> bytes:
        """All roots as PEM blocks, comments stripped."""
        return to_pem(self.anchors)

    def __contains__(self, der: object) -> bool:
        return der in self.ders
