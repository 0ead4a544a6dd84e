"""Where the lines of a process go: to the terminal with a coloured prefix, to a log file without colours, or both."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TextIO

from dapr_cli.console import RESET, STYLES, Console

from .children import Sink
from .spec import Destination

ANSI = re.compile(rb"\x1b\[[\d;]+m")
SIDECAR_LINE = re.compile(rb'(time=\S+ level=)(\w+)( msg=)("(?:[^"\\]|\\.)*"|\S*)(.*)')
DIM, END = STYLES["dim"].encode(), RESET.encode()
LEVEL_STYLES = {
    b"warning": STYLES["yellow"].encode(),
    b"error": STYLES["red"].encode(),
    b"fatal": STYLES["red"].encode(),
}


class Terminal:
    """Writes whole lines to one of the console's streams; goes silent when its reader has gone."""

    def __init__(self, console: Console, stream: TextIO, *, colour: bool, gone: threading.Event) -> None:
        self._console = console
        self._stream = stream
        self._colour = colour
        self._gone = gone

    def sink(self, prefix: str, style: str) -> Sink:
        """A sink for lines that are led by ``prefix`` in a named style."""
        lead = f"{STYLES[style]}{prefix}{RESET}" if self._colour and prefix else prefix
        encoded = lead.encode()

        def write(line: bytes) -> None:
            self._write(encoded + (tinted(line) if self._colour else line) + b"\n")

        return write

    def _write(self, data: bytes) -> None:
        if self._gone.is_set():
            return
        try:
            with self._console.lock:
                self._stream.flush()
                self._stream.buffer.write(data)
                self._stream.buffer.flush()
        except (OSError, ValueError):
            self._gone.set()  # the pipe's reader or the terminal has gone, or the stream was closed


def tinted(line: bytes) -> bytes:
    """A line of a sidecar's text log with its message standing out and its level coloured; other lines as they are.

    Only colours are added: what the line says stays the same, byte by byte.
    """
    match = SIDECAR_LINE.fullmatch(line)
    if match is None:
        return line
    head, level, middle, message, tail = match.groups()
    style = LEVEL_STYLES.get(level, DIM)
    told = message if style == DIM else style + message + END
    return DIM + head + END + style + level + END + DIM + middle + END + told + DIM + tail + END


class LogFile:
    """A log file of one process; lines come from two streams, so writing takes turns.

    When it cannot be written any more (a full disk), ``complain`` is told once and further lines are dropped: a process
    must never stand still because its log does.
    """

    def __init__(self, path: Path, complain: Callable[[str], None]) -> None:
        self.path = path
        self._complain = complain
        self._file: BinaryIO = open(path, "ab", buffering=0)  # noqa: SIM115 - closed by close()
        self._lock = threading.Lock()

    def sink(self, prefix: str) -> Sink:
        """A sink for lines led by ``prefix``; colours are taken out."""
        encoded = prefix.encode()

        def write(line: bytes) -> None:
            with self._lock:
                if not self._file.closed:
                    self._append(encoded + ANSI.sub(b"", line) + b"\n")

        return write

    def _append(self, data: bytes) -> None:
        try:
            self._file.write(data)
        except OSError as error:
            self._file.close()
            self._complain(f"{self.path} ends here: {error.strerror or error}")

    def close(self) -> None:
        """Close the file; lines that come later are dropped."""
        with self._lock:
            self._file.close()


def both(first: Sink, second: Sink) -> Sink:
    """A sink that passes each line to two others."""

    def write(line: bytes) -> None:
        first(line)
        second(line)

    return write


def log_file_name(app_id: str, kind: str, moment: float) -> str:
    """``<app id>_<app|daprd>_<YYYYMMDDHHMMSS>.log`` (cli-dashboard.md §7)."""
    return f"{app_id}_{kind}_{time.strftime('%Y%m%d%H%M%S', time.localtime(moment))}.log"


def writes_file(destination: Destination) -> bool:
    """Whether this destination needs a log file."""
    return destination != "console"


def writes_console(destination: Destination) -> bool:
    """Whether this destination shows lines on the terminal."""
    return destination != "file"
