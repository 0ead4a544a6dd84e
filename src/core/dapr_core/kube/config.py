"""Where the API server is and how it is spoken to: from inside a pod, or by a kubeconfig file.

A pod is told by two variables and a mounted directory; anybody else by kubeconfig. Inside a cluster the pod's own way
comes first, as in the official clients, and a pod without its mount falls back to the file.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from dapr_core.kube.credentials import Credential, TokenFile
from dapr_core.kube.errors import KubeError
from dapr_core.rpc.http1.client import Origin
from dapr_core.rpc.tls import client_context

SERVICE_ACCOUNT: Final = "/var/run/secrets/kubernetes.io/serviceaccount"
HOST_VARIABLE: Final = "KUBERNETES_SERVICE_HOST"
PORT_VARIABLE: Final = "KUBERNETES_SERVICE_PORT"
MAX_PEM: Final = 1024 * 1024


class ConfigError(KubeError):
    """The cluster cannot be spoken to with what was given; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Pem:
    """PEM text that was given, or lies in a file that may change."""

    text: bytes = field(default=b"", repr=False)
    path: str = ""

    def read(self) -> bytes:
        """The text now. Raises ``ConfigError``."""
        if not self.path:
            return self.text
        try:
            with open(self.path, "rb") as file:
                data = file.read(MAX_PEM + 1)
        except OSError as error:
            raise ConfigError(f"cannot read {self.path}: {error.strerror or error}") from None
        if len(data) > MAX_PEM:
            raise ConfigError(f"{self.path} is longer than {MAX_PEM} bytes")
        return data


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterConfig:
    """How to speak to a cluster.

    Attributes:
        server: URL of the API server; a path in it stands before all paths of the API.
        credential: the bearer token, if any.
        ca: authorities of the server's certificate; the system's when empty.
        certificate, key: shown to the server when both are there.
        server_name: name in the server's certificate, when it is not the host of the URL.
        verify: whether the server's certificate is checked at all.
        namespace: where things are when nothing else is said.
    """

    server: str
    credential: Credential
    ca: Pem = Pem()
    certificate: Pem = Pem()
    key: Pem = Pem()
    server_name: str = ""
    verify: bool = True
    namespace: str = "default"

    def origin(self) -> Origin:
        """Where requests go; files are read anew.

        Raises:
            ConfigError: the URL, a file or its PEM cannot be used.
        """
        parts = urlsplit(self.server)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("https", "http") or not parts.hostname or port == -1:
            raise ConfigError(f"{self.server[:200]!r} is no URL of an API server; write https://host:port")
        if parts.scheme == "http":
            return Origin(parts.hostname, port or 80)
        return Origin(parts.hostname, port or 443, tls=self._context(), server_name=self.server_name or None)

    @property
    def prefix(self) -> str:
        """What stands before the paths of the API."""
        return urlsplit(self.server).path.rstrip("/")

    def material(self) -> tuple[bytes, bytes, bytes]:
        """What TLS is made of now, to see whether it changed. Raises ``ConfigError``."""
        return self.ca.read(), self.certificate.read(), self.key.read()

    def _context(self) -> ssl.SSLContext:
        try:
            return client_context(self.verify, *self.material())
        except ValueError as error:
            raise ConfigError(f"TLS to the API server {self.server} cannot be set up: {error}") from None


def in_cluster(environment: Mapping[str, str], directory: str = SERVICE_ACCOUNT) -> ClusterConfig | None:
    """What a pod is told; None outside a pod, or in one without the mount of its service account."""
    host, port = environment.get(HOST_VARIABLE, ""), environment.get(PORT_VARIABLE, "")
    token = os.path.join(directory, "token")
    if not host or not port or not os.path.exists(token):
        return None
    ca = os.path.join(directory, "ca.crt")
    return ClusterConfig(
        server=f"https://{f'[{host}]' if ':' in host else host}:{port}",
        credential=TokenFile(token),
        ca=Pem(path=ca) if os.path.exists(ca) else Pem(),
        namespace=_namespace(os.path.join(directory, "namespace")),
    )


def load_config(
    environment: Mapping[str, str], kubeconfig: str = "", *, context: str = "", directory: str = SERVICE_ACCOUNT
) -> ClusterConfig:
    """What is in force: the pod's own, else a kubeconfig.

    Args:
        environment: of the process.
        kubeconfig: path of the file, or several as in ``KUBECONFIG``; empty is that variable, then ``~/.kube/config``.
        context: which context of it; empty is the current one.
        directory: where a pod's credentials are mounted.

    Raises:
        ConfigError: there is neither, or it cannot be used.
    """
    found = in_cluster(environment, directory)
    if found is not None:
        return found
    from dapr_core.kube.kubeconfig import read_kubeconfig

    paths = kubeconfig or environment.get("KUBECONFIG", "") or default_kubeconfig(environment)
    if not paths:
        raise ConfigError("this is no pod with a service account, and no kubeconfig is named; give --kubeconfig")
    return read_kubeconfig(paths.split(os.pathsep), context)


def default_kubeconfig(environment: Mapping[str, str]) -> str:
    """``~/.kube/config``; empty without a home."""
    home = environment.get("HOME", "")
    return os.path.join(home, ".kube", "config") if home else ""


def _namespace(path: str) -> str:
    try:
        with open(path, encoding="ascii") as file:
            return file.read(256).strip() or "default"
    except (OSError, UnicodeDecodeError):
        return "default"
