"""Log lines as Dapr's users and tools know them, over Python's own ``logging`` (control-plane.md §3.5).

The scope of a line is the name of its logger; the handler adds the fields every line has (application, host, version).
Without a terminal a line is ``key=value`` text or one JSON object; on a terminal it is coloured and short. Whatever
third-party libraries log at WARNING or above appears in the same form.

Cost: a disabled level is one cached look-up. What Python's ``logging`` would gather for each record and we never show
(caller, thread, process, task) is switched off.
"""

from __future__ import annotations

import logging
import os
import select
import socket
import sys
import time
import traceback
from collections.abc import Mapping
from typing import Any, Final

from dapr_core.process.logformat import Formatter, JSONFormatter, TerminalFormatter, TextFormatter

FATAL: Final = logging.CRITICAL
LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "fatal": FATAL,
}
FIELDS: Final = "dapr_fields"
API_SCOPES: Final = ("dapr.runtime.http-info", "dapr.runtime.grpc.api-info")
"""Scopes whose lines appear at every level: who asks for API logging wants them (api.md §6.5)."""

_NAMES: Final = {
    logging.DEBUG: "debug",
    logging.INFO: "info",
    logging.WARNING: "warning",
    logging.ERROR: "error",
    FATAL: "fatal",
}


class LogSettingsError(ValueError):
    """A level that does not exist, or a file that cannot be written."""


def configure(
    level: str = "info",
    *,
    as_json: bool = False,
    file: str = "",
    app_id: str = "",
    version: str = "unknown",
    instance: str | None = None,
) -> None:
    """Send all logging of this process to stdout, or to a file. Calling again replaces what was set before.

    Args:
        level: debug, info, warn, error or fatal, in any case.
        as_json: one JSON object a line.
        file: path to append to (mode 0644); empty is stdout.
        app_id: value of ``app_id``; empty leaves the field out.
        version: value of ``ver``.
        instance: value of ``instance``; the host's name when None.

    Raises:
        LogSettingsError: the level does not exist or the file cannot be opened.
    """
    threshold = LEVELS.get(level.lower())
    if threshold is None:
        raise LogSettingsError(f"invalid value for --log-level: {level}")
    fields: dict[str, Any] = {"instance": socket.gethostname() if instance is None else instance, "type": "log"}
    if app_id:
        fields["app_id"] = app_id
    fields["ver"] = version or "unknown"
    descriptor = _open(file)
    handler = _Handler(descriptor, owned=bool(file), formatter=_formatter(as_json, descriptor, fields))
    _switch_off_what_is_not_shown()
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each, _Handler)]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(max(threshold, logging.WARNING))
    logging.getLogger("dapr").setLevel(threshold)
    for scope in API_SCOPES:
        logging.getLogger(scope).setLevel(logging.INFO)


def fields(**values: object) -> dict[str, object]:
    """Ad-hoc fields of one line: ``log.info("HTTP API Called", extra=fields(code=200))``."""
    return {FIELDS: values}


def component_logger(log_name: str, scope: str = "dapr.contrib") -> logging.Logger:
    """A logger whose lines carry ``component="name (type/version)"``, for vendors."""
    return _ComponentLogger(log_name, logging.getLogger(scope))


class _ComponentLogger(logging.Logger):
    """A logger outside the registry, so that instances come and go with their components."""

    def __init__(self, log_name: str, parent: logging.Logger) -> None:
        super().__init__(parent.name)
        self.parent = parent
        self._component = log_name

    def isEnabledFor(self, level: int) -> bool:
        return self.parent is not None and self.parent.isEnabledFor(level)

    def handle(self, record: logging.LogRecord) -> None:
        record.__dict__[FIELDS] = {**record.__dict__.get(FIELDS, {}), "component": self._component}
        super().handle(record)


class _Handler(logging.Handler):
    """Writes each line with one system call, so that lines of several processes on one pipe stay whole."""

    def __init__(self, descriptor: int, *, owned: bool, formatter: Formatter) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._owned = owned
        self._formatter = formatter

    def emit(self, record: logging.LogRecord) -> None:
        extra: Mapping[str, Any] = record.__dict__.get(FIELDS) or {}
        if record.exc_info and record.exc_info[1] is not None:
            extra = {**extra, "stacktrace": "".join(traceback.format_exception(record.exc_info[1])).rstrip()}
        line = self._formatter.line(time.time_ns(), _level_name(record.levelno), _message(record), record.name, extra)
        _write(self._descriptor, line.encode("utf-8", "replace"))

    def close(self) -> None:
        if self._owned and self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        super().close()


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError) as error:  # a wrong number of arguments must not cost the line
        return f"{record.msg} (arguments do not fit: {error})"


def _level_name(number: int) -> str:
    known = _NAMES.get(number)
    if known is not None:
        return known
    return next((name for level, name in reversed(_NAMES.items()) if number >= level), "debug")


def _write(descriptor: int, data: bytes) -> None:
    while data:
        try:
            written = os.write(descriptor, data)
        except BlockingIOError:  # a pipe somebody made non-blocking, and full
            select.select([], [descriptor], [], 1.0)
        except OSError:
            return  # nobody reads our logs any more; that is no reason to stop serving
        else:
            data = data[written:]


def _open(file: str) -> int:
    if not file:
        return sys.stdout.fileno() if sys.stdout is not None and _has_descriptor() else 1
    try:
        return os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise LogSettingsError(f"cannot open --log-file {file}: {error.strerror or error}") from None


def _has_descriptor() -> bool:
    try:
        sys.stdout.fileno()
    except (OSError, ValueError, AttributeError):
        return False
    return True


def _formatter(as_json: bool, descriptor: int, fields: Mapping[str, Any]) -> Formatter:
    if as_json:
        return JSONFormatter(fields)
    try:
        terminal = os.isatty(descriptor)
    except OSError:
        terminal = False
    return TerminalFormatter(fields, started=time.time_ns()) if terminal else TextFormatter(fields)


def _switch_off_what_is_not_shown() -> None:
    logging.logThreads = False
    logging.logProcesses = False
    logging.logMultiprocessing = False
    if hasattr(logging, "logAsyncioTasks"):
        logging.logAsyncioTasks = False
    logging._srcfile = None  # the documented way to skip finding the caller
