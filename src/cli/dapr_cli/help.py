"""Help pages, drawn from the command table in the layout users of the public CLI know."""

from __future__ import annotations

from collections.abc import Sequence

from .command import Command
from .console import Console
from .flags import Flag
from .table import GLOBAL_FLAGS, HELP_FLAG

BANNER = r"""
      _
   __| | __ _ _ __  _ __
  / _` |/ _` | '_ \| '__|
 | (_| | (_| | |_) | |
  \__,_|\__,_| .__/|_|
             |_|

The distributed application runtime
"""
INDENT = "  "
KIND_WORDS = {"string": "string", "int": "int", "list": "strings", "array": "strings", "bool": ""}


def page(path: Sequence[str], command: Command, console: Console) -> str:
    """The help page of one command; ``path`` are the words that lead to it."""
    name = " ".join(path)
    usage = command.usage or (f"{name} [command]" if command.commands else f"{name} [flags]")
    parts = [command.description or command.summary, _section("Usage:", INDENT + usage, console)]
    if command.aliases:
        parts.append(_section("Aliases:", INDENT + ", ".join((command.name, *command.aliases)), console))
    if command.examples:
        parts.append(_section("Examples:", command.examples, console))
    if command.commands:
        rows = [(INDENT + child.name, child.summary) for child in command.commands]
        parts.append(_section("Available Commands:", _columns(rows), console))
    parts.append(_section("Flags:", _flag_rows([*command.flags, HELP_FLAG]), console))
    parts.append(_section("Global Flags:", _flag_rows(GLOBAL_FLAGS), console))
    if command.commands:
        parts.append(f'Use "{name} [command] --help" for more information about a command.')
    return "\n\n".join(parts) + "\n"


def usage_hint(path: Sequence[str]) -> str:
    """The last line of a usage error."""
    return f"Run '{' '.join(path)} --help' for usage and examples."


def _section(title: str, body: str, console: Console) -> str:
    return f"{console.paint('bold', title)}\n{body}"


def _flag_rows(flags: Sequence[Flag]) -> str:
    visible = sorted((flag for flag in flags if not flag.hidden), key=lambda flag: flag.name)
    return _columns([(_flag_label(flag), flag.help + _flag_notes(flag)) for flag in visible])


def _flag_label(flag: Flag) -> str:
    short = f"-{flag.short}, " if flag.short else "    "
    return f"{INDENT}{short}--{flag.name} {KIND_WORDS[flag.kind]}".rstrip()


def _flag_notes(flag: Flag) -> str:
    notes = f" ({'|'.join(flag.choices)})" if flag.choices else ""
    if flag.required:
        return notes + " (required)"
    if flag.default in ("", False, []) or (flag.kind == "int" and flag.default == 0):
        return notes
    default = str(flag.default).lower() if flag.kind == "bool" else flag.default
    return f"{notes} (default {default})"


def _columns(rows: Sequence[tuple[str, str]]) -> str:
    width = max(len(left) for left, _ in rows)
    return "\n".join(f"{left.ljust(width)}   {right}".rstrip() for left, right in rows)
