"""What the sidecar tells about itself, gathered when somebody asks: health and metadata (api.md §6.1, §6.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from dapr_components.bindings.contract import InputBinding, OutputBinding
from dapr_components.state.contract import Feature
from dapr_core.process.health import HealthRegistry
from dapr_core.process.version import runtime_version
from dapr_core.resources.loader import LoadedResources
from dapr_core.timing.duration import format_seconds
from daprd.blocks.bindings.block import BindingsBlock
from daprd.blocks.metadata import ActorInfo, AppConnection, AppHealthInfo, ComponentInfo, Snapshot
from daprd.blocks.pubsub.block import PubSubBlock
from daprd.options import Options
from daprd.runtime.processor import ComponentProcessor, Instance

ACTOR_FEATURES = (Feature.ETAG, Feature.TRANSACTIONAL)


class Readiness:
    """Health of the whole process, and of the part that does not wait for the application."""

    def __init__(self) -> None:
        self.all = HealthRegistry()
        self.outbound = HealthRegistry()

    def unready(self) -> list[str] | None:
        """Names of the parts that are not ready; None while there is no part at all."""
        return None if self.all.empty else self.all.unhealthy_names

    def outbound_ready(self) -> bool:
        """Whether components and servers are up."""
        return self.outbound.healthy


class Overview:
    """Makes the metadata's snapshots."""

    def __init__(
        self,
        options: Options,
        features: Sequence[str],
        components: ComponentProcessor,
        pubsub: PubSubBlock,
        bindings: BindingsBlock,
        resources: Callable[[], LoadedResources],
        initialized: Callable[[], bool],
        actors: Callable[[], ActorInfo | None],
    ) -> None:
        """``initialized`` says whether the start is over, the application's part included; ``actors`` tells of them,
        where there is a placement service."""
        self._actors = actors
        self._initialized = initialized
        self._options = options
        self._features = features
        self._components = components
        self._pubsub = pubsub
        self._bindings = bindings
        self._resources = resources

    def snapshot(self) -> Snapshot:
        """Everything as it is now."""
        resources = self._resources()
        return Snapshot(
            app_id=self._options.app_id,
            runtime_version=runtime_version(),
            enabled_features=self._features,
            components=[self._component(each) for each in self._components.instances.values()],
            subscriptions=self._pubsub.specs(),
            http_endpoints=[each.name for each in resources.endpoints],
            app=self._connection(),
            actors=self._actor_info(),
            resiliencies=[each.name for each in resources.resiliencies],
        )

    def _actor_info(self) -> ActorInfo:
        if not self._initialized():
            return ActorInfo("INITIALIZING", placement="")
        return self._actors() or ActorInfo()

    def _component(self, instance: Instance) -> ComponentInfo:
        manifest = instance.manifest
        return ComponentInfo(manifest.name, manifest.type, manifest.version, self._capabilities(instance))

    def _capabilities(self, instance: Instance) -> list[str]:
        if isinstance(instance.vendor, InputBinding | OutputBinding):
            return self._bindings.capabilities(instance.manifest.name)
        features: frozenset[StrEnum] = getattr(instance.vendor, "features", frozenset())
        found = [str(each) for kind in {type(each) for each in features} for each in kind if each in features]
        if instance.manifest.category == "state" and all(each in found for each in ACTOR_FEATURES):
            found.append("ACTOR")
        return found

    def _connection(self) -> AppConnection:
        options = self._options
        health = None
        if options.enable_app_health_check:
            health = AppHealthInfo(
                format_seconds(options.probe_interval),
                format_seconds(options.probe_timeout),
                options.health_threshold,
                options.app_health_check_path if options.application_protocol in ("http", "https", "h2c") else "",
            )
        return AppConnection(
            protocol=options.application_protocol,
            channel_address=options.app_channel_address,
            port=options.app_port,
            max_concurrency=options.app_max_concurrency,
            health=health,
        )
