"""Rules of who may be at the other end."""

from __future__ import annotations

import pytest

from dapr_core.identity.policy import ANY_PEER, AppPeer, ExactPeer, PeerRule
from dapr_core.identity.spiffe import parse_spiffe_id

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
