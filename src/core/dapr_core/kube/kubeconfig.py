"""kubeconfig files: which cluster, who we are there (Kubernetes, "Organizing Cluster Access Using kubeconfig Files").

Understood are certificates, tokens and token files, inline or by path. What starts a program (``exec``), logs in
(``auth-provider``, user names with passwords) or speaks through a proxy is refused by name: silently leaving it out
would mean to speak as somebody else.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

from dapr_core.kube.config import ClusterConfig, ConfigError, Pem
from dapr_core.kube.credentials import Credential, NoToken, Token, TokenFile

MAX_FILE: Final = 4 * 1024 * 1024
_REFUSED: Final = {
    "exec": "starts a program for its credentials",
    "auth-provider": "uses an auth provider",
    "username": "has a user name and a password",
    "password": "has a user name and a password",
    "as": "impersonates somebody",
    "as-uid": "impersonates somebody",
    "as-groups": "impersonates somebody",
    "as-user-extra": "impersonates somebody",
}


@dataclass(frozen=True, slots=True)
class _Entry:
    """A named part of a file, and the directory that paths in it start from."""

    value: Mapping[str, Any]
    directory: str


def read_kubeconfig(paths: Sequence[str], context: str = "") -> ClusterConfig:
    """What one context of these files says. Of two parts with one name the first counts; files may be missing.

    Args:
        paths: the files.
        context: its name; empty is the current one.

    Raises:
        ConfigError: something is missing, does not fit or is not supported.
    """
    found: dict[str, dict[str, _Entry]] = {"clusters": {}, "users": {}, "contexts": {}}
    current = context
    where = os.pathsep.join(paths)
    there = [path for path in paths if path and os.path.exists(path)]
    if not there:
        raise ConfigError(f"there is no kubeconfig {where}; give --kubeconfig, or set KUBECONFIG")
    for path in there:
        document = _document(path)
        current = current or _string(document, "current-context", path)
        directory = os.path.dirname(os.path.abspath(path))
        for section, member in (("clusters", "cluster"), ("users", "user"), ("contexts", "context")):
            for name, value in _named(document.get(section), member, f"{section} of {path}"):
                found[section].setdefault(name, _Entry(value, directory))
    if not current:
        raise ConfigError(f"{where} names no current-context; set one with `kubectl config use-context`")
    chosen = _pick(found["contexts"], current, "context", where)
    cluster = _pick(found["clusters"], _string(chosen.value, "cluster", where), "cluster", where)
    user_name = _string(chosen.value, "user", where)
    user = _pick(found["users"], user_name, "user", where) if user_name else _Entry({}, "")
    return _config(cluster, user, _string(chosen.value, "namespace", where) or "default", where)


def _config(cluster: _Entry, user: _Entry, namespace: str, where: str) -> ClusterConfig:
    if cluster.value.get("proxy-url"):
        raise ConfigError(f"the cluster in {where} is behind a proxy (proxy-url), which is not supported")
    for name, what in _REFUSED.items():
        if user.value.get(name):
            raise ConfigError(
                f"the user in {where} {what} ({name}), which is not supported; "
                "use a client certificate, a token or a tokenFile"
            )
    server = _string(cluster.value, "server", where)
    if not server:
        raise ConfigError(f"the cluster in {where} has no server; write its URL")
    return ClusterConfig(
        server=server,
        credential=_credential(user, where),
        ca=_pem(cluster, "certificate-authority", where),
        certificate=_pem(user, "client-certificate", where),
        key=_pem(user, "client-key", where),
        server_name=_string(cluster.value, "tls-server-name", where),
        verify=cluster.value.get("insecure-skip-tls-verify") is not True,
        namespace=namespace,
    )


def _credential(user: _Entry, where: str) -> Credential:
    # A file wins over a token that is written down: it is the one somebody keeps fresh (client-go does the same).
    file = _string(user.value, "tokenFile", where)
    if file:
        return TokenFile(os.path.join(user.directory, file))
    token = _string(user.value, "token", where)
    return Token(token) if token else NoToken()


def _pem(entry: _Entry, name: str, where: str) -> Pem:
    data = _string(entry.value, f"{name}-data", where)
    if data:
        try:
            return Pem(base64.b64decode(data, validate=True))
        except (binascii.Error, ValueError):
            raise ConfigError(f"{name}-data in {where} is no base64") from None
    path = _string(entry.value, name, where)
    return Pem(path=os.path.join(entry.directory, path)) if path else Pem()


def _document(path: str) -> Mapping[str, Any]:
    try:
        with open(path, "rb") as file:
            text = file.read(MAX_FILE + 1)
    except OSError as error:
        raise ConfigError(f"cannot read the kubeconfig {path}: {error.strerror or error}") from None
    if len(text) > MAX_FILE:
        raise ConfigError(f"the kubeconfig {path} is longer than {MAX_FILE} bytes")
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):  # its own message could quote a secret
        raise ConfigError(f"the kubeconfig {path} is no YAML") from None
    if not isinstance(value, Mapping):
        raise ConfigError(f"the kubeconfig {path} holds no mapping")
    return value


def _named(value: object, member: str, what: str) -> list[tuple[str, Mapping[str, Any]]]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ConfigError(f"{what} is no list")
    entries = []
    for each in value:
        content = each.get(member) if isinstance(each, Mapping) else None
        if not isinstance(each, Mapping) or not isinstance(each.get("name"), str):
            raise ConfigError(f"an entry in {what} has no name")
        entries.append((str(each["name"]), content if isinstance(content, Mapping) else {}))
    return entries


def _pick(entries: Mapping[str, _Entry], name: str, what: str, where: str) -> _Entry:
    if name not in entries:
        known = ", ".join(sorted(entries)[:10]) or "none"
        raise ConfigError(f"{where} has no {what} {name!r}; it has {known}")
    return entries[name]


def _string(value: Mapping[str, Any], name: str, where: str) -> str:
    found = value.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise ConfigError(f"{name} in {where} is no text")
    return found
