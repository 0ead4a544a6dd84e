"""What all key schemes share: the separator, and that no part may hold it."""

from __future__ import annotations

from collections.abc import Mapping

SEPARATOR = "||"


class IllegalKeyError(ValueError):
    """A key or prefix holds the separator. ``key`` is that text."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"input key/keyPrefix '{key}' can't contain '{SEPARATOR}'")


def check_part(text: str) -> None:
    """Refuse a client's key, or a prefix, that holds the separator. Raises ``IllegalKeyError``."""
    if SEPARATOR in text:
        raise IllegalKeyError(text)


def strategy(metadata: Mapping[str, str]) -> str:
    """The manifest's ``keyPrefix`` in lower case; ``appid`` when absent. Raises ``IllegalKeyError``."""
    for key, value in metadata.items():
        if key.lower() == "keyprefix":
            check_part(value)
            return value.lower() or "appid"
    return "appid"
