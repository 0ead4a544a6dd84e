"""Resource models (Component, Configuration, Subscription, HTTPEndpoint, Resiliency), their YAML and their loading.

Admission rule: what a document says and how it is read. What a sidecar does with it belongs to the sidecar. A kind is
one field table (``schema``) as a dataclass; ``decoding`` reads documents by it.
"""

from dapr_core.resources.component import Component
from dapr_core.resources.configload import load_configurations
from dapr_core.resources.configuration import Configuration
from dapr_core.resources.httpendpoint import HTTPEndpoint
from dapr_core.resources.loader import LoadedResources, load_paths
from dapr_core.resources.problems import Problem, ResourceError
from dapr_core.resources.resiliency import Resiliency
from dapr_core.resources.subscription import Subscription

__all__ = [
    "Component",
    "Configuration",
    "HTTPEndpoint",
    "LoadedResources",
    "Problem",
    "Resiliency",
    "ResourceError",
    "Subscription",
    "load_configurations",
    "load_paths",
]
