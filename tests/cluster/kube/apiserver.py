"""The first level: etcd and the API server, as processes of any user on loopback.

etcd runs without fsync, for its data lives no longer than the tests. Authentication, authorisation (Node, RBAC) and
admission are what a cluster has by default, so what a test sees here it would see there. The node's API server is
this one with an address that pods reach and with credentials for its kubelet.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cluster.kube import kubeconfig, programs
from cluster.kube.certificates import Authority, KeyPair, token_key
from cluster.kube.client import Client
from cluster.kube.processes import Processes
from support.ports import free_ports

START_LIMIT: Final = 90.0
"""Seconds; an idle machine takes five."""
ISSUER: Final = "https://kubernetes.default.svc.cluster.local"
NAMES: Final = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local")
ADMINISTRATORS: Final = "system:masters"
_NO_ENDPOINTS: Final = "--endpoint-reconciler-type=none"
"""A loopback address may be no Service's endpoint, so the Service ``kubernetes`` leads nowhere."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the API server and its etcd listen, and what names and addresses the server's certificate has."""

    folder: Path
    port: int
    etcd_ports: tuple[int, int]
    bind: str = "127.0.0.1"
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1")
    services: str = "10.96.0.0/16"


@dataclass(frozen=True, slots=True)
class ApiServer:
    """A running API server: its kubeconfig for programs, its administrator's client for tests."""

    kubeconfig: Path
    admin: Client

    @property
    def url(self) -> str:
        """``https://<address>:<port>``."""
        return self.admin.access.url

    @property
    def ca_file(self) -> Path:
        """The certificate authority of the server's certificate."""
        assert self.admin.access.ca_file is not None
        return self.admin.access.ca_file


class Certificates:
    """What the API server and its clients show one another, in ``<folder>/pki``."""

    def __init__(self, settings: Settings) -> None:
        folder = settings.folder / "pki"
        self.authority = Authority(folder, "kubernetes")
        front_proxy = Authority(folder, "front-proxy")
        self.ca = self.authority.files.certificate
        self.ca_key = self.authority.files.key
        self.front_proxy_ca = front_proxy.files.certificate
        self.front_proxy = front_proxy.issue("front-proxy-client", "front-proxy-client")
        self.server = self.authority.issue("apiserver", "kube-apiserver", hosts=(*NAMES, *settings.hosts))
        self.admin = self.authority.issue("admin", "admin", groups=[ADMINISTRATORS])
        self.token_key, self.token_public = token_key(folder)

    def client(self, user: str, groups: Sequence[str] = (), hosts: Sequence[str] = ()) -> KeyPair:
        """A certificate for one of the cluster's own components."""
        return self.authority.issue(user.replace(":", "-"), user, groups=groups, hosts=hosts)


def start(settings: Settings, certificates: Certificates, processes: Processes, flags: Sequence[str]) -> ApiServer:
    """Start both processes, the API server with more ``flags``; it answers once ``wait`` has returned."""
    client_port, peer_port = settings.etcd_ports
    peers = f"http://127.0.0.1:{peer_port}"
    processes.start(
        "etcd", [
            _program("etcd"), "--name=test", f"--data-dir={settings.folder / 'etcd'}", "--unsafe-no-fsync",
            "--log-level=warn", f"--listen-client-urls=http://127.0.0.1:{client_port}",
            f"--advertise-client-urls=http://127.0.0.1:{client_port}", f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}", f"--initial-cluster=test={peers}",
        ],
    )  # fmt: skip
    front = ("X-Remote-User", "X-Remote-Group", "X-Remote-Extra-")
    processes.start(
        "kube-apiserver", [
            _program("kube-apiserver"), f"--etcd-servers=http://127.0.0.1:{client_port}",
            f"--bind-address={settings.bind}", f"--secure-port={settings.port}",
            f"--cert-dir={settings.folder / 'pki'}",
            f"--tls-cert-file={certificates.server.certificate}", f"--tls-private-key-file={certificates.server.key}",
            f"--client-ca-file={certificates.ca}", "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction", "--allow-privileged=true",
            f"--service-cluster-ip-range={settings.services}", f"--service-account-issuer={ISSUER}",
            f"--service-account-key-file={certificates.token_public}",
            f"--service-account-signing-key-file={certificates.token_key}",
            f"--requestheader-client-ca-file={certificates.front_proxy_ca}",
            "--requestheader-allowed-names=front-proxy-client", f"--requestheader-username-headers={front[0]}",
            f"--requestheader-group-headers={front[1]}", f"--requestheader-extra-headers-prefix={front[2]}",
            f"--proxy-client-cert-file={certificates.front_proxy.certificate}",
            f"--proxy-client-key-file={certificates.front_proxy.key}",
            "--profiling=false", "--shutdown-delay-duration=0",
            # It wants to be told of progress by etcd, which this etcd does not do, and complains all the time.
            "--feature-gates=SizeBasedListCostEstimate=false",
            *flags,
        ],
    )  # fmt: skip
    url = f"https://{settings.bind}:{settings.port}"
    config = kubeconfig.write(settings.folder / "admin.kubeconfig", url, certificates.ca, certificates.admin)
    return ApiServer(config, Client(kubeconfig.Access(url, certificates.ca, certificates.admin)))


def wait(server: ApiServer, processes: Processes) -> None:
    """Wait until the server is ready to serve."""
    processes.wait_until(server.admin.ready, "the API server", START_LIMIT)


@contextlib.contextmanager
def running() -> Iterator[ApiServer]:
    """An API server of one's own that ends with the block, and with this process at the latest."""
    with tempfile.TemporaryDirectory(prefix="dapr-tests-kube-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch)
        port, *etcd_ports = free_ports(3)
        settings = Settings(folder, port, (etcd_ports[0], etcd_ports[1]))
        processes = Processes(folder, tied=True)
        try:
            server = start(settings, Certificates(settings), processes, [_NO_ENDPOINTS])
            wait(server, processes)
            yield server
            server.admin.close()
        finally:
            for name in ("kube-apiserver", "etcd"):
                processes.stop(name)


@contextlib.contextmanager
def given(path: Path) -> Iterator[ApiServer]:
    """The API server of a kubeconfig that somebody else keeps."""
    with tempfile.TemporaryDirectory(prefix="dapr-tests-kube-", ignore_cleanup_errors=True) as scratch:
        admin = Client(kubeconfig.read(path, Path(scratch)))
        yield ApiServer(path, admin)
        admin.close()


def _program(name: str) -> Path:
    found = programs.path(name)
    if found is None:
        raise programs.BuildError(f"{name} is not built yet; `make cluster-api` builds what the API server needs")
    return found
