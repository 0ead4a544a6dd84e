"""Which of two versions is the older one, in the spelling of images' tags (Semantic Versioning 2.0.0, §11)."""

from __future__ import annotations

import re

_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?(?:-([0-9A-Za-z.\-]+))?(?:\+.*)?")


def is_older(one: str, other: str) -> bool:
    """Whether ``one`` comes before ``other``; of tags that are no versions none does."""
    ours, theirs = _key(one), _key(other)
    return ours is not None and theirs is not None and ours < theirs


def _key(version: str) -> tuple[tuple[int, ...], bool, list[tuple[bool, int, str]]] | None:
    found = _VERSION.fullmatch(version)
    if found is None:
        return None
    numbers = tuple(int(part or 0) for part in found.groups()[:3])
    words = (found[4] or "").split(".") if found[4] else []
    # A release comes behind its candidates; numbers come before words.
    return numbers, not words, [(not word.isdigit(), int(word) if word.isdigit() else 0, word) for word in words]
