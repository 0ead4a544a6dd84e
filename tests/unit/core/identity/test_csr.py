"""Certificate signing requests: the key counts, if the sender owns it."""

from __future__ import annotations

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.identity import keys
from dapr_core.identity.csr import MAX_CSR, InvalidCsrError, key_of_csr, make_csr
from dapr_core.identity.keys import KeyKind

PEM = serialization.Encoding.PEM


@pytest.mark.parametrize("kind", KeyKind, ids=lambda kind: kind.value)
def test_the_key_of_a_request_is_the_one_that_made_it(kind: KeyKind) -> None:
    key = keys.generate(kind)
    assert keys.same_key(key_of_csr(make_csr(key)), key.public_key())


def test_a_request_of_ours_names_nobody() -> None:
    request = x509.load_pem_x509_csr(make_csr(keys.generate()))
    assert request.subject == x509.Name([])
    assert not list(request.extensions)


def test_the_label_of_old_clients_is_taken() -> None:
    key = keys.generate()
    old = make_csr(key).replace(b"CERTIFICATE REQUEST", b"CERTIFICATE")
    assert keys.same_key(key_of_csr(old), key.public_key())


def test_names_in_a_request_do_no_harm() -> None:
    key = keys.generate()
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "admin")])
    )
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("evil")]), critical=False)
    pem = builder.sign(key, None).public_bytes(PEM)  # type: ignore[arg-type]
    assert keys.same_key(key_of_csr(pem), key.public_key())


def tampered() -> bytes:
    """A request in which another's key stands in place of the signer's."""
    signer, victim = ed25519.Ed25519PrivateKey.generate(), ed25519.Ed25519PrivateKey.generate()
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(signer, None)
    der = request.public_bytes(serialization.Encoding.DER)
    der = der.replace(signer.public_key().public_bytes_raw(), victim.public_key().public_bytes_raw())
    return x509.load_der_x509_csr(der).public_bytes(PEM)


def weak() -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.sign(rsa.generate_private_key(65537, 1024), hashes.SHA256()).public_bytes(PEM)


@pytest.mark.parametrize(
    ("pem", "reason"),
    [
        pytest.param(b"", "invalid certificate signing request", id="empty"),
        pytest.param(b"hello", "invalid certificate signing request", id="no PEM"),
        pytest.param(make_csr(keys.generate())[:-40], "invalid certificate signing request", id="cut off"),
        pytest.param(keys.to_pem(keys.generate()), "invalid certificate signing request", id="a private key"),
        pytest.param(
            b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
            "failed to parse certificate signing request",
            id="no PKCS 10",
        ),
        pytest.param(tampered(), "invalid signature", id="another's key"),
        pytest.param(weak(), "RSA key of 1024 bits is not accepted", id="a weak key"),
        pytest.param(b"x" * (MAX_CSR + 1), "longer than", id="oversized"),
    ],
)
def test_what_proves_nothing_is_refused_with_the_reason(pem: bytes, reason: str) -> None:
    with pytest.raises(InvalidCsrError, match=reason):
        key_of_csr(pem)


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_refused_in_good_order(body: bytes) -> None:
    with pytest.raises(InvalidCsrError):
        key_of_csr(body)


OWNER = keys.generate()
DER = x509.load_pem_x509_csr(make_csr(OWNER)).public_bytes(serialization.Encoding.DER)


@given(st.integers(0, len(DER) - 1), st.integers(1, 255))
def test_a_request_with_one_altered_byte_proves_at_most_the_same_key(position: int, change: int) -> None:
    der = bytearray(DER)
    der[position] ^= change
    pem = b"-----BEGIN CERTIFICATE REQUEST-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE REQUEST-----\n"
    try:
        key = key_of_csr(pem)
    except InvalidCsrError:
        return
    assert keys.same_key(key, OWNER.public_key())
