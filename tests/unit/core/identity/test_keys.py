"""Private keys: which are made, read, believed in."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, rsa
from support.identities import key_pem

from dapr_core.identity import keys
from dapr_core.identity.keys import InvalidKeyError, KeyKind, WeakKeyError

SEC1 = serialization.PrivateFormat.TraditionalOpenSSL


@pytest.mark.parametrize("kind", KeyKind, ids=lambda kind: kind.value)
def test_a_key_of_each_kind_is_read_back_from_its_pem(kind: KeyKind) -> None:
    key = keys.generate(kind)
    assert keys.same_key(keys.from_pem(keys.to_pem(key)).public_key(), key.public_key())


def test_two_keys_are_not_the_same() -> None:
    assert not keys.same_key(keys.generate().public_key(), keys.generate().public_key())


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)], ids=["SEC 1", "PKCS 1"]
)
def test_the_older_forms_of_pem_are_read(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> None:
    assert keys.same_key(keys.from_pem(key_pem(key, SEC1)).public_key(), key.public_key())


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(rsa.generate_private_key(65537, 1024), id="RSA 1024"),
        pytest.param(ec.generate_private_key(ec.SECP256K1()), id="secp256k1"),
        pytest.param(ec.generate_private_key(ec.SECP192R1()), id="P-192"),
        pytest.param(ed448.Ed448PrivateKey.generate(), id="Ed448"),
        pytest.param(dsa.generate_private_key(2048), id="DSA"),
    ],
)
def test_a_weak_or_strange_key_is_refused(key: object) -> None:
    with pytest.raises(WeakKeyError, match="not accepted"):
        keys.require_strong(key.public_key())  # type: ignore[attr-defined]


def test_an_rsa_key_whose_exponent_makes_it_dear_is_refused() -> None:
    modulus = rsa.generate_private_key(65537, 2048).public_key().public_numbers().n
    with pytest.raises(WeakKeyError, match="exponent"):
        keys.require_strong(rsa.RSAPublicNumbers(2**40 + 1, modulus).public_key())


@pytest.mark.parametrize("pem", [b"", b"nonsense", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_is_refused_without_being_quoted(pem: bytes) -> None:
    with pytest.raises(InvalidKeyError) as caught:
        keys.from_pem(pem)
    assert "AAAA" not in str(caught.value)


def test_an_encrypted_key_is_refused() -> None:
    pem = keys.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"x"),
    )
    with pytest.raises(InvalidKeyError, match="unencrypted"):
        keys.from_pem(pem)
