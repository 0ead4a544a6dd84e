"""Everything a store holds of an authority: what is in force, what waits for its turn, and how far a rotation is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final

MAX_ITEM: Final = 1024 * 1024
"""Bytes of one item: hundreds of certificates."""

FILE_NAMES: Final[dict[str, str]] = {
    "anchors": "ca.crt",
    "chain": "issuer.crt",
    "key": "issuer.key",
    "next_chain": "issuer.next.crt",
    "next_key": "issuer.next.key",
    "record": "rotation.json",
}
"""Names of the items as files and as keys of a Secret; the first three are the original's (control-plane.md §1.7)."""


@dataclass(frozen=True, slots=True)
class Material:
    """The items as bytes; an empty one is not there.

    Attributes:
        anchors: what everybody trusts, in PEM.
        chain, key: what signs.
        next_chain, next_key: what is going to sign after the next stage.
        record: see ``record.Record``.
    """

    anchors: bytes = b""
    chain: bytes = b""
    key: bytes = field(default=b"", repr=False)
    next_chain: bytes = b""
    next_key: bytes = field(default=b"", repr=False)
    record: bytes = b""

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> Material:
        """From items by their file names; those that are missing are empty."""
        return cls(**{item: files.get(name, b"") for item, name in FILE_NAMES.items()})

    @property
    def files(self) -> dict[str, bytes]:
        """The items by their file names, empty ones as well."""
        return {FILE_NAMES[each.name]: getattr(self, each.name) for each in fields(self)}

    @property
    def is_whole(self) -> bool:
        """Whether there is an authority at all."""
        return bool(self.anchors and self.chain and self.key)
