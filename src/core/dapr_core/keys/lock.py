"""Where a lock lies in its store: ``lock||<prefix>||<resource>`` (building-blocks.md §5.2, components.md §3.4)."""

from __future__ import annotations

from collections.abc import Mapping

from dapr_core.keys.scheme import SEPARATOR, check_part, strategy


class LockKeys:
    """The key scheme of one lock store. Unlike state, ``namespace`` is no strategy here but literal text."""

    __slots__ = ("prefix",)

    def __init__(self, metadata: Mapping[str, str], *, app_id: str, store: str) -> None:
        """Raises ``IllegalKeyError`` when the manifest's prefix holds ``||``."""
        kind = strategy(metadata)
        name = {"none": "", "name": store, "appid": app_id}.get(kind, kind)
        self.prefix = f"lock{SEPARATOR}{name}{SEPARATOR}" if name else f"lock{SEPARATOR}"

    def stored(self, resource: str) -> str:
        """The key of a resource's lock. Raises ``IllegalKeyError`` when the resource's id holds ``||``."""
        check_part(resource)
        return self.prefix + resource
