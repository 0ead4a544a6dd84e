"""Where the self-hosted installation lives: one root folder and the names under it (cli-dashboard.md §3)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

ROOT_NAME = ".dapr"


class Root:
    """The ``.dapr`` folder that a command works on."""

    __slots__ = ("path",)

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def locate(cls, runtime_path: str, env: Mapping[str, str]) -> Root:
        """``--runtime-path``, else ``DAPR_RUNTIME_PATH``, else the home folder; ``.dapr`` is always appended."""
        base = runtime_path.strip() or env.get("DAPR_RUNTIME_PATH", "").strip()
        folder = Path(base) if base else Path(os.path.expanduser("~"))
        return cls(folder.absolute() / ROOT_NAME)

    @property
    def components(self) -> Path:
        """The default resources folder."""
        return self.path / "components"

    @property
    def statestore(self) -> Path:
        """The default state store's manifest."""
        return self.components / "statestore.yaml"

    @property
    def pubsub(self) -> Path:
        """The default message bus's manifest."""
        return self.components / "pubsub.yaml"

    @property
    def config(self) -> Path:
        """The default Configuration."""
        return self.path / "config.yaml"

    @property
    def bin(self) -> Path:
        """Where tools look for ``daprd``."""
        return self.path / "bin"

    @property
    def engine(self) -> Path:
        """The engine's own folder: data, log, and the record of its process."""
        return self.path / "redis"

    @property
    def sentry(self) -> Path:
        """The certificate authority's own folder: credentials, log, and the record of its process."""
        return self.path / "sentry"

    @property
    def placement(self) -> Path:
        """The placement service's own folder: log, and the record of its process."""
        return self.path / "placement"

    @property
    def manifest(self) -> Path:
        """The record of everything that ``dapr init`` created here."""
        return self.path / "installed-by-dapr-runtime.json"
