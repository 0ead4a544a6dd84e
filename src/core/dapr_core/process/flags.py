"""Command lines in Go's flag forms, read into a typed settings dataclass (control-plane.md §3.1).

A process declares its settings once, as a frozen dataclass whose fields are made by ``flag``: that one table gives the
parser, the help and the types. Accepted are ``--name value``, ``--name=value`` and the same with one dash; a boolean
takes a value only after ``=``; ``--`` ends the flags. What is no flag is returned, not judged.

``argparse`` is not used: it abbreviates names, reads ``-1`` as a flag and costs 6 ms at import.
"""

from __future__ import annotations

import dataclasses
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, NoReturn, TextIO, TypeVar

from dapr_core.process.flagtypes import FlagType

S = TypeVar("S")

_ROW: Final = "flag"
_WIDTH: Final = 100
_INDENT: Final = 6
EXIT_USAGE: Final = 2
"""Exit code after a command line that does not read, as Go's flag package has it."""


class FlagError(ValueError):
    """The command line does not read; the text names the flag, the cause and what to write."""


class HelpRequested(Exception):
    """``--help`` or ``-h`` stands on the command line."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One row of a process's flag table.

    ``env`` names the environment variable that fills the flag when it is not given; ``deprecated`` is what to use in
    its place, printed when the flag is given; a ``hidden`` flag is read and not shown in the help.
    """

    name: str
    type: FlagType
    help: str
    group: str
    env: str = ""
    deprecated: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Parsed(Generic[S]):
    """A command line that read: settings, names of the flags given, notices to print, and other arguments."""

    settings: S
    given: frozenset[str]
    notices: tuple[str, ...]
    arguments: tuple[str, ...]


def flag(
    name: str,
    kind: FlagType,
    text: str,
    *,
    group: str,
    default: Any = None,
    env: str = "",
    deprecated: str = "",
    hidden: bool = False,
) -> Any:
    """Declare a field of a settings dataclass as a flag. ``default`` None means that absence matters."""
    row = Flag(name, kind, text, group, env, deprecated, hidden)
    return dataclasses.field(default=default, metadata={_ROW: row})


def rows(settings: type[Any]) -> list[tuple[str, Flag, Any]]:
    """The flag table of a settings class: attribute, row, default."""
    return [
        (each.name, each.metadata[_ROW], each.default) for each in dataclasses.fields(settings) if _ROW in each.metadata
    ]


def parse(settings: type[S], arguments: Sequence[str], environment: Mapping[str, str]) -> Parsed[S]:
    """Read a command line (without the program's name).

    Raises:
        FlagError: an unknown flag, a value that does not fit, or a missing one.
        HelpRequested: the help is wanted.
    """
    table = {row.name: (attribute, row) for attribute, row, _default in rows(settings)}
    values: dict[str, Any] = {}
    given: set[str] = set()
    others: list[str] = []
    queue = list(arguments)[::-1]
    while queue:
        argument = queue.pop()
        if argument == "--":
            others.extend(reversed(queue))
            break
        if len(argument) < 2 or not argument.startswith("-"):
            others.append(argument)
            continue
        name, equals, text = argument.lstrip("-").partition("=") if not argument.startswith("---") else ("", "", "")
        entry = table.get(name)
        if entry is None:
            _refuse(argument, name, table)
        attribute, row = entry
        if not equals and row.type.bare is not None:
            value = row.type.bare
        else:
            value = _read(row, text if equals else _next(queue, row))
        values[attribute] = values[attribute] + value if row.type.repeats and attribute in values else value
        given.add(name)
    _from_environment(settings, values, environment)
    notices = tuple(
        f"Flag --{row.name} has been deprecated, {row.deprecated}"
        for _, row in table.values()
        if row.deprecated and row.name in given
    )
    return Parsed(settings(**values), frozenset(given), notices, tuple(others))


def parse_or_exit(
    settings: type[S],
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    program: str,
    summary: str,
    out: TextIO | None = None,
    err: TextIO | None = None,
) -> Parsed[S]:
    """Read a command line as a process does at its start.

    ``--help`` prints the help on stdout and exits with 0. A wrong command line prints the usage and then the error on
    stderr and exits with 2. Notices of deprecated flags go to stderr.
    """
    out, err = out or sys.stdout, err or sys.stderr
    try:
        parsed = parse(settings, arguments, environment)
    except HelpRequested:
        out.write(help_text(settings, program=program, summary=summary))
        raise SystemExit(0) from None
    except FlagError as error:
        err.write(help_text(settings, program=program, summary=summary))
        err.write(f"\n{program}: {error}\n")
        raise SystemExit(EXIT_USAGE) from None
    for notice in parsed.notices:
        err.write(notice + "\n")
    return parsed


def help_text(settings: type[Any], *, program: str, summary: str) -> str:
    """The help: flags by group in the order of their declaration, each with its type, meaning and default."""
    lines = [summary, "", "Usage:", f"  {program} [flags]"]
    groups: dict[str, list[tuple[Flag, Any]]] = {}
    for _, row, default in rows(settings):
        if not row.hidden:
            groups.setdefault(row.group, []).append((row, default))
    for title, members in groups.items():
        lines += ["", f"{title}:"]
        for row, default in members:
            lines += _help_lines(row, default)
    lines += ["", "Other:", "  --help", " " * _INDENT + "Print this help."]
    return "\n".join(lines) + "\n"


def _help_lines(row: Flag, default: Any) -> list[str]:
    text = row.help
    if row.deprecated:
        text = f"Deprecated: {row.deprecated}. {text}"
    if row.env:
        text += f" Environment: {row.env}."
    if default not in (None, "", False, (), 0):
        text += f" (default {row.type.show(default)})"
    name = f"  --{row.name} {row.type.name}".rstrip()
    return [name, *textwrap.wrap(text, _WIDTH, initial_indent=" " * _INDENT, subsequent_indent=" " * _INDENT)]


def _refuse(argument: str, name: str, table: Mapping[str, Any]) -> NoReturn:
    if name in ("help", "h"):
        raise HelpRequested
    if argument.startswith("---") or not name:
        raise FlagError(f"bad flag syntax: {argument}")
    import difflib  # only on the way out

    close = difflib.get_close_matches(name, table, n=1)
    hint = f"; did you mean --{close[0]}?" if close else f"; run with --help to see all {len(table)} flags"
    raise FlagError(f"unknown flag: --{name}{hint}")


def _next(queue: list[str], row: Flag) -> str:
    if not queue:
        raise FlagError(f"flag needs an argument: --{row.name} {row.type.name}")
    return queue.pop()


def _read(row: Flag, text: str, *, source: str = "") -> Any:
    try:
        return row.type.read(text)
    except ValueError as error:
        where = source or f"--{row.name}"
        raise FlagError(f'invalid argument "{text[:80]}" for "{where}" flag: {error}') from None


def _from_environment(settings: type[Any], values: dict[str, Any], environment: Mapping[str, str]) -> None:
    for attribute, row, _default in rows(settings):
        text = environment.get(row.env, "") if row.env else ""
        if text and attribute not in values:
            values[attribute] = _read(row, text, source=row.env)
