"""Every part of one runtime, built and connected; what exists when, and nothing of what it does.

``Parts`` are the blocks with their policies and metrics, and the doors to the application, to other sidecars and to
services outside. The runtime (``runtime``) decides the order; this module only knows who needs whom. The ports in
front of them are in ``edges``.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from dapr_components.nameresolution.contract import Registration
from dapr_core.process.health import Target
from dapr_core.process.supervise import Supervisor
from dapr_core.resources.configuration import Configuration
from dapr_core.resources.encoding import encode
from dapr_core.resources.httpendpoint import HTTPEndpoint
from dapr_core.resources.loader import LoadedResources
from dapr_core.resources.settings import metric_settings, sampling_rate
from dapr_core.resources.subscription import Subscription
from dapr_core.rpc.grpc.messages import DEFAULT_MESSAGE_LIMIT
from dapr_core.telemetry.metrics import Registry
from dapr_core.telemetry.tracing import Tracer, mode_for, sampler_description
from daprd.blocks.actors.block import ActorsBlock
from daprd.blocks.actors.store import ActorStore
from daprd.blocks.bindings.block import BindingsBlock
from daprd.blocks.invoke.external import Endpoint, HttpExternal
from daprd.blocks.invoke.inbound import Inbound
from daprd.blocks.invoke.proxying import Proxying
from daprd.blocks.invoke.remote import MeshRemote
from daprd.blocks.invoke.service import Invoker
from daprd.blocks.metadata import MetadataBlock
from daprd.blocks.pubsub.block import PubSubBlock
from daprd.blocks.pubsub.declarative import declared_subscriptions
from daprd.blocks.secrets import SecretsBlock
from daprd.blocks.state.block import StateBlock
from daprd.mesh.client import MeshClient
from daprd.mesh.resolve import Names
from daprd.metrics.recorders import Metrics
from daprd.options import Options
from daprd.pipeline.pipelines import Pipelines
from daprd.policy.scopes import ComponentDenyList, SecretScopes
from daprd.runtime import sinks
from daprd.runtime.appchannels import open_channel, open_connection
from daprd.runtime.application import Application
from daprd.runtime.authorization import authorization
from daprd.runtime.doors import Endpoints, Resolution
from daprd.runtime.overview import Overview, Readiness
from daprd.runtime.processor import ComponentProcessor, Sink
from daprd.runtime.resilience import load_policies
from daprd.runtime.settings import KUBERNETES, Surroundings

if TYPE_CHECKING:
    from daprd.runtime.actors import Actors
    from daprd.runtime.security import Security

log = logging.getLogger("dapr.runtime")


class Parts:
    """The parts of one runtime. Attributes are what ``runtime`` and ``edges`` work with."""

    def __init__(
        self,
        options: Options,
        surroundings: Surroundings,
        configuration: Configuration,
        initial: LoadedResources,
        features: Sequence[str],
        *,
        resources: Callable[[], LoadedResources],
        registry: Registry,
        security: Security | None = None,
    ) -> None:
        """``initial`` is what was loaded; ``resources`` gives what is in force at any later time. ``security`` is the
        sidecar's identity, started already.

        Raises:
            ScopeError, LabelRuleError, ResiliencyError: the Configuration or a resource is wrong.
        """
        self._options = options
        self._around = surroundings
        self._spec = configuration.spec
        self._features = features
        self._resources = resources
        self._namespace = surroundings.namespace or "default"
        self.readiness = Readiness()
        self._runtime_target: Target = self.readiness.all.target("runtime")
        self._outbound_target: Target = self.readiness.outbound.target("app")
        self.security = security
        if security is not None:
            self.readiness.all.target("security-provider").ready()

        self.registry = registry
        self.metrics = Metrics(
            self.registry, metric_settings(self._spec), app_id=options.app_id, namespace=self._namespace
        )
        self.component_observer = self.metrics.runtime
        self.tracer = tracer_of(configuration)
        self.policies = load_policies(initial, self.metrics, self._namespace)
        self._build_blocks()
        self._build_invocation()
        self.metadata: MetadataBlock | None = None

    # -- building

    def _build_blocks(self) -> None:
        options, around, observer = self._options, self._around, self.metrics.components
        self.pipelines = Pipelines(self._spec.http_pipeline, self._spec.app_http_pipeline)
        self.state = StateBlock(options.app_id, namespace=around.namespace, policies=self.policies, observer=observer)
        self.actor_store = ActorStore(self.state.find, wanted=bool(options.placement_addresses))
        self.actors: Actors | None = None
        self.pubsub = PubSubBlock(
            options.app_id, self._namespace, self.policies, observer=observer,
            programmatic="subscribe" not in options.disable_init_endpoints,
        )  # fmt: skip
        self.bindings = BindingsBlock(self.policies, observer=observer)
        self._secret_scopes = SecretScopes([encode(each) for each in self._spec.secrets.scopes])
        self.secrets = SecretsBlock(policies=self.policies, scopes=self._secret_scopes.by_store, observer=observer)
        self.denied_component = ComponentDenyList(self._spec.components.deny).denies
        self.sinks: dict[str, Sink] = {
            "state": sinks.StateSink(self.state, self.actor_store),
            "pubsub": sinks.PubSubSink(self.pubsub),
            "bindings": sinks.BindingsSink(self.bindings),
            "secretstores": sinks.SecretsSink(self.secrets),
            "middleware": sinks.MiddlewareSink(self.pipelines),
        }

    def _build_invocation(self) -> None:
        options, around, tracing = self._options, self._around, self.tracer.enabled
        self._app_connection = open_connection(options, around)
        self.channel = open_channel(
            options, around, self.tracer, self.metrics, self.pipelines, self._app_connection,
            self.bindings, self.state,
        )  # fmt: skip
        self.application = Application(
            options, self.channel, self.pubsub.subscriptions, self.bindings.inputs,
            gate=self._gate, record_probe=self._record_probe,
        )  # fmt: skip
        self.resolution = Resolution(self._spec.name_resolution, KUBERNETES if options.mode == KUBERNETES else "mdns")
        mtls = self.security is not None and self.security.mtls
        authorize = authorization(
            self._spec.access_control, self.metrics.access,
            http=options.application_protocol not in ("grpc", "grpcs"), mtls=mtls,
        )  # fmt: skip
        self._mesh = MeshClient(
            message_limit=max(options.body_limit, DEFAULT_MESSAGE_LIMIT),
            secure=self.security.calling if self.security is not None and mtls else None,
        )
        names = Names(lambda: self.resolution.resolver)
        remote = MeshRemote(
            names, self._mesh, app_id=options.app_id, namespace=self._namespace,
            host_address=around.host_address, host_name=around.host_name, tracing=tracing,
            record=self.metrics.invocation,
        )  # fmt: skip
        self.endpoints = Endpoints()
        self._external = HttpExternal(
            self.endpoints.get, token=around.app_api_token, tracing=tracing,
            read_buffer_size=options.read_buffer, record=self.metrics.invocation,
        )  # fmt: skip
        self.invoker = Invoker(
            app_id=options.app_id, namespace=self._namespace, channel=lambda: self.channel, remote=remote,
            external=self._external, policies=self.policies, tracing=tracing,
        )  # fmt: skip
        self.inbound = Inbound(lambda: self.channel, self.tracer, authorize=authorize, record=self.metrics.invocation)
        self.proxying = Proxying(
            app_id=options.app_id, namespace=self._namespace, app=lambda: self._app_connection, names=names,
            mesh=self._mesh, policies=self.policies, tracing=tracing, authorize=authorize,
        )  # fmt: skip

    # -- what the runtime asks, in the order of a start

    def announce(self, components: ComponentProcessor) -> None:
        """Let metadata know the components."""
        overview = Overview(
            self._options,
            self._features,
            components,
            self.pubsub,
            self.bindings,
            self._resources,
            initialized=lambda: self._runtime_target.healthy,
            actors=lambda: None if self.actors is None else self.actors.info(),
        )
        self.metadata = MetadataBlock(overview.snapshot)

    def place(self, internal_port: int) -> None:
        """Make the actor runtime, now that it is known where other sidecars reach this one."""
        if not self._options.placement_addresses:
            log.info("Actor runtime disabled: placement service is not configured; set --placement-host-address")
            return
        from daprd.runtime.actors import Actors, Neighbourhood  # only who has actors loads them

        listens = self._options.dapr_internal_grpc_listen_address
        # Who listens on this machine only is not reached by its address (actors-placement.md §3.1).
        host = listens.strip("[]") if listens in ("127.0.0.1", "localhost", "[::1]") else self._around.host_address
        around = Neighbourhood(
            options=self._options, namespace=self._namespace, features=self._features, mesh=self._mesh,
            address=f"[{host}]:{internal_port}" if ":" in host else f"{host}:{internal_port}",
            secure=None if self.security is None else self.security.calling_control_plane,
            policies=self.policies, health=self.readiness.all.target("internal-placement-service"),
            record=self.metrics.actors if self.metrics.enabled else None,
        )  # fmt: skip
        self.actors = self.application.actors = Actors(around, self.actor_store, self.channel)

    @property
    def actors_block(self) -> ActorsBlock:
        """The API of actors, which refuses where there are none."""
        return ActorsBlock(None) if self.actors is None else self.actors.block

    def start_name_resolution(self, tasks: Supervisor, internal_port: int) -> None:
        """Announce this sidecar and resolve others; nobody waits for it."""
        options = self._options
        registration = Registration(
            options.app_id, self._namespace, self._around.host_address, internal_port,
            options.dapr_http_port, options.dapr_grpc_port,
        )  # fmt: skip
        tasks.start("name resolution", self.resolution.run(registration))

    async def load_endpoints(self, resolve: Callable[[HTTPEndpoint], Awaitable[Endpoint]]) -> None:
        """Take the HTTPEndpoint resources into service."""
        for resource in self._resources().endpoints:
            self.endpoints.add(await resolve(resource))

    def declare_subscriptions(self, resources: Sequence[Subscription]) -> None:
        """Set the declarative subscriptions of the start. Raises ``BadExpressionError``."""
        self.pubsub.subscriptions.declare(declared_subscriptions(resources, self._options.app_id))

    async def reload_subscriptions(self, resources: Sequence[Subscription]) -> None:
        """Exchange the declarative subscriptions. Raises ``BadExpressionError``."""
        await self.pubsub.subscriptions.reload(declared_subscriptions(resources, self._options.app_id))

    def warn_of_scopes(self) -> None:
        """Say which secret scopes have no store."""
        for name in self.secrets.unknown_scopes():
            log.warning("Secrets configuration added for '%s', but no matching secret store was found", name)

    def outbound_ready(self) -> None:
        """From now on applications may call."""
        self._outbound_target.ready()

    def ready(self) -> None:
        """The application is there too."""
        self._runtime_target.ready()

    # -- what the runtime asks, in the order of a stop

    def not_ready(self) -> None:
        """Tell health checks that the end has begun."""
        self._runtime_target.not_ready()
        self._outbound_target.not_ready()

    async def close(self) -> None:
        """Close the doors: name resolution, other sidecars, services outside, the application last."""
        if self.actors is not None:
            await self.actors.close()
        await self.resolution.close()
        await self._mesh.close()
        await self._external.close()
        await self.application.close()
        if self._app_connection is not None:
            await self._app_connection.close()

    # -- metrics and health of the application

    def _gate(self, healthy: bool) -> None:
        if self.channel is not None:
            self.channel.healthy = healthy

    def _record_probe(self, healthy: bool, elapsed_ms: float) -> None:
        if self.channel is not None and self.channel.speaks_grpc:
            self.metrics.grpc_client.probe(0 if healthy else 14, elapsed_ms)
        else:
            self.metrics.http_client.probe(200 if healthy else 500, elapsed_ms)


def tracer_of(configuration: Configuration) -> Tracer:
    """The tracer that the Configuration asks for."""
    tracing = configuration.spec.tracing
    exports = tracing is not None and bool(
        tracing.stdout or tracing.zipkin.endpoint_address or tracing.otel.endpoint_address
    )
    rate = sampling_rate(configuration.spec)
    log.info("Dapr trace sampler initialized: %s", sampler_description(rate))
    mode = mode_for(
        has_section=tracing is not None, sampling_rate=tracing.sampling_rate if tracing else "", exports=exports
    )
    return Tracer(mode, rate)
