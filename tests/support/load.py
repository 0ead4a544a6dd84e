"""Clients in threads that go on and on, and what became of each of their requests."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from support.processes import wait_until

Attempt = Callable[[int], int | str]
"""Makes request number n; gives its status, or says how it failed. Numbers are unique among all clients."""


@dataclass
class Load:
    """What clients have seen so far: by number of the request its outcome and the seconds it took."""

    outcomes: dict[int, int | str] = field(default_factory=dict)
    slowest: float = 0.0

    def count(self, *outcomes: int | str) -> int:
        """How many requests ended in one of these ways."""
        return sum(outcome in outcomes for outcome in list(self.outcomes.values()))

    def numbers(self, outcome: int | str) -> set[int]:
        """The requests that ended in this way."""
        return {number for number, seen in list(self.outcomes.items()) if seen == outcome}

    def wait_for(self, more: int, *outcomes: int | str) -> None:
        """Wait for so many more requests that end in one of these ways."""
        wanted = self.count(*outcomes) + more
        wait_until(lambda: self.count(*outcomes) >= wanted, what=f"{more} requests that end with {outcomes}")


@contextlib.contextmanager
def load(attempt: Attempt, *, clients: int = 4) -> Iterator[Load]:
    """Clients that make attempts until the block is left; they are waited for."""
    seen, stop, lock = Load(), threading.Event(), threading.Lock()
    numbers = iter(range(1, 1 << 30))

    def run() -> None:
        while not stop.is_set():
            with lock:
                number = next(numbers)
            started = time.monotonic()
            try:
                outcome = attempt(number)
            except ConnectionRefusedError:
                outcome = "refused"
                time.sleep(0.01)  # nobody listens: do not spin
            except (OSError, ValueError) as error:
                outcome = f"{type(error).__name__}: {error}"
            with lock:
                seen.outcomes[number] = outcome
                seen.slowest = max(seen.slowest, time.monotonic() - started)

    threads = [threading.Thread(target=run) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        stop.set()
        for thread in threads:
            thread.join()
