"""What leads a placement to serve, and to stop serving in time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable


class LeadershipError(Exception):
    """Leadership cannot work as it is configured; the message says what to change."""


class Leadership(ABC):
    """Takes part in an election for as long as the process lives."""

    @property
    @abstractmethod
    def leads(self) -> bool:
        """Whether this placement may act at this moment. A process that stood still, as a suspended one does, is told
        by ``lost`` only some events after it went on; this tells it before the first."""

    @abstractmethod
    async def run(self, gained: Callable[[], None], lost: Callable[[], None]) -> None:
        """Campaign, hold, lose, and campaign again, until cancelled.

        ``gained`` is called when this placement leads; ``lost`` before anybody else can, also when the engine that
        elects cannot be reached: whoever may no longer be the leader is none.

        Raises:
            LeadershipError: it cannot work at all.
        """

    async def resign(self) -> None:
        """Let another one lead at once, at the end of the process. Called after ``run`` was cancelled."""


class Alone(Leadership):
    """The only placement there is."""

    @property
    def leads(self) -> bool:
        return True

    async def run(self, gained: Callable[[], None], lost: Callable[[], None]) -> None:
        gained()
