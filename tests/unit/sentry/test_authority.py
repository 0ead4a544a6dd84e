"""What sentry signs: every field of root, issuer and leaf, accepted by OpenSSL and by other verifiers."""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID
from hypothesis import given
from hypothesis import strategies as st
from support.identities import Authority, key_pem, new_key, now, pem

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.issuer import InvalidIssuerError, Issuer, check
from dapr_core.identity.keys import PublicKey, same_key
from dapr_core.identity.paths import verify_path
from dapr_core.identity.roots import generate_issuer
from dapr_core.identity.spiffe import TrustDomain, workload_id
from dapr_core.identity.svid import identity_of
from dapr_sentry.authority.leaves import LeafSigner, Validity
from dapr_sentry.authority.names import dns_names

DOMAIN = TrustDomain("cluster.local")
SENTRY = workload_id(DOMAIN, "dapr-system", "dapr-sentry")
APP = workload_id(TrustDomain("public"), "default", "myapp")
SKEW = datetime.timedelta(minutes=15)
NOW = now()
GENERATED = generate_issuer(DOMAIN, SENTRY, SKEW, NOW)


def usages(certificate: x509.Certificate) -> set[str]:
    value = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign")  # fmt: skip
    return {name for name in names if getattr(value, name)}


def organization(name: x509.Name) -> str:
    (attribute,) = name
    assert attribute.oid == NameOID.ORGANIZATION_NAME
    return str(attribute.value)


def test_a_generated_root_is_as_the_original_makes_it() -> None:
    (root,) = GENERATED.anchors.anchors
    assert organization(root.subject) == organization(root.issuer) == "cluster.local"
    assert usages(root) == {"digital_signature", "key_cert_sign"}
    constraints = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value == x509.BasicConstraints(ca=True, path_length=None)
    assert root.not_valid_before_utc == NOW - SKEW
    assert root.not_valid_after_utc == NOW + datetime.timedelta(days=365)
    assert isinstance(root.public_key(), ed25519.Ed25519PublicKey)


def test_a_generated_issuer_is_as_the_original_makes_it() -> None:
    issuer = GENERATED.certificate
    assert organization(issuer.subject) == str(SENTRY)
    assert organization(issuer.issuer) == "cluster.local"
    assert usages(issuer) == {"digital_signature", "key_cert_sign", "crl_sign"}
    assert issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    for absent in (ExtensionOID.SUBJECT_ALTERNATIVE_NAME, ExtensionOID.EXTENDED_KEY_USAGE):
        with pytest.raises(x509.ExtensionNotFound):
            issuer.extensions.get_extension_for_oid(absent)
    assert same_key(issuer.public_key(), GENERATED.key.public_key())  # type: ignore[arg-type]


def test_the_roots_key_is_not_the_issuers() -> None:
    (root,) = GENERATED.anchors.anchors
    assert not same_key(root.public_key(), GENERATED.key.public_key())  # type: ignore[arg-type]


def test_a_leaf_has_every_field_as_the_original_and_no_other() -> None:
    key: PublicKey = new_key().public_key()
    leaf = LeafSigner(GENERATED, Validity()).sign(key, APP, at=NOW)
    assert leaf.subject == x509.Name([])
    assert leaf.issuer == GENERATED.certificate.subject
    assert leaf.not_valid_before_utc == NOW - SKEW
    assert leaf.not_valid_after_utc == NOW + datetime.timedelta(hours=24)
    assert same_key(leaf.public_key(), key)  # type: ignore[arg-type]
    assert 0 < leaf.serial_number < 2**128
    assert leaf.signature_algorithm_oid == x509.SignatureAlgorithmOID.ED25519
    shown = {extension.oid: extension for extension in leaf.extensions}
    assert set(shown) == {
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    }
    assert usages(leaf) == {"digital_signature"}
    assert list(shown[ExtensionOID.EXTENDED_KEY_USAGE].value) == [
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.CLIENT_AUTH,
    ]
    names = shown[ExtensionOID.SUBJECT_ALTERNATIVE_NAME]
    assert names.critical
    assert list(names.value) == [x509.UniformResourceIdentifier(str(APP))]


def test_serial_numbers_do_not_repeat() -> None:
    signer = LeafSigner(GENERATED, Validity())
    key: PublicKey = new_key().public_key()
    assert len({signer.sign(key, APP).serial_number for _ in range(50)}) == 50


@given(
    st.from_regex(r"[a-z0-9._-]{1,40}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9_-]{1,60}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9_-]{1,60}", fullmatch=True),
)
def test_a_leaf_of_any_identity_proves_that_identity_and_leads_to_the_root(domain: str, space: str, app: str) -> None:
    identity = workload_id(TrustDomain(domain), space, app)
    leaf = LeafSigner(GENERATED, Validity()).sign(new_key().public_key(), identity)
    assert identity_of(leaf) == identity
    verify_path([leaf, *GENERATED.chain], GENERATED.anchors.anchors, now())


