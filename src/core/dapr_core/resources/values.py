"""Resolves the settings of a resource: literals, environment, secrets, templates (building-blocks.md §4.1, §1.7).

Order: an ``envRef`` fills an entry without a literal; a ``secretKeyRef`` fills it from a secret store; then, for
components, the tags ``{uuid}``, ``{podName}``, ``{namespace}`` and ``{appID}`` are replaced in every value. The secret
store is reached through a function, so that this module knows no component; a store that is not loaded yet is the
caller's to wait for (``missing_store``).
"""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from dapr_core.resources.metadata import NameValuePair, SecretKeyRef

SecretLookup: TypeAlias = Callable[[str, str], Awaitable[Mapping[str, str] | None]]
"""Asks a store (first argument) for a secret (second). Raises what the store raises."""

KUBERNETES_STORE: Final = "kubernetes"

_DENIED_VARIABLES: Final = frozenset({"", "APP_API_TOKEN"})


class TemplateError(ValueError):
    """A value refers to something this process does not have."""


class _Logger(Protocol):
    def warning(self, message: str, /, *args: object) -> None: ...
    def error(self, message: str, /, *args: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What values may refer to. ``new_uuid`` is an argument so that tests can know the result."""

    app_id: str
    namespace: str = ""
    pod_name: str = ""
    environment: Mapping[str, str] | None = None
    new_uuid: Callable[[], str] = lambda: str(uuid.uuid4())


def missing_store(
    pairs: Iterable[NameValuePair], store: str, loaded: Callable[[str], bool], *, default_store: str = ""
) -> str:
    """The secret store that the entries need and that is not loaded; empty when nothing is missing.

    Args:
        pairs: the entries of the resource.
        store: the resource's ``auth.secretStore``.
        loaded: whether a store of that name is there.
        default_store: ``kubernetes`` in Kubernetes mode.
    """
    wanted = store or default_store
    needs = any(pair.secret_key_ref is not None and pair.secret_key_ref.name for pair in pairs)
    return wanted if needs and wanted and not loaded(wanted) else ""


async def resolve(
    pairs: Iterable[NameValuePair],
    *,
    surroundings: Surroundings,
    lookup: SecretLookup,
    store: str,
    logger: _Logger,
    injected: bool = False,
    templates: bool = True,
) -> dict[str, str]:
    """Resolve the entries of a resource to text, in their order.

    A secret or variable that cannot be had leaves its entry empty and is logged, as in the original: whether the
    component can start without it is the component's to say.

    Args:
        pairs: the entries as written.
        surroundings: what templates and ``envRef`` refer to.
        lookup: reads a secret; called once for each secret name.
        store: name of the secret store, the default already applied; empty when there is none.
        logger: where refusals go; values are never in them.
        injected: the operator has put secrets into the values (base64 of the text, as a JSON string).
        templates: replace the tags; endpoints do not.

    Raises:
        TemplateError: a value refers to ``{podName}`` and the pod's name is not known.
    """
    cache: dict[str, Mapping[str, str]] = {}
    values: dict[str, str] = {}
    for pair in pairs:
        text = pair.text
        if not pair.has_value and pair.env_ref:
            text = _variable(pair.env_ref, surroundings.environment or {}, logger)
        if pair.secret_key_ref is not None and pair.secret_key_ref.name:
            text = await _secret(pair.secret_key_ref, text, lookup, store, cache, logger, injected)
        values[pair.name] = fill(text, pair.name, surroundings) if templates and "{" in text else text
    return values


def fill(text: str, name: str, surroundings: Surroundings) -> str:
    """Replace the tags in one value; each ``{uuid}`` gets its own. ``name`` is for the error. See ``resolve``."""
    while "{uuid}" in text:
        text = text.replace("{uuid}", surroundings.new_uuid(), 1)
    if "{podName}" in text:
        if not surroundings.pod_name:
            raise TemplateError(
                f"failed to parse metadata: property {name} refers to {{podName}} but podName is not set"
            )
        text = text.replace("{podName}", surroundings.pod_name)
    text = text.replace("{namespace}", f"{surroundings.namespace}.{surroundings.app_id}")
    return text.replace("{appID}", surroundings.app_id)


def variable_allowed(name: str, environment: Mapping[str, str]) -> bool:
    """Whether a manifest may read an environment variable of the sidecar."""
    upper = name.upper()
    if upper in _DENIED_VARIABLES or upper.startswith("DAPR_") or " " in name:
        return False
    allowed = environment.get("DAPR_ENV_KEYS", "")
    return not allowed or upper in allowed.upper().split()


def _variable(name: str, environment: Mapping[str, str], logger: _Logger) -> str:
    if not variable_allowed(name, environment):
        logger.warning(
            "envRef %s refers to an environment variable that manifests may not read; its value is left empty", name
        )
        return ""
    return environment.get(name, "")


async def _secret(
    ref: SecretKeyRef,
    literal: str,
    lookup: SecretLookup,
    store: str,
    cache: dict[str, Mapping[str, str]],
    logger: _Logger,
    injected: bool,
) -> str:
    if injected and store == KUBERNETES_STORE:
        return _injected(literal, ref, logger)
    if not store:
        logger.warning(
            "secretKeyRef %s names no secret store; set auth.secretStore of the resource to resolve it", ref.name
        )
        return literal
    if ref.name not in cache:
        try:
            cache[ref.name] = await lookup(store, ref.name) or {}
        except Exception as error:  # noqa: BLE001 - whatever a vendor raises leaves the entry empty
            logger.error("Error getting secret: %s", error)
            return literal
    return cache[ref.name].get(ref.key or ref.name) or literal


def _injected(text: str, ref: SecretKeyRef, logger: _Logger) -> str:
    try:
        inner = json.loads(text) if text.startswith('"') else text
        return base64.b64decode(str(inner), validate=True).decode()
    except (ValueError, binascii.Error):
        logger.error("Error decoding secret %s: it is no base64 text", ref.name)
        return ""
