"""What a command is: its words for the help page, its flags, and where its code lives.

Commands are data, so that help, completion and parsing read one table. The code of a command is named, not imported:
``dapr list`` never pays for what ``dapr run`` needs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias, cast

from .console import Console
from .flags import Flag, Parsed
from .paths import Root


class Failure(Exception):
    """A command could not do its work: one line for the user, and the exit status."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


class Context(NamedTuple):
    """What every command receives: its flags and words, the console, and the installation it works on."""

    flags: Parsed
    console: Console
    root: Root

    @property
    def args(self) -> list[str]:
        """The words of the command line that are no flags."""
        return self.flags.args


Handler: TypeAlias = Callable[[Context], int]


class Command(NamedTuple):
    """One command; ``handler`` is ``module:function`` below ``dapr_cli.commands``, empty for a mere group."""

    name: str
    summary: str
    handler: str = ""
    usage: str = ""
    description: str = ""
    examples: str = ""
    flags: tuple[Flag, ...] = ()
    commands: tuple[Command, ...] = ()
    max_args: int = 0
    args_complete: str = ""
    aliases: tuple[str, ...] = ()

    def load(self) -> Handler:
        """Import the command's code."""
        import importlib

        module, _, function = self.handler.partition(":")
        return cast("Handler", getattr(importlib.import_module(f"dapr_cli.commands.{module}"), function))
