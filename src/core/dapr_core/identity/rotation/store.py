"""What a store must do for a rotation: give everything at once, and replace everything at once or not at all."""

from __future__ import annotations

from abc import ABC, abstractmethod

from dapr_core.identity.rotation.material import Material


class TrustStoreError(Exception):
    """The store cannot be read or written; the message names it and the remedy, and quotes nothing of its content."""


class ChangedMeanwhileError(TrustStoreError):
    """Somebody else has changed the store since it was read: read it again, and decide again."""


class TrustStore(ABC):
    """Where an authority's credentials lie. Methods block for as long as the disk or the network does.

    Attributes:
        name: how messages name it.
    """

    name: str

    @abstractmethod
    def read(self) -> Material:
        """What it holds.

        Raises:
            TrustStoreError: it cannot be read.
        """

    @abstractmethod
    def replace(self, before: Material, after: Material) -> None:
        """Put ``after`` in the place of ``before``: whole, whenever the process or the machine stops.

        With both the same it completes what a crash may have left undone outside the store's one step, such as the
        copy of the anchors in a ConfigMap.

        Raises:
            ChangedMeanwhileError: it holds something else than ``before``.
            TrustStoreError: it cannot be written.
        """
