"""Who may be at the other end of a connection: rules as values, checked once its handshake has proved an id.

A rule is a pure predicate with an explanation. Client rules say which server is the right one (control-plane.md §2.6);
server rules are mostly ``ANY_WORKLOAD``, since what a caller may do is decided call by call, on ``Peer.spiffe_id``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final

from dapr_core.identity.spiffe import SpiffeId


class PeerRule(ABC):
    """Decides about a proved id."""

    __slots__ = ()

    @abstractmethod
    def refusal(self, identity: SpiffeId) -> str:
        """Why this peer is refused; empty when it is accepted."""


@dataclass(frozen=True, slots=True)
class AnyPeer(PeerRule):
    """Every peer with a SPIFFE id that an anchor vouches for, of whatever trust domain."""

    def refusal(self, identity: SpiffeId) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class ExactPeer(PeerRule):
    """One id: how control-plane services are addressed."""

    identity: SpiffeId

    def refusal(self, identity: SpiffeId) -> str:
        return "" if identity == self.identity else f'unexpected ID "{identity}", expected "{self.identity}"'


@dataclass(frozen=True, slots=True)
class AppPeer(PeerRule):
    """A sidecar by namespace and app id, in any trust domain: how sidecars are addressed."""

    namespace: str
    app_id: str

    def refusal(self, identity: SpiffeId) -> str:
        expected = f"/ns/{self.namespace}/{self.app_id}"
        return "" if identity.path == expected else f'unexpected SPIFFE ID: "{identity}", expected the path {expected}'


ANY_PEER: Final = AnyPeer()
