"""Keeps ``caBundle`` of the webhook's registration equal to the trust anchors (control-plane.md §5.1).

The API server believes the injector by that field alone. It is written at the start, after each change of the anchors,
and again when somebody, such as an upgrade of the chart, has written something else there.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Callable
from typing import Final

from dapr_core.kube import Informer, KubeClient, KubeError, Object, Patch, Selector
from dapr_core.kube.backoff import Backoff
from dapr_core.kube.kinds import MUTATING_WEBHOOK
from dapr_core.kube.reflector import Following
from dapr_core.process.health import Target

log = logging.getLogger("dapr.injector.service")

NAME: Final = "dapr-sidecar-injector"
HEALTH_TARGET: Final = "webhook-configuration"


class WebhookConfiguration:
    """The registration, by its one field that changes.

    Args:
        client: of the cluster.
        anchors: gives the trust anchors in force, PEM.
        health: ready once the field was right.
    """

    def __init__(self, client: KubeClient, anchors: Callable[[], bytes], health: Target) -> None:
        self._client = client
        self._anchors = anchors
        self._health = health
        self._due = asyncio.Event()
        self._due.set()
        following = Following(kind=MUTATING_WEBHOOK, selector=Selector.of_name(NAME), project=_bundle)
        self._registration = Informer(client, following)
        self._registration.subscribe(lambda _change: self._due.set())

    def anchors_changed(self) -> None:
        """Write it again."""
        self._due.set()

    async def follow(self) -> None:
        """Follow the registration, for ever."""
        await self._registration.run()

    async def keep(self) -> None:
        """Keep the field right, for ever."""
        await self._registration.wait_synced()
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
                    "Cannot write the trust anchors into MutatingWebhookConfiguration %s, trying again in %.1f s: %s",
                    NAME,
                    wait,
                    error,
                )
                await asyncio.sleep(wait)
                self._due.set()

    async def _write(self) -> None:
        wanted = base64.b64encode(self._anchors()).decode()
        present = [bundle for _, bundle in self._registration.cache.items()]
        if not present:
            log.warning("There is no MutatingWebhookConfiguration %s; no pod gets a sidecar until it is there", NAME)
            self._health.not_ready()
            return
        if present != [wanted]:
            # "add" also replaces, and works where the field is missing, as after an install.
            change = [{"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": wanted}]
            await self._client.patch(MUTATING_WEBHOOK, NAME, change, form=Patch.JSON)
            log.info("The trust anchors are written into MutatingWebhookConfiguration %s", NAME)
        self._health.ready()


def _bundle(registration: Object) -> str:
    webhooks = registration.get("webhooks")
    first = webhooks[0] if isinstance(webhooks, list) and webhooks else {}
    config = first.get("clientConfig") if isinstance(first, dict) else None
    found = config.get("caBundle") if isinstance(config, dict) else None
    return found if isinstance(found, str) else ""
