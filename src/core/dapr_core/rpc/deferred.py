"""An outcome that is still to come, and what is done with it the moment it is there.

A future tells whoever waits for it in a later turn of the loop, and the waiting takes a task. On the busiest paths the
two cost as much as the work between them. A ``Deferred`` runs what was asked of it at once, step by step, each with
what the one before it left; whoever does not know it awaits it like anything else. A step that finds that it has to
wait after all leaves by a ``Detour``, and the steps behind it follow when that has come to its end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, TypeAlias, TypeVar

from mypy_extensions import mypyc_attr

T = TypeVar("T")
S = TypeVar("S")
U = TypeVar("U")

Step: TypeAlias = Callable[[T | None, BaseException | None], T]
"""Takes a value, or the error in its place, and gives the value that takes its place, or raises."""

Turn: TypeAlias = Callable[[T | None, BaseException | None], U]
"""A step whose value is of another type."""

Listener: TypeAlias = Callable[[T | None, BaseException | None], None]
"""Hears the outcome: a value, or the error in its place."""


class Detour(Exception):
    """Raised by a step: the outcome is what this coroutine gives or raises."""

    def __init__(self, way: Coroutine[Any, Any, Any]) -> None:
        super().__init__()
        self.way = way


@mypyc_attr(allow_interpreted_subclasses=True)
class Deferred(Generic[T]):
    """One outcome. Whoever brings it calls ``settle`` once, on the loop; a subclass may stop working in ``abandoned``.

    ``after`` adds a step, in the order of calls. ``tell`` names the one listener at the end, or await it instead.
    """

    __slots__ = ("_detour", "_error", "_listener", "_steps", "_value", "settled", "unwanted")

    def __init__(self) -> None:
        self.settled = False
        """The outcome has been brought, though steps may still be under way."""
        self.unwanted = False
        """Whoever was to have the outcome has cancelled it, as opposed to ``stop``."""
        self._steps: list[Step[T]] | None = []  # None: all have run
        self._listener: Listener[T] | None = None
        self._detour: asyncio.Task[Any] | None = None
        self._value: T | None = None
        self._error: BaseException | None = None

    @property
    def done(self) -> bool:
        """Every step has run."""
        return self._steps is None

    def settle(self, value: T | None, error: BaseException | None = None) -> None:
        """Bring the outcome, or as ``error`` a detour to it. Ignored when there is one already, such as that nobody
        wants it any more.

        What the listener raises comes out here; what a step raises is the outcome.
        """
        if self.settled:
            return
        self.settled = True
        if type(error) is Detour:
            self._follow(error)
        else:
            self._run(value, error)

    def after(self, step: Step[T]) -> None:
        """Let a step have the outcome and change it: at once if it is there."""
        if self._steps is None:
            self._steps = [step]
            self._run(self._value, self._error)
        else:
            self._steps.append(step)

    def turned(self, step: Turn[T, U]) -> Deferred[U]:
        """Add a step behind which the outcome is of another type: this very outcome, as the following know it."""
        self.after(step)  # type: ignore[arg-type]  # what comes after it is told the new type
        return self  # type: ignore[return-value]

    def tell(self, listener: Listener[T]) -> None:
        """Tell the outcome when the steps are done: at once if they are. There is one listener."""
        if self._steps is None:
            listener(self._value, self._error)
        else:
            self._listener = listener

    def cancel(self) -> None:
        """Nobody wants the outcome any more: steps and listener get ``CancelledError``. Ignored when it is done."""
        self.unwanted = True
        self.stop()

    def stop(self) -> None:
        """End what is done for the outcome: steps get ``CancelledError``, and may put something else in its place for
        whoever still wants it. Ignored when it is done."""
        if self._detour is not None:
            self._detour.cancel()
        elif not self.settled:
            self.settled = True
            self.abandoned()
            self._run(None, asyncio.CancelledError())

    def abandoned(self) -> None:
        """For subclasses: stop working towards the outcome."""

    def _run(self, value: T | None, error: BaseException | None) -> None:
        steps = self._steps
        assert steps is not None
        for at, step in enumerate(steps):
            try:
                value = step(value, error)
                error = None
            except Detour as detour:
                del steps[: at + 1]
                self._follow(detour)
                return
            except (Exception, asyncio.CancelledError) as failure:  # noqa: BLE001 - it is the outcome
                value, error = None, failure
        self._steps = None
        self._value, self._error = value, error
        listener, self._listener = self._listener, None  # else both wait for the collector
        if listener is not None:
            listener(value, error)

    def _follow(self, detour: Detour) -> None:
        self._detour = asyncio.get_running_loop().create_task(detour.way)
        self._detour.add_done_callback(self._arrived)

    def _arrived(self, detour: asyncio.Task[T]) -> None:
        self._detour = None
        error = asyncio.CancelledError() if detour.cancelled() else detour.exception()
        self._run(detour.result() if error is None else None, error)

    def __await__(self) -> Generator[Any, None, T]:
        if self._steps is not None:
            ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.tell(lambda value, error: None if ready.done() else ready.set_result(None))
            try:
                yield from ready
            except asyncio.CancelledError:
                self.cancel()
                raise
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]  # without an error there is a value


def detoured(way: Coroutine[Any, Any, T]) -> Deferred[T]:
    """The outcome of a coroutine, which gets a task: for whoever finds at once that there is something to wait for."""
    begun = Deferred[T]()
    begun.settle(None, Detour(way))
    return begun


class Converted(Deferred[U], Generic[S, U]):
    """An outcome that is made of another, of another type, once it is known of which (``of``). It takes the other's
    listener; cancelling goes on to it."""

    __slots__ = ("_convert", "_source")

    def __init__(self, convert: Callable[[S], U]) -> None:
        super().__init__()
        self._source: Deferred[S] | None = None
        self._convert = convert

    def of(self, source: Deferred[S]) -> None:
        """Make it of this one."""
        self._source = source
        source.tell(self._come)

    def _come(self, value: S | None, error: BaseException | None) -> None:
        self._source = None
        if error is not None:
            self.settle(None, error)
            return
        try:
            made = self._convert(value)  # type: ignore[arg-type]  # without an error there is a value
        except Exception as failure:  # noqa: BLE001 - it is the outcome
            self.settle(None, failure)
        else:
            self.settle(made)

    def abandoned(self) -> None:
        """The source is told to stop."""
        if self._source is not None:
            self._source.cancel()
