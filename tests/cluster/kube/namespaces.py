"""Namespaces of a test's own."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Mapping

from cluster.kube.client import Client


@contextlib.contextmanager
def own_namespace(admin: Client, kind: str, labels: Mapping[str, str] | None = None) -> Iterator[str]:
    """A namespace whose name begins with ``kind``, deleted afterwards.

    Where no controller runs, its objects stay and it is never wholly gone: its name comes once.
    """
    name = f"{kind}-{secrets.token_hex(4)}"
    metadata = {"name": name, "labels": dict(labels or {})}
    admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    try:
        yield name
    finally:
        admin.delete("v1", "Namespace", name)
