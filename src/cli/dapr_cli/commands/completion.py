"""``dapr completion``: print a shell's completion script (cli-dashboard.md §2)."""

from __future__ import annotations

from dapr_cli.command import Context
from dapr_cli.completion import SCRIPTS


def bash(context: Context) -> int:
    """Print the script for bash."""
    return _print("bash", context)


def zsh(context: Context) -> int:
    """Print the script for zsh."""
    return _print("zsh", context)


def fish(context: Context) -> int:
    """Print the script for fish."""
    return _print("fish", context)


def powershell(context: Context) -> int:
    """Print the script for PowerShell."""
    return _print("powershell", context)


def _print(shell: str, context: Context) -> int:
    context.console.text(SCRIPTS[shell])
    return 0
