"""An authority and one ECDSA leaf for both sides of a bench under mutual TLS, for our contexts and for grpcio's."""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path
from typing import Any

FILES = ("ca.pem", "leaf.pem", "leaf-key.pem")


def make(folder: Path) -> None:
    """Write the authority's certificate, a leaf for localhost and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    def certificate(name: str, key: ec.EllipticCurvePrivateKey, ca: bool) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(hours=1))
        builder = builder.not_valid_after(now + datetime.timedelta(hours=6))
        builder = builder.add_extension(x509.BasicConstraints(ca, None), critical=True)
        if not ca:
            names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(root, hashes.SHA256())

    root, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")])
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(certificate("bench", root, True).public_bytes(pem))
    (folder / "leaf.pem").write_bytes(certificate("localhost", key, False).public_bytes(pem))
    (folder / "leaf-key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def context(folder: Path, *, server: bool) -> ssl.SSLContext:
    """Python's side."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    made.load_cert_chain(folder / "leaf.pem", folder / "leaf-key.pem")
    made.load_verify_locations(folder / "ca.pem")
    made.verify_mode = ssl.CERT_REQUIRED
    made.set_alpn_protocols(["h2"])
    return made


def grpcio_credentials(folder: Path, *, server: bool) -> Any:
    """grpcio's side."""
    import grpc

    ca, cert, key = [(folder / name).read_bytes() for name in FILES]
    if server:
        return grpc.ssl_server_credentials([(key, cert)], root_certificates=ca, require_client_auth=True)
    return grpc.ssl_channel_credentials(ca, key, cert)
