"""Events (``events.k8s.io/v1``): what went wrong with an object, written where whoever looks for the cause will look.

What goes wrong does so again and again while something retries: the same is said once in five minutes, and what waits
to be written is bounded whatever the cluster does.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from dapr_core.kube.client import KubeClient
from dapr_core.kube.errors import KubeError
from dapr_core.kube.kinds import EVENT, Kind
from dapr_core.kube.objects import Key, Object

log = logging.getLogger("dapr.kube")

AGAIN: Final = 300.0
"""Seconds after which the same is said again."""
_REMEMBERED: Final = 1000
_WAITING: Final = 100
"""Events that may wait to be written; more are dropped, for the log has them too."""
_LONGEST_NOTE: Final = 1000
_LONGEST_INSTANCE: Final = 128


@dataclass(frozen=True, slots=True)
class Regarding:
    """The object an Event is about; ``uid`` may be unknown."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str = ""

    @classmethod
    def to(cls, kind: Kind, key: Key, uid: str = "") -> Regarding:
        """An object by its kind."""
        return cls(kind.api_version, kind.name, key.namespace, key.name, uid)

    @property
    def reference(self) -> Object:
        """As an ``ObjectReference``."""
        found = {"apiVersion": self.api_version, "kind": self.kind, "namespace": self.namespace, "name": self.name}
        return found | ({"uid": self.uid} if self.uid else {})


@dataclass(frozen=True, slots=True)
class _Said:
    regarding: Regarding
    action: str
    reason: str
    note: str


class EventRecorder:
    """Writes Events of type ``Warning`` one after another; ``run`` has to run.

    Args:
        client: of the cluster.
        controller: who tells, as ``dapr.io/operator``.
        instance: which replica of it.
        now: seconds of a clock that never goes back.
    """

    def __init__(
        self, client: KubeClient, controller: str, instance: str, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._controller = controller
        self._instance = instance[:_LONGEST_INSTANCE]
        self._now = now
        self._queue: asyncio.Queue[_Said] = asyncio.Queue(_WAITING)
        self._remembered: OrderedDict[_Said, float] = OrderedDict()

    def warn(self, regarding: Regarding, action: str, reason: str, note: str) -> None:
        """Say what was to be done (``action``), what went wrong in one word (``reason``), and in words."""
        said = _Said(regarding, action, reason, note[:_LONGEST_NOTE])
        if not self._is_new(said):
            return
        try:
            self._queue.put_nowait(said)
        except asyncio.QueueFull:
            log.debug("Too many Events wait to be written; one about %s is dropped", regarding.name)

    async def tell(self, regarding: Regarding, action: str, reason: str, note: str) -> None:
        """The same, and wait until it is written: for who can try again, and must not be dropped where many are wrong.

        Raises:
            KubeError, ValueError: it is not written; nobody has been told.
        """
        said = _Said(regarding, action, reason, note[:_LONGEST_NOTE])
        if not self._is_new(said):
            return
        try:
            await self._client.create(EVENT, self._event(said))
        except BaseException:
            self._remembered.pop(said, None)
            raise

    async def run(self) -> None:
        """Write what comes, for ever."""
        while True:
            said = await self._queue.get()
            try:
                await self._client.create(EVENT, self._event(said))
            except (KubeError, ValueError) as error:
                log.warning("Cannot write an Event about %s: %s", said.regarding.name, error)

    def _is_new(self, said: _Said) -> bool:
        now = self._now()
        before = self._remembered.get(said)
        if before is not None and now - before < AGAIN:
            return False
        self._remembered[said] = now
        self._remembered.move_to_end(said)
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return True

    def _event(self, said: _Said) -> Mapping[str, Any]:
        return {
            "apiVersion": EVENT.api_version,
            "kind": EVENT.name,
            # Events of a thing without namespace stand in the default one.
            "metadata": {"generateName": "dapr-", "namespace": said.regarding.namespace or "default"},
            "eventTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "reportingController": self._controller,
            "reportingInstance": self._instance,
            "action": said.action,
            "reason": said.reason,
            "type": "Warning",
            "regarding": said.regarding.reference,
            "note": said.note,
        }
