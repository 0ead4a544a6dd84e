"""Keeps the authorities in a webhook's registration equal to the trust anchors (control-plane.md §4.8, §5.1).

The API server believes a webhook by that field alone. It is written at the start, after each change of the anchors,
and again when somebody, such as an upgrade of the chart, has written something else there. Of several replicas one
writes; the others see from the registration whether it is as it should be.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from dapr_core.kube.backoff import Backoff
from dapr_core.kube.client import KubeClient, Patch
from dapr_core.kube.errors import KubeError
from dapr_core.kube.informer import Informer
from dapr_core.kube.kinds import Kind
from dapr_core.kube.objects import Object
from dapr_core.kube.paths import Selector
from dapr_core.kube.reflector import Following
from dapr_core.process.health import Target

log = logging.getLogger("dapr.kube")

Changes = Callable[[Object, bytes], Sequence[Object]]
"""From a registration and the anchors (PEM) to the JSON patch that it needs; empty when it is right."""


class CaBundle:
    """One registration.

    Args:
        client: of the cluster.
        kind, name: of the registration.
        changes: what it needs.
        anchors: gives the trust anchors in force, PEM.
        health: ready while the registration is right.
    """

    def __init__(
        self,
        client: KubeClient,
        kind: Kind,
        name: str,
        changes: Changes,
        anchors: Callable[[], bytes],
        health: Target,
    ) -> None:
        self._client = client
        self._kind = kind
        self._name = name
        self._changes = changes
        self._anchors = anchors
        self._health = health
        self._due = asyncio.Event()
        self._registration: Informer[Object] = Informer(
            client, Following(kind=kind, selector=Selector.of_name(name), project=lambda thing: thing)
        )
        self._registration.subscribe(lambda _change: self._look())

    def anchors_changed(self) -> None:
        """Other anchors are in force."""
        if self._registration.synced:
            self._look()

    async def follow(self) -> None:
        """Follow the registration, for ever."""
        await self._registration.run()

    async def keep(self) -> None:
        """Write it whenever it is not right, for ever."""
        await self._registration.wait_synced()
        self._look()
        waits = Backoff()
        while True:
            await self._due.wait()
            self._due.clear()
            try:
                await self._write()
                waits.reset()
            except KubeError as error:
                wait = waits.next()
                log.error(
                    "Cannot write the trust anchors into %s %s, trying again in %.1f s: %s",
                    self._kind.name, self._name, wait, error,
                )  # fmt: skip
                await asyncio.sleep(wait)
                self._due.set()

    def _look(self) -> None:
        needed = self._needed()
        if needed is not None and not needed:
            self._health.ready()
        else:
            self._health.not_ready()
            self._due.set()

    def _needed(self) -> Sequence[Object] | None:
        """What is to be changed; None when there is no registration."""
        present = next(iter(self._registration.cache), None)
        return None if present is None else self._changes(present, self._anchors())

    async def _write(self) -> None:
        needed = self._needed()
        if needed is None:
            log.warning("There is no %s %s; the webhook is not called until it is there", self._kind.name, self._name)
        elif needed:
            await self._client.patch(self._kind, self._name, needed, form=Patch.JSON)
            log.info("The trust anchors are written into %s %s", self._kind.name, self._name)


def replaced(path: str, value: object) -> Object:
    """One operation of a JSON patch. ``add`` also replaces, and works where the field is missing."""
    return {"op": "add", "path": path, "value": value}
