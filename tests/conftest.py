"""What the whole suite shares: the ``support`` package on the path, and the table of recordings at the end of a run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many recordings are equal, different on purpose, and not yet built."""
    rows = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in getattr(report, "user_properties", [])
        if name == "recordings"
    ]
    if not rows:
        return
    terminalreporter.section("recordings of the original")
    terminalreporter.write_line(f"{'context':44} {'equal':>6} {'different on purpose':>21} {'not yet':>8}")
    for context, equal, different, not_yet in sorted(map(tuple, rows)):
        terminalreporter.write_line(f"{context:44} {equal:6} {different:21} {not_yet:8}")
    totals = [sum(row[column] for row in rows) for column in (1, 2, 3)]
    terminalreporter.write_line(f"{'all':44} {totals[0]:6} {totals[1]:21} {totals[2]:8}")
