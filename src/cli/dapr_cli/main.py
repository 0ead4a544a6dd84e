"""Entry of the ``dapr`` command: find the command, read its flags, run it, and turn what went wrong into words.

Exit statuses: 0 when all went well, 1 for a failure inside a command, 255 when the command line itself is wrong, as the
public CLI has them (cli-dashboard.md §1); ``dapr run`` passes its application's status on.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

from . import help as help_pages
from . import table
from .command import Command, Context, Failure
from .console import Console
from .flags import Flag, Parsed, UsageError, check_required, parse
from .paths import Root

USAGE_STATUS = 255
INTERRUPTED_STATUS = 130
COMPLETE_WORD = "__complete"
OUTPUT_GONE = frozenset({errno.EPIPE, errno.EIO})
"""The reader of our output has gone (`dapr list | head`), or the terminal has."""


def main() -> None:
    """Run the command of ``sys.argv`` and exit with its status."""
    try:
        status = run(sys.argv[1:])
    except OSError as error:
        if error.errno not in OUTPUT_GONE:
            raise
        # Nobody reads what is left in the buffers either; they must not fail again at the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    except KeyboardInterrupt:
        status = INTERRUPTED_STATUS
    sys.exit(status)


def run(argv: Sequence[str]) -> int:
    """Run one command line; returns the exit status."""
    if argv and argv[0] == COMPLETE_WORD:
        from .completion import print_candidates

        return print_candidates(argv[1:])
    path = ["dapr"]
    try:
        return _dispatch(path, argv)
    except UsageError as error:
        _print_usage_error(path, error)
        return USAGE_STATUS
    except Failure as error:
        Console(as_json="--log-as-json" in argv).failure(str(error))
        return error.code


def _dispatch(path: list[str], argv: Sequence[str]) -> int:
    """Walk from the root to the named command; ``path`` collects the words on the way."""
    command, words, leading = table.ROOT_COMMAND, list(argv), list[str]()
    while command.commands:
        parsed = parse([*command.flags, *table.GLOBAL_FLAGS, table.HELP_FLAG], words, words_end_flags=True)
        if "help" in parsed.given or (not parsed.args and not command.handler):
            return _print_group(path, command, parsed)
        if not parsed.args:
            break
        leading += words[: len(words) - len(parsed.args)]
        name, words = parsed.args[0], parsed.args[1:]
        if name == "help" and command is table.ROOT_COMMAND:
            return _print_help_of(path, words)
        command = _child(path, command, name)
    return _run_command(path, command, [*leading, *words])


def _child(path: list[str], parent: Command, name: str) -> Command:
    command = table.find(parent, name)
    if command is None:
        raise UsageError(f'unknown command "{name}" for "{" ".join(path)}"', _nearest_command(parent, name))
    path.append(name)
    return command


def _nearest_command(parent: Command, name: str) -> str:
    import difflib

    names = [command.name for command in parent.commands]
    near = difflib.get_close_matches(name, names, n=2) or [word for word in names if word.startswith(name)]
    return "Did you mean this?\n" + "".join(f"\t{word}\n" for word in near) if near else ""


def _run_command(path: list[str], command: Command, words: Sequence[str]) -> int:
    flags: list[Flag] = [*command.flags, *table.GLOBAL_FLAGS, table.HELP_FLAG]
    parsed = parse(flags, words)
    console = Console(as_json=parsed.switch("log-as-json"))
    if parsed.switch("help"):
        console.text(help_pages.page(path, command, console))
        return 0
    if command.max_args >= 0 and len(parsed.args) > command.max_args:
        raise UsageError(f'unknown argument "{parsed.args[command.max_args]}" for "{" ".join(path)}"')
    check_required(flags, parsed)
    root = Root.locate(parsed.text("runtime-path"), os.environ)
    return command.load()(Context(parsed, console, root))


def _print_group(path: list[str], command: Command, parsed: Parsed) -> int:
    console = Console(as_json=parsed.switch("log-as-json"))
    if command is table.ROOT_COMMAND and parsed.switch("version") and not parsed.switch("help"):
        return _run_command([*path, "version"], table.VERSION, [])
    if command is table.ROOT_COMMAND:
        console.text(console.paint("cyan", help_pages.BANNER) + "\n")
    console.text(help_pages.page(path, command, console))
    return 0


def _print_help_of(path: list[str], words: Sequence[str]) -> int:
    command = table.ROOT_COMMAND
    for word in words:
        command = _child(path, command, word)
    console = Console()
    console.text(help_pages.page(path, command, console))
    return 0


def _print_usage_error(path: Sequence[str], error: UsageError) -> None:
    console = Console()
    print(f"{console.paint('red', 'Error:', to_err=True)} {error}", file=sys.stderr)
    if hint := table.elsewhere(str(error)) or error.hint:
        print(hint, file=sys.stderr)
    print(help_pages.usage_hint(path), file=sys.stderr)


if __name__ == "__main__":
    main()
