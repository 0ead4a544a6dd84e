"""Tables, ages and structured output, as the listing commands print them (cli-dashboard.md §1, §9)."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

MINUTE, HOUR, DAY = 60, 3600, 86400
COLUMN_GAP = "  "


def render_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A left-aligned table without borders; columns that are blank in every row are left out.

    Runs of white space inside a cell become one space, so that a cell never breaks the row.
    """
    cells = [[" ".join(str(cell).split()) for cell in row] for row in rows]
    filled = [column for column in range(len(headers)) if any(row[column] for row in cells)]
    shown = filled or list(range(len(headers)))
    lines = [[headers[column].upper().replace("_", " ") for column in shown]]
    lines += [[row[column] for column in shown] for row in cells]
    widths = [max(len(line[place]) for line in lines) for place in range(len(shown))]
    return "".join(
        COLUMN_GAP.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n"
        for line in lines
    )


def render_json(value: Any) -> str:
    """JSON with two spaces of indentation and no line end."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def render_yaml(value: Sequence[Mapping[str, Any]]) -> str:
    """Block YAML in the order of the keys."""
    import yaml

    return str(yaml.safe_dump([dict(item) for item in value], sort_keys=False, default_flow_style=False))


def age_text(seconds: float) -> str:
    """How long ago, in the largest whole unit: ``42s``, ``7m``, ``3h`` or ``12d``."""
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return f"{whole}s"
    if whole < HOUR:
        return f"{whole // MINUTE}m"
    if whole < DAY:
        return f"{whole // HOUR}h"
    return f"{whole // DAY}d"


def created_text(moment: float) -> str:
    """A Unix time as local ``YYYY-MM-DD HH:MM.SS`` (a dot before the seconds, as the public CLI prints it)."""
    return time.strftime("%Y-%m-%d %H:%M.%S", time.localtime(moment))


def shortened(text: str, limit: int) -> str:
    """``text`` cut to ``limit`` characters, the last three of them dots when something was cut."""
    return text if len(text) <= limit else text[: limit - 3] + "..."
