"""How one log line is written: text, JSON, or coloured for a terminal (control-plane.md §3.5).

Pure functions of the record's parts. In text, a value stands without quotation marks when it is made of letters,
digits and ``-._/@^+`` only; time, level and message come first, the rest in alphabetical order.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Final

from dapr_core.jsonx import dumps
from dapr_core.quoting import quoted
from dapr_core.timing.instant import Clockface

_BARE: Final = re.compile(r"[A-Za-z0-9\-._/@^+]*\Z")
_RESERVED: Final = frozenset({"time", "level", "msg"})
_COLOURS: Final = {"debug": 37, "info": 36, "warning": 33, "error": 31, "fatal": 31}
_MESSAGE_WIDTH: Final = 44


class Formatter(ABC):
    """Makes lines; ``fields`` are those every line has."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = dict(fields)
        self._clockface = Clockface(local=True)

    @abstractmethod
    def line(self, now: int, level: str, message: str, scope: str, extra: Mapping[str, Any]) -> str:
        """One line with its line feed. ``now`` is in nanoseconds since the epoch."""

    def _values(self, scope: str, extra: Mapping[str, Any]) -> dict[str, Any]:
        values = {**self._fields, "scope": scope}
        for key, value in extra.items():
            values[f"fields.{key}" if key in _RESERVED else key] = value
        return values


class TextFormatter(Formatter):
    """``time="…" level=info msg="…" app_id=…``."""

    def line(self, now: int, level: str, message: str, scope: str, extra: Mapping[str, Any]) -> str:
        values = self._values(scope, extra)
        parts = [f"time={_shown(self._clockface.rfc3339(now))} level={level} msg={_shown(message)}"]
        parts.extend([f"{key}={_shown(values[key])}" for key in sorted(values)])
        return " ".join(parts) + "\n"


class JSONFormatter(Formatter):
    """One JSON object, keys in alphabetical order."""

    def line(self, now: int, level: str, message: str, scope: str, extra: Mapping[str, Any]) -> str:
        values = {key: _plain(value) for key, value in self._values(scope, extra).items()}
        values.update(time=self._clockface.rfc3339(now), level=level, msg=message)
        return dumps(values).decode() + "\n"


class TerminalFormatter(Formatter):
    """``INFO[0003] message   app_id=…``: the seconds since the start in place of the time."""

    def __init__(self, fields: Mapping[str, Any], *, started: int) -> None:
        super().__init__(fields)
        self._started = started

    def line(self, now: int, level: str, message: str, scope: str, extra: Mapping[str, Any]) -> str:
        colour = _COLOURS.get(level, 36)
        values = self._values(scope, extra)
        seconds = (now - self._started) // 1_000_000_000
        shown = "".join(f" \x1b[{colour}m{key}\x1b[0m={_shown(values[key])}" for key in sorted(values))
        head = f"\x1b[{colour}m{level[:4].upper()}\x1b[0m[{seconds:04d}]"
        return f"{head} {message.rstrip():<{_MESSAGE_WIDTH}}{shown}\n"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        text = "true" if value else "false"
    else:
        text = value if isinstance(value, str) else str(value)
    return text if _BARE.match(text) else quoted(text)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
