"""The identity of the sidecar, and what it is used for: the port for other sidecars and calls to them.

An identity is fetched before anything listens (control-plane.md §2.2). Mutual TLS between sidecars asks for it, and so
does Kubernetes mode, where the control plane takes no calls without; there ``--enable-mtls`` decides only about
sidecars. Loaded where an identity is wanted: what proves it is not cheap to import.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dapr_core.identity.admission import Admitting, secured
from dapr_core.identity.anchors import AnchorsError, anchor_source
from dapr_core.identity.guard import Side
from dapr_core.identity.metrics import IdentityMetrics
from dapr_core.identity.policy import ANY_PEER, AppPeer, ExactPeer
from dapr_core.identity.rotating import InitialIdentityError, RotatingIdentity
from dapr_core.identity.sentry import SentryClient, SentryOptions, local_identity
from dapr_core.identity.spiffe import InvalidSpiffeIdError, SpiffeId, TrustDomain, parse_trust_domain, workload_id
from dapr_core.identity.tokens import TokenSource
from dapr_core.process.user import MAY_BE_ROOT, is_unwelcome_root
from dapr_core.resources.accesscontrol import AccessControl
from dapr_core.rpc.grpc.client import ChannelOptions
from dapr_core.telemetry.metrics import Registry
from daprd.mesh.client import Target
from daprd.options import Options
from daprd.runtime.servers import MutualTls
from daprd.runtime.settings import Surroundings

ANCHORS: Final = "DAPR_TRUST_ANCHORS"
ANCHORS_FILE: Final = "DAPR_TRUST_ANCHORS_FILE"


class SecurityError(Exception):
    """The sidecar was told too little, or what contradicts itself, to get an identity; the text names the remedy."""


class Security:
    """The sidecar's own identity in use.

    Args:
        control_plane: trust domain and namespace of the control plane.
        mtls: whether other sidecars are spoken to by mutual TLS.
    """

    def __init__(self, identity: RotatingIdentity, control_plane: tuple[TrustDomain, str], *, mtls: bool) -> None:
        self.identity = identity
        self._control_plane = control_plane
        self.mtls = mtls

    def serving(self) -> MutualTls | None:
        """For the port for other sidecars: whoever proves an id that our anchors vouch for may connect (§2.6)."""
        if not self.mtls:
            return None
        return MutualTls(self.identity.server_context, Admitting(self.identity, ANY_PEER, Side.SERVER))

    def calling(self, options: ChannelOptions, target: Target) -> ChannelOptions:
        """For calls to an application's sidecar: only that application, of whatever trust domain, may answer (§2.6)."""
        app_id, namespace = target
        return secured(options, self.identity, AppPeer(namespace, app_id))

    def calling_control_plane(self, options: ChannelOptions, service: str) -> ChannelOptions:
        """For calls to a service of the control plane (``dapr-placement``…): only that very one may answer (§2.6)."""
        return secured(options, self.identity, ExactPeer(self.control_plane(service)))

    def control_plane(self, service: str) -> SpiffeId:
        """The id of a service of the control plane."""
        return workload_id(*self._control_plane, service)


def security(
    options: Options, surroundings: Surroundings, access: AccessControl | None, registry: Registry
) -> Security:
    """The identity that flags and surroundings ask for, not started.

    Raises:
        SecurityError: see there.
    """
    environment = surroundings.environment
    kubernetes = options.mode == "kubernetes"
    _check_user(kubernetes, environment)
    if not options.sentry_address:
        raise SecurityError("an identity is wanted, but nobody to ask for it is named: set --sentry-address")
    if not options.control_plane_trust_domain:
        raise SecurityError("control plane trust domain is required: set --control-plane-trust-domain")
    app_id = local_identity(options.app_id, environment)
    try:
        control_plane = parse_trust_domain(options.control_plane_trust_domain), options.control_plane_namespace
        asked = SentryOptions(
            address=options.sentry_address,
            app_id=app_id,
            namespace=surroundings.namespace or "default",
            control_plane_trust_domain=control_plane[0],
            control_plane_namespace=control_plane[1],
            workload_trust_domain=parse_trust_domain(access.trust_domain) if access is not None else None,
            tokens=TokenSource(kubernetes=kubernetes, environment=environment),
            audiences=options.sentry_request_jwt_audiences,
        )
        client = SentryClient(asked)
        anchors = anchor_source(environment.get(ANCHORS, ""), environment.get(ANCHORS_FILE, ""))
    except InvalidSpiffeIdError as error:
        raise SecurityError(f"no identity can be asked for: {error}") from None
    except AnchorsError as error:
        raise SecurityError(f"{error} ({ANCHORS}, or {ANCHORS_FILE} for a file that is watched)") from None
    identity = RotatingIdentity(client, anchors, metrics=metrics_of(options, registry))
    return Security(identity, control_plane, mtls=options.enable_mtls)


def metrics_of(options: Options, registry: Registry) -> IdentityMetrics:
    """Where the identity is counted."""
    return IdentityMetrics(registry, options.app_id)


def _check_user(kubernetes: bool, environment: Mapping[str, str]) -> None:
    if kubernetes and is_unwelcome_root(environment):
        raise SecurityError(
            "the sidecar runs as root in a container, with more rights than it needs; let it run as another user, or "
            f"set {MAY_BE_ROOT}=true"
        )


__all__ = ["AnchorsError", "InitialIdentityError", "Security", "SecurityError", "metrics_of", "security"]
