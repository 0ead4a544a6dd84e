"""Looks after pods that ask for a sidecar and came without: made while no injector ran, they are made again (§4.7).

A pod is deleted, so that its controller makes another one, which the injector sees. Only the leader does that, only
while an injector is there, and no faster than asked for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from dapr_core.kube import ConflictError, KubeClient, KubeError, NotFoundError, Object, Selector
from dapr_core.kube.kinds import DEPLOYMENT, POD
from dapr_core.kube.objects import annotations_of, key_of, metadata, section, text, uid_of
from dapr_core.timing.duration import InvalidDurationError, parse_seconds
from dapr_core.truth import is_truthy

log = logging.getLogger("dapr.operator.watchdog")

INJECTOR: Final = "dapr-sidecar-injector"
SIDECAR: Final = "daprd"
INJECTED_LABEL: Final = "dapr.io/sidecar-injected"
SEEN_LABEL: Final = "dapr.io/watchdog-patched"
_RETRY: Final = 5.0
"""Seconds between looks for the injector before the first run."""
_OFF: Final = ("0", "false", "f", "no", "off", "")

Sleep = Callable[[float], Awaitable[None]]


class InvalidIntervalError(ValueError):
    """``--watch-interval`` does not read; the text says what to write."""


@dataclass(frozen=True, slots=True)
class Interval:
    """How often pods are looked at: every so many seconds, or once."""

    seconds: float
    once: bool = False


def read_interval(text: str) -> Interval | None:
    """Read ``--watch-interval``; None is off.

    Raises:
        InvalidIntervalError: it is none.
    """
    word = text.strip().lower()
    if word in _OFF:
        return None
    if word == "once":
        return Interval(0.0, once=True)
    try:
        seconds = parse_seconds(word)
    except InvalidDurationError:
        seconds = 0.0
    if seconds < 1:
        raise InvalidIntervalError(
            f"invalid watch-interval value: if not '0' or 'once', must be at least 1s; it is {text[:40]!r}"
        )
    return Interval(seconds)


class Watchdog:
    """Deletes pods without the sidecar they ask for.

    Args:
        client: of the cluster.
        interval: how often.
        namespace: of the control plane, where the injector is.
        watched: the only namespace to look at; empty is all.
        per_minute: pods deleted a minute at most; 0 or less is no limit.
        labels: whether pods that are as they should be are marked, so as not to be looked at again.
        sleep: waits for seconds.
    """

    def __init__(
        self,
        client: KubeClient,
        interval: Interval,
        *,
        namespace: str,
        watched: str = "",
        per_minute: int = 20,
        labels: bool = False,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._client = client
        self._interval = interval
        self._namespace = namespace
        self._watched = watched
        self._pause = 60.0 / per_minute if per_minute > 0 else 0.0
        self._labels = labels
        self._sleep = sleep

    async def lead(self) -> None:
        """Look, until cancelled; or once."""
        while not await self.look():
            await self._sleep(_RETRY)
        while not self._interval.once:
            await self._sleep(self._interval.seconds)
            await self.look()
        log.info("The watchdog has looked once, as asked")

    async def look(self) -> bool:
        """Look at all pods now; False when that has to be tried again."""
        try:
            if not await self._injector_runs():
                log.warning("Could not find a running %s; will retry later", INJECTOR)
                return False
            async for pod in self._pods():
                await self._judge(pod)
        except KubeError as error:
            log.error("The watchdog could not look at the pods: %s", error)
            return False
        return True

    async def _injector_runs(self) -> bool:
        found = await self._client.list(DEPLOYMENT, self._namespace, selector=Selector(labels=f"app={INJECTOR}"))
        return any((section(one, "status").get("readyReplicas") or 0) > 0 for one in found.items)

    async def _pods(self) -> AsyncIterator[Object]:
        """Pods with neither label: everything else has a sidecar, or was looked at."""
        selector = Selector(labels=f"!{INJECTED_LABEL},!{SEEN_LABEL}")
        async for page in self._client.pages(POD, self._watched, selector=selector):
            for pod in page.items:
                yield pod

    async def _judge(self, pod: Object) -> None:
        if not is_truthy(text(annotations_of(pod), "dapr.io/enabled")) or text(metadata(pod), "deletionTimestamp"):
            return
        key = key_of(pod)
        try:
            if has_sidecar(pod):
                if self._labels:
                    change = {"metadata": {"labels": {SEEN_LABEL: "true"}}}
                    await self._client.patch(POD, key.name, change, key.namespace)
                return
            log.warning("Pod %s does not have the Dapr sidecar and will be deleted", key)
            await self._client.delete(POD, key.name, key.namespace, uid=uid_of(pod))
        except (NotFoundError, ConflictError):
            return  # it is gone, or another one by now
        await self._sleep(self._pause)


def has_sidecar(pod: Object) -> bool:
    """Whether a container of the sidecar's name is there, native or not."""
    spec = section(pod, "spec")
    for name in ("containers", "initContainers"):
        containers = spec.get(name)
        for container in containers if isinstance(containers, list) else ():
            if isinstance(container, dict) and container.get("name") == SIDECAR:
                return True
    return False
