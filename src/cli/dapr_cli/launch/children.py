"""A started process whose output is read line by line and whose end is told to a queue.

Each child leads a process group of its own: a Ctrl-C in the terminal reaches only ``dapr run``, which then stops its
children in the right order, and a stop reaches whatever the child has started itself.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import IO, TypeAlias

Sink: TypeAlias = Callable[[bytes], None]
"""Takes one line without its end."""

MAX_LINE = 64 << 10
"""Bytes after which a line without an end is passed on in pieces."""
DRAIN_TIMEOUT = 1.0
"""Seconds to wait for output that is still in the pipe after the process has ended (its children may hold it open)."""
POLL = 0.02


class Child:
    """One running process; make it by :func:`start`."""

    def __init__(self, process: subprocess.Popen[bytes], ended: SimpleQueue[object], out: Sink, err: Sink) -> None:
        self._process = process
        self._readers = [
            threading.Thread(target=_pump, args=(stream, sink), daemon=True)
            for stream, sink in ((process.stdout, out), (process.stderr, err))
        ]
        self.stopping = False
        """Whether we asked it to stop."""
        for reader in self._readers:
            reader.start()
        threading.Thread(target=self._watch, args=(ended,), daemon=True).start()

    @property
    def pid(self) -> int:
        """The process id, which is its group's too."""
        return self._process.pid

    @property
    def code(self) -> int | None:
        """The exit status; negative for a signal, None while it runs."""
        return self._process.returncode

    def stop(self, grace: float, hurry: threading.Event) -> None:
        """Ask the group to stop, wait ``grace`` seconds (less when ``hurry`` is set), then kill what is left of it."""
        if self.code is None:
            self.stopping = True
            self._signal(signal.SIGTERM)
            deadline = time.monotonic() + grace
            while self.code is None and time.monotonic() < deadline and not hurry.is_set():
                time.sleep(POLL)
        self._signal(signal.SIGKILL)
        self._process.wait()
        self.drain()

    def drain(self) -> None:
        """Wait until what the process said before its end has reached the sinks."""
        deadline = time.monotonic() + DRAIN_TIMEOUT
        for reader in self._readers:
            reader.join(max(0.0, deadline - time.monotonic()))

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            return  # nothing is left of the group

    def _watch(self, ended: SimpleQueue[object]) -> None:
        self._process.wait()
        ended.put(self)


def start(
    command: Sequence[str],
    env: Mapping[str, str],
    folder: Path | None,
    ended: SimpleQueue[object],
    out: Sink,
    err: Sink,
) -> Child:
    """Start ``command``; its end puts the child into ``ended``. Raises OSError when it cannot be started."""
    process = subprocess.Popen(
        command, env=env, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0
    )
    return Child(process, ended, out, err)


def _pump(stream: IO[bytes] | None, sink: Sink) -> None:
    assert stream is not None
    with stream:
        while line := stream.readline(MAX_LINE):
            sink(line.rstrip(b"\r\n"))
