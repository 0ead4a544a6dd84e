"""The forms in which listing commands print their records: a table for people, JSON and YAML for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .command import Failure
from .flags import Parsed
from .tables import render_json, render_table, render_yaml

TABLE_OUTPUTS = ("table", "json", "yaml")
LIST_OUTPUTS = ("list", "json", "yaml")
"""What the commands on resources of a cluster take; ``table`` means the same as ``list``."""


def output_of(flags: Parsed, allowed: Sequence[str] = TABLE_OUTPUTS) -> str:
    """The form that is asked for. Raises Failure where there is none such (cli-dashboard.md §9)."""
    output = flags.text("output") or allowed[0]
    if output not in allowed and output != "table":
        *most, last = allowed
        raise Failure(f"An invalid output format was specified. Use -o {', '.join(most)} or {last}.")
    return output


def is_for_people(output: str) -> bool:
    """Whether words may stand around the records."""
    return output not in ("json", "yaml")


def rendered(output: str, columns: Mapping[str, str], records: Sequence[Mapping[str, Any]]) -> str:
    """The records in a form; ``columns`` are the table's headings with the keys that stand below them."""
    if output == "json":
        return render_json(records)
    if output == "yaml":
        return render_yaml(records)
    return render_table(list(columns), [[str(record[key]) for key in columns.values()] for record in records])
