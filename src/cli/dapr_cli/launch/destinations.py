"""Where the lines of a run file's applications and sidecars go: log files of each run, the console, or both.

For a run on this machine and for one in a cluster alike (cli-dashboard.md §7).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path

from dapr_cli.command import Failure
from dapr_cli.console import Console

from . import sinks
from .children import Sink
from .sinks import LogFile, Terminal
from .spec import AppSpec, Destination

LOGS_FOLDER = Path(".dapr/logs")


class Destinations:
    """The log files of one run, and its console; ``reader_gone`` is set once nobody reads that any more."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._logs: list[LogFile] = []
        self.reader_gone = threading.Event()

    def open(self, spec: AppSpec, *, with_app: bool) -> dict[str, LogFile]:
        """The log files that an application wants, by kind (``app``, ``daprd``). Raises Failure."""
        wanted = {"app": spec.app_log_destination, "daprd": spec.daprd_log_destination}
        folder = (spec.folder or Path.cwd()) / LOGS_FOLDER
        now, logs = time.time(), dict[str, LogFile]()
        try:
            for kind, destination in wanted.items():
                if sinks.writes_file(destination) and (kind == "daprd" or with_app):
                    folder.mkdir(parents=True, exist_ok=True)
                    logs[kind] = LogFile(folder / sinks.log_file_name(spec.app_id, kind, now), self._console.warning)
                    self._logs.append(logs[kind])
        except OSError as error:
            raise Failure(f"could not write log files to {folder}: {error.strerror or error}") from error
        return logs

    def of_app(self, spec: AppSpec, logs: Mapping[str, LogFile]) -> tuple[Sink, Sink]:
        """Where lines of an application's two streams go."""
        prefix = f"== APP - {spec.app_id} == "
        return self._sinks(spec.app_log_destination, logs.get("app"), prefix, prefix)

    def of_sidecar(self, spec: AppSpec, logs: Mapping[str, LogFile]) -> tuple[Sink, Sink]:
        """Where lines of its sidecar go."""
        return self._sinks(spec.daprd_log_destination, logs.get("daprd"), f"== DAPR - {spec.app_id} == ", "")

    def latest_of_sidecars(self) -> Path | None:
        """The log file of the sidecar that was started last."""
        return next((log.path for log in reversed(self._logs) if "_daprd_" in log.path.name), None)

    def close(self) -> None:
        """Close the files; lines that come later are dropped."""
        for log in self._logs:
            log.close()

    def _sinks(
        self, destination: Destination, log: LogFile | None, console_prefix: str, file_prefix: str
    ) -> tuple[Sink, Sink]:
        file = log.sink(file_prefix) if log is not None else None
        if not sinks.writes_console(destination) and file is not None:
            return file, file
        console, prefix = self._console, "" if self._console.as_json else console_prefix
        style = "blue" if file_prefix else "cyan"
        out = Terminal(console, console.out, colour=console.colour_out, gone=self.reader_gone).sink(prefix, style)
        err = Terminal(console, console.err, colour=console.colour_err, gone=self.reader_gone).sink(prefix, style)
        return (sinks.both(out, file), sinks.both(err, file)) if file is not None else (out, err)
