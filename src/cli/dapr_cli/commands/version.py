"""``dapr version`` and ``dapr build-info`` (cli-dashboard.md §2)."""

from __future__ import annotations

import json

from dapr_cli import runtime
from dapr_cli.command import Context, Failure

DISTRIBUTION = "dapr-runtime"
UNKNOWN = "n/a"


def cli_version() -> str:
    """The version of the installed distribution; ``edge`` when it runs from sources that were never installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "edge"


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
    lines = ["CLI:", f"\tVersion: {cli_version()}", f"\tGit Commit: {UNKNOWN}", f"\tGit Version: {UNKNOWN}", "Runtime:"]
    told = runtime.ask("--build-info") or runtime.ask("--version") or UNKNOWN.upper()
    lines += [f"\t{line}" for line in told.splitlines()]
    context.console.line("\n".join(lines))
    return 0
