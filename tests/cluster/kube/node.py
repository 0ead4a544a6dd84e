"""The second level: a whole node on this machine, up until it is taken down.

Order matters only where it is said: containers before the kubelet, the kubelet's node before kube-proxy. Everything
is recorded below one folder of the cache, which ``down`` empties; an interrupted ``up`` is cleared by the next one.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import requests
from cluster.kube import apiserver, cache, containers, host, programs
from cluster.kube.apiserver import ApiServer, Certificates, Settings
from cluster.kube.client import ApiError, Client, Object
from cluster.kube.components import DNS_READY_PORT, PROXY_HEALTH_PORT, Components, answers
from cluster.kube.processes import ClusterError, Processes
from support.ports import free_ports

API_PORT: Final = 6443
START_LIMIT: Final = 120.0
VOLUMES: Final = 16
STORAGE_CLASS: Final = "standard"
_FIRST_ENDED: Final = ("kubelet", "kube-proxy", "coredns", "kube-scheduler", "kube-controller-manager")
_ALL: Final = (*_FIRST_ENDED, "containerd", "kube-apiserver", "etcd")


def folder() -> Path:
    """Where everything of the running node is."""
    return cache.root() / "running-node"


def config() -> Path:
    """The administrator's kubeconfig."""
    return folder() / "admin.kubeconfig"


def runs() -> bool:
    """Whether every process of the node runs."""
    processes = Processes(folder())
    return all(processes.runs(name) for name in _ALL)


def up() -> Path:
    """Bring the node up, unless it is; gives its kubeconfig.

    Raises:
        BuildError: a program could not be built.
        ClusterError: the host lacks something, or a component did not start.
    """
    with cache.alone("one-node"):
        if runs():
            return config()
        host.install()
        if missing := host.lacking(cache.root()):
            raise ClusterError(
                f"this machine cannot run a node, for it lacks {'; '.join(missing)}; set KUBECONFIG to use a cluster"
            )
        for name in (*programs.API_PROGRAMS, *programs.NODE_PROGRAMS):
            programs.build(name)
        _down()
        if containers.in_use():
            raise ClusterError("another kubelet has pods on this machine; end it, or set KUBECONFIG to use it")
        _up()
        return config()


def down() -> None:
    """End every process and remove every trace of the node."""
    with cache.alone("one-node"):
        _down()


def load(archive: Path) -> None:
    """Import the images of an OCI archive."""
    containers.load(folder(), archive)


def _up() -> None:
    here = folder()
    processes = Processes(here)
    host.connect(here / "host.json")
    first, second = free_ports(2)
    settings = Settings(
        here, API_PORT, (first, second), bind=host.NODE_IP, hosts=("localhost", host.NODE_IP, host.SERVICE_OF_THE_API),
        services=host.SERVICE_RANGE,
    )  # fmt: skip
    certificates = Certificates(settings)
    kubelet_client = certificates.client("kube-apiserver-kubelet-client", [apiserver.ADMINISTRATORS])
    flags = (
        f"--advertise-address={host.NODE_IP}", "--kubelet-preferred-address-types=InternalIP",
        f"--kubelet-client-certificate={kubelet_client.certificate}", f"--kubelet-client-key={kubelet_client.key}",
        f"--kubelet-certificate-authority={certificates.ca}",
    )  # fmt: skip
    server = apiserver.start(settings, certificates, processes, flags)
    containers.start(here, processes)
    containers.load(here, programs.build("pause-image"))
    apiserver.wait(server, processes)
    parts = Components(here, server.url, certificates, processes)
    parts.controllers()
    parts.kubelet()
    parts.dns()
    processes.wait_until(lambda: _node_ready(server.admin), "the node", START_LIMIT)
    parts.proxy()
    _make_volumes(server.admin, here)
    _wait(server, processes)


def _wait(server: ApiServer, processes: Processes) -> None:
    processes.wait_until(lambda: answers(DNS_READY_PORT, "/ready"), "DNS", START_LIMIT)
    processes.wait_until(lambda: answers(PROXY_HEALTH_PORT, "/healthz"), "kube-proxy", START_LIMIT)
    processes.wait_until(lambda: _has_account(server.admin), "the default service account", START_LIMIT)
    server.admin.close()


def _down() -> None:
    here = folder()
    if not here.exists():
        return
    processes = Processes(here)
    for name in _FIRST_ENDED:
        processes.stop(name, signal.SIGKILL)
    containers.end_all(here, processes)
    for name in ("kube-apiserver", "etcd"):
        processes.stop(name, signal.SIGKILL)
    host.unmount(here)
    host.disconnect(here / "host.json")
    containers.forget_groups()
    _unlink_logs(here)
    shutil.rmtree(here)


def _unlink_logs(here: Path) -> None:
    """The kubelet links each container's log into a folder of the host's."""
    for link in Path("/var/log/containers").glob("*.log"):
        if link.is_symlink() and str(link.readlink()).startswith(f"{here}/"):
            link.unlink()


def _node_ready(admin: Client) -> bool:
    try:
        conditions = admin.get("v1", "Node", host.NODE)["status"].get("conditions", [])
    except (ApiError, requests.RequestException):
        return False
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _has_account(admin: Client) -> bool:
    try:
        return bool(admin.get("v1", "ServiceAccount", "default", "default"))
    except (ApiError, requests.RequestException):
        return False


def _make_volumes(admin: Client, here: Path) -> None:
    """A default storage class whose claims bind to folders of this machine.

    They are of the type ``local``: to one of type ``hostPath`` the kubelet does not apply a pod's ``fsGroup``.
    """
    admin.apply(
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {
                "name": STORAGE_CLASS,
                "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
            },
            "provisioner": "kubernetes.io/no-provisioner",
            "volumeBindingMode": "WaitForFirstConsumer",
        }
    )
    for volume in _volumes(here):
        Path(volume["spec"]["local"]["path"]).mkdir(parents=True, mode=0o777)
        admin.apply(volume)


def _volumes(here: Path) -> Iterator[Object]:
    host_name = {"key": "kubernetes.io/hostname", "operator": "In", "values": [host.NODE]}
    for number in range(VOLUMES):
        yield {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": f"local-{number}"},
            "spec": {
                "capacity": {"storage": "100Gi"},
                "accessModes": ["ReadWriteOnce", "ReadWriteMany"],
                "storageClassName": STORAGE_CLASS,
                "local": {"path": str(here / "volumes" / str(number))},
                "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [host_name]}]}},
            },
        }
