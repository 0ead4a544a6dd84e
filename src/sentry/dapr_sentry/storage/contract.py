"""What a store of credentials is: the same questions to a directory and to a cluster (control-plane.md §1.7).

A store decides alone how several replicas and crashes cannot spoil its content; who uses it only says how a missing
item is made. Its methods block for as long as the disk or the network does, and are called off the loop.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from dapr_core.identity.issuer import Issuer
from dapr_sentry.authority.jwtkeys import JwtKeys


class StoreError(Exception):
    """The store holds what cannot be used, or cannot be read or written; the message names the item and the remedy."""


class Store(ABC):
    """Where root, issuer and JWT key lie."""

    @abstractmethod
    def load_issuer(self, at: datetime) -> Issuer | None:
        """The issuer; None when not all of its items are there.

        Raises:
            StoreError: they cannot be read or used.
        """

    @abstractmethod
    def ensure_issuer(self, make: Callable[[], Issuer], at: datetime) -> tuple[Issuer, bool]:
        """The issuer, made and stored if there is none; and whether it was made. Replicas that race agree on one.

        Raises:
            StoreError: what is there cannot be read or used, or nothing can be written.
        """

    @property
    @abstractmethod
    def issuer_gone(self) -> bool:
        """Whether nothing of an issuer is there: somebody wants a new one. Raises ``StoreError``."""

    @abstractmethod
    def load_jwt_keys(self) -> JwtKeys | None:
        """The JWT key and its set; None when there is no key.

        Raises:
            StoreError: they cannot be read or used, or the set is missing.
        """

    @abstractmethod
    def ensure_jwt_keys(self, make: Callable[[], JwtKeys]) -> JwtKeys:
        """The JWT key and its set, made and stored if there is no key. Replicas that race agree on one.

        Raises:
            StoreError: see ``load_jwt_keys``; also when nothing can be written.
        """

    @abstractmethod
    def changes(self) -> AsyncIterator[object]:
        """Tells of each change from this call on, for ever: call it before loading, and no change is missed.

        Called on the loop, and iterated there.
        """
