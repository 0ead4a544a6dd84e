"""Where a process takes its trust anchors from: a value, or a file that is watched (control-plane.md §2.2, §2.7)."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.certificates import InvalidCertificateError
from dapr_core.identity.files import INTERVAL, State, changes, look

log = logging.getLogger("dapr.runtime.security")

POLL: Final = 1.0
"""Seconds between looks for a file that is not there yet."""


class AnchorsError(ValueError):
    """There are no usable trust anchors; the message says what to give."""


class AnchorSource(ABC):
    """Gives the anchors, now and when they change."""

    @abstractmethod
    async def load(self) -> TrustBundle:
        """The anchors now; waits until there are some.

        Raises:
            AnchorsError: what is there are no anchors.
        """

    @abstractmethod
    def updates(self) -> AsyncIterator[TrustBundle]:
        """Yield the anchors after each change, for ever."""


class StaticAnchors(AnchorSource):
    """Anchors given as text once, as the environment variable of a sidecar does; they never change."""

    def __init__(self, pem: str) -> None:
        try:
            self.bundle = TrustBundle.parse(pem.encode())
        except InvalidCertificateError as error:
            raise AnchorsError(f"failed to load trust anchors: {error}") from None

    async def load(self) -> TrustBundle:
        return self.bundle

    async def updates(self) -> AsyncIterator[TrustBundle]:
        await asyncio.Event().wait()
        yield self.bundle


class FileAnchors(AnchorSource):
    """Anchors in a file, such as a mounted ConfigMap; a change is in force within half a second."""

    def __init__(self, path: str, *, interval: float = INTERVAL, poll: float = POLL) -> None:
        self.path = path
        self._interval = interval
        self._poll = poll
        self._bundle: TrustBundle | None = None
        self._seen: State | None = None

    async def load(self) -> TrustBundle:
        while True:
            self._seen = look([self.path])
            try:
                self._bundle = self._read()
            except FileNotFoundError:
                log.warning("Trust anchors file '%s' not found, waiting...", self.path)
                await asyncio.sleep(self._poll)
            else:
                return self._bundle

    async def updates(self) -> AsyncIterator[TrustBundle]:
        async for _ in changes([self.path], seen=self._seen, interval=self._interval):
            try:
                bundle = self._read()
            except (AnchorsError, FileNotFoundError) as error:
                log.error("Keeping the trust anchors in force: %s", error)
                continue
            if bundle != self._bundle:
                self._bundle = bundle
                yield bundle

    def _read(self) -> TrustBundle:
        try:
            return TrustBundle.parse(Path(self.path).read_bytes())
        except FileNotFoundError:
            raise
        except OSError as error:
            raise AnchorsError(f"cannot read the trust anchors file {self.path}: {error.strerror or error}") from None
        except InvalidCertificateError as error:
            raise AnchorsError(f"the trust anchors file {self.path} cannot be used: {error}") from None


def anchor_source(pem: str = "", file: str = "") -> AnchorSource:
    """The source that a process was told of, by value or by file.

    Raises:
        AnchorsError: none or both are given, or the value cannot be used.
    """
    if pem and file:
        raise AnchorsError("trust anchors cannot be specified in both the value and the file; give one of them")
    if file:
        return FileAnchors(file)
    if not pem:
        raise AnchorsError("trust anchors are required: set DAPR_TRUST_ANCHORS, or name a file")
    return StaticAnchors(pem)
