"""Named health targets, and the small port that tells whether all of them are well (control-plane.md, at the top).

A process is healthy when it has at least one target and every one of them says so. Components of a process take a
target each at start and set it ready when they are; the health port answers 200 or 503, as every control-plane service
of the original does on ``/healthz``.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

from dapr_core.process.logs import fields
from dapr_core.rpc.messages import Request, Response

log = logging.getLogger("dapr.runtime")

_TEXT = [(b"content-type", b"text/plain; charset=utf-8")]


@dataclass(slots=True)
class Target:
    """One part's health; not ready until it says so."""

    name: str
    registry: HealthRegistry
    healthy: bool = False

    def ready(self) -> None:
        """Say that the part is well."""
        self.healthy = True
        self.registry._changed()

    def not_ready(self) -> None:
        """Say that the part is not well, or stopping."""
        self.healthy = False
        self.registry._changed()


@dataclass(slots=True)
class HealthRegistry:
    """The targets of a process."""

    _targets: dict[str, Target] = field(default_factory=dict)
    _waiters: list[asyncio.Future[None]] = field(default_factory=list)

    def target(self, name: str) -> Target:
        """Add a target; a name that is taken is replaced (a part that was built again)."""
        target = Target(name, self)
        self._targets[name] = target
        return target

    def remove(self, name: str) -> None:
        """Forget a target."""
        self._targets.pop(name, None)
        self._changed()

    @property
    def empty(self) -> bool:
        """Whether there is no target at all."""
        return not self._targets

    @property
    def healthy(self) -> bool:
        """Whether there is a target and all are well."""
        return bool(self._targets) and all(target.healthy for target in self._targets.values())

    @property
    def unhealthy_names(self) -> list[str]:
        """Names of the targets that are not well, for logs."""
        return [name for name, target in self._targets.items() if not target.healthy]

    async def wait_healthy(self) -> None:
        """Wait until all is well."""
        while not self.healthy:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter

    def handle(self, request: Request) -> Response:
        """Answer ``/healthz``: 200 when all is well, else 503; both without a body; 404 for other paths."""
        if request.target.split(b"?")[0].rstrip(b"/") != b"/healthz":
            return Response(404, list(_TEXT), b"404 page not found\n")
        if self.healthy:
            return Response(200)
        log.debug("targets are unhealthy", extra=fields(targets=", ".join(self.unhealthy_names)))
        return Response(503)

    def _changed(self) -> None:
        if self.healthy:
            for waiter in self._waiters:
                if not waiter.done():
                    waiter.set_result(None)
            self._waiters.clear()
