"""Events about pods that asked for a sidecar and did not get one, where whoever looks for the cause will find them.

The pod does not exist yet, so an Event is about the controller that makes it. A controller tries again and again:
one Event in five minutes is enough, and their number is bounded whatever the cluster does.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from dapr_core.kube import KubeClient, KubeError
from dapr_core.kube.kinds import EVENT
from dapr_injector.patch.pod import Json, Pod

log = logging.getLogger("dapr.injector.service")

AGAIN: Final = 300.0
"""Seconds after which the same is said again."""
_REMEMBERED: Final = 1000
_WAITING: Final = 100
"""Events that may wait to be written; more are dropped, for the log has them too."""
_LONGEST_NOTE: Final = 1000


@dataclass(frozen=True, slots=True)
class Notice:
    """One Event to be."""

    namespace: str
    regarding: Json
    note: str


class Notices:
    """Writes Events one after another; ``run`` has to run."""

    def __init__(self, client: KubeClient, instance: str, *, now: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._instance = instance
        self._now = now
        self._queue: asyncio.Queue[Notice] = asyncio.Queue(_WAITING)
        self._said: OrderedDict[tuple[str, ...], float] = OrderedDict()

    def not_injected(self, pod: Pod, namespace: str, note: str) -> None:
        """Say why a pod got no sidecar."""
        regarding = _regarding(pod, namespace)
        if regarding is None or not self._new(regarding, note):
            return
        try:
            self._queue.put_nowait(Notice(namespace, regarding, note[:_LONGEST_NOTE]))
        except asyncio.QueueFull:
            log.debug("Too many Events wait to be written; one is dropped")

    async def run(self) -> None:
        """Write what comes, for ever."""
        while True:
            notice = await self._queue.get()
            try:
                await self._client.create(EVENT, self._event(notice))
            except (KubeError, ValueError) as error:
                log.warning("Cannot write an Event about %s: %s", notice.regarding.get("name"), error)

    def _new(self, regarding: Json, note: str) -> bool:
        key = (str(regarding.get("uid")), str(regarding.get("name")), note)
        now = self._now()
        said = self._said.get(key)
        if said is not None and now - said < AGAIN:
            return False
        self._said[key] = now
        self._said.move_to_end(key)
        while len(self._said) > _REMEMBERED:
            self._said.popitem(last=False)
        return True

    def _event(self, notice: Notice) -> Json:
        return {
            "apiVersion": EVENT.api_version,
            "kind": EVENT.name,
            "metadata": {"generateName": "dapr-sidecar-injector-", "namespace": notice.namespace},
            "eventTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "reportingController": "dapr.io/sidecar-injector",
            "reportingInstance": self._instance[:128],
            "action": "Inject",
            "reason": "SidecarNotInjected",
            "type": "Warning",
            "regarding": notice.regarding,
            "note": notice.note,
        }


def _regarding(pod: Pod, namespace: str) -> Json | None:
    owner = pod.owner
    if owner is not None:
        named = {
            name: owner[name] for name in ("apiVersion", "kind", "name", "uid") if isinstance(owner.get(name), str)
        }
        return named | {"namespace": namespace}
    if pod.name:
        return {"apiVersion": "v1", "kind": "Pod", "name": pod.name, "namespace": namespace}
    return None
