"""What a sidecar asks an identity for, and whom it lets in and calls by it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from support.identities import Authority, pem

from dapr_core.identity.admission import Admitting
from dapr_core.identity.guard import Side
from dapr_core.identity.policy import ANY_PEER, AppPeer, ExactPeer
from dapr_core.identity.spiffe import parse_spiffe_id
from dapr_core.resources.accesscontrol import AccessControl
from dapr_core.rpc.grpc.client import ChannelOptions
from dapr_core.telemetry.metrics import Registry
from daprd.options import Options
from daprd.runtime.security import Security, SecurityError, security
from daprd.runtime.settings import Surroundings

ROOT = pem(Authority().certificate).decode()


def made(access: AccessControl | None = None, env: dict[str, str] | None = None, **options: Any) -> Security:
    """The identity of a sidecar that has all it needs, but for these."""
    environment = {"DAPR_TRUST_ANCHORS": ROOT} if env is None else env
    around = Surroundings("prod", "", "127.0.0.1", "vm", "", "", environment)
    flags = {"app_id": "app", "enable_mtls": True, "sentry_address": "sentry:1", **options}
    return security(Options(**flags), around, access, Registry())


def asked(found: Security) -> Any:
    return found.identity._source.options  # type: ignore[attr-defined]


def test_flags_environment_and_configuration_say_what_is_asked_for() -> None:
    options = asked(
        made(
            AccessControl(trust_domain="shop"),
            control_plane_namespace="dapr-system",
            control_plane_trust_domain="cluster.local",
            sentry_request_jwt_audiences=("a", "b"),
        )
    )
    assert (options.address, options.app_id, options.namespace) == ("sentry:1", "app", "prod")
    assert (options.trust_domain, options.audiences) == ("shop", ("a", "b"))
    assert (options.control_plane_trust_domain.name, options.control_plane_namespace) == (
        "cluster.local",
        "dapr-system",
    )


@pytest.mark.parametrize("access", [None, AccessControl(), AccessControl(trust_domain="public")])
def test_the_default_trust_domain_is_left_to_sentry(access: AccessControl | None) -> None:
    assert asked(made(access)).trust_domain == ""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sentry_address": ""}, "set --sentry-address"),
        ({"control_plane_trust_domain": ""}, "control plane trust domain is required"),
        ({"control_plane_trust_domain": "A/B"}, "no identity can be asked for"),
        ({"control_plane_namespace": "a/b"}, "no identity can be asked for"),
        ({"access": AccessControl(trust_domain="Shop!")}, "no identity can be asked for"),
        ({"env": {}}, "trust anchors are required"),
        ({"env": {"DAPR_TRUST_ANCHORS": "x"}}, "failed to load trust anchors"),
        ({"env": {"DAPR_TRUST_ANCHORS": ROOT, "DAPR_TRUST_ANCHORS_FILE": "f"}}, "give one of them"),
    ],
)
def test_what_is_missing_is_named(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(SecurityError, match=reason):
        made(**change)


def test_a_call_is_bound_to_its_target_and_equal_targets_share_their_channel() -> None:
    found, plain = made(), ChannelOptions()
    options = found.calling(plain, ("callee", "prod"))
    assert options.admit is not None
    assert options.admit.rule == AppPeer("prod", "callee")  # type: ignore[attr-defined]
    again = found.calling(plain, ("callee", "prod"))
    assert (options, hash(options)) == (again, hash(again))
    assert options not in (found.calling(plain, ("callee", "other")), found.calling(plain, ("other", "prod")), plain)


def test_a_service_of_the_control_plane_must_be_that_very_one() -> None:
    options = made(control_plane_namespace="dapr-system").calling_control_plane(ChannelOptions(), "dapr-placement")
    expected = parse_spiffe_id("spiffe://localhost/ns/dapr-system/dapr-placement")
    assert options.admit is not None
    assert options.admit.rule == ExactPeer(expected)  # type: ignore[attr-defined]


def test_without_mtls_between_sidecars_their_port_stays_plain() -> None:
    assert made(enable_mtls=False).serving() is None
    assert not made(enable_mtls=False).mtls


def test_under_mtls_whoever_has_an_identity_may_connect() -> None:
    admit = Admitting(made().identity)
    assert (admit.rule, admit.side) == (ANY_PEER, Side.SERVER)


def test_a_sidecar_without_identity_does_not_load_what_proves_one() -> None:
    code = "import sys, daprd.runtime.runtime; assert not {'cryptography', 'daprd.runtime.security'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
