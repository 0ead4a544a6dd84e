"""Lets the pods of Jobs end: when the application of one has, its sidecar is told to.

A pod is over when all of its containers are, so a sidecar that serves on keeps its Job for ever. Native sidecars are
ended by the kubelet; for all others the leader watches the pods of Jobs, and calls a sidecar by the port it has for
other sidecars, where it lets in the operator for this, and nobody else. That takes mutual TLS: without it nobody can be
told from anybody else, and the pod gets an Event that says so.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.empty_pb2 import Empty

from dapr_core.identity.admission import secured
from dapr_core.identity.policy import AppPeer
from dapr_core.identity.rotating import RotatingIdentity
from dapr_core.kube import Informer, Key, KubeClient, Object, Selector
from dapr_core.kube.cache import Change
from dapr_core.kube.events import EventRecorder, Regarding
from dapr_core.kube.kinds import POD
from dapr_core.kube.objects import metadata, section, text, uid_of
from dapr_core.kube.reflector import Following
from dapr_core.kube.workqueue import WorkQueue
from dapr_core.rpc.grpc import Channel, ChannelOptions, GrpcError
from dapr_core.rpc.grpc.stub import UnaryUnary
from dapr_operator.workloads.watchdog import INJECTED_LABEL, SIDECAR

log = logging.getLogger("dapr.operator.jobs")

METHOD: Final = "/dapr.proto.runtime.v1.Dapr/Shutdown"
APP_ID_LABEL: Final = "dapr.io/app-id"
PORT_NAME: Final = "dapr-internal"
CALL_LIMIT: Final = 5.0
"""Seconds that a sidecar may take to answer; one that does not is asked again."""
_PODS_OF_JOBS: Final = Selector(labels=f"{INJECTED_LABEL}=true,job-name")
TRIES: Final = 4
"""Calls that fail before an Event says so: a sidecar may be on its way out by itself."""
_WORKERS: Final = 8
_OVER: Final = ("Succeeded", "Failed")


@dataclass(frozen=True, slots=True)
class Leftover:
    """A sidecar that runs on in a pod whose application has ended.

    Attributes:
        uid: of the pod.
        app_id: the application's.
        target: ``address:port`` for other sidecars.
    """

    uid: str
    app_id: str
    target: str


def leftover(pod: Object) -> Leftover | None:
    """The sidecar that this pod waits for, and for nothing else; None where there is none."""
    spec, status = section(pod, "spec"), section(pod, "status")
    if text(metadata(pod), "deletionTimestamp") or text(status, "phase") in _OVER:
        return None
    states = {text(each, "name"): section(each, "state") for each in _objects(status, "containerStatuses")}
    sidecar = next((each for each in _objects(spec, "containers") if text(each, "name") == SIDECAR), None)
    running = states.pop(SIDECAR, {}).get("running") is not None
    named = {text(each, "name") for each in _objects(spec, "containers")} - {SIDECAR}
    if sidecar is None or not running or set(states) != named:
        return None
    again = text(spec, "restartPolicy")
    if not named or not all(_ended_for_good(state, again) for state in states.values()):
        return None
    port = next(
        (each.get("containerPort") for each in _objects(sidecar, "ports") if text(each, "name") == PORT_NAME), 0
    )
    address, app_id = text(status, "podIP"), text(section(pod, "metadata", "labels"), APP_ID_LABEL)
    if not port or not address or not app_id:
        return None
    return Leftover(uid_of(pod), app_id, f"[{address}]:{port}" if ":" in address else f"{address}:{port}")


def _ended_for_good(state: Mapping[str, Any], restart_policy: str) -> bool:
    """Whether the kubelet will not start the container again."""
    terminated = state.get("terminated")
    if not isinstance(terminated, dict):
        return False
    return restart_policy == "Never" or (restart_policy == "OnFailure" and terminated.get("exitCode") == 0)


def _objects(parent: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = parent.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


class Jobs:
    """Ends what is left over in the pods of Jobs; ``run`` has to run, and ``lead`` while this replica leads.

    Args:
        client: of the cluster.
        namespace: the only one to look at; empty is all.
        identity: the operator's.
        mtls: whether sidecars speak mTLS.
        events: tells of pods that cannot be helped.
    """

    def __init__(
        self,
        client: KubeClient,
        namespace: str,
        identity: RotatingIdentity,
        mtls: Callable[[], bool],
        events: EventRecorder,
    ) -> None:
        self._identity = identity
        self._mtls = mtls
        self._events = events
        self._queue: WorkQueue[Key] = WorkQueue(self._end, workers=_WORKERS)
        self._leads = False
        self._failures: Counter[Key] = Counter()
        following = Following(kind=POD, namespace=namespace, selector=_PODS_OF_JOBS, project=leftover)
        self._pods: Informer[Leftover] = Informer(client, following)
        self._pods.subscribe(self._changed)

    async def run(self) -> None:
        """Follow the pods, for ever; every replica does."""
        await self._pods.run()

    async def lead(self) -> None:
        """End what is left over, until cancelled."""
        self._leads = True
        try:
            for pod in self._pods.cache.items():
                self._queue.add(pod[0])
            await self._queue.run()
        finally:
            self._leads = False
            self._failures.clear()

    def _changed(self, change: Change[Leftover]) -> None:
        if self._leads and change.new is not None:
            self._queue.add(change.key)

    async def _end(self, key: Key) -> bool:
        found = self._pods.cache.get(*key)
        if found is None:
            del self._failures[key]
            return True
        if not self._mtls():
            self._warn(key, found, "mutual TLS is off; switch it on (spec.mtls.enabled), or use native sidecars")
            return True
        try:
            await self._call(key.namespace, found)
        except GrpcError as error:
            self._failures[key] += 1
            if self._failures[key] >= TRIES:
                self._warn(key, found, f"it does not let itself be ended ({error}); use native sidecars")
            return False
        del self._failures[key]
        log.info("Ended the sidecar of pod %s, whose application has ended", key)
        return True

    async def _call(self, namespace: str, found: Leftover) -> None:
        options = ChannelOptions(connect_timeout=CALL_LIMIT)
        channel = Channel(found.target, secured(options, self._identity, AppPeer(namespace, found.app_id)))
        try:
            end: UnaryUnary[Empty, Empty] = UnaryUnary(channel, METHOD, Empty)
            await end(Empty(), timeout=CALL_LIMIT)
        finally:
            await channel.close()

    def _warn(self, key: Key, found: Leftover, reason: str) -> None:
        note = f"The application has ended, but its sidecar keeps the Job's pod: {reason}"
        log.warning("Pod %s: %s", key, note)
        self._events.warn(Regarding.to(POD, key, found.uid), "EndSidecar", "SidecarKeepsJob", note)
