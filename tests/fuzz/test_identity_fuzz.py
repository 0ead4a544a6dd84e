"""Hostile requests and tokens against what sentry reads from strangers: refused in good order, never believed; and what
a rotation keeps of itself, damaged in every way.

hypothesis runs here with the suite. For a long run with coverage guidance: ``python tests/fuzz/test_identity_fuzz.py``
under atheris, where that is installed.
"""

from __future__ import annotations

import base64
import json
import sys
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from dapr_core.identity import jwt
from dapr_core.identity.algorithms import ALGORITHMS
from dapr_core.identity.certificates import InvalidCertificateError, load_certificates
from dapr_core.identity.csr import InvalidCsrError, key_of_csr, make_csr
from dapr_core.identity.jwk import InvalidJwkError, Jwk, JwkSet, members_of, parse_set
from dapr_core.identity.jwt import InvalidTokenError
from dapr_core.identity.keys import KeyKind, generate, same_key
from dapr_core.identity.rotation.files import JOURNAL, FolderStore
from dapr_core.identity.rotation.material import Material
from dapr_core.identity.rotation.record import InvalidRecordError, Record
from dapr_core.identity.rotation.store import TrustStoreError
from dapr_core.identity.spiffe import InvalidSpiffeIdError, parse_spiffe_id

KEY = generate()
REQUESTS = [x509.load_pem_x509_csr(make_csr(generate(kind))).public_bytes(Encoding.DER) for kind in KeyKind]
KEYS = JwkSet((Jwk(KEY.public_key(), "k"),))
TOKEN = jwt.sign(KEY, ALGORITHMS["EdDSA"], {"sub": "me", "aud": ["us"], "exp": 4e9}, kid="k")

RECORD = {
    "version": 1, "roots": ["a"], "added": ["a"], "retiring": [], "distributed": "2026-01-01T00:00:00+00:00",
    "leafLifeSeconds": 86400.0, "switched": None, "previous": "",
}  # fmt: skip

edits = st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=4), st.integers(0, 4)), max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


def edited(data: bytes, changes: list[tuple[int, bytes, int]]) -> bytes:
    """The data with pieces replaced, inserted and taken out."""
    for position, piece, length in changes:
        position %= len(data) + 1
        data = data[:position] + piece + data[position + length :]
    return data


def armoured(der: bytes, label: bytes = b"CERTIFICATE REQUEST") -> bytes:
    body = base64.encodebytes(der) or b"\n"
    return b"-----BEGIN " + label + b"-----\n" + body + b"-----END " + label + b"-----\n"


def bounded(error: Exception) -> None:
    """Hostile input does not fill a log."""
    assert len(str(error)) < 500


def try_request(pem: bytes) -> None:
    """A request is refused, or proves a key; that key is what is in it."""
    try:
        key = key_of_csr(pem)
    except InvalidCsrError as error:
        bounded(error)
        return
    assert same_key(key, key)


def try_token(text: str) -> None:
    """A token is refused, or is the one that was signed."""
    try:
        token = jwt.verified(text, KEYS)
        jwt.check_times(token, 1.8e9)
        jwt.check_audience(token, "us")
        jwt.check_subject(token, "me")
    except InvalidTokenError as error:
        bounded(error)
        return
    assert text == TOKEN


@given(st.sampled_from(REQUESTS), edits)
@settings(max_examples=300)
def test_an_edited_request_is_refused_or_proves_its_key(der: bytes, changes: list[tuple[int, bytes, int]]) -> None:
    try_request(armoured(edited(der, changes)))


@given(st.sampled_from(REQUESTS), edits)
@settings(max_examples=200)
def test_a_request_with_edited_armour_is_refused_or_proves_its_key(
    der: bytes, changes: list[tuple[int, bytes, int]]
) -> None:
    try_request(edited(armoured(der), changes))


@given(edits)
@settings(max_examples=300)
def test_no_edited_token_is_believed(changes: list[tuple[int, bytes, int]]) -> None:
    try_token(edited(TOKEN.encode(), changes).decode("latin-1"))


@given(values, values, st.binary(max_size=80))
@settings(max_examples=200)
def test_a_token_of_any_json_is_refused(header: object, claims: object, signature: bytes) -> None:
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    try_token(".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts))


@given(st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "x5c", "b64"]), values))
@settings(max_examples=200)
def test_no_header_makes_a_foreign_signature_good(header: dict[str, object]) -> None:
    parts = TOKEN.split(".")
    parts[0] = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    try_token(".".join(parts))


@given(st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "n", "e", "k", "kid", "alg", "use"]), values))
@settings(max_examples=200)
def test_a_key_of_any_json_is_refused_or_is_one(extra: dict[str, object]) -> None:
    member = {**members_of(KEY.public_key()), **extra}
    try:
        keys = parse_set(json.dumps({"keys": [member]}).encode()).keys
    except InvalidJwkError as error:
        bounded(error)
        return
    assert all(members_of(entry.key) for entry in keys)


@given(st.binary(max_size=200), edits)
@settings(max_examples=100)
def test_certificates_of_any_bytes_are_refused_in_good_order(der: bytes, changes: list[tuple[int, bytes, int]]) -> None:
    for pem in (armoured(der, b"CERTIFICATE"), edited(armoured(der, b"CERTIFICATE"), changes)):
        try:
            load_certificates(pem)
        except InvalidCertificateError:
            continue


def try_record(text: bytes) -> None:
    """A record is refused, or means the same when it is written again."""
    try:
        record = Record.parse(text)
    except InvalidRecordError as error:
        bounded(error)
        return
    assert Record.parse(record.text) == record


@given(st.dictionaries(st.sampled_from(sorted(RECORD)), values), st.binary(max_size=4), edits)
@settings(max_examples=200)
def test_a_record_of_any_json_is_refused_or_read(
    extra: dict[str, object], rest: bytes, changes: list[tuple[int, bytes, int]]
) -> None:
    try_record(json.dumps({**RECORD, **extra}).encode() + rest)
    try_record(edited(json.dumps(RECORD).encode(), changes))


@given(st.binary(max_size=60) | values.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=60, deadline=None)
def test_a_journal_of_any_bytes_is_refused_and_changes_nothing(text: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        held = Material(anchors=b"a", chain=b"b", key=b"c")
        store = FolderStore(Path(name))
        store.replace(Material(), held)
        store.journal.write_bytes(text)
        try:
            assert store.read() == held
            assert not text
        except TrustStoreError as error:
            bounded(error)
        Path(name, JOURNAL).unlink(missing_ok=True)
        assert store.read() == held


def main() -> None:
    """Run for ever under atheris."""
    import atheris  # type: ignore[import-not-found]

    def one(data: bytes) -> None:
        try_request(data)
        try_request(armoured(data))
        text = data.decode("latin-1")
        try_token(text)
        try_record(data)
        try:
            assert str(parse_spiffe_id(text)) == text
        except InvalidSpiffeIdError:
            return

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
