"""``dapr init``: set up a laptop in a second or two, without Docker (cli-dashboard.md §3), or a cluster (§5).

Everything that is made enters the inventory; what is there already and is not ours stays. Running it again repairs
what is missing: it restarts a stopped server and writes deleted files anew.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

from dapr_cli import defaults, engine
from dapr_cli.authority import Authority
from dapr_cli.background import Background
from dapr_cli.cluster.flags import check_place
from dapr_cli.cluster.table import INSTALL_ONLY
from dapr_cli.cluster.wanted import check_runtime_version
from dapr_cli.command import Context, Failure
from dapr_cli.engine import Engine
from dapr_cli.flags import UsageError
from dapr_cli.inventory import Inventory
from dapr_cli.placement import Placement
from dapr_cli.services import Services
from dapr_core.process.version import runtime_version

DOCS_URL = "https://docs.dapr.io/getting-started"
MACHINE_ONLY = (
    "slim",
    "redis-host",
    "redis-port",
    "with-sentry",
    "sentry-port",
    "placement-port",
    "runtime-path",
)
LAUNCHER_MODE = 0o755
PRIVATE_MODE = 0o700
"""Data and keys are the user's alone."""
MAX_PORT = 65535


class Redis(NamedTuple):
    """Where the default resources will find Redis, and how that came about."""

    host: str
    note: str


class Wishes(NamedTuple):
    """What the flags ask for."""

    slim: bool
    redis_host: str
    redis_port: int
    sentry: bool
    sentry_port: int
    placement_port: int


def init(context: Context) -> int:
    """Make the installation complete and say what was done."""
    flags = context.flags
    check_runtime_version(flags)
    if check_place(flags, cluster=INSTALL_ONLY, machine=MACHINE_ONLY):
        from dapr_cli.cluster import installing

        installing.install(context)
        return 0
    wishes = Wishes(
        flags.switch("slim"),
        flags.text("redis-host"),
        flags.number("redis-port"),
        flags.switch("with-sentry"),
        flags.number("sentry-port"),
        flags.number("placement-port"),
    )
    _check_flags(wishes)
    console, root = context.console, context.root
    console.pending("Making the jump to hyperspace...")
    console.info(f"Installing runtime version {runtime_version()}")
    inventory = Inventory.load(root.manifest, root.path)
    notes: list[str] = []
    try:
        with console.step("Setting up components..."):
            notes += _set_up(context, inventory, wishes)
    except OSError as error:
        raise Failure(f"could not write {error.filename or root.path}: {error.strerror or error}") from error
    for note in notes:
        console.info(note)
    console.success(f"Success! Dapr is up and running. To get started, go here: {DOCS_URL}")
    return 0


def _check_flags(wishes: Wishes) -> None:
    host = wishes.redis_host
    if wishes.slim and (host or wishes.redis_port):
        raise UsageError("--slim sets up no Redis, so --redis-host and --redis-port mean nothing beside it")
    if host and wishes.redis_port:
        raise UsageError("--redis-host uses a Redis that runs already, so --redis-port means nothing beside it")
    if host and not re.fullmatch(r"[A-Za-z0-9._\-]+:\d{1,5}|\[[0-9A-Fa-f:.]+\]:\d{1,5}", host):
        raise UsageError(f'invalid --redis-host "{host}": it takes host:port, for instance localhost:6379')
    for name, port in (
        ("redis-port", wishes.redis_port),
        ("sentry-port", wishes.sentry_port),
        ("placement-port", wishes.placement_port),
    ):
        if not 0 <= port <= MAX_PORT:
            raise UsageError(f"invalid --{name} {port}: it takes a port number")
    if wishes.slim and wishes.placement_port:
        raise UsageError("--slim starts no placement service, so --placement-port means nothing beside it")
    if wishes.sentry_port and not wishes.sentry:
        raise UsageError("--sentry-port is for the sentry that --with-sentry starts; give both")


