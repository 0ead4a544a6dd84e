"""A certificate authority for tests: leaves of every kind of key, for names, addresses and SPIFFE ids."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from dapr_core.rpc.tls import load_identity

HOUR = datetime.timedelta(hours=1)
KINDS = ("ed25519", "ecdsa", "rsa")


class Pair(NamedTuple):
    """A certificate and its key, as PEM."""

    cert: str
    key: str


def _key(kind: str) -> ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if kind == "ecdsa":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """A root, and the leaves it signs."""

    def __init__(self, kind: str = "ecdsa", name: str = "test root") -> None:
        self._key = _key(kind)
        self._name = _name(name)
        builder = self._builder(self._name, self._key).add_extension(x509.BasicConstraints(True, None), critical=True)
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        self._certificate = builder.add_extension(usage, critical=True).sign(self._key, self._hash())
        self.pem = self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    def _hash(self) -> hashes.SHA256 | None:
        return None if isinstance(self._key, ed25519.Ed25519PrivateKey) else hashes.SHA256()

    def _builder(self, subject: x509.Name, key: object) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())  # type: ignore[attr-defined]
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - HOUR)
            .not_valid_after(now + HOUR)
        )

    def leaf(self, *uris: str, kind: str = "ecdsa", name: str = "leaf") -> Pair:
        """A leaf for localhost, 127.0.0.1 and the URIs given."""
        key = _key(kind)
        names: list[x509.GeneralName] = [
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
            *[x509.UniformResourceIdentifier(uri) for uri in uris],
        ]
        builder = self._builder(_name(name), key).add_extension(x509.SubjectAlternativeName(names), critical=False)
        builder = builder.add_extension(x509.BasicConstraints(False, None), critical=True)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
        )
        certificate = builder.sign(self._key, self._hash())
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return Pair(certificate.public_bytes(serialization.Encoding.PEM).decode(), pem.decode())


def server_context(pair: Pair, *, ca: str = "", alpn: tuple[str, ...] = ("h2", "http/1.1")) -> ssl.SSLContext:
    """A server's context; with ``ca`` its clients must show a certificate of that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(list(alpn))
    load_identity(context, pair.cert, pair.key)
    if ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=ca)
    return context


def client_context(ca: str, pair: Pair | None = None, *, alpn: tuple[str, ...] = ("h2",)) -> ssl.SSLContext:
    """A client's context that trusts one authority and, with ``pair``, says who it is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(list(alpn))
    context.load_verify_locations(cadata=ca)
    if pair is not None:
        load_identity(context, pair.cert, pair.key)
    return context


def write(folder: Path, pair: Pair, name: str = "leaf") -> tuple[Path, Path]:
    """The pair as files, for programs that take paths."""
    cert, key = folder / f"{name}.pem", folder / f"{name}-key.pem"
    cert.write_text(pair.cert)
    key.write_text(pair.key)
    return cert, key
