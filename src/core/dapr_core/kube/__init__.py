"""The one door to the Kubernetes API: every request of ours to a cluster goes through here, on our own HTTP client.

``client`` reads and writes objects, ``reflector`` follows a kind for ever, ``informer`` keeps what that tells,
``leader`` lets one replica act. What is here knows nothing of Dapr; objects are plain dictionaries as JSON has them,
projected to small values by whoever keeps many. The official client costs 37 MB of every process that imports it, its
asyncio variant 66; this one costs half a megabyte, and with the HTTP client that it stands on three.
"""

from __future__ import annotations

from dapr_core.kube.client import KubeClient, Listing, Patch
from dapr_core.kube.config import ClusterConfig, ConfigError, in_cluster, load_config
from dapr_core.kube.errors import (
    AlreadyExistsError,
    ApiError,
    ConflictError,
    ForbiddenError,
    GoneError,
    InvalidObjectError,
    KubeError,
    NotFoundError,
    TooManyRequestsError,
    UnauthorizedError,
    UnreachableError,
)
from dapr_core.kube.informer import Informer
from dapr_core.kube.kinds import Kind
from dapr_core.kube.objects import Key, Object
from dapr_core.kube.paths import Selector

__all__ = [
    "AlreadyExistsError",
    "ApiError",
    "ClusterConfig",
    "ConfigError",
    "ConflictError",
    "ForbiddenError",
    "GoneError",
    "Informer",
    "InvalidObjectError",
    "Key",
    "Kind",
    "KubeClient",
    "KubeError",
    "Listing",
    "NotFoundError",
    "Object",
    "Patch",
    "Selector",
    "TooManyRequestsError",
    "UnauthorizedError",
    "UnreachableError",
    "in_cluster",
    "load_config",
]
