"""``python -m cluster.kube``: build the programs, keep an API server for a while."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable

from cluster.kube import apiserver, programs
from cluster.kube.processes import ClusterError


def _build(arguments: argparse.Namespace) -> None:
    groups = {
        "api": programs.API_PROGRAMS,
        "chart": programs.CHART_PROGRAMS,
        "node": programs.NODE_PROGRAMS,
    }
    for group in arguments.what or groups:
        for name in groups[group]:
            print(f"{name}: {programs.build(name)}")


def _api(_: argparse.Namespace) -> None:
    for name in programs.API_PROGRAMS:
        programs.build(name)
    with apiserver.running() as server:
        print(f"export KUBECONFIG={server.kubeconfig}", flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


def main() -> int:
    """Run one command; 1 if it failed, with the cause on stderr."""
    parser = argparse.ArgumentParser(prog="cluster.kube", description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = _command(commands, "build", _build, "build programs, or say where they are")
    command.add_argument("what", nargs="*", choices=["api", "chart", "node", []], help="all, if none is named")
    _command(commands, "api", _api, "keep an API server until interrupted; prints its KUBECONFIG")
    arguments = parser.parse_args()
    try:
        arguments.run(arguments)
    except (programs.BuildError, ClusterError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], None],
    what: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=what, description=what)
    command.set_defaults(run=run)
    return command


if __name__ == "__main__":
    sys.exit(main())
