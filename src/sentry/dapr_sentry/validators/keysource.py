"""Where the keys of the ``jwks`` validator come from: a literal, a file that is watched, or a URL that is asked again.

Each source gives the whole set; what is in force stays when a refresh fails (control-plane.md §1.4).
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import os
import ssl
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit

from dapr_core.identity.files import INTERVAL, State, changes, look
from dapr_core.identity.jwk import MAX_SET, InvalidJwkError, JwkSet, parse_set
from dapr_core.rpc.http1.client import HTTP1Client, Origin
from dapr_core.rpc.http1.errors import BadResponseError, ServerClosedError
from dapr_core.rpc.messages import BodyBrokenError, Request
from dapr_core.rpc.tls import client_context
from dapr_sentry.validators.contract import ValidatorStartError

log = logging.getLogger("dapr.sentry.identity.jwks")

RETRY: Final = 30.0
"""Seconds until a failed refresh is tried again, at most."""
MAX_REDIRECTS: Final = 5
_REDIRECTS: Final = (301, 302, 303, 307, 308)


class KeySourceError(ValidatorStartError):
    """The keys cannot be had; the message names the source and what to do."""


class KeySource(ABC):
    """Gives a set of keys, now and when it changes."""

    @abstractmethod
    async def load(self) -> JwkSet:
        """The set now. Raises ``KeySourceError``."""

    @abstractmethod
    def updates(self) -> AsyncIterator[JwkSet]:
        """Yield the set after each change or refresh, for ever."""


class LiteralKeys(KeySource):
    """A set written into the Configuration."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    async def load(self) -> JwkSet:
        return _parse(self._text, "the JWKS in the Configuration")

    async def updates(self) -> AsyncIterator[JwkSet]:
        await asyncio.Event().wait()
        yield JwkSet(())


class FileKeys(KeySource):
    """A set in a file."""

    def __init__(self, path: str, *, interval: float = INTERVAL) -> None:
        self._path = path
        self._interval = interval
        self._seen: State | None = None

    async def load(self) -> JwkSet:
        self._seen = look([self._path])
        return self._read()

    async def updates(self) -> AsyncIterator[JwkSet]:
        async for _ in changes([self._path], seen=self._seen, interval=self._interval):
            try:
                keys = self._read()
            except KeySourceError as error:
                log.error("Keeping the keys in force: %s", error)
                continue
            log.info("The JWKS file %s has changed; it holds %d keys", self._path, len(keys.keys))
            yield keys

    def _read(self) -> JwkSet:
        try:
            with open(self._path, "rb") as file:
                text = file.read(MAX_SET + 1)
        except OSError as error:
            raise KeySourceError(f"cannot read the JWKS file {self._path}: {error.strerror or error}") from None
        return _parse(text, f"the JWKS file {self._path}")


class UrlKeys(KeySource):
    """A set that a web server gives; asked again every ``refresh`` seconds."""

    def __init__(self, url: str, *, ca: bytes = b"", refresh: float, timeout: float) -> None:
        self.url = url
        self._ca = ca
        self._refresh = refresh
        self._timeout = timeout

    async def load(self) -> JwkSet:
        try:
            async with asyncio.timeout(self._timeout):
                return _parse(await self._get(), f"the JWKS at {self.url}")
        except TimeoutError:
            raise KeySourceError(f"{self.url} gave no JWKS within {self._timeout:g} seconds") from None
        except (OSError, ValueError, ServerClosedError, BadResponseError, BodyBrokenError) as error:
            raise KeySourceError(f"cannot fetch the JWKS from {self.url}: {error}") from None

    async def updates(self) -> AsyncIterator[JwkSet]:
        delay = self._refresh
        while True:
            await asyncio.sleep(delay)
            try:
                keys = await self.load()
            except KeySourceError as error:
                log.error("Keeping the keys in force: %s", error)
                delay = min(self._refresh, RETRY)
            else:
                delay = self._refresh
                yield keys

    async def _get(self) -> bytes:
        client = HTTP1Client(max_per_host=1)
        url = self.url
        try:
            for _ in range(MAX_REDIRECTS + 1):
                origin, target = _origin(url, self._ca)
                headers = [(b"accept", b"application/json, application/jwk-set+json")]
                response = await client.request(origin, Request("GET", target, headers))
                if response.status in _REDIRECTS:
                    url = _redirected(url, response.header(b"location"))
                    continue
                if response.status != 200:
                    raise KeySourceError(f"{url} answered with status {response.status}, not 200")
                return await _bounded(response.body)
            raise KeySourceError(f"{self.url} redirects more than {MAX_REDIRECTS} times")
        finally:
            await client.close()


def key_source(source: str, *, ca: bytes, refresh: float, timeout: float) -> KeySource:
    """The source that an option names: a URL, the path of an existing file, or the set itself, plain or in base64.

    Raises:
        KeySourceError: it is none of them.
    """
    if source.startswith(("https://", "http://")):
        return UrlKeys(source, ca=ca, refresh=refresh, timeout=timeout)
    if os.path.isfile(source) if len(source) < 4096 and "\0" not in source else False:
        return FileKeys(source)
    text = source.strip().encode()
    if not text.startswith(b"{"):
        try:
            text = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            text = b""
    if not text.lstrip().startswith(b"{"):
        raise KeySourceError(
            "the option 'source' of the validator 'jwks' is no URL, no existing file, and no JWKS; give one of them"
        )
    return LiteralKeys(text)


def ca_certificate(value: str) -> bytes:
    """The PEM of the option ``caCertificate``, which is that or the path of a file; empty stays empty.

    Raises:
        KeySourceError: it is neither.
    """
    if not value or "-----BEGIN CERTIFICATE-----" in value:
        return value.encode()
    try:
        return Path(value).read_bytes()
    except (OSError, ValueError):
        raise KeySourceError(
            "the option 'caCertificate' is no certificate in PEM and no file that can be read"
        ) from None


def _parse(text: bytes, what: str) -> JwkSet:
    try:
        return parse_set(text)
    except InvalidJwkError as error:
        raise KeySourceError(f"{what} cannot be used: {error}") from None


def _origin(url: str, ca: bytes) -> tuple[Origin, bytes]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise KeySourceError(f"{url} is no http or https URL")
    tls: ssl.SSLContext | None = client_context(True, ca) if parts.scheme == "https" else None
    port = parts.port or (443 if tls is not None else 80)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Origin(parts.hostname, port, tls=tls), target.encode("ascii", "strict")


def _redirected(url: str, location: bytes | None) -> str:
    target = urljoin(url, (location or b"").decode("latin-1"))
    if url.startswith("https:") and not target.startswith("https:"):
        raise KeySourceError(f"{url} redirects from https to something less; keys are not fetched from there")
    return target


async def _bounded(body: object) -> bytes:
    """The body, if it is not longer than a key set may be."""
    if isinstance(body, bytes):
        return body
    data = b""
    async for chunk in body:  # type: ignore[attr-defined]  # a response's body is bytes or a stream of them
        data += chunk
        if len(data) > MAX_SET:
            raise KeySourceError(f"the JWKS is longer than {MAX_SET} bytes")
    return data
