"""Leader election at work: one replica of several runs the work, and another one takes over when it stops.

The work runs as a task that is cancelled when the lease is lost, and at the latest when others could think so. A stop
lets the work end first and releases the lease then, so that the next replica need not wait.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, Final

from dapr_core.kube.client import KubeClient
from dapr_core.kube.election import JITTER, Election, ElectionSettings, Record
from dapr_core.kube.errors import AlreadyExistsError, ConflictError, KubeError, NotFoundError
from dapr_core.kube.kinds import LEASE
from dapr_core.kube.objects import Object, version_of

log = logging.getLogger("dapr.kube")

RELEASE_WITHIN: Final = 5.0
"""Seconds to release the lease at the end."""


class Leader:
    """Stands for a lease.

    Args:
        client: the cluster.
        name, namespace: of the Lease.
        settings: who we are, and the times.
    """

    def __init__(self, client: KubeClient, name: str, namespace: str, settings: ElectionSettings) -> None:
        self._client = client
        self._name = name
        self._namespace = namespace
        self._settings = settings
        self._election = Election(settings)
        self._lease: Object | None = None
        self._told = ""

    @property
    def leads(self) -> bool:
        """Whether this replica may act now; ask again before each act that must not be done twice."""
        return self._election.leads(time.monotonic())

    @property
    def holder(self) -> str:
        """Who held the lease when it was last seen."""
        return self._election.holder

    async def run(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do the work whenever this replica leads, for ever; ends when the work returns, or raises what it raises.

        When this is cancelled, the work is, and the lease is released.
        """
        try:
            while True:
                await self._acquire()
                log.info("Leading by the lease %s/%s", self._namespace, self._name)
                if await self._lead(work):
                    return
                log.warning("Lost the lease %s/%s", self._namespace, self._name)
        finally:
            await self._release()

    async def _acquire(self) -> None:
        while True:
            await self._try(self._settings.renew_deadline)
            if self.leads:
                return
            if self._told != self.holder:
                self._told = self.holder
                log.info("The lease %s/%s is held by %s", self._namespace, self._name, self._told or "nobody yet")
            await asyncio.sleep(self._settings.retry_period * (1 + random.random() * (JITTER - 1)))

    async def _lead(self, work: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Work and renew; whether the work came to its end."""
        working = asyncio.ensure_future(work())
        renewing = asyncio.ensure_future(self._keep())
        try:
            await asyncio.wait([working, renewing], return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
                return True
            return False
        finally:
            await _end(working)  # while the lease is still renewed: nobody else may begin before this has ended
            await _end(renewing)
            self._told = ""

    async def _keep(self) -> None:
        """Renew until that fails for too long."""
        while (until := self._election.until) is not None:
            left = until - time.monotonic()
            await asyncio.sleep(min(self._settings.retry_period, max(0.0, left)))
            left = until - time.monotonic()
            if left <= 0:
                return
            await self._try(left)

    async def _try(self, limit: float) -> None:
        """One attempt to get or keep the lease, within so many seconds; failures are for the next one."""
        try:
            async with asyncio.timeout(limit):
                await self._attempt()
        except (ConflictError, AlreadyExistsError):
            self._lease = None  # another one was faster: look before the next attempt
        except (KubeError, TimeoutError) as error:
            self._lease = None
            log.warning("Cannot reach the lease %s/%s: %s", self._namespace, self._name, error or "no answer in time")

    async def _attempt(self) -> None:
        if self._lease is None or not self.leads:
            await self._look()
        record = self._election.attempt(time.monotonic(), datetime.now(UTC))
        if record is None:
            return
        sent = time.monotonic()
        self._lease = await self._write(record)
        self._election.wrote(record, version_of(self._lease), sent, time.monotonic())

    async def _look(self) -> None:
        try:
            lease = await self._client.get(LEASE, self._name, self._namespace)
        except NotFoundError:
            self._lease = None
            self._election.saw(None, "", time.monotonic())
        else:
            self._lease = lease
            self._election.saw(Record.of(lease), version_of(lease), time.monotonic())

    async def _write(self, record: Record) -> Object:
        if self._lease is None:
            thing = {"metadata": {"name": self._name, "namespace": self._namespace}, "spec": record.spec}
            return await self._client.create(LEASE, thing)
        return await self._client.update(LEASE, {**self._lease, "spec": {**self._lease.get("spec", {}), **record.spec}})

    async def _release(self) -> None:
        record = self._election.release(datetime.now(UTC))
        if record is None or self._lease is None:
            return
        try:
            async with asyncio.timeout(RELEASE_WITHIN):
                await self._write(record)
        except (KubeError, TimeoutError) as error:
            log.warning("Cannot release the lease %s/%s: %s; it expires", self._namespace, self._name, error)


async def _end(task: asyncio.Future[None]) -> None:
    """Cancel a task and wait for its end; what it raises then is told, not passed on."""
    if task.done():
        return
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("What a leader did failed while it was ended: %s", error, exc_info=error)
