"""All recorders of one sidecar, built from its Configuration."""

from __future__ import annotations

from dapr_core.resources.metricspec import MetricSettings
from dapr_core.telemetry.metrics import Registry
from daprd.metrics.access import AccessRecorder
from daprd.metrics.actors import ActorRecorder
from daprd.metrics.components import ComponentRecorder
from daprd.metrics.declaring import Declared
from daprd.metrics.grpc import GRPCClientRecorder, GRPCServerRecorder
from daprd.metrics.http import HTTPClientRecorder, HTTPServerRecorder
from daprd.metrics.labelrules import LabelRules
from daprd.metrics.runtime import ErrorCodeRecorder, InvocationRecorder, ResiliencyRecorder, RuntimeRecorder


class Metrics:
    """The recorders. With ``enabled`` False in the Configuration they record into a registry nobody shows.

    Attributes:
        enabled: whether anything is shown; a server leaves its hook out when not.
        http_server: hook of the API server.
        http_client: calls of the application.
        grpc_server, grpc_client: the same for gRPC.
        components: observer of every building block.
        runtime: observer of component starts.
        access, invocation, resiliency, errors, actors: see their classes.

    Raises:
        LabelRuleError: a pattern of the Configuration is no regular expression.
    """

    def __init__(self, registry: Registry, settings: MetricSettings, *, app_id: str, namespace: str = "") -> None:
        self.enabled = settings.enabled
        declared = Declared(registry if settings.enabled else Registry(), LabelRules(settings.rules), app_id, namespace)
        self.http_server = HTTPServerRecorder(declared, settings)
        self.http_client = HTTPClientRecorder(declared, settings)
        self.grpc_server = GRPCServerRecorder(declared, settings)
        self.grpc_client = GRPCClientRecorder(declared, settings)
        self.components = ComponentRecorder(declared, settings)
        self.runtime = RuntimeRecorder(declared)
        self.access = AccessRecorder(declared)
        self.invocation = InvocationRecorder(declared, settings)
        self.resiliency = ResiliencyRecorder(declared)
        self.errors = ErrorCodeRecorder(declared, settings)
        self.actors = ActorRecorder(declared)
