"""Status lines, in words and in JSON, with colours only where they belong."""

from __future__ import annotations

import io
import json
import re

import pytest

from dapr_cli.console import Console, wants_colour


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("env", "terminal", "expected"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
    ],
    ids=["terminal", "pipe", "NO_COLOR", "empty NO_COLOR", "dumb terminal"],
)
def test_colours_show_on_terminals_only(env: dict[str, str], terminal: bool, expected: bool) -> None:
    assert wants_colour(FakeTerminal() if terminal else io.StringIO(), env) is expected


@pytest.mark.parametrize(
    ("kind", "glyph"), [("success", "✅  "), ("info", "ℹ️  "), ("warning", "⚠  "), ("pending", "⌛  ")]
)
def test_a_status_line_starts_with_its_glyph(kind: str, glyph: str) -> None:
    console = Console(out=io.StringIO(), err=io.StringIO())
    getattr(console, kind)("done")
    assert console.out.getvalue() == f"{glyph}done\n"  # type: ignore[attr-defined]


def test_a_failure_goes_to_standard_error() -> None:
    console = Console(out=io.StringIO(), err=io.StringIO())
    console.failure("no")
    assert (console.out.getvalue(), console.err.getvalue()) == ("", "❌  no\n")  # type: ignore[attr-defined]


def test_a_json_status_line_has_time_status_and_text() -> None:
    console = Console(as_json=True, out=io.StringIO())
    console.info("\nready")
    value = json.loads(console.out.getvalue())  # type: ignore[attr-defined]
    assert value.keys() == {"time", "status", "msg"}
    assert (value["status"], value["msg"]) == ("info", "ready")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", value["time"])


def test_a_step_ends_with_success_or_failure() -> None:
    console = Console(out=io.StringIO(), err=io.StringIO())
    with console.step("working"):
        pass
    with pytest.raises(ValueError), console.step("breaking"):
        raise ValueError
    assert console.out.getvalue() == "✅  working\n"  # type: ignore[attr-defined]
    assert console.err.getvalue() == "❌  breaking\n"  # type: ignore[attr-defined]


def test_a_step_on_a_terminal_leaves_only_its_last_line() -> None:
    terminal = FakeTerminal()
    with Console(out=terminal).step("working"):
        pass
    assert terminal.getvalue().endswith("\x1b[2K✅  working\n") or terminal.getvalue() == "✅  working\n"
