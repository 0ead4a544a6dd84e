"""``dapr version`` and ``dapr build-info`` (cli-dashboard.md §2)."""

from __future__ import annotations

import json

from dapr_cli import runtime
from dapr_cli.command import Context, Failure
from dapr_core.process.version import build_info as own_build_info
from dapr_core.process.version import runtime_version as cli_version

UNKNOWN = "n/a"


def version(context: Context) -> int:
    """Print both versions, as text or as JSON."""
    output = context.flags.text("output")
    if output not in ("", "json"):
        raise Failure("An invalid output format was specified. Use -o json, or no -o for text.")
    runtime_version = runtime.ask("--version") or UNKNOWN
    if output == "json":
        context.console.line(json.dumps({"Cli version": cli_version(), "Runtime version": runtime_version}))
    else:
        context.console.line(f"CLI version: {cli_version()} \nRuntime version: {runtime_version}")
    return 0


def build_info(context: Context) -> int:
    """Print the build of the CLI and what the sidecar says about its own."""
    told = runtime.ask("--build-info") or runtime.ask("--version") or UNKNOWN.upper()
    parts = {"CLI:": own_build_info(), "Runtime:": told}
    for title, text in parts.items():
        context.console.line("\n".join([title, *(f"\t{line}" for line in text.splitlines())]))
    return 0
