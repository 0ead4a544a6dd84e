"""From a component's manifest to a running instance in its block, and back out again.

One manifest goes through the same steps whether it comes at start or by hot reload: is the type allowed, resolve its
metadata (templates, environment, secrets), find the vendor's class, start it within its time, hand it to the block of
its category. A manifest whose secret store is not there yet is parked and taken up when that store is installed
(building-blocks.md §6.1–6.5). The wording of failures is what users and tools match in logs (§6.4).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from dapr_components.contract import Component as Vendor
from dapr_components.contract import ComponentContext, Metadata
from dapr_components.registry import UnknownComponentError, find
from dapr_core.process.logs import component_logger
from dapr_core.resources.component import Component

log = logging.getLogger("dapr.runtime.processor.loops.root")
runtime_log = logging.getLogger("dapr.runtime")

CATEGORIES = frozenset(
    {"bindings", "pubsub", "secretstores", "state", "middleware", "configuration", "crypto", "lock", "conversation"}
)
"""First parts of a type that name a component; anything else is an ``incorrect type`` (building-blocks.md §6.3)."""

FailureKind = Literal["INIT_FAILURE", "INIT_COMPONENT_FAILURE", "CREATE_COMPONENT_FAILURE"]


class ProcessError(Exception):
    """A component could not be brought up; the text is the one the log shows."""


class InitError(ProcessError):
    """Creating or starting one component failed (building-blocks.md §6.4)."""

    def __init__(self, kind: FailureKind, manifest: Component, inner: BaseException | str) -> None:
        self.kind = kind
        super().__init__(f"[{kind}]: initialization error occurred for {manifest.log_name}: {inner}")


@dataclass(frozen=True, slots=True)
class Instance:
    """A started vendor, with the manifest and the metadata it was started from."""

    manifest: Component
    vendor: Vendor
    metadata: Metadata


class Sink(Protocol):
    """Where the instances of one category go: a block, or a pipeline."""

    @property
    def contracts(self) -> Mapping[type[Vendor], str]:
        """What a vendor may be, and the sentence that says that none was found (``{}`` is ``type/version``)."""

    async def install(self, instance: Instance) -> None:
        """Take the instance into service, in place of one of the same name."""

    async def remove(self, name: str) -> None:
        """Take it out of service; requests in flight finish on it. Unknown names are ignored."""


class Observer(Protocol):
    """What metrics want to know."""

    def component_loaded(self) -> None:
        """One more manifest was loaded."""

    def component_init(self, component_type: str, failure: str = "", name: str = "") -> None:
        """A start ended; ``failure`` names the step that failed, ``name`` the component."""


Resolve = Callable[[Component], Awaitable[Metadata]]
"""Resolves a manifest's metadata. May raise; the text reaches the log."""


