"""Encryption at rest (building-blocks.md §3.6): AES-GCM, readable by every sidecar that has the key.

A stored value is ``base64(nonce ‖ ciphertext ‖ tag) || name``: the name of the secret that holds the key tells a reader
which key to take, so that a key can be replaced: new values go under the primary key, old ones are still read with
the secondary one. ``cryptography`` is imported when a manifest asks for encryption, not before.
"""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dapr_components.contract import ComponentError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PRIMARY_FIELD: Final = "primaryEncryptionKey"
SECONDARY_FIELD: Final = "secondaryEncryptionKey"
NONCE_BYTES: Final = 12
_SEPARATOR: Final = b"||"
_KEY_BYTES = (16, 24, 32)


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """A key as a manifest gives it: the name of its secret, and its bytes in hexadecimal."""

    name: str
    value: str = field(repr=False)


class StateCipher:
    """Encrypts with the primary key, decrypts with whichever a value names."""

    __slots__ = ("_ciphers", "_store", "_suffix", "_writer")

    def __init__(self, store: str, primary: EncryptionKey, secondary: EncryptionKey | None = None) -> None:
        """Raises ``ComponentError`` when a key is no key; the text names the field and not the value."""
        self._store = store
        self._writer = _cipher(primary, PRIMARY_FIELD)
        self._suffix = _SEPARATOR + primary.name.encode()
        self._ciphers = {primary.name.encode(): self._writer}
        if secondary is not None:
            self._ciphers.setdefault(secondary.name.encode(), _cipher(secondary, SECONDARY_FIELD))

    def encrypt(self, value: bytes) -> bytes:
        """The bytes to store."""
        nonce = os.urandom(NONCE_BYTES)
        return base64.b64encode(nonce + self._writer.encrypt(nonce, value, None)) + self._suffix

    def decrypt(self, stored: bytes) -> bytes:
        """The value again; empty stays empty.

        Raises:
            ComponentError: the value names no key we have, or was not written with that key.
        """
        if not stored:
            return stored
        text, separator, name = stored.rpartition(_SEPARATOR)
        cipher = self._ciphers.get(name) if separator else None
        if cipher is None:
            raise ComponentError(
                f"could not decrypt data for state store {self._store}: encryption key name not found on record"
            )
        from cryptography.exceptions import InvalidTag

        try:
            sealed = base64.b64decode(text, validate=True)
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except (InvalidTag, binascii.Error, ValueError):
            raise ComponentError(
                f"could not decrypt data for state store {self._store}: it was not written with this key"
            ) from None


def _cipher(key: EncryptionKey, field_name: str) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if not key.name:
        raise ComponentError(f"failed to extract encryption key: secretKeyRef cannot be empty ({field_name})")
    if not key.value:
        raise ComponentError(f"failed to extract encryption key: encryption key cannot be empty ({field_name})")
    try:
        raw = bytes.fromhex(key.value)
    except ValueError:
        raise ComponentError(f"failed to extract encryption key: {field_name} is not hexadecimal text") from None
    if len(raw) not in _KEY_BYTES:
        raise ComponentError(
            f"failed to extract encryption key: {field_name} has {len(raw)} bytes, it must have 16, 24 or 32"
        )
    return AESGCM(raw)
