"""Words for yes, as all of Dapr reads them in metadata, annotations and variables."""

from __future__ import annotations

from typing import Final

TRUTHS: Final = frozenset({"y", "yes", "true", "t", "on", "1"})


def is_truthy(text: str | None) -> bool:
    """Whether a text says yes; whatever is no known word of truth says no."""
    return text is not None and text.strip().lower() in TRUTHS
