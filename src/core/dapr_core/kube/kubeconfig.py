"""kubeconfig files: which cluster, who we are there (Kubernetes, "Organizing Cluster Access Using kubeconfig Files").

Understood are certificates, tokens and token files, inline or by path, and for those who allow it programs that give
either (``exec``). What logs in (``auth-provider``, user names with passwords) or speaks through a proxy is refused by
name: silently leaving it out would mean to speak as somebody else.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import yaml

from dapr_core.kube.config import ClusterConfig, ConfigError, Pem
from dapr_core.kube.credentials import Credential, NoToken, Token, TokenFile

if TYPE_CHECKING:
    from dapr_core.kube.programs import Program

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


def read_kubeconfig(paths: Sequence[str], context: str = "", *, programs: bool = False) -> ClusterConfig:
    """What one context of these files says. Of two parts with one name the first counts; files may be missing.

    Args:
        paths: the files.
        context: its name; empty is the current one.
        programs: whether a program may be started for credentials.

    Raises:
        CredentialError: a program gave none.
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
    config = _config(cluster, user, _string(chosen.value, "namespace", where) or "default", where, programs)
    return _with_program(config, cluster, user, where) if programs and user.value.get("exec") else config


def _config(cluster: _Entry, user: _Entry, namespace: str, where: str, programs: bool) -> ClusterConfig:
    if cluster.value.get("proxy-url"):
        raise ConfigError(f"the cluster in {where} is behind a proxy (proxy-url), which is not supported")
    for name, what in _REFUSED.items():
        if user.value.get(name) and not (programs and name == "exec"):
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


def _with_program(config: ClusterConfig, cluster: _Entry, user: _Entry, where: str) -> ClusterConfig:
    """The same with what the user's program gives, in place of what it does not."""
    from dapr_core.kube.programs import ProgramToken

    program = _program(config, cluster, user, where)
    answer = program.ask()
    config = replace(config, credential=ProgramToken(program, answer)) if answer.token else config
    if not answer.certificate:
        return config
    return replace(config, certificate=Pem(answer.certificate), key=Pem(answer.key))


def _program(config: ClusterConfig, cluster: _Entry, user: _Entry, where: str) -> Program:
    from dapr_core.kube.programs import VERSIONS, Program

    found = user.value["exec"]
    what = f"exec of the user in {where}"
    if not isinstance(found, Mapping):
        raise ConfigError(f"{what} is no mapping")
    command, version = _string(found, "command", where), _string(found, "apiVersion", where)
    if not command or version not in VERSIONS:
        raise ConfigError(f"{what} has to name a command, and an apiVersion that is {' or '.join(VERSIONS)}")
    if os.sep in command:
        command = os.path.join(user.directory, command)
    words = found.get("args") or []
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ConfigError(f"the args of {what} are no list of texts")
    variables = _variables(found.get("env"), what)
    mode = _string(found, "interactiveMode", where)
    told = _told(config, cluster) if found.get("provideClusterInfo") is True else None
    interactive = {"Never": False, "Always": True}.get(mode)
    return Program((command, *words), variables, version, interactive, told, _string(found, "installHint", where))


def _variables(value: object, what: str) -> dict[str, str]:
    found = {}
    for each in value if isinstance(value, list) else []:
        if not isinstance(each, Mapping) or not all(isinstance(each.get(part), str) for part in ("name", "value")):
            raise ConfigError(f"an entry in the env of {what} has no name, or no value")
        found[str(each["name"])] = str(each["value"])
    return found


def _told(config: ClusterConfig, cluster: _Entry) -> dict[str, object]:
    """What a program hears of the cluster that it is to give credentials for."""
    told: dict[str, object] = {"server": config.server}
    if ca := config.ca.read():
        told["certificate-authority-data"] = base64.b64encode(ca).decode()
    if config.server_name:
        told["tls-server-name"] = config.server_name
    if not config.verify:
        told["insecure-skip-tls-verify"] = True
    for each in cluster.value.get("extensions") or []:
        if isinstance(each, Mapping) and each.get("name") == "client.authentication.k8s.io/exec":
            told["config"] = each.get("extension")
    return told


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
