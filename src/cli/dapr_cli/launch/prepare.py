"""Before anything starts: check what was asked for, and fill in what was left open.

Ports that were not given are chosen, ports that were given must be free, resource folders must exist and hold readable
YAML, and nobody else may carry the app id. What is wrong is told before the first process exists.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from dapr_cli import ports
from dapr_cli.command import Failure
from dapr_cli.instances import Instance
from dapr_cli.placement import Placement

from .spec import DEFAULT_PLACEMENT_PORT, DEFAULT_SCHEDULER_PORT, DEFAULT_SERVICE_HOST, AppSpec

PORT_NAMES = {
    "dapr_http_port": "HTTPPort",
    "dapr_grpc_port": "GRPCPort",
    "metrics_port": "MetricsPort",
    "dapr_internal_grpc_port": "InternalGRPCPort",
    "profile_port": "ProfilePort",
}
_SPARE = 8
"""Candidates beyond the ports wanted, since one that is free on 127.0.0.1 may be taken on ::1."""

ADJECTIVES = (
    "amber",
    "brisk",
    "calm",
    "clever",
    "early",
    "gentle",
    "golden",
    "keen",
    "lively",
    "quiet",
    "swift",
    "warm",
)
NOUNS = (
    "badger",
    "brook",
    "cedar",
    "comet",
    "falcon",
    "harbor",
    "lantern",
    "maple",
    "meadow",
    "otter",
    "robin",
    "willow",
)
YAML_SUFFIXES = frozenset({".yaml", ".yml"})


def invented_id(taken: Iterable[str], choice: random.Random) -> str:
    """A readable app id that none of ``taken`` has."""
    used = set(taken)
    while (name := f"{choice.choice(ADJECTIVES)}-{choice.choice(NOUNS)}-{choice.randrange(1000)}") in used:
        continue
    return name


def check_id(app_id: str, running: Sequence[Instance]) -> None:
    """Raise Failure for an id that a sidecar would refuse, or that another one carries."""
    if "." in app_id:
        raise Failure(f'invalid app id "{app_id}": it cannot contain dots')
    taken = next((one for one in running if one.app_id == app_id), None)
    if taken is not None:
        raise Failure(
            f"app with ID {app_id} is already running (daprd process {taken.pid}); "
            f"stop it with `dapr stop {app_id}`, or choose another --app-id"
        )


def choose_ports(spec: AppSpec, running: Sequence[Instance]) -> AppSpec:
    """``spec`` with every open port chosen. Raises Failure for a given port that is in use."""
    names = [name for name in PORT_NAMES if name != "profile_port" or spec.enable_profiling]
    taken = {port for one in running for port in (one.http_port, one.grpc_port, one.app_port) if port > 0}
    given = {name: getattr(spec, name) for name in names if getattr(spec, name) > 0}
    for name, port in given.items():
        _check_port(name, port, taken | {other for key, other in given.items() if key != name})
    open_names = [name for name in names if name not in given]
    wanted = {*given.values(), *taken, spec.app_port}
    candidates = ports.free_ports(len(open_names) + len(wanted) + _SPARE)
    chosen = [port for port in candidates if port not in wanted and ports.is_free_on_loopback(port)]
    changes: dict[str, Any] = dict(zip(open_names, chosen, strict=False))
    return dataclasses.replace(spec, **changes)


def near_services(spec: AppSpec, placement: Placement) -> AppSpec:
    """``spec`` with the placement service of `dapr init`, and without services that it would find on this machine by
    default and that are not there.

    A sidecar that was told of a placement service is not ready before that is found (actors-placement.md), and most
    applications use no actors. An address that names a port is meant, whether somebody is there or not.
    """
    default = DEFAULT_SERVICE_HOST
    changes: dict[str, Any] = {}
    if spec.placement_host_address == default:
        if placement.address:
            # One that asks for identities serves nobody without.
            fits = placement.secured == bool(spec.sentry_address)
            changes["placement_host_address"] = placement.address if fits else ""
        elif not ports.is_listening(DEFAULT_PLACEMENT_PORT, default):
            changes["placement_host_address"] = ""
    if spec.scheduler_host_address == default and not ports.is_listening(DEFAULT_SCHEDULER_PORT, default):
        changes["scheduler_host_address"] = ""
    return dataclasses.replace(spec, **changes)


def stay_on_loopback(spec: AppSpec) -> AppSpec:
    """``spec`` with the API on this machine's loopback addresses where it names none.

    An IPv6 address is written in brackets, as the original's sidecar wants it too.
    """
    if spec.dapr_listen_addresses:
        return spec
    written = [f"[{each}]" if ":" in each else each for each in ports.loopback_addresses()]
    return dataclasses.replace(spec, dapr_listen_addresses=",".join(written))


def _check_port(name: str, port: int, taken: set[int]) -> None:
    if port > 65535 or port in taken or not ports.is_free_on_loopback(port):
        raise Failure(
            f"invalid configuration for {PORT_NAMES[name]}. Port {port} is not available; "
            "leave the flag out to get a free one"
        )


def check_resources(paths: Sequence[Path]) -> None:
    """Raise Failure for a folder that is missing or holds a file that is no YAML."""
    for path in paths:
        if not path.is_dir():
            shown = " ".join(map(str, paths))
            raise Failure(
                f"error validating resources path [{shown}] : {path} is no folder; "
                "create it, or run `dapr init` to get the default one"
            )
        for file in sorted(path.iterdir()):
            if file.suffix in YAML_SUFFIXES and file.is_file():
                _check_yaml(file, path)


def _check_yaml(file: Path, folder: Path) -> None:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        with open(file, "rb") as source:
            for _ in yaml.parse(source, Loader=loader):
                continue
    except (yaml.YAMLError, OSError) as error:
        reason = " ".join(str(error).split())
        raise Failure(f"error validating components in resources path {folder} : {file.name}: {reason}") from error
