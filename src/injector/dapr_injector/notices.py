"""Whom an Event about a pod concerns that asked for a sidecar and did not get one.

The pod does not exist yet, so the Event is about the controller that makes it; a pod made by hand is named itself.
"""

from __future__ import annotations

from dapr_core.kube import Key
from dapr_core.kube.events import EventRecorder, Regarding
from dapr_core.kube.kinds import POD
from dapr_injector.patch.pod import Pod


class Notices:
    """Tells of pods without the sidecar they asked for."""

    def __init__(self, events: EventRecorder) -> None:
        self._events = events

    def not_injected(self, pod: Pod, namespace: str, note: str) -> None:
        """Say why a pod got no sidecar."""
        regarding = concerned(pod, namespace)
        if regarding is not None:
            self._events.warn(regarding, "Inject", "SidecarNotInjected", note)


def concerned(pod: Pod, namespace: str) -> Regarding | None:
    """The object to look at; None for a pod without name and controller."""
    if pod.owner is not None:
        api_version, kind, name, uid = (_text(pod.owner.get(key)) for key in ("apiVersion", "kind", "name", "uid"))
        return Regarding(api_version, kind, namespace, name, uid)
    return Regarding.to(POD, Key(namespace, pod.name)) if pod.name else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
