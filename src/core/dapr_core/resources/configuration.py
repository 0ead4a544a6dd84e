"""Configuration: how a sidecar behaves (crds-helm-config.md §1.7 for the fields, §2 for what they mean).

This module is the field table. The values a sidecar acts on (defaults applied, ``metric`` and ``metrics`` merged,
features resolved, checks made) are in ``settings``.
"""

from __future__ import annotations

from typing import Any, ClassVar

from dapr_core.resources.accesscontrol import AccessControl
from dapr_core.resources.metadata import NameValuePair, ObjectMeta
from dapr_core.resources.metricspec import MetricSpec
from dapr_core.resources.modelling import model
from dapr_core.resources.schema import ANY, BOOL, DURATION, INT32, OBJECT, STRING, attr, list_of


@model
class ZipkinSpec:
    """Export of spans to Zipkin."""

    endpoint_address: str = attr("endpointAddress", STRING, "URL of the collector.", required=True)


@model
class OTelHeader(NameValuePair):
    """A header of the exporter; files may also write it as ``name=value``."""

    @classmethod
    def from_text(cls, text: str) -> OTelHeader:
        """Read the short form of files."""
        name, _, value = text.partition("=")
        return cls(name=name, value=value)


@model
class OTelSpec:
    """Export of spans by OTLP."""

    protocol: str = attr("protocol", STRING, "http or grpc.", required=True)
    endpoint_address: str = attr("endpointAddress", STRING, "Host and port of the collector.", required=True)
    is_secure: bool = attr("isSecure", BOOL, "Whether to speak TLS.", required=True, absent=True)
    headers: tuple[OTelHeader, ...] = attr("headers", list_of(OTelHeader), "Headers sent with each export.")
    timeout: str = attr("timeout", DURATION, "Time an export may take.")


@model
class TracingSpec:
    """Distributed tracing."""

    sampling_rate: str = attr("samplingRate", STRING, "Share of traces to sample, 0 to 1, as text.", required=True)
    stdout: bool = attr("stdout", BOOL, "Write spans to the log.")
    zipkin: ZipkinSpec = attr("zipkin", ZipkinSpec, "Export to Zipkin.")
    otel: OTelSpec = attr("otel", OTelSpec, "Export by OTLP.")


@model
class TokenValidator:
    """A way for workloads to prove themselves to sentry."""

    name: str = attr("name", STRING, "Name of the validator.", required=True, enum=("jwks",))
    options: dict[str, Any] = attr("options", OBJECT, "Settings of the validator.")


@model
class MTLSSpec:
    """Mutual TLS; read by the control plane only."""

    enabled: bool = attr("enabled", BOOL, "Whether sidecars speak mTLS to each other.", required=True, absent=True)
    sentry_address: str = attr("sentryAddress", STRING, "Address of the CA.", required=True)
    control_plane_trust_domain: str = attr(
        "controlPlaneTrustDomain", STRING, "Trust domain of the control plane.", required=True
    )
    workload_cert_ttl: str = attr("workloadCertTTL", DURATION, "Lifetime of workload certificates.")
    allowed_clock_skew: str = attr("allowedClockSkew", DURATION, "Clock difference to allow for.")
    token_validators: tuple[TokenValidator, ...] = attr(
        "tokenValidators", list_of(TokenValidator), "Ways for workloads to prove themselves."
    )


@model
class SelectorField:
    """A field of a request and the value it must have."""

    field: str = attr("field", STRING, "Name of the field.", required=True)
    value: str = attr("value", STRING, "Value of the field.", required=True)


@model
class Selector:
    """Which requests a handler is for; read, and without effect, as in the original."""

    fields: tuple[SelectorField, ...] = attr("fields", list_of(SelectorField), "Fields to match.", required=True)


@model
class PipelineHandler:
    """One middleware of a pipeline, by the name, type and version of its component."""

    name: str = attr("name", STRING, "Name of the middleware component.", required=True)
    type: str = attr("type", STRING, "Type of the middleware component.", required=True)
    version: str = attr("version", STRING, "Version of the middleware component; empty is v1.")
    selector: Selector | None = attr("selector", Selector, "Which requests it is for.", optional=True)


@model
class PipelineSpec:
    """Middlewares, the first outermost."""

    handlers: tuple[PipelineHandler, ...] = attr(
        "handlers", list_of(PipelineHandler), "Middlewares, the first outermost.", required=True
    )


@model
class SecretsScope:
    """Which secrets of a store the application may read."""

    store_name: str = attr("storeName", STRING, "Name of the secret store.", required=True)
    default_access: str = attr("defaultAccess", STRING, "allow or deny; empty is allow.")
    allowed_secrets: tuple[str, ...] = attr("allowedSecrets", list_of(STRING), "Only these may be read.")
    denied_secrets: tuple[str, ...] = attr("deniedSecrets", list_of(STRING), "These may not be read.")

    def allows(self, name: str) -> bool:
        """Whether the application may read a secret (crds-helm-config.md §2.7)."""
        if self.allowed_secrets:
            return name in self.allowed_secrets
        return name not in self.denied_secrets and self.default_access.lower() != "deny"


@model
class SecretsSpec:
    """Access to secrets."""

    scopes: tuple[SecretsScope, ...] = attr("scopes", list_of(SecretsScope), "One entry a store.", required=True)


@model
class NameResolutionSpec:
    """How app ids become addresses."""

    component: str = attr("component", STRING, "Resolver, for example mdns or sqlite.", required=True)
    version: str = attr("version", STRING, "Version of the resolver; empty is v1.", required=True)
    configuration: Any = attr("configuration", ANY, "Settings of the resolver.", required=True)


@model
class FeatureSpec:
    """A feature switched on or off."""

    name: str = attr("name", STRING, "Name of the feature.", required=True)
    enabled: bool = attr("enabled", BOOL, "Whether it is on.", required=True)


