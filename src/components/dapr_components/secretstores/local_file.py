"""``secretstores.local.file``: secrets in a JSON file, read once (components.md §2.8).

Ordinarily the whole tree is flattened: ``{"db": {"user": "x"}}`` is the secret ``db:user``. With ``multiValued`` each
top-level object is one secret with several values, flattened below that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dapr_components.common.metadata import Fields
from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.secretstores.contract import Feature, SecretStore
from dapr_core import jsonx


class LocalFileSecretStore(SecretStore):
    """Secrets from a JSON file."""

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._secrets: dict[str, dict[str, str]] = {}

    async def init(self, metadata: Metadata) -> None:
        fields = Fields(metadata)
        path = fields.required("secretsFile")
        separator = fields.raw("nestedSeparator") or ":"
        tree = await asyncio.to_thread(_read, path)
        if fields.flag("multiValued"):
            self.features = frozenset({Feature.MULTIPLE_KEY_VALUES_PER_SECRET})
            self._secrets = {name: _several(name, value, separator) for name, value in tree.items()}
        else:
            self._secrets = {name: {name: value} for name, value in _flattened("", tree, separator)}

    async def get(self, name: str, metadata: Mapping[str, str]) -> dict[str, str] | None:
        secret = self._secrets.get(name)
        if secret is None:
            raise ComponentError(f"secret {name} not found")
        return dict(secret)

    async def bulk_get(self, metadata: Mapping[str, str]) -> dict[str, dict[str, str]]:
        return {name: dict(secret) for name, secret in self._secrets.items()}


def _read(path: str) -> dict[str, Any]:
    try:
        text = Path(path).read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ComponentError(f"metadata field 'secretsFile': cannot read {path}: {reason}") from None
    try:
        tree = jsonx.loads_exact(text)
    except jsonx.JSONError as error:
        raise ComponentError(f"metadata field 'secretsFile': {path} is no JSON: {error}") from None
    if not isinstance(tree, dict):
        raise ComponentError(f"metadata field 'secretsFile': {path} must hold a JSON object")
    return tree


def _several(name: str, value: Any, separator: str) -> dict[str, str]:
    if isinstance(value, (dict, list)):
        return dict(_flattened("", value, separator))
    return {name: _text(value)}


def _flattened(path: str, value: Any, separator: str) -> Iterator[tuple[str, str]]:
    """The leaves of a tree under their paths; elements of a list are named by their index."""
    pending = [(path, value)]
    while pending:
        here, node = pending.pop()
        if isinstance(node, (dict, list)):
            items = node.items() if isinstance(node, dict) else enumerate(node)
            children = [(f"{here}{separator}{key}" if here else str(key), child) for key, child in items]
            pending.extend(reversed(children))
        else:
            yield here, _text(node)


def _text(value: Any) -> str:
    """A scalar as text: strings as they are, numbers and booleans as the file writes them, null as nothing."""
    if value is None:
        return ""
    return value if isinstance(value, str) else jsonx.dumps(value).decode()
