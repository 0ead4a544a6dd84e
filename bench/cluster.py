"""What the control plane costs on a real node: installing it, giving a pod its sidecar, and doing nothing.

On the one node of this machine (``make cluster``; as root) the chart is installed some times. Then pods that no node
wants are created one after the other, with the annotations and without, in turn, and the injector's processor time is
read. Before that, memory and processor time of all services while nobody asks for anything::

    PYTHONPATH=tests:tools python -m bench.cluster [--installs 3] [--pods 300] [--idle 60]

``make bench-cluster`` does all of it. Memory and processor time are the kernel's own accounts of the pods' processes.
"""

from __future__ import annotations

import argparse
import os
import secrets
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from cluster.kube import apiserver, node, programs
from cluster.kube.client import Client, Object
from cluster.kube.helm import Helm
from cluster.kube.processes import ClusterError
from cluster.kube.release import Release, namespace_for
from images.services import SERVICES

from bench.lib.processes import cpu_seconds, pss_mb, rss_mb
from bench.lib.report import publish

ROOT: Final = Path(__file__).resolve().parents[1]
INJECTOR: Final = "dapr-sidecar-injector"
APPS: Final = {
    "operator": "dapr-operator",
    "injector": INJECTOR,
    "sentry": "dapr-sentry",
    "placement": "dapr-placement-server",
}
SETTLING: Final = 20.0
"""Seconds between the installation and the first look."""
_CONTROL_GROUPS: Final = Path("/sys/fs/cgroup")

T = TypeVar("T")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.cluster", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--installs", type=int, default=3, help="installations (default 3)")
    parser.add_argument("--pods", type=int, default=300, help="pods of each kind (default 300)")
    parser.add_argument("--idle", type=float, default=60.0, help="seconds that nothing is asked for (default 60)")
    options = parser.parse_args()
    helm = programs.path("helm")
    if helm is None or not node.runs():
        print("no node runs on this machine; `make bench-cluster` brings one up", file=sys.stderr)
        return 1
    try:
        for name in SERVICES:
            node.load(ROOT / "dist" / "images" / f"{name}.tar")
    except ClusterError as error:
        print(f"{error}\n`make images` writes the images", file=sys.stderr)
        return 1
    publish("cluster", measure(Helm(helm), max(1, options.installs), max(1, options.pods), options.idle))
    return 0


def measure(helm: Helm, installs: int, pods: int, idle: float) -> dict[str, object]:
    """Every figure."""
    with apiserver.given(node.config()) as server, namespace_for(server, helm) as release:
        times = [_install(release)]
        for _ in range(installs - 1):
            release.uninstall()
            times.append(_install(release))
        release.wait_injecting()
        time.sleep(SETTLING)
        idling = _idle(release, idle)
        return {
            "install_s": {"median": statistics.median(times), "each": [round(each, 1) for each in times]},
            **idling,
            **_admissions(server.admin, _only(_processes(release, INJECTOR)), pods),
            "load_average": os.getloadavg()[0],
        }


def _install(release: Release) -> float:
    began = time.monotonic()
    release.install()
    return time.monotonic() - began


def _idle(release: Release, seconds: float) -> dict[str, object]:
    """What each service keeps in memory (MB) and takes of a core (%) while it has nothing to do."""
    found = {name: _only(_processes(release, app)) for name, app in APPS.items()}
    before = {name: cpu_seconds(pid) for name, pid in found.items()}
    began = time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    busy = {name: 100 * (cpu_seconds(pid) - before[name]) / took for name, pid in found.items()}
    memory = {name: pss_mb(pid) for name, pid in found.items()}
    alone = {name: rss_mb(pid) for name, pid in found.items()}
    return {
        "idle_pss_mb": {**_rounded(memory), "together": round(sum(memory.values()), 1)},
        "idle_rss_mb": _rounded(alone),
        "idle_cpu_percent": {**_rounded(busy, 2), "together": round(sum(busy.values()), 2)},
    }


def _admissions(admin: Client, injector: int, count: int) -> dict[str, object]:
    """Milliseconds to create a pod with a sidecar, and one without, and of the injector's processor for the former."""
    with _namespace(admin) as namespace:
        for number in range(20):  # connections, caches and the namespace's account are there
            _create(admin, namespace, f"first-{number}", sidecar=True)
        with_sidecar, plain = [], []
        before = cpu_seconds(injector)
        for number in range(count):
            with_sidecar.append(_create(admin, namespace, f"with-{number}", sidecar=True))
            plain.append(_create(admin, namespace, f"plain-{number}", sidecar=False))
        spent = cpu_seconds(injector) - before
    return {
        "pod_with_sidecar_ms": _percentiles(with_sidecar),
        "plain_pod_ms": _percentiles(plain),
        "injector_cpu_ms_per_pod": round(1000 * spent / count, 2),
    }


def _create(admin: Client, namespace: str, name: str, *, sidecar: bool) -> float:
    annotations = {"dapr.io/enabled": "true", "dapr.io/app-id": "shop", "dapr.io/app-port": "8080"} if sidecar else {}
    pod: Object = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "annotations": annotations},
        # It is stored and scheduled as every pod is, but there is no such node, so none is started.
        "spec": {"nodeSelector": {"bench": "nowhere"}, "containers": [{"name": "shop", "image": "local/app:1"}]},
    }
    began = time.perf_counter()
    made = admin.create(pod, namespace=namespace)
    took = 1000 * (time.perf_counter() - began)
    if (len(made["spec"]["containers"]) == 2) is not sidecar:
        raise RuntimeError(f"pod {name} has {len(made['spec']['containers'])} containers")
    return took


@contextmanager
def _namespace(admin: Client) -> Iterator[str]:
    name = f"bench-{secrets.token_hex(4)}"
    admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    admin.wait_for("v1", "ServiceAccount", "default", name)
    yield name
    admin.delete("v1", "Namespace", name)


def _processes(release: Release, app: str) -> list[int]:
    """The processes of a service's one pod, but the one that only holds its namespaces."""
    uid = _only(release.pods(app))["metadata"]["uid"]
    found: set[int] = set()
    for group in _CONTROL_GROUPS.glob(f"**/kubepods/**/pod{uid}"):
        found |= {int(pid) for file in group.rglob("cgroup.procs") for pid in file.read_text().split()}
    return [pid for pid in sorted(found) if Path(f"/proc/{pid}/comm").read_text().strip() != "pause"]


def _only(found: list[T]) -> T:
    if len(found) != 1:
        raise RuntimeError(f"there should be one, and are {len(found)}: {found}")
    return found[0]


def _percentiles(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {"p50": round(statistics.median(ordered), 1), "p99": round(ordered[int(0.99 * (len(ordered) - 1))], 1)}


def _rounded(figures: dict[str, float], digits: int = 1) -> dict[str, float]:
    return {name: round(each, digits) for name, each in figures.items()}


if __name__ == "__main__":
    sys.exit(main())
