"""How a client proves itself to the API: a bearer token that is read anew, or one that stays.

The kubelet replaces a projected token before it expires and tells nobody, so the file is looked at again every minute,
as the official clients do, and at once when the server does not know the token any more.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from dapr_core.kube.errors import KubeError

FRESH: Final = 60.0
"""Seconds for which a token that was read is used."""
MAX_TOKEN: Final = 64 * 1024


class CredentialError(KubeError):
    """The credentials cannot be read; the message names the file, never the token."""


class Credential(ABC):
    """Gives the value of the ``Authorization`` field."""

    @abstractmethod
    def authorization(self) -> bytes:
        """The value now; empty sends none. Raises ``CredentialError``."""

    def refused(self) -> bool:
        """The server did not know it: whether it is worth trying again."""
        return False


@dataclass(frozen=True, slots=True)
class Token(Credential):
    """A token that stays."""

    token: str = field(repr=False)

    def authorization(self) -> bytes:
        return bearer(self.token, "the token in the kubeconfig")


class NoToken(Credential):
    """A client certificate says all, or nothing does."""

    def authorization(self) -> bytes:
        return b""


class TokenFile(Credential):
    """A token that somebody else keeps fresh in a file.

    Args:
        path: the file.
        now: seconds of a clock that never goes back.
    """

    def __init__(self, path: str, *, now: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self._now = now
        self._read_at = 0.0
        self._value = b""

    def authorization(self) -> bytes:
        if not self._value or self._now() - self._read_at >= FRESH:
            self._value = self._read()
            self._read_at = self._now()
        return self._value

    def refused(self) -> bool:
        before, self._value = self._value, b""
        return self.authorization() != before

    def _read(self) -> bytes:
        try:
            with open(self.path, "rb") as file:
                data = file.read(MAX_TOKEN + 1)
        except OSError as error:
            if self._value:  # in the middle of being replaced, or gone: the one we have may still be good
                return self._value
            raise CredentialError(f"cannot read the token {self.path}: {error.strerror or error}") from None
        try:
            return bearer(data.decode("ascii").strip(), f"the token in {self.path}")
        except UnicodeDecodeError:
            raise CredentialError(f"the token in {self.path} is no ASCII text") from None


def bearer(token: str, what: str) -> bytes:
    """The field's value for a token (RFC 6750 §2.1).

    Raises:
        CredentialError: it is empty, too long, or cannot stand in a header.
    """
    if not token:
        raise CredentialError(f"{what} is empty")
    if len(token) > MAX_TOKEN:
        raise CredentialError(f"{what} is longer than {MAX_TOKEN} bytes")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise CredentialError(f"{what} holds characters that no token has")
    return b"Bearer " + token.encode("ascii")
