"""A certificate authority of the tests, independent of ours: it makes what is right and, on demand, what is wrong."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

HOUR = datetime.timedelta(hours=1)
EMPTY = x509.Name([])


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0)


def new_key(kind: str = "ed25519") -> Key:
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if kind == "ecdsa":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, 2048)


def digest(key: Key) -> hashes.SHA256 | None:
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()


def key_pem(key: Key, form: serialization.PrivateFormat = serialization.PrivateFormat.PKCS8) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join([each.public_bytes(serialization.Encoding.PEM) for each in certificates])


def usage(*, sign: bool = True, certificates: bool = False, lists: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(sign, False, False, False, False, certificates, lists, False, False)


@dataclass
class Authority:
    """A root, or an intermediate under ``issuer``."""

    name: str = "root"
    kind: str = "ed25519"
    issuer: Authority | None = None
    start: datetime.datetime = field(default_factory=lambda: now() - HOUR)
    end: datetime.datetime = field(default_factory=lambda: now() + 24 * HOUR)
    ca: bool = True
    path_length: int | None = None
    extra: Sequence[x509.ExtensionType] = ()
    certificate: x509.Certificate = field(init=False)

    def __post_init__(self) -> None:
        self.key = new_key(self.kind)
        subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.name)])
        signer = self.issuer or self
        issuer_name = subject if self.issuer is None else self.issuer.certificate.subject
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer_name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.start)
            .not_valid_after(self.end)
            .add_extension(usage(certificates=True, lists=True), critical=True)
            .add_extension(x509.BasicConstraints(ca=self.ca, path_length=self.path_length), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()), critical=False)
        )
        for extension in self.extra:
            builder = builder.add_extension(extension, critical=True)
        self.certificate = builder.sign(signer.key, digest(signer.key))

    def issue(
        self,
        *uris: str,
        key: Key | None = None,
        start: datetime.datetime | None = None,
        end: datetime.datetime | None = None,
        key_usage: x509.KeyUsage | None = None,
        constraints: x509.BasicConstraints | None = None,
        dns: Sequence[str] = (),
    ) -> tuple[x509.Certificate, Key]:
        """A leaf with these URIs, and its key."""
        key = key or new_key()
        names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri) for uri in uris]
        names += [x509.DNSName(name) for name in dns]
        builder = (
            x509.CertificateBuilder()
            .subject_name(EMPTY)
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start or now() - HOUR)
            .not_valid_after(end or now() + HOUR)
            .add_extension(key_usage or usage(), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
                critical=False,
            )
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=True)
        if constraints is not None:
            builder = builder.add_extension(constraints, critical=True)
        return builder.sign(self.key, digest(self.key)), key
