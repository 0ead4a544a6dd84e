"""What a process is made of: services with a start and a stop, in an order.

``ServiceGroup`` starts services one after another, each only when the one before is ready, and stops those that
started in the reverse order, each within its time. A service that fails to stop is logged and does not keep the
others from stopping.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from typing import Final

log = logging.getLogger("dapr.runtime")

DEFAULT_STOP_LIMIT: Final = 10.0
"""Seconds one service may take to stop when it names no other time."""


class Service(ABC):
    """A part of a process with a life of its own: a server, a watcher, a client that stays connected."""

    name: str
    """How logs name it."""
    stop_limit: float | None = DEFAULT_STOP_LIMIT
    """Seconds ``stop`` may take; None is no limit."""

    @abstractmethod
    async def start(self) -> None:
        """Begin to work. Returns when the service can be relied on; raises when it cannot start."""

    @abstractmethod
    async def stop(self) -> None:
        """Stop taking work, finish what is in flight, release everything. Called once, also after a failed start."""


class ServiceGroup:
    """Services started in order and stopped in reverse."""

    def __init__(self) -> None:
        self._running: list[Service] = []

    async def start(self, service: Service) -> None:
        """Start one more service. When it fails it is stopped at once and the failure is raised; others stay up."""
        self._running.append(service)
        try:
            await service.start()
        except BaseException:
            self._running.remove(service)
            await _stop(service)
            raise

    async def stop(self) -> bool:
        """Stop everything that was started, last first. Returns whether all stopped cleanly and in time."""
        clean = True
        while self._running:
            clean = await _stop(self._running.pop()) and clean
        return clean


async def _stop(service: Service) -> bool:
    try:
        async with asyncio.timeout(service.stop_limit):
            await service.stop()
    except TimeoutError:
        log.warning("%s did not stop within %g seconds; leaving it behind", service.name, service.stop_limit or 0)
        return False
    except Exception:
        log.exception("%s failed to stop", service.name)
        return False
    return True
