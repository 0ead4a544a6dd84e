"""Interrupts as events: what the terminal, ``dapr stop`` or the system sends arrives in the same queue as ends."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """Collects requests to stop; a second request sets ``hurry``, which ends every grace period."""

    def __init__(self, events: SimpleQueue[object]) -> None:
        self._events = events
        self.requested = threading.Event()
        self.hurry = threading.Event()

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Handle the signals inside the block, and put the former handlers back after it."""
        former = {number: signal.signal(number, self._on_signal) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.requested.is_set():
            self.hurry.set()
        self.requested.set()
        self._events.put(signal.Signals(number))


def next_event(events: SimpleQueue[object], timeout: float | None) -> object:
    """The next event, or None when none comes in time. Signals are served while it waits."""
    try:
        return events.get(timeout=timeout)
    except Empty:
        return None


def lead_process_group() -> None:
    """Become the leader of a process group, by which ``dapr stop -f`` of any Dapr CLI ends us (cli-dashboard.md §7).

    Inside the foreground job of a terminal the group stays as it is: leaving it would take Ctrl-C away from us.
    """
    if os.getpgrp() == os.getpid():
        return
    try:
        if os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp():
            return
    except (OSError, ValueError):
        pass  # no terminal: nobody types Ctrl-C here
    os.setpgid(0, 0)
