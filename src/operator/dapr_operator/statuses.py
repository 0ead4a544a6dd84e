"""Writes what is wrong with a resource into its status, and as an Event. Only the leader does.

A resource that was never wrong has no status: writing one to each good resource would be a write for every object of
the cluster, and news of it for every sidecar.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any, Final

from dapr_core.kube import ConflictError, Key, Kind, KubeClient, KubeError, NotFoundError
from dapr_core.kube.events import EventRecorder, Regarding
from dapr_core.kube.objects import section, uid_of
from dapr_core.kube.workqueue import WorkQueue
from dapr_operator.resources.checking import BAD, condition, differs, present_condition, problems

log = logging.getLogger("dapr.operator.status")

_WORKERS: Final = 4

Name = tuple[Kind, Key]


class Statuses:
    """Knows which resources are wrong, and says so while it leads.

    Args:
        client: of the cluster.
        events: tells of resources that are wrong.
    """

    def __init__(self, client: KubeClient, events: EventRecorder) -> None:
        self._client = client
        self._events = events
        self._wrong: dict[Name, tuple[str, ...]] = {}
        self._told: set[Name] = set()
        self._queue: WorkQueue[Name] = WorkQueue(self._write, workers=_WORKERS)
        self._leads = False

    def look(self, kind: Kind, key: Key, thing: dict[str, Any]) -> None:
        """A resource is there, or changed."""
        name = (kind, key)
        found = problems(kind, thing)
        if found:
            if self._wrong.get(name) != found:
                log.warning("%s %s cannot be used: %s", kind.name, key, "; ".join(found))
            self._wrong[name] = found
        else:
            self._wrong.pop(name, None)
        if found or present_condition(thing):
            self._told.add(name)
            self._ask(name)

    def gone(self, kind: Kind, key: Key) -> None:
        """A resource is gone."""
        self._wrong.pop((kind, key), None)
        self._told.discard((kind, key))

    async def lead(self) -> None:
        """Write, until cancelled."""
        self._leads = True
        try:
            for name in self._told:
                self._ask(name)
            await self._queue.run()
        finally:
            self._leads = False

    def _ask(self, name: Name) -> None:
        if self._leads:
            self._queue.add(name)

    async def _write(self, name: Name) -> bool:
        kind, key = name
        try:
            # The status is judged on the object as it is now, not on the news that led here.
            thing = await self._client.get(kind, key.name, key.namespace)
            found = problems(kind, thing)
            if found:
                regarding = Regarding.to(kind, key, uid_of(thing))
                await self._events.tell(regarding, "Read", BAD, "; ".join(found))
            wanted = condition(found, _generation(thing), datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
            present = present_condition(thing)
            if not differs(present, wanted):
                return True
            if present.get("status") == wanted["status"]:
                wanted["lastTransitionTime"] = present.get("lastTransitionTime") or wanted["lastTransitionTime"]
            status = {"observedGeneration": wanted["observedGeneration"], "conditions": [wanted]}
            await self._client.patch(kind, key.name, {"status": status}, key.namespace, subresource="status")
        except NotFoundError:
            # It is gone, or the cluster has the public project's definitions, which know no status.
            return True
        except ConflictError:
            return False
        except KubeError as error:
            log.warning("Cannot write the status of %s %s: %s", kind.name, key, error)
            return False
        return True


def _generation(thing: dict[str, Any]) -> int:
    found = section(thing, "metadata").get("generation")
    return found if isinstance(found, int) else 0
