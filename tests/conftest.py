"""What the whole suite shares: ``support`` and the tools on the path, the table of recordings at the end of a run."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "tools")]

# A shell without job control lets what runs in its background ignore interrupts, and every program started there
# inherits that. Those of the tests are interrupted, as at a terminal.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)


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


MISSING = ("not installed", "not found", "is missing")
"""What the reason of a skip says when an engine or a program is absent; where CI runs, that is a failure."""


def _absent(config: pytest.Config) -> list[str]:
    """Reasons of skips for want of a program, where CI runs."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") != "true" or reporter is None or hasattr(config, "workerinput"):
        return []
    skipped = reporter.stats.get("skipped", [])
    reasons = [str(report.longrepr[2]) for report in skipped if isinstance(report.longrepr, tuple)]
    return sorted({reason for reason in reasons if any(word in reason for word in MISSING)})


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI everything is installed, so nothing may be skipped for want of it."""
    if _absent(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Say so on the last line, where whoever reads the end of a log finds the cause."""
    for reason in _absent(config):
        print(f"CI=true, and tests were skipped: {reason}", file=sys.stderr)
