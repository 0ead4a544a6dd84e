"""Where a client's state key lies in its store (building-blocks.md §3.1, components.md §3.4)."""

from __future__ import annotations

from collections.abc import Mapping

from dapr_core.keys.scheme import SEPARATOR, check_part, strategy


class StateKeys:
    """The key scheme of one store: ``stored`` prefixes, ``original`` takes the prefix off again."""

    __slots__ = ("prefix",)

    def __init__(self, metadata: Mapping[str, str], *, app_id: str, store: str, namespace: str = "") -> None:
        """``metadata`` is the manifest's; ``namespace`` the environment's ``NAMESPACE``, empty when unset.

        Raises:
            IllegalKeyError: the prefix holds ``||``; the store must not be initialised.
        """
        name = _prefix(strategy(metadata), app_id, store, namespace)
        self.prefix = name + SEPARATOR if name else ""

    def stored(self, key: str) -> str:
        """The key in the store. Raises ``IllegalKeyError`` when the client's key holds ``||``."""
        if SEPARATOR in key:
            check_part(key)
        return self.prefix + key

    @staticmethod
    def original(stored: str) -> str:
        """The client's key: the second part, or the whole when there is no separator."""
        parts = stored.split(SEPARATOR, 2)
        return parts[1] if len(parts) > 1 else stored


def _prefix(kind: str, app_id: str, store: str, namespace: str) -> str:
    if kind == "none":
        return ""
    if kind == "name":
        return store
    if kind == "appid":
        return app_id
    if kind == "namespace":
        return f"{namespace}.{app_id}" if namespace and app_id else app_id
    return kind
