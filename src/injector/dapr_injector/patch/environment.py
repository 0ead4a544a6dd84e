"""Environment variables of the sidecar and of the application's containers (control-plane.md §5.3, §5.4)."""

from __future__ import annotations

import re
from typing import Final

from dapr_injector.annotations import PREFIX, SidecarAnnotations
from dapr_injector.patch.pod import Json
from dapr_injector.patch.settings import HTTP_PORT, Admission, InjectionSettings

COMPONENT_SOCKETS: Final = "DAPR_COMPONENT_SOCKETS_FOLDER"
CERTIFICATES: Final = "SSL_CERT_DIR"

_NEXT: Final = re.compile(r",\s*(?=[A-Za-z_][A-Za-z0-9_]*=)")
"""A comma ends a value only where another variable begins behind it: values may hold commas."""
_NAME: Final = re.compile(r"[-._A-Za-z][-._A-Za-z0-9]*")
"""What every API server takes as the name of a variable."""
_PLAIN_PROTOCOLS: Final = {"": "http", "http": "http", "grpc": "grpc"}
_TLS_OF: Final = {"http": "https", "grpc": "grpcs"}
_OTHER_PROTOCOLS: Final = frozenset(("https", "grpcs", "h2c"))


def variable(name: str, value: str) -> Json:
    """A variable; Kubernetes leaves out an empty value."""
    return {"name": name, "value": value} if value else {"name": name}


def from_field(name: str, path: str) -> Json:
    """A variable that takes a field of the pod."""
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}


def from_secret(name: str, secret: str, key: str) -> Json:
    """A variable that takes a key of a Secret."""
    reference = {**({"name": secret} if secret else {}), "key": key}
    return {"name": name, "valueFrom": {"secretKeyRef": reference}}


def sidecar_environment(
    annotations: SidecarAnnotations, settings: InjectionSettings, admission: Admission, sockets_folder: str | None
) -> list[Json]:
    """All variables of the sidecar, in the original's order."""
    own = annotated(annotations.env)
    secret = annotated(annotations.env_from_secret)
    names = [name for name, _ in (*own, *secret)]
    found = [
        variable("NAMESPACE", admission.namespace),
        variable("DAPR_TRUST_ANCHORS", admission.trust_anchors),
        from_field("POD_NAME", "metadata.name"),
        variable("DAPR_CONTROLPLANE_NAMESPACE", settings.namespace),
        variable("DAPR_CONTROLPLANE_TRUST_DOMAIN", settings.trust_domain),
    ]
    if settings.downward_host_ip:
        found.append(from_field("DAPR_HOST_IP", "status.podIP"))
    found += [variable(name, value) for name, value in own]
    found += [made for name, value in secret if (made := _secret_variable(name, value)) is not None]
    if names:
        found.append(variable("DAPR_ENV_KEYS", " ".join(names)))
    if sockets_folder is not None:
        found.append(variable(COMPONENT_SOCKETS, sockets_folder))
    if annotations.api_token_secret:
        found.append(from_secret("DAPR_API_TOKEN", annotations.api_token_secret, "token"))
    if annotations.app_token_secret:
        found.append(from_secret("APP_API_TOKEN", annotations.app_token_secret, "token"))
    return found


def application_environment(annotations: SidecarAnnotations) -> list[Json]:
    """What the application's containers learn of their sidecar."""
    found = [variable("DAPR_HTTP_PORT", str(HTTP_PORT)), variable("DAPR_GRPC_PORT", str(annotations.grpc_port))]
    protocol = spoken_protocol(annotations.app_protocol, tls=annotations.app_ssl)
    return [*found, variable("APP_PROTOCOL", protocol)] if protocol else found


def spoken_protocol(annotated_protocol: str, *, tls: bool) -> str:
    """The protocol of the application in one word, with TLS counted in; empty for an unknown one."""
    protocol = annotated_protocol.lower()
    if protocol in _OTHER_PROTOCOLS:
        return protocol
    plain = _PLAIN_PROTOCOLS.get(protocol, "")
    return _TLS_OF[plain] if tls and plain and protocol else plain


def annotated(text: str) -> list[tuple[str, str]]:
    """The pairs of ``NAME=value, OTHER=value``; a value may hold ``=`` as well. What is no pair is left out."""
    return [(name, value) for name, equals, value in _items(text) if equals and _NAME.fullmatch(name)]


def complaints_of(annotations: SidecarAnnotations) -> list[str]:
    """One complaint for each part of the annotated variables that is left out. No value is in them."""
    found: list[str] = []
    for annotation, text in (("env", annotations.env), ("env-from-secret", annotations.env_from_secret)):
        for name, equals, _ in _items(text):
            if not equals or not _NAME.fullmatch(name):
                what = f"{name[:40]!r} is left out" if name else "a part without a name is left out"
                found.append(f"annotation {PREFIX}{annotation}: {what}: write NAME=value")
    for name, text in annotated(annotations.env_from_secret):
        if _secret_variable(name, text) is None:
            found.append(f"annotation {PREFIX}env-from-secret: {name[:40]} is left out: write NAME=secret:key")
    return found


def _items(text: str) -> list[tuple[str, str, str]]:
    return [item.strip().partition("=") for item in _NEXT.split(text) if item.strip()]


def _secret_variable(name: str, text: str) -> Json | None:
    parts = [part.strip() for part in text.strip().split(":")]
    if len(parts) > 2:
        return None
    # Without a key the secret's own name is the key.
    return from_secret(name, parts[0], parts[-1])
