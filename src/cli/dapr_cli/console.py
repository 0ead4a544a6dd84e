"""What the user sees: status lines with glyphs, colours that know when to stay away, and JSON for machines.

Every command prints through one :class:`Console`. With ``--log-as-json`` each status line becomes a JSON object with
``time``, ``status`` and ``msg``; without it a glyph leads the text. Colours are used only on a terminal and never when
``NO_COLOR`` is set (cli-dashboard.md §1).
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

GLYPHS = {"success": "✅  ", "failure": "❌  ", "warning": "⚠  ", "pending": "⌛  ", "info": "ℹ️  "}
# fmt: off
STYLES = {
    "yellow": "\x1b[93;1m", "green": "\x1b[92;1m", "blue": "\x1b[94;1m", "red": "\x1b[91;1m", "cyan": "\x1b[96;1m",
    "white": "\x1b[97;1m", "dim": "\x1b[2m", "bold": "\x1b[1m",
}
# fmt: on
RESET = "\x1b[0m"
SPINNER_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
SPINNER_PERIOD = 0.1


def wants_colour(stream: TextIO, env: Mapping[str, str]) -> bool:
    """Whether ANSI colours belong on ``stream``: a terminal that is not dumb, and no ``NO_COLOR``."""
    return not env.get("NO_COLOR") and env.get("TERM") != "dumb" and stream.isatty()


def rfc3339_now() -> str:
    """The present moment in UTC with nanoseconds, as status lines in JSON carry it."""
    seconds, nanos = divmod(time.time_ns(), 1_000_000_000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{nanos:09d}Z"


class Console:
    """The two output streams of one command; safe to use from several threads."""

    def __init__(self, *, as_json: bool = False, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.as_json = as_json
        self.out = out if out is not None else sys.stdout
        self.err = err if err is not None else sys.stderr
        self.colour_out = wants_colour(self.out, os.environ)
        self.colour_err = wants_colour(self.err, os.environ)
        self.lock = threading.Lock()

    def paint(self, style: str, text: str, *, to_err: bool = False) -> str:
        """``text`` in a named style when the stream shows colours, else as it is."""
        colour = self.colour_err if to_err else self.colour_out
        return f"{STYLES[style]}{text}{RESET}" if colour else text

    def success(self, text: str) -> None:
        """Something was done."""
        self._status("success", text, self.out)

    def info(self, text: str) -> None:
        """Something worth knowing on the way."""
        self._status("info", text, self.out)

    def pending(self, text: str) -> None:
        """Something has begun that takes a while."""
        self._status("pending", text, self.out)

    def warning(self, text: str) -> None:
        """Something is odd, but the command goes on."""
        self._status("warning", text, self.out)

    def aside(self, text: str) -> None:
        """Something worth knowing beside output that is for programs; goes to standard error."""
        self._status("info", text, self.err)

    def doubt(self, text: str) -> None:
        """Something is odd about output that is for programs; goes to standard error."""
        self._status("warning", text, self.err)

    def failure(self, text: str) -> None:
        """Something could not be done; goes to standard error."""
        self._status("failure", text, self.err)

    def line(self, text: str = "") -> None:
        """A plain line on standard output."""
        self._write(self.out, text + "\n")

    def text(self, text: str) -> None:
        """Plain text on standard output, without a line end of its own."""
        self._write(self.out, text)

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """A spinner beside ``text`` while the block runs, then a success or failure line with the same text."""
        stop = threading.Event()
        spinner = threading.Thread(target=self._spin, args=(text, stop), daemon=True)
        if self.colour_out and not self.as_json:
            spinner.start()
        elif self.as_json:
            self.pending(text)
        try:
            yield
        except BaseException:
            self._end_spinner(stop, spinner)
            self.failure(text)
            raise
        self._end_spinner(stop, spinner)
        self.success(text)

    def _spin(self, text: str, stop: threading.Event) -> None:
        turn = 0
        while not stop.wait(SPINNER_PERIOD):
            frame = SPINNER_FRAMES[turn % len(SPINNER_FRAMES)]
            self._write(self.out, f"\r{self.paint('cyan', frame)}  {text}")
            turn += 1

    def _end_spinner(self, stop: threading.Event, spinner: threading.Thread) -> None:
        stop.set()
        if spinner.is_alive():
            spinner.join()
            self._write(self.out, "\r\x1b[2K")

    def raw(self, data: bytes) -> None:
        """Bytes on standard output as they are."""
        with self.lock:
            self.out.flush()
            binary = getattr(self.out, "buffer", None)
            if binary is None:  # a stream of text alone
                self.out.write(data.decode("utf-8", "replace"))
            else:
                binary.write(data)
                binary.flush()

    def _status(self, status: str, text: str, stream: TextIO) -> None:
        if self.as_json:
            import json

            line = json.dumps({"time": rfc3339_now(), "status": status, "msg": text.strip()}, ensure_ascii=False)
        else:
            line = GLYPHS[status] + text
        self._write(stream, line + "\n")

    def _write(self, stream: TextIO, text: str) -> None:
        with self.lock:
            stream.write(text)
            stream.flush()
