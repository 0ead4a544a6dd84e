"""Command-line flags with the grammar users of the public CLI know.

Long flags take ``--name value`` or ``--name=value``, short ones ``-n value``, ``-nvalue`` or ``-n=value``; booleans
stand bare or take ``=true``/``=false``; short booleans may be joined (``-kA``). Flags and words mix freely until
``--``, after which everything is a word. The parser is pure: a table of flags and an argv go in, typed values or a
:class:`UsageError` come out (cli-dashboard.md §1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["string", "int", "bool", "list", "array"]
"""What a flag takes; a ``list`` may be repeated and is split at commas, an ``array`` may be repeated and is not."""
Value: TypeAlias = str | int | bool | list[str]

TRUE_WORDS = frozenset({"1", "t", "T", "true", "TRUE", "True"})
FALSE_WORDS = frozenset({"0", "f", "F", "false", "FALSE", "False"})


class UsageError(Exception):
    """The command line cannot be understood; ``hint`` says what to type instead, exit status 255."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Flag(NamedTuple):
    """One flag of a command. ``alias_of`` makes it an old name of another flag, which then receives the value."""

    name: str
    help: str
    kind: Kind = "string"
    short: str = ""
    default: Value = ""
    required: bool = False
    hidden: bool = False
    alias_of: str = ""
    choices: tuple[str, ...] = ()
    completes: Literal["", "file", "directory", "app-id", "context"] = ""

    @property
    def label(self) -> str:
        """How messages name the flag: ``-p, --app-port`` or ``--app-port``."""
        return f"-{self.short}, --{self.name}" if self.short else f"--{self.name}"


def old_name(name: str, target: str, kind: Kind = "string") -> Flag:
    """A flag's name of earlier years, which still works and is not shown."""
    return Flag(name, f"Old name of --{target}", kind, hidden=True, alias_of=target)


class Parsed:
    """What an argv said: typed values with defaults filled in, the names that were given, and the remaining words."""

    __slots__ = ("_values", "args", "dashed", "given")

    def __init__(self, flags: Iterable[Flag]) -> None:
        self._values: dict[str, Value] = {
            flag.name: list(flag.default) if isinstance(flag.default, list) else flag.default for flag in flags
        }
        self.given: set[str] = set()
        self.args: list[str] = []
        self.dashed: int | None = None
        """How many words stood before ``--``; None when there was no ``--``."""

    def text(self, name: str) -> str:
        """The value of a string flag."""
        value = self._values[name]
        assert isinstance(value, str), name
        return value

    def number(self, name: str) -> int:
        """The value of an integer flag."""
        value = self._values[name]
        assert isinstance(value, int), name
        return value

    def switch(self, name: str) -> bool:
        """The value of a boolean flag."""
        value = self._values[name]
        assert isinstance(value, bool), name
        return value

    def items(self, name: str) -> list[str]:
        """The value of a repeatable flag."""
        value = self._values[name]
        assert isinstance(value, list), name
        return value

    def store(self, flag: Flag, text: str) -> None:
        """Convert ``text`` to the kind of ``flag`` and keep it; a repeated scalar flag keeps the last value."""
        name = flag.alias_of or flag.name
        if flag.kind == "list":
            items = self.items(name) if name in self.given else []
            self._values[name] = [*items, *(part for part in text.split(",") if part)]
        elif flag.kind == "array":
            self._values[name] = [*(self.items(name) if name in self.given else []), text]
        else:
            self._values[name] = _convert(flag, text)
        self.given.add(name)


def _convert(flag: Flag, text: str) -> Value:
    if flag.kind == "int":
        try:
            return int(text)
        except ValueError:
            raise UsageError(f'invalid argument "{text}" for "{flag.label}" flag: it takes a whole number') from None
    if flag.kind == "bool":
        if text in TRUE_WORDS:
            return True
        if text in FALSE_WORDS:
            return False
        raise UsageError(f'invalid argument "{text}" for "{flag.label}" flag: it takes true or false')
    return text


def parse(flags: Sequence[Flag], argv: Sequence[str], *, words_end_flags: bool = False) -> Parsed:
    """Read ``argv`` by the table ``flags``.

    With ``words_end_flags`` the first word ends the flags, as the root command needs it to find its sub-command.
    Raises UsageError on an unknown flag, a missing value or a value of the wrong kind. Required flags are checked by
    :func:`check_required`, so that ``--help`` wins over them.
    """
    by_name = {flag.name: flag for flag in flags}
    by_short = {flag.short: flag for flag in flags if flag.short}
    parsed = Parsed(flags)
    rest = list(reversed(argv))
    while rest:
        word = rest.pop()
        if word == "--":
            parsed.dashed = len(parsed.args)
            parsed.args.extend(reversed(rest))
            break
        if word.startswith("--"):
            _long(by_name, parsed, word, rest)
        elif len(word) > 1 and word[0] == "-":
            _short(by_short, parsed, word, rest)
        else:
            parsed.args.append(word)
            if words_end_flags:
                parsed.args.extend(reversed(rest))
                break
    return parsed


def _long(by_name: dict[str, Flag], parsed: Parsed, word: str, rest: list[str]) -> None:
    name, equals, text = word[2:].partition("=")
    flag = by_name.get(name)
    if flag is None:
        raise UsageError(f"unknown flag: --{name}", _nearest_flag(name, by_name))
    if equals:
        parsed.store(flag, text)
    elif flag.kind == "bool":
        parsed.store(flag, "true")
    elif rest:
        parsed.store(flag, rest.pop())
    else:
        raise UsageError(f"flag needs an argument: --{name}")


def _short(by_short: dict[str, Flag], parsed: Parsed, word: str, rest: list[str]) -> None:
    letters = word[1:]
    while letters:
        flag = by_short.get(letters[0])
        if flag is None:
            raise UsageError(f"unknown shorthand flag: '{letters[0]}' in {word}")
        letters = letters[1:]
        if letters.startswith("="):
            return parsed.store(flag, letters[1:])
        if flag.kind == "bool":
            parsed.store(flag, "true")
        elif letters:
            return parsed.store(flag, letters)
        elif rest:
            return parsed.store(flag, rest.pop())
        else:
            raise UsageError(f"flag needs an argument: '{flag.short}' in {word}")
    return None


def _nearest_flag(name: str, by_name: dict[str, Flag]) -> str:
    import difflib

    visible = [flag.name for flag in by_name.values() if not flag.hidden]
    near = difflib.get_close_matches(name, visible, n=1)
    return f"Did you mean --{near[0]}?" if near else ""


def check_required(flags: Iterable[Flag], parsed: Parsed) -> None:
    """Raise UsageError naming every required flag that was not given (cli-dashboard.md §1)."""
    missing = [f'"{flag.name}"' for flag in flags if flag.required and flag.name not in parsed.given]
    if missing:
        raise UsageError(f"required flag(s) {', '.join(missing)} not set")
