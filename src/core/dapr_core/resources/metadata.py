"""What all kinds share: the resource's identity, and values that may come from a secret or the environment."""

from __future__ import annotations

from typing import Any

from dapr_core.jsonx import dumps
from dapr_core.resources.decoding import scalar_text
from dapr_core.resources.modelling import model
from dapr_core.resources.schema import ANY, STRING, attr, map_of


@model
class ObjectMeta:
    """The part of Kubernetes' object metadata that the runtime reads."""

    name: str = attr("name", STRING, "Name of the resource, unique among its kind in a namespace.", required=True)
    namespace: str = attr("namespace", STRING, "Namespace of the resource; empty matches any.")
    labels: dict[str, str] = attr("labels", map_of(STRING), "Labels, of no meaning to the runtime.")
    annotations: dict[str, str] = attr("annotations", map_of(STRING), "Annotations, of no meaning to the runtime.")


@model
class SecretKeyRef:
    """A reference to one key of a secret."""

    name: str = attr("name", STRING, "Name of the secret.", required=True)
    key: str = attr("key", STRING, "Key in the secret; empty means the same as the name.")


@model
class NameValuePair:
    """One setting: a literal value, a key of a secret, or an environment variable of the sidecar."""

    name: str = attr("name", STRING, "Name of the property.", required=True)
    value: Any = attr("value", ANY, "Literal value: any JSON; what is not text is passed on as its JSON text.")
    secret_key_ref: SecretKeyRef | None = attr(
        "secretKeyRef", SecretKeyRef, "Secret to read the value from.", optional=True
    )
    env_ref: str = attr("envRef", STRING, "Environment variable of the sidecar to read the value from.")

    @property
    def has_value(self) -> bool:
        """Whether a literal stands in the manifest; an empty text is one, null is none."""
        return self.value is not None

    @property
    def text(self) -> str:
        """The literal as the component gets it; empty without a literal."""
        return json_text(self.value) if self.value is not None else ""

    def __repr__(self) -> str:  # the value may be a secret written out
        return f"NameValuePair({self.name!r})"


@model
class Auth:
    """Where a resource's secrets come from."""

    secret_store: str = attr("secretStore", STRING, "Name of the secret store component.", required=True)


def json_text(value: object) -> str:
    """A plain value as a component gets it: text as it is, other scalars as text, the rest as Go's compact JSON
    (components.md §3.1).
    """
    text = scalar_text(value)
    return text if text is not None else dumps(value).decode()