class ComponentProcessor:
    """Brings components up and takes them down, one at a time."""

    def __init__(
        self,
        *,
        app_id: str,
        namespace: str,
        sinks: Mapping[str, Sink],
        resolve: Resolve,
        denied: Callable[[str, str], bool],
        observer: Observer | None = None,
        injected_store: str = "",
    ) -> None:
        """``injected_store`` is the secret store whose values stand in the manifests already."""
        self._injected_store = injected_store
        self._app_id = app_id
        self._namespace = namespace
        self._sinks = sinks
        self._resolve = resolve
        self._denied = denied
        self._observer = observer
        self._instances: dict[str, Instance] = {}
        self._parked: dict[str, list[Component]] = {}
        self._turn = asyncio.Lock()

    @property
    def instances(self) -> Mapping[str, Instance]:
        """What runs, by name, in the order it was installed."""
        return self._instances

    async def load(self, manifests: Sequence[Component]) -> None:
        """Bring up all manifests of a start: secret stores first, then the rest, each in the order given.

        Raises:
            ProcessError: a component without ``ignoreErrors`` failed. Those after it were not tried.
        """
        log.getChild("loader").debug("%d components to load", len(manifests))
        for manifest in sorted(manifests, key=lambda each: each.category != "secretstores"):
            await self.install(manifest)
        for store, waiting in self._parked.items():
            names = ", ".join(each.log_name for each in waiting)
            log.warning("%s: waiting for secret store '%s', which is not loaded; check auth.secretStore", names, store)

    async def install(self, manifest: Component) -> None:
        """Bring up one manifest, in place of an instance of its name.

        Raises:
            ProcessError: it failed and does not ignore errors. An instance of that name is down already then.
        """
        async with self._turn:
            await self._install(manifest)

    async def remove(self, name: str) -> None:
        """Take one component down; unknown names are ignored."""
        async with self._turn:
            await self._remove(name)

    async def close(self) -> None:
        """Take all components down, at the same time; a failure of one is logged and does not hold the others."""
        async with self._turn:
            await asyncio.gather(*(self._remove(name) for name in list(self._instances)))

    async def _install(self, manifest: Component) -> None:
        current = self._instances.get(manifest.name)
        if current is not None and current.manifest == manifest and not _has_references(manifest):
            return
        if self._denied(manifest.type, manifest.version):
            log.warning("component %s is not loaded: its type is in spec.components.deny", manifest.log_name)
            return
        store = _needed_store(manifest)
        if store and store not in (self._injected_store, *self._instances) and manifest.category != "secretstores":
            self._parked.setdefault(store, []).append(manifest)
            return
        try:
            await self._bring_up(manifest)
        except ProcessError as error:
            if not manifest.spec.ignore_errors:
                log.warning("Error processing component, daprd will exit gracefully: %s", error)
                raise
            log.error("Ignoring error processing component: %s", error)
            return
        for waiting in self._parked.pop(manifest.name, []):
            await self._install(waiting)

    async def _bring_up(self, manifest: Component) -> None:
        sink = self._sinks.get(manifest.category)
        if manifest.category not in CATEGORIES:
            raise ProcessError(f"process component {manifest.name} error: incorrect type {manifest.type}")
        metadata = await self._metadata(manifest)
        current = self._instances.get(manifest.name)
        if current is not None and current.manifest == manifest and current.metadata == metadata:
            return
        await self._remove(manifest.name)
        try:
            vendor = self._create(manifest, sink)
            await self._start(manifest, vendor, metadata)
        except InitError as error:
            log.error("Failed to init component %s: %s", manifest.log_name, error)
            wrapped = InitError("INIT_COMPONENT_FAILURE", manifest, error)
            raise ProcessError(f"process component {manifest.name} error: {wrapped}") from error
        assert sink is not None
        instance = Instance(manifest, vendor, metadata)
        await sink.install(instance)
        self._instances[manifest.name] = instance
        log.info("Component loaded: %s", manifest.log_name)
        if self._observer is not None:
            self._observer.component_loaded()

    async def _metadata(self, manifest: Component) -> Metadata:
        try:
            return await self._resolve(manifest)
        except Exception as error:
            self._failed(manifest, "init")
            wrapped = InitError("INIT_COMPONENT_FAILURE", manifest, error)
            log.error("Failed to init component %s: %s", manifest.log_name, wrapped)
            raise ProcessError(f"process component {manifest.name} error: {wrapped}") from error

    def _create(self, manifest: Component, sink: Sink | None) -> Vendor:
        context = ComponentContext(
            name=manifest.name,
            type=manifest.type,
            version=manifest.version,
            app_id=self._app_id,
            namespace=self._namespace,
            logger=component_logger(manifest.log_name),
        )
        missing = f"couldn't find {manifest.category} {manifest.type}/{manifest.version}"
        for contract, sentence in sink.contracts.items() if sink is not None else ():
            missing = sentence.format(f"{manifest.type}/{manifest.version}")
            try:
                return find(manifest.type, manifest.version, contract)(context)
            except UnknownComponentError:
                continue
            except ImportError as error:
                self._failed(manifest, "creation")
                raise InitError(
                    "CREATE_COMPONENT_FAILURE", manifest, f"a package that {manifest.type} needs is missing: {error}"
                ) from error
        self._failed(manifest, "creation")
        raise InitError("CREATE_COMPONENT_FAILURE", manifest, missing)

    async def _start(self, manifest: Component, vendor: Vendor, metadata: Metadata) -> None:
        try:
            async with asyncio.timeout(manifest.init_timeout) as limit:
                await vendor.init(metadata)
        except Exception as error:
            self._failed(manifest, "init")
            await _close(vendor, manifest)
            late = isinstance(error, TimeoutError) and limit.expired()
            inner = f"init timeout for component {manifest.log_name}" if late else error
            raise InitError("INIT_COMPONENT_FAILURE", manifest, inner) from error
        if self._observer is not None:
            self._observer.component_init(manifest.type, name=manifest.name)

    async def _remove(self, name: str) -> None:
        instance = self._instances.pop(name, None)
        if instance is None:
            return
        runtime_log.info("Shutting down component %s", instance.manifest.log_name)
        sink = self._sinks.get(instance.manifest.category)
        if sink is not None:
            await sink.remove(name)
        await _close(instance.vendor, instance.manifest)

    def _failed(self, manifest: Component, step: str) -> None:
        if self._observer is not None:
            self._observer.component_init(manifest.type, failure=step, name=manifest.name)


async def _close(vendor: Vendor, manifest: Component) -> None:
    try:
        await vendor.close()
    except Exception as error:  # noqa: BLE001 - one vendor's failure must not keep the others from closing
        log.warning("Closing component %s failed: %s", manifest.log_name, error)


def _needed_store(manifest: Component) -> str:
    return manifest.auth.secret_store if _has_references(manifest) else ""


def _has_references(manifest: Component) -> bool:
    return any(pair.secret_key_ref is not None for pair in manifest.spec.metadata)
