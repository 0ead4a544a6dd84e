"""``options.retryPolicy`` of the API of 2020: a client that says itself how often a write is tried (book.md N12, F41).

The public project has dropped it for Resiliency resources. Where one of those repeats a store's operations it alone
counts; everywhere else the client's word is kept. A write that a condition refuses (an ETag) is not repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from dapr_components.contract import ComponentError
from dapr_components.state.contract import DeleteRequest, ETagError, SetRequest

R = TypeVar("R", SetRequest, DeleteRequest)
Single = Callable[[R], Awaitable[None]]
Bulk = Callable[[Sequence[R]], Awaitable[None]]

LINEAR: Final = "linear"
EXPONENTIAL: Final = "exponential"
INTERVAL: Final = 0.1
"""Seconds, where the client names none."""
LONGEST: Final = 60.0
"""Seconds of one pause, however often the interval has doubled."""


@dataclass(frozen=True, slots=True)
class RetryOption:
    """How often a write is repeated, and after which pauses.

    Attributes:
        interval: seconds before the first repetition.
        threshold: the most repetitions.
        pattern: ``linear`` keeps the interval, ``exponential`` doubles it each time; empty is linear.
    """

    interval: float
    threshold: int
    pattern: str = LINEAR

    def __post_init__(self) -> None:
        if self.pattern not in ("", LINEAR, EXPONENTIAL):
            raise ValueError(f"unrecognized retry pattern {self.pattern!r}: use {LINEAR!r} or {EXPONENTIAL!r}")
        if self.interval < 0 or self.threshold < 0:
            raise ValueError("interval and threshold of a retry policy must not be negative")

    def pauses(self) -> Iterator[float]:
        """The seconds to wait before each repetition."""
        pause = self.interval or INTERVAL
        for _ in range(self.threshold):
            yield min(pause, LONGEST)
            if self.pattern == EXPONENTIAL:
                pause = min(pause * 2, LONGEST)


async def insist(option: RetryOption | None, write: Callable[[], Awaitable[None]]) -> None:
    """Try a write until it succeeds, its condition refuses it, or the option is used up: then the last failure goes
    on."""
    pauses = iter(()) if option is None else option.pauses()
    while True:
        try:
            return await write()
        except ETagError:
            raise
        except ComponentError:
            pause = next(pauses, None)
            if pause is None:
                raise
        await asyncio.sleep(pause)


def insisting(
    requests: Sequence[R], options: Sequence[RetryOption | None], single: Single[R]
) -> tuple[Single[R], Bulk[R]]:
    """A store's write, and its bulk write, that repeat each request as its option says. Every one is tried."""

    async def one(request: R) -> None:
        await insist(options[0], partial(single, request))

    async def all_of_them(_: Sequence[R]) -> None:
        pairs = zip(options, requests, strict=True)
        writes = [insist(option, partial(single, request)) for option, request in pairs]
        for result in await asyncio.gather(*writes, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result

    return one, all_of_them
