"""Keeps the Services: one for each workload with sidecars, as it should be. Only the leader does."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Final

from dapr_core.kube import AlreadyExistsError, ConflictError, Key, Kind, KubeClient, KubeError, NotFoundError, Object
from dapr_core.kube.events import EventRecorder, Regarding
from dapr_core.kube.kinds import SERVICE
from dapr_core.kube.objects import key_of
from dapr_core.kube.workqueue import WorkQueue
from dapr_operator.metrics import OperatorMetrics
from dapr_operator.workloads.service import refusal, service_of, updated
from dapr_operator.workloads.workload import InvalidAppIdError, Workload

log = logging.getLogger("dapr.operator.handlers")

_WORKERS: Final = 16

Name = tuple[Kind, Key]


class Services:
    """Knows the workloads, and makes their Services while it leads.

    Args:
        client: of the cluster.
        mtls: whether sidecars speak mTLS to one another.
        events: tells of workloads that can have no Service.
        metrics: what is counted.
    """

    def __init__(
        self, client: KubeClient, mtls: Callable[[], bool], events: EventRecorder, metrics: OperatorMetrics
    ) -> None:
        self._client = client
        self._mtls = mtls
        self._events = events
        self._metrics = metrics
        self._workloads: dict[Name, Workload] = {}
        self._queue: WorkQueue[Name] = WorkQueue(self._reconcile, workers=_WORKERS)
        self._leads = False

    # --- News; every replica hears them

    def workload(self, kind: Kind, thing: Object) -> None:
        """A workload is there, or changed."""
        found = Workload.of(kind, thing)
        if found is None:
            self.workload_gone(kind, key_of(thing))
            return
        name = (kind, found.key)
        if self._workloads.get(name) != found:
            self._workloads[name] = found
            self._ask(name)

    def workload_gone(self, kind: Kind, key: Key) -> None:
        """A workload is gone, or wants no sidecar any more. Its Service stays: the cluster collects it with the
        workload, and somebody may still use it without."""
        self._workloads.pop((kind, key), None)

    def service(self, uid: str) -> None:
        """A Service of this owner changed or went."""
        for name, workload in self._workloads.items():
            if workload.uid == uid:
                self._ask(name)

    def all_again(self) -> None:
        """Something changed that concerns every Service, such as whether sidecars speak mTLS."""
        for name in self._workloads:
            self._ask(name)

    @property
    def names(self) -> Iterable[Name]:
        """All workloads that are known."""
        return list(self._workloads)

    # --- Work; only the leader does it

    async def lead(self) -> None:
        """Keep the Services, until cancelled."""
        self._leads = True
        try:
            self.all_again()
            await self._queue.run()
        finally:
            self._leads = False

    def _ask(self, name: Name) -> None:
        if self._leads:
            self._queue.add(name)

    async def _reconcile(self, name: Name) -> bool:
        workload = self._workloads.get(name)
        if workload is None:
            return True
        try:
            await self._make(workload)
        except InvalidAppIdError as error:
            self._warn(workload, str(error))
        except (ConflictError, AlreadyExistsError):
            return False
        except KubeError as error:
            log.error("Cannot make the Service of %s %s, trying again: %s", workload.kind.name, workload.key, error)
            return False
        return True

    async def _make(self, workload: Workload) -> None:
        wanted = service_of(workload, mtls=self._mtls())
        name, namespace = wanted["metadata"]["name"], workload.key.namespace
        try:
            present = await self._client.get(SERVICE, name, namespace)
        except NotFoundError:
            await self._client.create(SERVICE, wanted)
            self._metrics.service_created(workload.app_id)
            log.debug("Made Service %s/%s", namespace, name)
            return
        if reason := refusal(present, workload):
            self._warn(workload, f"Service {name} is left alone: {reason}")
            return
        changed = updated(present, wanted)
        if changed is not None:
            await self._client.update(SERVICE, changed)
            self._metrics.service_updated(workload.app_id)
            log.debug("Brought Service %s/%s up to date", namespace, name)

    def _warn(self, workload: Workload, note: str) -> None:
        log.error("%s %s: %s", workload.kind.name, workload.key, note)
        regarding = Regarding.to(workload.kind, workload.key, workload.uid)
        self._events.warn(regarding, "MakeService", "NoServiceForSidecars", note)
