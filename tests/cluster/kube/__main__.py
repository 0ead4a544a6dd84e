"""``python -m cluster.kube``: build the programs, keep an API server for a while, bring a node up and down."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from cluster.kube import apiserver, applications, cache, host, node, programs
from cluster.kube.processes import ClusterError
from images.debian import DebianError


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


def _up(_: argparse.Namespace) -> None:
    began = time.monotonic()
    print(f"export KUBECONFIG={node.up()}")
    print(f"ready after {time.monotonic() - began:.1f} s; make cluster-down removes it", file=sys.stderr)


def _down(_: argparse.Namespace) -> None:
    node.down()


def _around(arguments: argparse.Namespace) -> int:
    """Run a command with a node up; one that was not up before goes down again."""
    if os.environ.get("KUBECONFIG") or os.geteuid() != 0:
        return subprocess.call(arguments.command)
    was_up = node.runs()
    try:
        node.up()
        return subprocess.call(arguments.command)
    finally:
        if not was_up:
            node.down()


def _load(arguments: argparse.Namespace) -> None:
    for archive in arguments.archives:
        node.load(archive)


def _possible(_: argparse.Namespace) -> int:
    """Whether a node can run here; the reason, if not."""
    host.install()
    cache.root().mkdir(parents=True, exist_ok=True)
    missing = host.lacking(cache.root())
    print("; ".join(missing) or "a node can run on this machine")
    return 1 if missing else 0


def _applications(_: argparse.Namespace) -> None:
    for reference in applications.ALL:
        print(f"{reference}: {applications.image(reference)}")


def main() -> int:
    """Run one command; 1 if it failed, with the cause on stderr."""
    parser = argparse.ArgumentParser(prog="cluster.kube", description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = _command(commands, "build", _build, "build programs, or say where they are")
    command.add_argument("what", nargs="*", choices=["api", "chart", "node", []], help="all, if none is named")
    _command(commands, "api", _api, "keep an API server until interrupted; prints its KUBECONFIG")
    _command(commands, "up", _up, "bring a whole node up and leave it running; prints its KUBECONFIG")
    _command(commands, "down", _down, "end the node and remove every trace of it")
    what = "run a command while a node is up, where there is no KUBECONFIG and this is root"
    command = _command(commands, "around", _around, what)
    command.add_argument("command", nargs=argparse.REMAINDER)
    command = _command(commands, "load", _load, "import images into the node")
    command.add_argument("archives", nargs="+", type=Path, help="OCI archives, as `make images` writes them")
    _command(commands, "possible", _possible, "install what a node needs, and say whether one can run on this machine")
    what = "make the images of the tests' applications, or say where their archives are"
    _command(commands, "applications", _applications, what)
    arguments = parser.parse_args()
    try:
        return int(arguments.run(arguments) or 0)
    except (programs.BuildError, ClusterError, DebianError, applications.NoNodeError) as error:
        print(error, file=sys.stderr)
        return 1


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], int | None],
    what: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=what, description=what)
    command.set_defaults(run=run)
    return command


if __name__ == "__main__":
    sys.exit(main())
