"""Find out what is behind each socket of the folder, once, before any manifest is looked at.

Every socket is asked at the same time and has a few seconds to answer. One that does not, or that is not what it seems,
is logged and left out; the others are used.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from dapr_components.contract import Component
from dapr_components.pluggable.bindings import binding_class
from dapr_components.pluggable.connection import OPTIONS, PluggableComponent
from dapr_components.pluggable.pubsub import PluggablePubSub
from dapr_components.pluggable.secretstores import PluggableSecretStore
from dapr_components.pluggable.sockets import UntrustedError, component_sockets
from dapr_components.pluggable.state import state_class
from dapr_core.rpc.grpc.client import Channel
from dapr_core.rpc.grpc.reflection import list_services
from dapr_core.rpc.grpc.status import Code, GrpcError

log = logging.getLogger("dapr.pluggable-components-discovery")

ANSWER_LIMIT = 5.0
"""Seconds that a socket has to tell its services."""
PACKAGE = "dapr.proto.components.v1."
Choose = Callable[[frozenset[str]], type[PluggableComponent]]
CATEGORIES: dict[str, tuple[str, Choose]] = {
    "StateStore": ("state", state_class),
    "PubSub": ("pubsub", lambda _services: PluggablePubSub),
    "InputBinding": ("bindings", binding_class),
    "OutputBinding": ("bindings", binding_class),
    "SecretStore": ("secretstores", lambda _services: PluggableSecretStore),
}


async def discover(folder: Path) -> dict[str, type[Component]]:
    """The classes of all components that answer in a folder, by type (``state.redis-like``), in lower case."""
    try:
        sockets = component_sockets(folder)
    except UntrustedError as error:
        log.error("could not initialize pluggable components: %s", error)
        return {}
    found = await asyncio.gather(*(_classes(path) for path in sockets))
    return {name: made for classes in found for name, made in classes.items()}


async def _classes(path: Path) -> dict[str, type[Component]]:
    name = path.name.rpartition(".")[0] if "." in path.name else path.name
    if not name:
        log.warning("could not use socket %s: its name, without what follows the last dot, is empty", path)
        return {}
    try:
        services = await _services(path)
    except (GrpcError, TimeoutError) as error:
        log.error("could not initialize pluggable components: %s: %s", path, _remedy(error))
        return {}
    made: dict[str, type[Component]] = {}
    for service in sorted(services & CATEGORIES.keys()):
        category, choose = CATEGORIES[service]
        base = choose(services)
        place = {"socket": path, "services": services, "__module__": base.__module__}
        made[f"{category}.{name}".lower()] = type(base.__name__, (base,), place)
        log.info("pluggable component '%s' was successfully registered for '%s%s'", name, PACKAGE, service)
    if not made:
        log.warning("no component at %s: it serves none of %s", path, ", ".join(PACKAGE + each for each in CATEGORIES))
    return made


async def _services(path: Path) -> frozenset[str]:
    """The component services at a socket, without their package. Raises ``GrpcError`` and ``TimeoutError``."""
    channel = Channel(f"unix:{path}", OPTIONS)
    try:
        async with asyncio.timeout(ANSWER_LIMIT):
            names = await list_services(channel)
    finally:
        await channel.close()
    return frozenset(name.removeprefix(PACKAGE) for name in names if name.startswith(PACKAGE))


def _remedy(error: GrpcError | TimeoutError) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer in {ANSWER_LIMIT:g} s; is it a gRPC server?"
    if error.code is Code.UNIMPLEMENTED:
        return "it has no gRPC reflection; add the reflection service to the component's server"
    if error.code is Code.UNAVAILABLE:
        return f"{error.message}; start the component before the sidecar, or remove the socket it left behind"
    return f"unable to list services: {error}"
