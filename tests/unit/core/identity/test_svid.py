"""X.509-SVIDs and bundles: what a leaf must be, which chains lead to an anchor."""

from __future__ import annotations

import datetime

import pytest
from cryptography import x509
from support.identities import HOUR, Authority, key_pem, new_key, now, pem, usage

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.certificates import InvalidCertificateError, is_self_signed, load_certificates
from dapr_core.identity.paths import InvalidPathError, verify_path
from dapr_core.identity.svid import InvalidSvidError, identity_of, make_svid, read_svid

APP = "spiffe://public/ns/default/app"
ROOT = Authority()
ISSUER = Authority("issuer", issuer=ROOT)


def test_a_leaf_proves_its_id() -> None:
    leaf, key = ISSUER.issue(APP)
    svid = read_svid(pem(leaf, ISSUER.certificate), key)
    assert (str(svid.identity), len(svid.chain)) == (APP, 2)
    assert svid.chain_pem == pem(leaf, ISSUER.certificate)


def test_an_identity_does_not_show_its_key() -> None:
    leaf, key = ISSUER.issue(APP)
    svid = make_svid([leaf], key)
    shown = repr(svid) + str(svid)
    assert "Private" not in shown
    assert key_pem(key).decode().splitlines()[1] not in shown


@pytest.mark.parametrize(
    ("leaf", "reason"),
    [
        pytest.param(ISSUER.issue()[0], "no URI SAN", id="no names"),
        pytest.param(ISSUER.issue(dns=["app.default.svc"])[0], "no URI SAN", id="DNS only"),
        pytest.param(ISSUER.issue(APP, APP + "2")[0], "more than one URI SAN", id="two ids"),
        pytest.param(ISSUER.issue("https://public/ns/default/app")[0], "no SPIFFE ID", id="another scheme"),
        pytest.param(
            ISSUER.issue(APP, constraints=x509.BasicConstraints(ca=True, path_length=None))[0], "CA flag", id="CA"
        ),
        pytest.param(ISSUER.issue(APP, key_usage=usage(certificates=True))[0], "keyCertSign", id="keyCertSign"),
        pytest.param(ISSUER.issue(APP, key_usage=usage(lists=True))[0], "cRLSign", id="cRLSign"),
    ],
)
def test_what_is_no_svid_proves_nothing(leaf: x509.Certificate, reason: str) -> None:
    with pytest.raises(InvalidSvidError, match=reason):
        identity_of(leaf)


def test_a_certificate_for_another_key_is_refused() -> None:
    leaf, _ = ISSUER.issue(APP)
    with pytest.raises(InvalidSvidError, match="another key"):
        make_svid([leaf], new_key())


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_chain_of_each_kind_of_key_leads_to_its_anchor(kind: str) -> None:
    root = Authority("root", kind)
    issuer = Authority("issuer", kind, issuer=root)
    leaf, _ = issuer.issue(APP)
    assert verify_path([leaf, issuer.certificate], [Authority("other").certificate, root.certificate], now()) == (
        root.certificate
    )


def test_a_chain_of_several_intermediates_may_come_in_any_order() -> None:
    middle = Authority("middle", issuer=ROOT)
    low = Authority("low", issuer=middle)
    leaf, _ = low.issue(APP)
    assert verify_path([leaf, middle.certificate, low.certificate], [ROOT.certificate], now()) == ROOT.certificate


def refused() -> list[object]:
    expired = Authority("expired", issuer=ROOT, start=now() - 9 * HOUR, end=now() - HOUR)
    other = Authority("root")  # the same name, another key
    plain = Authority("plain", issuer=ROOT, ca=False)
    short = Authority("short", issuer=ROOT, path_length=0)
    below = Authority("below", issuer=short)
    constrained = Authority("constrained", issuer=ROOT, extra=[x509.NameConstraints([x509.DNSName("x")], None)])
    good, _ = ISSUER.issue(APP)
    cases = {
        "expired": (
            [ISSUER.issue(APP, start=now() - 2 * HOUR, end=now() - HOUR)[0], ISSUER.certificate],
            "has expired",
        ),
        "not yet valid": (
            [ISSUER.issue(APP, start=now() + HOUR, end=now() + 2 * HOUR)[0], ISSUER.certificate],
            "is not valid before",
        ),
        "expired issuer": ([expired.issue(APP)[0], expired.certificate], "has expired"),
        "another root of the same name": ([other.issue(APP)[0]], "no trust anchor"),
        "no intermediate": ([good], "no trust anchor"),
        "issuer that is no authority": ([plain.issue(APP)[0], plain.certificate], "no certificate authority"),
        "path too long": ([below.issue(APP)[0], below.certificate, short.certificate], "at most 0 authorities"),
        "name constraints": ([constrained.issue(APP)[0], constrained.certificate], "not understood"),
        "empty": ([], "empty"),
    }
    return [pytest.param(chain, reason, id=name) for name, (chain, reason) in cases.items()]


@pytest.mark.parametrize(("chain", "reason"), refused())
def test_a_chain_that_does_not_hold_is_refused_with_the_reason(chain: list[x509.Certificate], reason: str) -> None:
    with pytest.raises(InvalidPathError, match=reason):
        verify_path(chain, [ROOT.certificate], now())


def test_a_chain_of_a_retired_root_leads_nowhere() -> None:
    leaf, _ = ISSUER.issue(APP)
    with pytest.raises(InvalidPathError):
        verify_path([leaf, ISSUER.certificate], [Authority("new").certificate], now())


def test_endless_cross_signing_ends() -> None:
    names = [Authority(f"a{number}", issuer=ROOT) for number in range(40)]
    leaf, _ = names[0].issue(APP)
    with pytest.raises(InvalidPathError):
        verify_path([leaf, *[name.certificate for name in names[1:]]], [Authority("other").certificate], now())


def test_bundles_are_equal_whatever_the_order_and_drop_comments() -> None:
    one, two = Authority("one").certificate, Authority("two").certificate
    text = b"# the first\n" + pem(one) + b"\nthe second:\n" + pem(two, one)
    bundle = TrustBundle.parse(text)
    assert bundle == TrustBundle.of(two, one)
    assert bundle != TrustBundle.of(one)
    assert bundle.pem == pem(one, two)


@pytest.mark.parametrize("text", [b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_holds_no_certificate_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidCertificateError):
        load_certificates(text)


def test_only_a_root_is_self_signed() -> None:
    assert is_self_signed(ROOT.certificate)
    assert not is_self_signed(ISSUER.certificate)


def test_the_moment_of_checking_is_the_callers() -> None:
    leaf, _ = ISSUER.issue(APP)
    with pytest.raises(InvalidPathError, match="has expired"):
        verify_path([leaf, ISSUER.certificate], [ROOT.certificate], now() + datetime.timedelta(days=400))
