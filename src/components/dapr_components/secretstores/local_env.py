"""``secretstores.local.env``: environment variables of the sidecar as secrets (components.md §2.8).

The sidecar's own settings are in its environment too, tokens among them, so whatever is called ``APP_API_TOKEN`` or
begins with ``DAPR_`` does not exist here, with and without the prefix of the manifest.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from dapr_components.common.metadata import Fields
from dapr_components.contract import ComponentContext, Metadata
from dapr_components.secretstores.contract import SecretStore


class LocalEnvSecretStore(SecretStore):
    """Secrets from the environment."""

    def __init__(self, context: ComponentContext, environment: Mapping[str, str] | None = None) -> None:
        super().__init__(context)
        self._environment = os.environ if environment is None else environment
        self._prefix = ""

    async def init(self, metadata: Metadata) -> None:
        self._prefix = Fields(metadata).raw("prefix")

    async def get(self, name: str, metadata: Mapping[str, str]) -> dict[str, str] | None:
        """A variable's value; empty text when it does not exist or is hidden."""
        variable = self._prefix + name
        if _hidden(name) or _hidden(variable):
            self.context.logger.warning("secretstores.local.env: access to variable %s is forbidden", variable)
            return {name: ""}
        return {name: self._environment.get(variable, "")}

    async def bulk_get(self, metadata: Mapping[str, str]) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for variable, value in self._environment.items():
            name = variable.removeprefix(self._prefix)
            if variable.startswith(self._prefix) and not _hidden(variable) and not _hidden(name):
                found[name] = {name: value}
        return found


def _hidden(name: str) -> bool:
    upper = name.upper()
    return upper == "APP_API_TOKEN" or upper.startswith("DAPR_")
