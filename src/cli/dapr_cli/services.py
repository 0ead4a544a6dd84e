"""The servers that `dapr init` keeps running on this machine, in the order in which they are started."""

from __future__ import annotations

from typing import NamedTuple

from .authority import Authority
from .background import Background
from .engine import Engine
from .paths import Root
from .placement import Placement


class Services(NamedTuple):
    """The servers of one installation, whether they were set up or not."""

    redis: Engine
    sentry: Authority
    placement: Placement

    @classmethod
    def of(cls, root: Root) -> Services:
        """Those whose folders are in ``root``."""
        authority = Authority(root.sentry, root.config)
        return cls(Engine(root.engine), authority, Placement(root.placement, authority))

    def by_name(self) -> list[tuple[str, Background]]:
        """Each with the name that users read."""
        return list(zip(self._fields, self, strict=True))
