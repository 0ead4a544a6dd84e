"""``secretstores.kubernetes``: the Secrets of the cluster the sidecar runs in (components.md §2.8).

In Kubernetes mode every sidecar has it under the name ``kubernetes``. What it may read is for the cluster to say: the
pod's service account needs a Role for ``get``, and for ``list`` where all secrets are asked for.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from typing import Any

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.secretstores.contract import Feature, SecretStore
from dapr_core.kube import ForbiddenError, KubeClient, KubeError, NotFoundError, load_config
from dapr_core.kube.kinds import SECRET
from dapr_core.kube.objects import key_of, section


class KubernetesSecretStore(SecretStore):
    """Reads Secrets by the Kubernetes API, each time anew."""

    features = frozenset({Feature.MULTIPLE_KEY_VALUES_PER_SECRET})

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._client: KubeClient | None = None
        self._default = ""

    async def init(self, metadata: Metadata) -> None:
        self._default = os.environ.get("NAMESPACE") or metadata.get("defaultNamespace", "")
        try:
            config = load_config(os.environ, metadata.get("kubeconfigPath", ""))
            self._client = KubeClient(config, user_agent="daprd")
        except KubeError as error:
            raise ComponentError(f"the Kubernetes API cannot be reached: {error}") from None

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    async def get(self, name: str, metadata: Mapping[str, str]) -> dict[str, str] | None:
        namespace = self._namespace(metadata)
        try:
            return _values(await self._connected.get(SECRET, name, namespace))
        except NotFoundError:
            raise ComponentError(f"secret {name} not found in namespace {namespace}") from None
        except ValueError as error:
            raise ComponentError(str(error)) from None
        except KubeError as error:
            raise ComponentError(_worded(error, f"secret {name}", namespace, "get")) from None

    async def bulk_get(self, metadata: Mapping[str, str]) -> dict[str, dict[str, str]]:
        namespace = self._namespace(metadata)
        found: dict[str, dict[str, str]] = {}
        try:
            async for page in self._connected.pages(SECRET, namespace):
                found |= {key_of(secret).name: _values(secret) for secret in page.items}
        except ValueError as error:
            raise ComponentError(str(error)) from None
        except KubeError as error:
            raise ComponentError(_worded(error, "the secrets", namespace, "list")) from None
        return found

    @property
    def _connected(self) -> KubeClient:
        assert self._client is not None, "the store is used before it was started"
        return self._client

    def _namespace(self, metadata: Mapping[str, str]) -> str:
        named = metadata.get("namespace") or self._default
        if not named:
            raise ComponentError(
                "namespace is missing on metadata and NAMESPACE env variable: "
                "give the request metadata.namespace, or the component defaultNamespace"
            )
        return named


def _values(secret: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in section(secret, "data").items():
        try:
            found[key] = base64.b64decode(value).decode(errors="replace")
        except (binascii.Error, ValueError, TypeError):
            continue  # the API server takes no such value
    return found


def _worded(error: KubeError, what: str, namespace: str, verb: str) -> str:
    text = f"cannot read {what} in namespace {namespace}: {error}"
    if isinstance(error, ForbiddenError):
        text += f"; bind the pod's service account to a Role that may {verb} secrets there"
    return text
