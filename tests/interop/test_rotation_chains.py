"""Chains during a root rotation, judged by others: OpenSSL, go-spiffe, and ``cryptography``'s own verifier.

Whoever holds the anchors of one stage must accept what the issuer of that stage and of its neighbours signs, and must
refuse what only a root vouches for that it does not trust (any more).
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import verification
from support.foreign import spiffe_program
from support.identities import new_key, now, pem

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.issuer import Issuer
from dapr_core.identity.keys import KeyKind, generate
from dapr_core.identity.paths import InvalidPathError, verify_path
from dapr_core.identity.roots import Names, make_issuer
from dapr_core.identity.rotation.stages import distribute, position, replaced, switch, withdraw
from dapr_core.identity.spiffe import TrustDomain, workload_id
from dapr_sentry.authority.leaves import LeafSigner, Validity

pytestmark = pytest.mark.timeout(600)  # a cold machine builds the Go program first

NOW = now()
DAY = timedelta(days=1)
DOMAIN = TrustDomain("localhost")
NAMES = Names.of(DOMAIN, workload_id(DOMAIN, "default", "dapr-sentry"))
APP = workload_id(TrustDomain("public"), "default", "myapp")
STAGES = ("settled", "anchors", "issuer", "withdraw")
KINDS = (KeyKind.ED25519, KeyKind.ECDSA_P256, KeyKind.RSA_2048)

ACCEPTED = {
    "old": ("settled", "anchors", "issuer"),
    "new": ("anchors", "issuer", "withdraw"),
}
"""By the root of a certificate: the stages whose anchors accept it."""


@cache
def rotation(kind: KeyKind) -> dict[str, Issuer]:
    """What is in force after each stage. Both roots have the same name, as those that sentry makes do."""
    first, second = (make_issuer(NAMES, NOW, root_key=generate(kind)) for _ in range(2))
    settled = replaced(first)
    begun = distribute(settled, second, NOW, DAY)
    switched = switch(begun, NOW, DAY)
    held = (settled, begun, switched, withdraw(switched, NOW))
    return {stage: position(each, NOW).issuer for stage, each in zip(STAGES, held, strict=True)}


@cache
def leaf(kind: KeyKind, root: str) -> tuple[x509.Certificate, bytes]:
    """A certificate of a workload below the old or the new root, and the chain behind it."""
    issuer = rotation(kind)["settled" if root == "old" else "withdraw"]
    key = new_key({KeyKind.ED25519: "ed25519", KeyKind.ECDSA_P256: "ecdsa", KeyKind.RSA_2048: "rsa"}[kind])
    return LeafSigner(issuer, Validity()).sign(key.public_key(), APP), issuer.served_pem


Judge = Callable[[x509.Certificate, bytes, TrustBundle, Path], bool]


def openssl(certificate: x509.Certificate, chain: bytes, anchors: TrustBundle, folder: Path) -> bool:
    for name, content in (("ca", anchors.pem), ("chain", chain), ("leaf", pem(certificate))):
        (folder / name).write_bytes(content)
    command = ["openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", "ca", "-untrusted", "chain"]
    return subprocess.run([*command, "leaf"], cwd=folder, capture_output=True, check=False).returncode == 0


def go_spiffe(certificate: x509.Certificate, chain: bytes, anchors: TrustBundle, folder: Path) -> bool:
    (folder / "anchors").write_bytes(anchors.pem)
    (folder / "served").write_bytes(pem(certificate) + chain)
    command = [spiffe_program(), "verify", str(folder / "anchors"), str(folder / "served")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    return done.returncode == 0 and done.stdout.strip() == str(APP)


def web_verifier(certificate: x509.Certificate, chain: bytes, anchors: TrustBundle, folder: Path) -> bool:
    store = verification.Store(list(anchors.anchors))
    verifier = verification.PolicyBuilder().store(store).time(NOW).build_client_verifier()
    try:
        verifier.verify(certificate, x509.load_pem_x509_certificates(chain))
    except verification.VerificationError:
        return False
    return True


def our_own(certificate: x509.Certificate, chain: bytes, anchors: TrustBundle, folder: Path) -> bool:
    try:
        verify_path([certificate, *x509.load_pem_x509_certificates(chain)], anchors.anchors, NOW)
    except InvalidPathError:
        return False
    return True


JUDGES: dict[str, Judge] = {
    "openssl": openssl, "go-spiffe": go_spiffe, "cryptography": web_verifier, "ours": our_own,
}  # fmt: skip


@pytest.mark.parametrize(
    ("judge", "kind"),
    [
        pytest.param(judge, kind, id=f"{judge}, {kind.value}")
        for judge in JUDGES
        for kind in KINDS
        if judge != "cryptography" or kind is not KeyKind.ED25519  # which its verifier does not know
    ],
)
def test_each_stage_accepts_what_it_and_its_neighbours_sign_and_nothing_else(
    judge: str, kind: KeyKind, tmp_path: Path
) -> None:
    for stage in STAGES:
        for root in ("old", "new"):
            accepted = JUDGES[judge](*leaf(kind, root), rotation(kind)[stage].anchors, tmp_path)
            assert accepted is (stage in ACCEPTED[root]), f"{stage}: a certificate of the {root} root"


@pytest.mark.parametrize("judge", JUDGES)
def test_a_root_that_keeps_its_key_is_accepted_by_who_trusts_the_old_one(judge: str, tmp_path: Path) -> None:
    key = generate(KeyKind.ECDSA_P256)
    old, new = (make_issuer(NAMES, NOW, root_key=key) for _ in range(2))
    signed = LeafSigner(new, Validity()).sign(new_key("ecdsa").public_key(), APP)
    assert JUDGES[judge](signed, new.served_pem, old.anchors, tmp_path)
