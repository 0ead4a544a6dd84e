"""Tells when the trust bundle in the cluster becomes another one.

Both objects are watched. Where the role allows no watch of the Secret (the original's does not), it is asked for every
few seconds; and what could not be read in time is asked for again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from dapr_core.kube.backoff import Backoff
from dapr_core.kube.cache import Change
from dapr_core.kube.client import KubeClient
from dapr_core.kube.errors import KubeError
from dapr_core.kube.informer import Informer
from dapr_core.kube.kinds import CONFIG_MAP, SECRET, Kind
from dapr_core.kube.objects import Object, section
from dapr_core.kube.paths import Selector
from dapr_core.kube.reflector import Following

POLL: Final = 5.0
"""Seconds between questions where the Secret cannot be watched."""


def fingerprint(thing: Object) -> str:
    """Of an object's ``data``: equal for equal data, and telling nothing of it."""
    return hashlib.sha256(json.dumps(section(thing, "data"), sort_keys=True).encode()).hexdigest()


async def bundle_changes(
    client: KubeClient, name: str, namespace: str, ask: Callable[[], Awaitable[str]], unsure: asyncio.Event
) -> AsyncIterator[None]:
    """Yield after each change, for ever; also once at the beginning, since something may have changed before.

    Args:
        client: of the cluster.
        name, namespace: of the Secret and the ConfigMap.
        ask: gives the fingerprint of the Secret, without a watch.
        unsure: set by whoever could not read what was told; told again until that is over.
    """
    news = asyncio.Event()

    def note(change: Change[str]) -> None:
        if change.old != change.new:
            news.set()

    def informer(kind: Kind) -> Informer[str]:
        following = Following(kind=kind, namespace=namespace, selector=Selector.of_name(name), project=fingerprint)
        made = Informer(client, following)
        made.subscribe(note)
        return made

    secret, config_map = informer(SECRET), informer(CONFIG_MAP)
    tasks = [asyncio.ensure_future(work) for work in (secret.run(), config_map.run(), _poll(secret, ask, news))]
    retry = Backoff(1.0)
    try:
        while True:
            wait = retry.next() if unsure.is_set() else None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await news.wait()
            news.clear()
            unsure.clear()
            yield
            if not unsure.is_set():
                retry.reset()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _poll(secret: Informer[str], ask: Callable[[], Awaitable[str]], news: asyncio.Event) -> None:
    """Ask for as long as there is no watch."""
    seen = ""
    while not secret.synced:
        try:
            now = await ask()
        except KubeError:
            now = seen
        if seen not in ("", now):
            news.set()
        seen = now
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL):
                await secret.wait_synced()
