"""Counts what became of the entries of a recording, and fails for every difference that has no reason.

A difference on purpose stands in ``tests/golden/differences.json`` under the recording's name, with its reason. One
that stands there and is equal fails too, so that the list stays true.
"""

from __future__ import annotations

import json
from typing import Any

from support.recordings import DATA


def on_purpose(recording: str) -> dict[str, str]:
    """The entries that differ on purpose, and why."""
    reasons: dict[str, str] = json.loads((DATA.parent / "differences.json").read_text())[recording]
    return reasons


class Tally:
    """Entries by outcome. ``reasons`` names those that differ on purpose."""

    def __init__(self, reasons: dict[str, str]) -> None:
        self._reasons = reasons
        self._equal = 0
        self._on_purpose = 0
        self._wrong: list[str] = []

    def add(self, name: str, found: list[str]) -> None:
        """Count one entry; ``found`` is how it differs, empty when it is equal."""
        if name in self._reasons:
            self._on_purpose += 1
            self._wrong += [] if found else [f"{name}: stands in differences.json but is equal"]
        elif found:
            self._wrong.append(f"{name}\n    " + "\n    ".join(found))
        else:
            self._equal += 1

    def close(self, record_property: Any, context: str, waiting: int = 0) -> None:
        """Give a row to the table of recordings; ``waiting`` are the entries of blocks that are not there yet."""
        record_property("recordings", [context, self._equal, self._on_purpose, waiting])
        assert not self._wrong, f"{len(self._wrong)} differ:\n" + "\n".join(self._wrong)
