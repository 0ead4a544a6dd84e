"""Decides on a connection whose handshake is done, before the first byte of the application goes either way.

The ``admit`` hook of ``rpc`` servers and channels: the peer's certificate must be an SVID and its id satisfy the rule;
whoever gets in stays under the eyes of the process's guard. Who is refused is told in the log of this side.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dapr_core.identity.guard import ConnectionGuard, Side
from dapr_core.identity.handshakes import tell_client_refused, tell_server_refused
from dapr_core.identity.peer import AuthenticatedPeer, PeerRefusedError, authenticate
from dapr_core.identity.policy import ANY_PEER, PeerRule
from dapr_core.identity.rotating import RotatingIdentity
from dapr_core.rpc.grpc.client import ChannelOptions
from dapr_core.rpc.h2.protocol import Admission, H2Protocol


@dataclass(frozen=True, slots=True)
class Admitting:
    """The hook. Equal for the same identity, rule and side, so that channels can be kept by it.

    Attributes:
        identity: who we are.
        rule: who may be at the other end.
        side: which end we are.
    """

    identity: RotatingIdentity
    rule: PeerRule = ANY_PEER
    side: Side = Side.SERVER

    def __call__(self, connection: Any) -> Admission:
        """Look at the ``ssl.SSLObject`` of a connection. Raises ``PeerRefusedError``."""
        try:
            peer = authenticate(connection, self.rule)
        except PeerRefusedError as refusal:
            if self.side is Side.SERVER:
                tell_client_refused(str(refusal))
            else:
                tell_server_refused(str(refusal))
            raise
        own_end = self.identity.issued.svid.not_after.timestamp()
        return _Admitted(self.identity.guard, peer, self.side, own_end)


class _Admitted(Admission):
    """A peer that is at the other end of a connection, watched."""

    __slots__ = ("_connection", "_guard", "_own_end", "_peer", "_side")

    def __init__(self, guard: ConnectionGuard, peer: AuthenticatedPeer, side: Side, own_end: float) -> None:
        self._guard = guard
        self._peer = peer
        self._side = side
        self._own_end = own_end
        self._connection: H2Protocol | None = None

    def begun(self, connection: H2Protocol) -> None:
        self._connection = connection
        self._guard.admit(self._peer, connection, self._side, self._own_end)

    def over(self) -> None:
        if self._connection is not None:
            self._guard.forget(self._connection)
            self._connection = None


def secured(options: ChannelOptions, identity: RotatingIdentity, rule: PeerRule) -> ChannelOptions:
    """Options of a channel that connects by mutual TLS: as the identity in force, and only to whom the rule accepts."""
    return replace(options, ssl=identity.present, admit=Admitting(identity, rule, Side.CLIENT))