def issuer_of(kind: str) -> Issuer:
    root = Authority("root", kind)
    middle = Authority("middle", kind, issuer=root)
    low = Authority("low", kind, issuer=middle)
    chain = pem(low.certificate, middle.certificate)
    return check(pem(root.certificate), chain, key_pem(low.key), now())


@pytest.mark.parametrize("kind", ["generated", "ed25519", "ecdsa", "rsa"])
def test_openssl_accepts_the_chain(kind: str, tmp_path: Path) -> None:
    issuer = GENERATED if kind == "generated" else issuer_of(kind)
    leaf = LeafSigner(issuer, Validity()).sign(new_key().public_key(), APP)
    for name, content in (
        ("ca", issuer.anchors.pem), ("chain", issuer.served_pem), ("leaf", pem(leaf))
    ):  # fmt: skip
        (tmp_path / name).write_bytes(content)
    for purpose in ("sslserver", "sslclient"):
        result = subprocess.run(
            ["openssl", "verify", "-x509_strict", "-purpose", purpose, "-CAfile", "ca", "-untrusted", "chain", "leaf"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
def test_the_verifier_of_the_web_accepts_the_chain(kind: str) -> None:
    issuer = issuer_of(kind)
    leaf = LeafSigner(issuer, Validity()).sign(new_key(kind).public_key(), APP)
    store = verification.Store(list(issuer.anchors.anchors))
    verifier = verification.PolicyBuilder().store(store).time(now()).build_client_verifier()
    verified = verifier.verify(leaf, list(issuer.chain))
    assert verified.subjects == [x509.UniformResourceIdentifier(str(APP))]


def test_the_served_chain_holds_no_root() -> None:
    root = Authority("root")
    issuer = check(pem(root.certificate), pem(root.certificate), key_pem(root.key), now())
    assert issuer.served_pem == b""
    leaf = LeafSigner(issuer, Validity()).sign(new_key().public_key(), APP)
    verify_path([leaf], issuer.anchors.anchors, now())


def test_a_root_at_the_end_of_the_issuers_chain_is_dropped() -> None:
    root = Authority("root")
    low = Authority("low", issuer=root)
    issuer = check(pem(root.certificate), pem(low.certificate, root.certificate), key_pem(low.key), now())
    assert issuer.chain == (low.certificate,)


def test_several_anchors_are_taken_and_comments_stripped() -> None:
    old, root = Authority("old"), Authority("root")
    low = Authority("low", issuer=root)
    text = b"# old\n" + pem(old.certificate) + b"# new\n" + pem(root.certificate)
    issuer = check(text, pem(low.certificate), key_pem(low.key), now())
    assert issuer.anchors == TrustBundle.of(old.certificate, root.certificate)
    assert b"#" not in issuer.anchors.pem


def broken() -> list[object]:
    root, other = Authority("root"), Authority("other")
    low = Authority("low", issuer=root)
    plain = Authority("plain", issuer=root, ca=False)
    expired = Authority("expired", issuer=root, end=now() - datetime.timedelta(minutes=1))
    cases = {
        "anchor that is no root": (pem(low.certificate), pem(low.certificate), low, "is not self-signed"),
        "another's key": (pem(root.certificate), pem(low.certificate), other, "issuer key does not match"),
        "another root": (pem(other.certificate), pem(low.certificate), low, "does not belong to trust anchors"),
        "chain out of order": (
            pem(root.certificate), pem(low.certificate, other.certificate), low, "certificate chain is not valid"
        ),
        "no authority": (pem(root.certificate), pem(plain.certificate), plain, "not valid for signing"),
        "expired": (pem(root.certificate), pem(expired.certificate), expired, "has expired"),
        "no anchors": (b"", pem(low.certificate), low, "holds no certificate"),
        "no issuer": (pem(root.certificate), b"rubbish", low, "holds no certificate"),
    }  # fmt: skip
    return [pytest.param(*values, id=name) for name, values in cases.items()]


@pytest.mark.parametrize(("anchors", "chain", "owner", "reason"), broken())
def test_a_bundle_that_does_not_hold_together_is_refused(
    anchors: bytes, chain: bytes, owner: Authority, reason: str
) -> None:
    with pytest.raises(InvalidIssuerError, match=reason):
        check(anchors, chain, key_pem(owner.key), now())


def test_an_issuer_does_not_show_its_key() -> None:
    assert "Private" not in repr(GENERATED)


@pytest.mark.parametrize(
    ("app", "namespace", "names"),
    [
        ("dapr-injector", "dapr-system", ["dapr-sidecar-injector.dapr-system.svc"]),
        ("dapr-operator", "dapr-system", ["dapr-webhook.dapr-system.svc"]),
        (
            "dapr-scheduler",
            "dapr-system",
            [f"dapr-scheduler-server-{n}.dapr-scheduler-server.dapr-system.svc.cluster.local" for n in range(3)],
        ),
        ("dapr-placement", "dapr-system", []),
        ("myapp", "dapr-system", []),
        ("dapr-injector", "default", []),
    ],
)
def test_only_services_of_the_control_plane_get_dns_names(app: str, namespace: str, names: list[str]) -> None:
    assert list(dns_names(app, namespace, "dapr-system", DOMAIN)) == names
