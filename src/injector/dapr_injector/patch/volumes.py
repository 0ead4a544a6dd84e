"""Volumes and mounts of the sidecar (control-plane.md §5.3–5.5)."""

from __future__ import annotations

from typing import Final

from dapr_injector.patch.pod import Json, Pod
from dapr_injector.patch.settings import InjectionSettings

SOCKETS_VOLUME: Final = "dapr-unix-domain-socket"
SOCKETS_IN_SIDECAR: Final = "/var/run/dapr-sockets"
TOKEN_VOLUME: Final = "dapr-identity-token"
TOKEN_FOLDER: Final = "/var/run/secrets/dapr.io/sentrytoken"
_TOKEN_MODE: Final = 0o644
_TOKEN_LIFE: Final = 7200
"""Seconds; the kubelet renews the token well before."""


def mount(name: str, path: str, *, read_only: bool = False) -> Json:
    """A VolumeMount."""
    return {"name": name, **({"readOnly": True} if read_only else {}), "mountPath": path}


def sockets_volume() -> Json:
    """Memory that application and sidecar share for the sockets of the API."""
    return {"name": SOCKETS_VOLUME, "emptyDir": {"medium": "Memory"}}


def token_volume(settings: InjectionSettings) -> Json:
    """The pod's service account token for sentry, and nobody else."""
    token = {"audience": settings.sentry_id, "expirationSeconds": _TOKEN_LIFE, "path": "token"}
    return {
        "name": TOKEN_VOLUME,
        "projected": {"sources": [{"serviceAccountToken": token}], "defaultMode": _TOKEN_MODE},
    }


def token_mount() -> Json:
    """Where the sidecar finds that token."""
    return mount(TOKEN_VOLUME, TOKEN_FOLDER, read_only=True)


def annotated_mounts(pod: Pod, text: str, *, read_only: bool) -> tuple[list[Json], list[str]]:
    """Mounts of ``volume:path,volume:path`` for the sidecar, and a complaint for each that cannot be."""
    mounts: list[Json] = []
    complaints: list[str] = []
    for item in filter(None, map(str.strip, text.split(","))):
        name, colon, path = item.partition(":")
        if not colon or ":" in path:
            complaints.append(f'volume mount "{item[:80]}" is skipped: write volume:path')
        elif not pod.has_volume(name):
            complaints.append(f"volume mount {item[:80]} is skipped: the pod has no volume {name}")
        else:
            mounts.append(mount(name, path, read_only=read_only))
    return mounts, complaints
