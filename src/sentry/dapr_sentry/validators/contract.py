"""What a validator is, and what it says."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from dapr_core.identity.spiffe import SpiffeId
from dapr_sentry.authority.images import ContainerImage


class RefusedError(Exception):
    """The caller has not proved to be who it says it is; the message goes to it and into the log, without its token."""


class ValidatorStartError(Exception):
    """A validator cannot get ready to decide, which must stop the process; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who a caller says it is, and how it means to prove that.

    Attributes:
        app_id, namespace, trust_domain: as sent.
        token: the proof, as sent.
        has_csr: whether it sent a certificate signing request at all.
    """

    app_id: str
    namespace: str
    trust_domain: str = ""
    token: str = field(default="", repr=False)
    has_csr: bool = True


@dataclass(frozen=True, slots=True)
class Proof:
    """What a caller has proved.

    Attributes:
        identity: who it is.
        images: what it runs, where the validator can know; for its certificate.
    """

    identity: SpiffeId
    images: tuple[ContainerImage, ...] = ()


class Validator(ABC):
    """One way to prove an identity. ``name`` is the one logs and configurations use."""

    name: str

    async def start(self) -> None:
        """Get ready to decide. Raises ``ValidatorStartError``."""

    @abstractmethod
    async def validate(self, claim: Claim) -> Proof:
        """What the caller has proved.

        Raises:
            RefusedError: it has not.
        """

    async def stop(self) -> None:
        """Release what ``start`` took."""
