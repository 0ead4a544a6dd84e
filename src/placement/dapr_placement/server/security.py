"""Who placement is, and whom it lets in under mutual TLS (control-plane.md §2.5, §2.6).

Every workload that an anchor vouches for may connect; what it may say is decided message by message. A stream lives for
as long as its sidecar, longer than the certificate that the sidecar showed at the beginning: ending the stream with the
certificate would stop all actors of that sidecar once a day. So a stream ends when the anchor that vouched for it is
withdrawn, and not by its age.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from dapr_core.identity.anchors import FileAnchors
from dapr_core.identity.guard import Side
from dapr_core.identity.handshakes import tell_client_refused
from dapr_core.identity.metrics import IdentityMetrics
from dapr_core.identity.peer import AuthenticatedPeer, PeerRefusedError, authenticate
from dapr_core.identity.rotating import RotatingIdentity
from dapr_core.identity.sentry import SentryClient, SentryOptions
from dapr_core.identity.spiffe import InvalidSpiffeIdError, parse_trust_domain
from dapr_core.identity.tokens import TokenSource
from dapr_core.process.health import Target
from dapr_core.rpc.h2.protocol import Admission, H2Protocol
from dapr_core.telemetry.metrics import Registry
from dapr_placement.options import KUBERNETES, Options, OptionsError, control_plane_namespace

APP_ID: Final = "dapr-placement"
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def placement_identity(
    options: Options, environment: Mapping[str, str], registry: Registry, health: Target
) -> RotatingIdentity:
    """Placement's own identity, to be fetched from sentry when it is started.

    Raises:
        OptionsError: the trust domain is none.
    """
    namespace = control_plane_namespace(environment)
    try:
        domain = parse_trust_domain(options.trust_domain)
    except InvalidSpiffeIdError as error:
        raise OptionsError(f"invalid --trust-domain: {error}") from None
    sentry = SentryOptions(
        address=options.sentry_address or f"dapr-sentry.{namespace}.svc:443",
        app_id=APP_ID,
        namespace=namespace,
        control_plane_trust_domain=domain,
        control_plane_namespace=namespace,
        tokens=TokenSource(kubernetes=options.mode == KUBERNETES, environment=environment),
    )
    return RotatingIdentity(
        SentryClient(sentry),
        FileAnchors(options.trust_anchors_file),
        metrics=IdentityMetrics(registry, APP_ID),
        health=health,
    )


class LettingIn:
    """The ``admit`` hook of the gRPC server."""

    def __init__(self, identity: RotatingIdentity) -> None:
        self._identity = identity

    def __call__(self, connection: Any) -> Admission:
        """Look at a connection whose handshake is done. Raises ``PeerRefusedError``."""
        try:
            peer = authenticate(connection)
        except PeerRefusedError as refusal:
            tell_client_refused(str(refusal))
            raise
        return _Lasting(self._identity, replace(peer, not_after=_NEVER))


class _Lasting(Admission):
    """A sidecar that stays while its anchor is trusted."""

    def __init__(self, identity: RotatingIdentity, peer: AuthenticatedPeer) -> None:
        self._guard = identity.guard
        self._peer = peer
        self._connection: H2Protocol | None = None

    def begun(self, connection: H2Protocol) -> None:
        self._connection = connection
        self._guard.admit(self._peer, connection, Side.SERVER, _NEVER.timestamp())

    def over(self) -> None:
        if self._connection is not None:
            self._guard.forget(self._connection)
            self._connection = None