@model
class APIRule:
    """A group of API endpoints."""

    name: str = attr("name", STRING, "Name of the group: state, invoke...", required=True)
    version: str = attr("version", STRING, "Version: v1.0 or v1, v1.0-alpha1...", required=True)
    protocol: str = attr("protocol", STRING, "http or grpc; a rule without it matches nothing.")


@model
class APISpec:
    """Which APIs are served."""

    allowed: tuple[APIRule, ...] = attr("allowed", list_of(APIRule), "Only these, when there are any.")
    denied: tuple[APIRule, ...] = attr("denied", list_of(APIRule), "Not these.")


@model
class ComponentsSpec:
    """Which components may load."""

    deny: tuple[str, ...] = attr("deny", list_of(STRING), "Types (or type/version) that must not load.")


@model
class APILoggingSpec:
    """A log line for each API call."""

    enabled: bool = attr("enabled", BOOL, "Default of --enable-api-logging.")
    obfuscate_urls: bool = attr("obfuscateURLs", BOOL, "Log the name of the route in place of the path.")
    omit_health_checks: bool = attr("omitHealthChecks", BOOL, "Leave health checks out.")


@model
class LoggingSpec:
    """Logging."""

    api_logging: APILoggingSpec = attr("apiLogging", APILoggingSpec, "A log line for each API call.")


@model
class WasmSpec:
    """WebAssembly components."""

    strict_sandbox: bool = attr("strictSandbox", BOOL, "Force the strict sandbox on every WebAssembly component.")


@model
class ConcurrencyLimit:
    """A limit for one workflow or activity by its name."""

    name: str = attr("name", STRING, "Name of the workflow or activity.")
    max_concurrent: int = attr("maxConcurrent", INT32, "How many at once, over all replicas.")


@model
class RetentionPolicy:
    """How long the state of a finished workflow is kept; absent is for ever."""

    any_terminal: str = attr("anyTerminal", DURATION, "After any end.")
    completed: str = attr("completed", DURATION, "After success.")
    failed: str = attr("failed", DURATION, "After failure.")
    terminated: str = attr("terminated", DURATION, "After termination.")


@model
class WorkflowSpec:
    """The workflow engine; 0 or absent is no limit."""

    max_concurrent_workflow_invocations: int = attr(
        "maxConcurrentWorkflowInvocations", INT32, "Workflows at once in one sidecar."
    )
    max_concurrent_activity_invocations: int = attr(
        "maxConcurrentActivityInvocations", INT32, "Activities at once in one sidecar."
    )
    global_max_concurrent_workflow_invocations: int = attr(
        "globalMaxConcurrentWorkflowInvocations", INT32, "Workflows at once over all replicas."
    )
    global_max_concurrent_activity_invocations: int = attr(
        "globalMaxConcurrentActivityInvocations", INT32, "Activities at once over all replicas."
    )
    workflow_concurrency_limits: tuple[ConcurrencyLimit, ...] = attr(
        "workflowConcurrencyLimits", list_of(ConcurrencyLimit), "Limits of single workflows."
    )
    activity_concurrency_limits: tuple[ConcurrencyLimit, ...] = attr(
        "activityConcurrencyLimits", list_of(ConcurrencyLimit), "Limits of single activities."
    )
    state_retention_policy: RetentionPolicy | None = attr(
        "stateRetentionPolicy", RetentionPolicy, "How long state of finished workflows is kept.", optional=True
    )


@model
class ConfigurationSpec:
    """All sections; an absent one reads as its defaults."""

    tracing: TracingSpec | None = attr("tracing", TracingSpec, "Distributed tracing.", optional=True)
    metric: MetricSpec = attr("metric", MetricSpec, "Metrics (older name of metrics).")
    metrics: MetricSpec = attr("metrics", MetricSpec, "Metrics.")
    mtls: MTLSSpec | None = attr("mtls", MTLSSpec, "Mutual TLS; read by the control plane.", optional=True)
    http_pipeline: PipelineSpec = attr("httpPipeline", PipelineSpec, "Middlewares of the HTTP API.")
    app_http_pipeline: PipelineSpec = attr("appHttpPipeline", PipelineSpec, "Middlewares of calls to the application.")
    secrets: SecretsSpec = attr("secrets", SecretsSpec, "Access to secrets.")
    access_control: AccessControl | None = attr(
        "accessControl", AccessControl, "Who may call the application.", optional=True
    )
    name_resolution: NameResolutionSpec | None = attr(
        "nameResolution", NameResolutionSpec, "How app ids become addresses.", optional=True
    )
    features: tuple[FeatureSpec, ...] = attr("features", list_of(FeatureSpec), "Features switched on or off.")
    api: APISpec = attr("api", APISpec, "Which APIs are served.")
    components: ComponentsSpec = attr("components", ComponentsSpec, "Which components may load.")
    logging: LoggingSpec = attr("logging", LoggingSpec, "Logging.")
    wasm: WasmSpec = attr("wasm", WasmSpec, "WebAssembly components.")
    workflow: WorkflowSpec | None = attr("workflow", WorkflowSpec, "The workflow engine.", optional=True)


@model
class Configuration:
    """How a sidecar behaves. It has no scopes: a sidecar is pointed at its configuration by name."""

    KIND: ClassVar[str] = "Configuration"
    API_VERSIONS: ClassVar[tuple[str, ...]] = ("dapr.io/v1alpha1",)

    metadata: ObjectMeta = attr("metadata", ObjectMeta, "Standard object metadata.")
    spec: ConfigurationSpec = attr("spec", ConfigurationSpec, "The sections.")

    @property
    def name(self) -> str:
        """The resource's name."""
        return self.metadata.name