def _set_up(context: Context, inventory: Inventory, wishes: Wishes) -> list[str]:
    root = context.root
    inventory.make_folder(root.components)
    inventory.make_folder(root.bin)
    notes: list[str] = []
    try:
        notes += _install_launcher(context, inventory)
        if not wishes.slim:
            notes += _install_redis(context, inventory, wishes.redis_host, wishes.redis_port)
        services = Services.of(root)
        joins = wishes.sentry and services.sentry.record() is None
        notes += _install_authority(context, inventory, wishes)
        if not wishes.slim or services.placement.record() is not None:
            notes += _install_placement(services.placement, inventory, wishes, anew=joins)
    finally:
        inventory.save()
    return notes


def _install_authority(context: Context, inventory: Inventory, wishes: Wishes) -> list[str]:
    """Sentry, where it is wanted or was set up before, and the Configuration that tells of it."""
    root = context.root
    authority = Authority(root.sentry, root.config)
    notes: list[str] = []
    if wishes.sentry or authority.record() is not None:
        inventory.make_folder(root.sentry, PRIVATE_MODE)
        notes += [_started(authority, wishes.sentry_port, f"its root and keys are in {authority.credentials}")]
        notes += ["What `dapr run` starts from now on joins it and speaks mutual TLS; restart what runs already."]
    return notes + _install(inventory, root.config, defaults.configuration(slim=wishes.slim, sentry=authority.address))


def _install_placement(placement: Placement, inventory: Inventory, wishes: Wishes, *, anew: bool) -> list[str]:
    """Placement; ``anew`` starts it again where it runs, since it is to serve by mutual TLS from now on."""
    port = wishes.placement_port
    if anew and (record := placement.record()) is not None and placement.stop():
        port = port or record.port
    inventory.make_folder(placement.folder, PRIVATE_MODE)
    return [_started(placement, port, "and `dapr run` tells sidecars of it")]


def _install_launcher(context: Context, inventory: Inventory) -> list[str]:
    path = context.root.bin / "daprd"
    if '"' in sys.executable or "$" in sys.executable or "`" in sys.executable or "\\" in sys.executable:
        return [f"No launcher in {path}: the path of this Python, {sys.executable}, has characters a shell would read"]
    outcome = inventory.write(path, defaults.LAUNCHER.format(python=sys.executable), LAUNCHER_MODE)
    if outcome in ("foreign", "edited"):
        return [f"Kept the existing {path}; `dapr run` starts the sidecar of this Python environment"]
    return [f"daprd has been installed to {context.root.bin}."]


def _install_redis(context: Context, inventory: Inventory, host: str, port: int) -> list[str]:
    root = context.root
    resources = (root.statestore, root.pubsub)
    if all(map(inventory.is_foreign, resources)):
        return [f"Kept the existing {path}; no Redis server was started for it" for path in resources]
    redis = _given_redis(host) if host else _own_redis(context, inventory, port)
    notes = [redis.note]
    notes += _install(inventory, root.statestore, defaults.STATE_STORE.format(host=redis.host))
    notes += _install(inventory, root.pubsub, defaults.PUBSUB.format(host=redis.host))
    return notes


def _given_redis(host: str) -> Redis:
    name, _, port = host.rpartition(":")
    if not engine.answers_ping(int(port), name.strip("[]")):
        raise Failure(
            f"no Redis answers at {host}; start it first, or leave --redis-host out to get a server of our own"
        )
    return Redis(host, f"Using the Redis at {host}.")


def _own_redis(context: Context, inventory: Inventory, wanted: int) -> Redis:
    server = Engine(context.root.engine)
    inventory.make_folder(context.root.engine, PRIVATE_MODE)
    note = _started(server, wanted, f"its data is in {context.root.engine}")
    record = server.record()
    assert record is not None
    return Redis(f"localhost:{record.port}", note)


def _started(service: Background, wanted: int, where: str) -> str:
    """Have it running; the line that tells so."""
    former = service.record()
    running = service.make_run(wanted)
    moved = ""
    if not wanted and former is None and running.port != service.preferred_port:
        moved = f" (port {service.preferred_port} is taken)"
    title = service.title[0].lower() + service.title[1:]
    return f"{title} is running on localhost:{running.port}{moved}, {where}."


def _install(inventory: Inventory, path: Path, text: str) -> list[str]:
    outcome = inventory.write(path, text)
    if outcome == "foreign":
        return [f"Kept the existing {path}"]
    if outcome == "edited":
        return [f"Kept {path} as you edited it; delete it and run `dapr init` to get the default back"]
    return []
