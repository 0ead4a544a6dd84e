"""Rules of who may be at the other end."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dapr_core.identity.policy import ANY_PEER, AppPeer, ExactPeer, PeerRule
from dapr_core.identity.spiffe import SpiffeId, TrustDomain, parse_spiffe_id, workload_id

SENTRY = "spiffe://cluster.local/ns/dapr-system/dapr-sentry"


@pytest.mark.parametrize(
    ("rule", "identity", "accepted"),
    [
        (ANY_PEER, "spiffe://anything/at/all", True),
        (ExactPeer(parse_spiffe_id(SENTRY)), SENTRY, True),
        (ExactPeer(parse_spiffe_id(SENTRY)), SENTRY + "x", False),
        (ExactPeer(parse_spiffe_id(SENTRY)), SENTRY.replace("cluster.local", "public"), False),
        (AppPeer("default", "app"), "spiffe://public/ns/default/app", True),
        (AppPeer("default", "app"), "spiffe://foreign/ns/default/app", True),
        (AppPeer("default", "app"), "spiffe://public/ns/other/app", False),
        (AppPeer("default", "app"), "spiffe://public/ns/default/app2", False),
        (AppPeer("default", "app"), "spiffe://public/ns/default/app/more", False),
    ],
)
def test_a_rule_accepts_or_says_whom_it_saw(rule: PeerRule, identity: str, accepted: bool) -> None:
    refusal = rule.refusal(parse_spiffe_id(identity))
    assert (refusal == "") is accepted
    assert accepted or identity in refusal


domains = st.sampled_from(["public", "localhost", "cluster.local", "a-b_c.d"]).map(TrustDomain)
segments = st.text("abAB01-_.", min_size=1, max_size=4).filter(lambda text: text not in (".", ".."))
identities = st.builds(workload_id, domains, segments, segments)


@given(identities)
def test_any_peer_is_anybody(identity: SpiffeId) -> None:
    assert ANY_PEER.refusal(identity) == ""


@given(identities, identities)
def test_an_exact_rule_accepts_that_id_and_no_other(expected: SpiffeId, identity: SpiffeId) -> None:
    assert (ExactPeer(expected).refusal(identity) == "") is (str(expected) == str(identity))
    assert ExactPeer(expected).refusal(expected) == ""


@given(segments, segments, identities)
def test_a_rule_for_an_app_accepts_its_path_in_any_trust_domain(
    namespace: str, app_id: str, identity: SpiffeId
) -> None:
    rule = AppPeer(namespace, app_id)
    assert (rule.refusal(identity) == "") is (identity.path == f"/ns/{namespace}/{app_id}")
    assert rule.refusal(workload_id(identity.trust_domain, namespace, app_id)) == ""


@given(segments, segments, segments, domains)
def test_no_longer_path_is_taken_for_the_app(namespace: str, app_id: str, more: str, domain: TrustDomain) -> None:
    assume(len(f"spiffe://{domain}/ns/{namespace}/{app_id}/{more}") <= 2048)
    longer = SpiffeId(domain, f"/ns/{namespace}/{app_id}/{more}")
    assert str(longer) in AppPeer(namespace, app_id).refusal(longer)


@given(identities, identities)
def test_the_order_of_namespace_and_app_counts(one: SpiffeId, other: SpiffeId) -> None:
    namespace, app_id = one.path.split("/")[2:]
    assume(namespace != app_id)
    assert AppPeer(app_id, namespace).refusal(one)
