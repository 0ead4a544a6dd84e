"""What the sidecar takes from its surroundings: environment variables, its host's address, a port that stays.

Flags are in ``daprd.options``; this is the rest (control-plane.md §3.2, api.md §7.1). The environment is read once, and
tokens never show in a ``repr``.
"""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dapr_core.resources.component import Component, ComponentSpec
from dapr_core.resources.metadata import ObjectMeta
from dapr_core.resources.values import KUBERNETES_STORE
from daprd.options import Options

KUBERNETES: Final = "kubernetes"
"""The mode in a cluster (``--mode``)."""
STABLE_PORT_BASE = 47300


@dataclass(frozen=True, slots=True, repr=False)
class Surroundings:
    """Where this sidecar runs. Empty text stands for what is not set."""

    namespace: str
    pod_name: str
    host_address: str
    host_name: str
    api_token: str
    app_api_token: str
    environment: Mapping[str, str]

    def __repr__(self) -> str:  # tokens are in here
        return f"<Surroundings {self.host_address}>"


def surroundings(environment: Mapping[str, str]) -> Surroundings:
    """Read the environment and find the host's address; ``DAPR_HOST_IP`` overrides it."""
    return Surroundings(
        namespace=environment.get("NAMESPACE", ""),
        pod_name=environment.get("POD_NAME", ""),
        host_address=environment.get("DAPR_HOST_IP") or own_address(),
        host_name=socket.gethostname(),
        api_token=environment.get("DAPR_API_TOKEN", ""),
        app_api_token=environment.get("APP_API_TOKEN", ""),
        environment=environment,
    )


def own_address() -> str:
    """The address others reach this host by: the one a route to the outside would use; nothing is sent."""
    for family, target in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((target, 9))
                return str(probe.getsockname()[0])
        except OSError:
            continue
    return "127.0.0.1"


def stable_port(app_id: str) -> int:
    """The internal port that stays the same between runs of one application (control-plane.md §3.2)."""
    identity = f"{app_id}|{Path.cwd()}|{os.getuid()}|{socket.gethostname()}"
    first = hashlib.sha256(identity.encode()).digest()[:2]
    return STABLE_PORT_BASE + int.from_bytes(first, "little") % (65535 - STABLE_PORT_BASE)


def component_environment(options: Options, host_address: str, internal_port: int) -> dict[str, str]:
    """What the sidecar puts into its own environment for vendors to read (api.md §7.1)."""
    return {
        "APP_ID": options.app_id,
        "APP_PORT": str(options.app_port or ""),
        "HOST_ADDRESS": host_address,
        "DAPR_PORT": str(internal_port),
        "DAPR_GRPC_PORT": str(options.dapr_grpc_port),
        "DAPR_HTTP_PORT": str(options.dapr_http_port),
        "DAPR_METRICS_PORT": str(options.metrics_port),
        "DAPR_PROFILE_PORT": str(options.profile_port),
    }


def built_in(options: Options) -> tuple[Component, ...]:
    """Components that nobody declares: in a cluster, the store of its Secrets (building-blocks.md §4.1)."""
    if options.mode != KUBERNETES or options.disable_builtin_k8s_secret_store:
        return ()
    spec = ComponentSpec(type="secretstores.kubernetes", version="v1", metadata=())
    return (Component(metadata=ObjectMeta(name=KUBERNETES_STORE), spec=spec),)
