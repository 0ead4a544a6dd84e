"""Application ids as a caller writes them: ``id`` or ``id.namespace`` (api.md §3.2)."""

from __future__ import annotations


class AppIdError(ValueError):
    """The id cannot name an application; the text is what the client reads."""


def parse_app_id(text: str, own_namespace: str) -> tuple[str, str]:
    """The id and the namespace meant; the caller's own namespace when none is given.

    Raises:
        AppIdError: the id is empty or has more than two parts.
    """
    if not text:
        raise AppIdError("app id is empty")
    app_id, dot, namespace = text.partition(".")
    if not dot:
        return text, own_namespace
    if "." in namespace:
        raise AppIdError(f"invalid app id {text}")
    return app_id, namespace
