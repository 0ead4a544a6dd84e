"""Named long-running tasks under one roof: the first failure stops the group, and every end is logged.

Tasks of a group belong together: when one fails, what the others do is of no use to anybody. ``wait`` then raises that
failure. A task that simply returns leaves the others running, unless it was declared ``essential``: its end is then
the end of the group, as of a server that must not stop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger("dapr.runtime")


class TaskEndedError(Exception):
    """An essential task returned although nobody asked the group to stop."""


class Supervisor:
    """A group of named tasks on the running loop."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._tasks: dict[asyncio.Task[Any], bool] = {}
        self._foreseen: tuple[type[BaseException], ...] = ()
        self._failure: BaseException | None = None
        self._failed = asyncio.Event()
        self._stopping = False

    def start(self, name: str, work: Coroutine[Any, Any, Any], *, essential: bool = False) -> asyncio.Task[Any]:
        """Run work as a named task of the group.

        Raises:
            RuntimeError: the group is stopping; the work is closed unrun.
        """
        if self._stopping:
            work.close()
            raise RuntimeError(f"{self.name} is stopping and takes no new work")
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks[task] = essential
        task.add_done_callback(self._ended)
        return task

    def foresee(self, *errors: type[BaseException]) -> None:
        """Failures of these kinds are mistakes of users, whose text says all: they are logged without a stack trace."""
        self._foreseen = errors

    @property
    def names(self) -> list[str]:
        """Names of the tasks still running."""
        return [task.get_name() for task in self._tasks]

    async def wait(self) -> None:
        """Wait until a task fails, and raise its failure. Being cancelled is the normal end of waiting."""
        await self._failed.wait()
        assert self._failure is not None
        raise self._failure

    async def stop(self, limit: float | None = None) -> bool:
        """Cancel all tasks and wait for their ends.

        Args:
            limit: seconds to wait; None is no limit.

        Returns:
            Whether all ended in time.
        """
        self._stopping = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if not tasks:
            return True
        _done, left = await asyncio.wait(tasks, timeout=limit)
        for task in left:
            log.warning("%s: %s did not end within %g seconds", self.name, task.get_name(), limit or 0)
        return not left

    def _ended(self, task: asyncio.Task[Any]) -> None:
        essential = self._tasks.pop(task)
        name = task.get_name()
        if task.cancelled():
            log.debug("%s: %s was cancelled", self.name, name)
            return
        error = task.exception()
        if error is None:
            log.debug("%s: %s ended", self.name, name)
            if essential and not self._stopping:
                self._fail(TaskEndedError(f"{self.name}: {name} ended unexpectedly"))
            return
        log.error(
            "%s: %s failed: %s", self.name, name, error or type(error).__name__,
            exc_info=None if isinstance(error, self._foreseen) else error,
        )  # fmt: skip
        self._fail(error)

    def _fail(self, error: BaseException) -> None:
        if self._failure is None:
            self._failure = error
            self._failed.set()
