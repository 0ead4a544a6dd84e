"""Tokens: what is signed is read back, what is forged, confused or late is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.identity import jwk, jwt
from dapr_core.identity.algorithms import ALGORITHMS
from dapr_core.identity.jwk import InvalidJwkError, Jwk, JwkSet, parse_set
from dapr_core.identity.jwt import InvalidTokenError
from dapr_core.identity.keys import PrivateKey

RSA = rsa.generate_private_key(65537, 2048)
KEYS: dict[str, PrivateKey] = {
    "RS": RSA,
    "PS": RSA,
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "ES512": ec.generate_private_key(ec.SECP521R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}
NOW = 1_800_000_000.0


def key_for(name: str) -> PrivateKey:
    return KEYS.get(name) or KEYS[name[:2]]


def set_of(*keys: PrivateKey, kid: str = "k", alg: str = "") -> JwkSet:
    return JwkSet(tuple(Jwk(key.public_key(), kid, alg) for key in keys))


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_token_is_proved_by_the_key_that_signed_it(name: str) -> None:
    key = key_for(name)
    text = jwt.sign(key, ALGORITHMS[name], {"sub": "me"}, kid="k")
    token = jwt.verified(text, set_of(key))
    assert token.claims == {"sub": "me"}
    assert token.header == {"alg": name, "kid": "k", "typ": "JWT"}


@pytest.mark.parametrize("name", ALGORITHMS)
def test_another_key_of_the_same_kind_proves_nothing(name: str) -> None:
    text = jwt.sign(key_for(name), ALGORITHMS[name], {"sub": "me"}, kid="k")
    other: PrivateKey
    if name == "EdDSA":
        other = ed25519.Ed25519PrivateKey.generate()
    elif name.startswith("ES"):
        other = ec.generate_private_key({"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}[name]())
    else:
        other = rsa.generate_private_key(65537, 2048)
    with pytest.raises(InvalidTokenError, match="could not verify message"):
        jwt.verified(text, set_of(other))


@pytest.mark.parametrize("name", ["none", "None", "NONE", "HS256", "", "nOnE"])
def test_a_token_without_a_signature_of_ours_is_refused(name: str) -> None:
    text = f"{part({'alg': name})}.{part({'sub': 'me'})}."
    with pytest.raises(InvalidTokenError, match="is not accepted"):
        jwt.verified(text, set_of(RSA))


def test_a_public_key_is_no_shared_secret() -> None:
    secret = RSA.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    signed = f"{part({'alg': 'HS256', 'kid': 'k'})}.{part({'sub': 'admin'})}"
    signature = jwk.encode(hmac.digest(secret, signed.encode(), "sha256"))
    with pytest.raises(InvalidTokenError, match="is not accepted"):
        jwt.verified(f"{signed}.{signature}", set_of(RSA))


def test_the_header_does_not_choose_another_kind_of_key() -> None:
    signed = f"{part({'alg': 'ES256', 'kid': 'k'})}.{part({'sub': 'admin'})}"
    with pytest.raises(InvalidTokenError, match="could not verify"):
        jwt.verified(f"{signed}.{jwk.encode(bytes(64))}", set_of(RSA))


def test_a_key_that_is_for_one_algorithm_proves_no_other() -> None:
    text = jwt.sign(RSA, ALGORITHMS["PS256"], {}, kid="k")
    with pytest.raises(InvalidTokenError):
        jwt.verified(text, set_of(RSA, alg="RS256"))


def test_a_token_that_names_an_unknown_key_is_refused() -> None:
    text = jwt.sign(RSA, ALGORITHMS["RS256"], {}, kid="other")
    with pytest.raises(InvalidTokenError):
        jwt.verified(text, set_of(RSA))


def test_extensions_that_must_be_understood_are_not_ignored() -> None:
    signed = f"{part({'alg': 'RS256', 'kid': 'k', 'crit': ['b64'], 'b64': False})}.{part({})}"
    signature = jwk.encode(ALGORITHMS["RS256"].sign(RSA, signed.encode()))
    with pytest.raises(InvalidTokenError, match="crit"):
        jwt.verified(f"{signed}.{signature}", set_of(RSA))


@given(st.integers(0, 10_000), st.sampled_from("ABCxyz0189-_."))
def test_a_token_with_an_altered_character_proves_nothing_else(position: int, character: str) -> None:
    key = KEYS["EdDSA"]
    text = jwt.sign(key, ALGORITHMS["EdDSA"], {"sub": "me"}, kid="k")
    position %= len(text)
    altered = text[:position] + character + text[position + 1 :]
    if altered == text:
        return
    with pytest.raises(InvalidTokenError):
        jwt.verified(altered, set_of(key))


@given(st.text(max_size=300))
def test_arbitrary_text_is_refused_in_good_order(text: str) -> None:
    with pytest.raises(InvalidTokenError):
        jwt.verified(text, set_of(RSA))


def test_an_oversized_token_is_refused_unread() -> None:
    with pytest.raises(InvalidTokenError, match="longer"):
        jwt.read("a." * 40_000)


def test_an_error_never_holds_the_token() -> None:
    text = jwt.sign(RSA, ALGORITHMS["RS256"], {"secret": "s3cret"}, kid="k")
    with pytest.raises(InvalidTokenError) as caught:
        jwt.verified(text, JwkSet(()))
    assert text[:20] not in str(caught.value)
    assert "s3cret" not in repr(jwt.read(text))


@pytest.mark.parametrize(
    ("claims", "problem"),
    [
        ({}, ""),
        ({"exp": NOW + 1, "nbf": NOW - 1, "iat": NOW - 1}, ""),
        ({"exp": NOW - 299}, ""),
        ({"exp": NOW - 300}, '"exp"'),
        ({"nbf": NOW + 300}, ""),
        ({"nbf": NOW + 301}, '"nbf"'),
        ({"iat": NOW + 301}, '"iat"'),
        ({"exp": "soon"}, '"exp"'),
        ({"exp": True}, '"exp"'),
    ],
)
def test_times_hold_within_five_minutes_of_skew(claims: Mapping[str, Any], problem: str) -> None:
    token = jwt.read(jwt.sign(RSA, ALGORITHMS["RS256"], claims, kid="k"))
    if not problem:
        jwt.check_times(token, NOW)
        return
    with pytest.raises(InvalidTokenError, match=problem):
        jwt.check_times(token, NOW)


@pytest.mark.parametrize(("audience", "accepted"), [("us", True), (["a", "us"], True), ("them", False), (7, False)])
def test_a_token_is_for_its_audiences(audience: object, accepted: bool) -> None:
    token = jwt.read(jwt.sign(RSA, ALGORITHMS["RS256"], {"aud": audience}, kid="k"))
    if accepted:
        jwt.check_audience(token, "us")
        return
    with pytest.raises(InvalidTokenError, match='"aud" not satisfied'):
        jwt.check_audience(token, "us")


def test_a_token_about_somebody_else_is_refused() -> None:
    token = jwt.read(jwt.sign(RSA, ALGORITHMS["RS256"], {"sub": "me"}, kid="k"))
    jwt.check_subject(token, "me")
    with pytest.raises(InvalidTokenError, match='"sub" not satisfied'):
        jwt.check_subject(token, "you")


@pytest.mark.parametrize("name", ["RS256", "ES256", "ES384", "ES512", "EdDSA"])
def test_a_key_set_is_read_back(name: str) -> None:
    key = key_for(name).public_key()
    text = json.dumps({"keys": [{**jwk.members_of(key), "kid": "a", "alg": name, "use": "sig"}]}).encode()
    (entry,) = parse_set(text).keys
    assert (jwk.members_of(entry.key), entry.kid, entry.alg) == (jwk.members_of(key), "a", name)


def test_the_thumbprint_is_that_of_the_rfc() -> None:
    numbers = rsa.RSAPublicNumbers(
        65537,
        int.from_bytes(
            jwk.decode(
                "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXj"
                "BZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqz"
                "s8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ"
                "-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
            )
        ),
    )
    assert jwk.encode(jwk.thumbprint(numbers.public_key())) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    assert len(hashlib.sha256().digest()) == len(jwk.thumbprint(numbers.public_key()))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "no JSON"),
        (b"[]", 'no array "keys"'),
        (b'{"keys": {}}', 'no array "keys"'),
        (b'{"keys": [7]}', "no JSON object"),
        (b'{"keys": [{"kty": "oct", "k": "AAAA"}]}', "not accepted"),
        (b'{"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}', "RSA"),
        (b'{"keys": [{"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"}]}', "malformed"),
        (b'{"keys": [{"kty": "EC", "crv": "secp256k1", "x": "AQ", "y": "AQ"}]}', "curve"),
        (b'{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AQ"}]}', "malformed"),
        (b'{"keys": [{"kty": "OKP", "crv": "Ed25519"}]}', "lacks 'x'"),
        (b"[" * 100_000, "no JSON"),
    ],
)
def test_a_key_set_that_cannot_be_used_is_refused_with_the_reason(text: bytes, reason: str) -> None:
    with pytest.raises(InvalidJwkError, match=reason):
        parse_set(text)


def test_keys_for_encryption_are_passed_over() -> None:
    assert parse_set(b'{"keys": [{"kty": "oct", "use": "enc"}]}').keys == ()


@given(st.binary(max_size=100))
def test_base64url_has_one_spelling(data: bytes) -> None:
    assert jwk.decode(jwk.encode(data)) == data


@pytest.mark.parametrize("text", ["AQ==", "A", "AR", "A+", "A/", "AQ\n"])
def test_other_spellings_of_base64url_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        jwk.decode(text)
