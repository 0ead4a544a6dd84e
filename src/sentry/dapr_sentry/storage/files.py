"""The store of standalone mode: files in the directory of ``--issuer-credentials`` (control-plane.md §1.7).

Three files make an issuer; ``dapr_core.identity.rotation.files`` changes them in one step, also for the command line
that rotates them. For the JWT key the order of its two files is enough, key last: a key set alone is what a crash left,
a key alone is a user's mistake.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from dapr_core.identity import atomic
from dapr_core.identity.files import changes, look
from dapr_core.identity.issuer import InvalidIssuerError, Issuer, check
from dapr_core.identity.rotation.files import FolderStore
from dapr_core.identity.rotation.stages import replaced
from dapr_core.identity.rotation.store import TrustStoreError
from dapr_sentry.authority.jwtkeys import InvalidJwtKeysError, JwtKeys, check_jwt_keys
from dapr_sentry.storage.contract import Store, StoreError

log = logging.getLogger("dapr.sentry.ca")

MAX_FILE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Paths:
    """Where each item lies."""

    anchors: Path
    certificate: Path
    key: Path
    jwt_key: Path
    jwks: Path

    @classmethod
    def under(cls, directory: str, *, anchors: str, certificate: str, key: str, jwt_key: str, jwks: str) -> Paths:
        """Names within a directory; an absolute name stands for itself. Of the JWT's names only absolute ones count."""
        base = Path(directory)
        return cls(
            base / anchors,
            base / certificate,
            base / key,
            Path(jwt_key) if os.path.isabs(jwt_key) else base / "jwt.key",
            Path(jwks) if os.path.isabs(jwks) else base / "jwks.json",
        )

    @property
    def all(self) -> tuple[Path, ...]:
        """Every file, for watching."""
        return (self.anchors, self.certificate, self.key, self.jwt_key, self.jwks)


class FileStore(Store):
    """Reads and writes the items. Every method may block for as long as the disk does.

    Args:
        paths: where they lie.
        jwt_algorithm, jwt_kid: what the JWT key must be for, and be called.
        checkpoint: see ``atomic``.
    """

    def __init__(
        self,
        paths: Paths,
        *,
        jwt_algorithm: str = "RS256",
        jwt_kid: str = "",
        checkpoint: Callable[[str], None] = atomic.nowhere,
    ) -> None:
        self.paths = paths
        self._jwt_algorithm = jwt_algorithm
        self._jwt_kid = jwt_kid
        self._checkpoint = checkpoint
        items = {"ca.crt": paths.anchors, "issuer.crt": paths.certificate, "issuer.key": paths.key}
        self._folder = FolderStore(paths.anchors.parent, items, checkpoint=checkpoint)

    def load_issuer(self, at: datetime) -> Issuer | None:
        with self._opened():
            return self._load(at)

    def ensure_issuer(self, make: Callable[[], Issuer], at: datetime) -> tuple[Issuer, bool]:
        with self._opened():
            found = self._load(at)
            if found is not None:
                return found, False
            self._warn_of_replaced()
            issuer = make()
            self._folder.put(replaced(issuer))
            return issuer, True

    @contextmanager
    def _opened(self) -> Iterator[None]:
        """Be alone with the issuer's files, in a whole state."""
        try:
            with self._folder.opened():
                yield
        except TrustStoreError as error:
            raise StoreError(
                f"{error}; the directory of --issuer-credentials must exist and be writable, or hold all three files"
            ) from None

    def _load(self, at: datetime) -> Issuer | None:
        found = self._folder.peek()
        if not found.is_whole:
            return None
        try:
            return check(found.anchors, found.chain, found.key, at)
        except InvalidIssuerError as error:
            paths = self.paths
            where = f"{paths.anchors}, {paths.certificate} and {paths.key}"
            raise StoreError(f"the issuer in {where} cannot be used: {error}") from None

    @property
    def issuer_gone(self) -> bool:
        """Whether none of the issuer's files is there: somebody wants a new one."""
        paths = self.paths
        return not any(path.exists() for path in (paths.anchors, paths.certificate, paths.key))

    def load_jwt_keys(self) -> JwtKeys | None:
        """The JWT key and its set; None when there is no key.

        Raises:
            StoreError: they cannot be read or used, or the set is missing.
        """
        paths = self.paths
        key = _read(paths.jwt_key)
        if not key:
            return None
        jwks = _read(paths.jwks)
        if jwks is None:
            raise StoreError(f"there is a JWT signing key in {paths.jwt_key} and no JWKS in {paths.jwks}; give both")
        try:
            return check_jwt_keys(key, jwks, algorithm=self._jwt_algorithm, kid=self._jwt_kid)
        except InvalidJwtKeysError as error:
            raise StoreError(f"{error} (key in {paths.jwt_key}, JWKS in {paths.jwks})") from None

    def ensure_jwt_keys(self, make: Callable[[], JwtKeys]) -> JwtKeys:
        """The JWT key and its set, made and stored if there is no key. Processes that race agree on one.

        Raises:
            StoreError: see ``load_jwt_keys``; also when nothing can be written.
        """
        directory = self.paths.jwt_key.parent
        try:
            with atomic.locked(directory):
                found = self.load_jwt_keys()
                if found is not None:
                    return found
                keys = make()
                atomic.write(self.paths.jwks, keys.jwks, self._checkpoint)
                atomic.write(self.paths.jwt_key, keys.key_pem, self._checkpoint)
                return keys
        except OSError as error:
            raise StoreError(f"cannot store a new JWT signing key in {directory}: {error.strerror or error}") from None

    def changes(self) -> AsyncIterator[object]:
        """Any of the files is another one, or gone; or a change of them was begun, which then is finished here."""
        watched = (*self.paths.all, self._folder.journal)
        return changes(watched, seen=look(watched))

    def _warn_of_replaced(self) -> None:
        paths = self.paths
        there = [str(path) for path in (paths.anchors, paths.certificate, paths.key) if path.exists()]
        if there:
            log.warning("An issuer needs three files and only %s is there; making a new root", ", ".join(there))


def _read(path: Path) -> bytes | None:
    """The content; None when there is no such file."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_FILE + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror or error}") from None
    if len(data) > MAX_FILE:
        raise StoreError(f"{path} is longer than {MAX_FILE} bytes")
    return data
