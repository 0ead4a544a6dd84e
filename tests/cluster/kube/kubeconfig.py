"""kubeconfig files: written for the cluster's own clients, read for the one that a caller gives.

Reading covers what test clusters (kind, k3d, a service account's token) have: a certificate authority, and a client
certificate or a token, in files or inline. Credentials by ``exec`` or an auth provider are refused by name.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from cluster.kube.certificates import KeyPair


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach an API server, with every credential in a file (``requests`` and ``ssl`` want files)."""

    url: str
    ca_file: Path | None
    client: KeyPair | None
    token: str | None = None


def write(path: Path, url: str, authority: Path, client: KeyPair) -> Path:
    """Write a kubeconfig with everything inline, so that it can be copied; readable by its owner only."""
    user = {"client-certificate-data": _inline(client.certificate), "client-key-data": _inline(client.key)}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": {"server": url, "certificate-authority-data": _inline(authority)}}],
        "users": [{"name": "test", "user": user}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
    }
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    return path


def read(path: Path, scratch: Path) -> Access:
    """The current context of a kubeconfig; inline credentials are laid down as files in ``scratch``.

    Raises:
        ValueError: there is no current context, or its user authenticates by a program.
    """
    document = yaml.safe_load(path.read_text())
    context = _named(document, "contexts", document.get("current-context"), path)["context"]
    cluster = _named(document, "clusters", context["cluster"], path)["cluster"]
    user = _named(document, "users", context["user"], path).get("user") or {}
    if "exec" in user or "auth-provider" in user:
        raise ValueError(f"{path}: the user {context['user']} logs in by a program; give it a certificate or a token")
    authority = _file(cluster, "certificate-authority", path, scratch)
    certificate = _file(user, "client-certificate", path, scratch)
    key = _file(user, "client-key", path, scratch)
    token_file = user.get("tokenFile")
    token = (path.parent / token_file).read_text().strip() if token_file else user.get("token")
    client = KeyPair(certificate, key) if certificate and key else None
    return Access(cluster["server"].rstrip("/"), authority, client, token)


def _named(document: dict[str, Any], section: str, name: object, path: Path) -> dict[str, Any]:
    for each in document.get(section) or []:
        if each.get("name") == name:
            return dict(each)
    raise ValueError(f"{path}: nothing is named {name!r} among its {section}")


def _file(section: dict[str, Any], key: str, path: Path, scratch: Path) -> Path | None:
    if section.get(f"{key}-data"):
        scratch.mkdir(parents=True, exist_ok=True)
        laid_down = scratch / key
        descriptor = os.open(laid_down, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(base64.b64decode(section[f"{key}-data"]))
        return laid_down
    return path.parent / section[key] if section.get(key) else None


def _inline(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
