"""Secrets as resources need them: read one by one, kept for a moment.

The operator may read Secrets and nothing more: it neither lists nor watches them, so that its memory never holds what
no resource asks for. A start of many sidecars at once reads each Secret once.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from dapr_core.kube import Kind, KubeClient, KubeError, NotFoundError, Object
from dapr_core.kube.kinds import SECRET
from dapr_operator.resources.resource import Resource, encode
from dapr_operator.resources.secrets import SecretData, copied

log = logging.getLogger("dapr.operator.api")

KEPT: Final = 1.0
"""Seconds for which a Secret is taken to be what it was."""
_AT_ONCE: Final = 16
"""Secrets that are read at the same time."""


class Secrets:
    """Reads Secrets and puts their values into resources."""

    def __init__(self, client: KubeClient, *, now: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._now = now
        self._kept: dict[tuple[str, str], tuple[float, asyncio.Future[SecretData]]] = {}
        self._limit = asyncio.Semaphore(_AT_ONCE)

    async def encoded(self, kind: Kind, resources: Iterable[Resource]) -> list[bytes]:
        """The JSON of resources of one kind, with what they take from Secrets."""
        listed = list(resources)
        found = [resource.encoded for resource in listed]
        # Few have any: a task for each of a thousand others would cost more than all the rest of the answer.
        asking = [index for index, resource in enumerate(listed) if resource.takes_secrets]
        values = await asyncio.gather(*(self.one(kind, listed[index]) for index in asking))
        for index, value in zip(asking, values, strict=True):
            found[index] = value
        return found

    async def one(self, kind: Kind, resource: Resource) -> bytes:
        """The JSON of one resource. Values that cannot be had are left out, with a line in the log."""
        if not resource.takes_secrets:
            return resource.encoded
        namespace, name = resource.key
        thing, references = copied(kind, resource.thing)
        for reference in references:
            try:
                data = await self._read(namespace, reference.secret)
            except (KubeError, ValueError) as error:
                log.warning("%s %s/%s: cannot read secret %s: %s", kind.name, namespace, name, reference.secret, error)
                continue
            if not reference.put(data):
                log.warning(
                    "%s %s/%s: key %r not found in secret %s",
                    kind.name, namespace, name, reference.key, reference.secret,
                )  # fmt: skip
        return encode(thing)

    async def _read(self, namespace: str, name: str) -> SecretData:
        key = (namespace, name)
        now = self._now()
        kept = self._kept.get(key)
        if kept is None or now - kept[0] >= KEPT:
            self._forget(now)
            reading: asyncio.Future[SecretData] = asyncio.ensure_future(self._fetch(namespace, name))
            kept = self._kept[key] = (now, reading)
        return await asyncio.shield(kept[1])

    async def _fetch(self, namespace: str, name: str) -> SecretData:
        async with self._limit:
            try:
                return _data(await self._client.get(SECRET, name, namespace))
            except NotFoundError:
                # As good as an empty one: every key is missing.
                return {}

    def _forget(self, now: float) -> None:
        for key in [key for key, (read, _) in self._kept.items() if now - read >= KEPT]:
            del self._kept[key]


def _data(secret: Object) -> SecretData:
    data = secret.get("data")
    found: dict[str, bytes] = {}
    for key, value in data.items() if isinstance(data, Mapping) else ():
        try:
            found[key] = base64.b64decode(value)
        except (binascii.Error, ValueError, TypeError):
            continue  # the API server takes no such value
    return found
