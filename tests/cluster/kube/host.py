"""What the node takes from its host: Debian packages, a bridge with addresses of its own, and two kernel settings.

Pods and Services have private ranges that are routed to one bridge; nothing leaves the machine. What is changed is
noted in a file, so that taking the cluster down leaves the host as it was.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from cluster.kube.processes import ClusterError

NODE: Final = "node1"
NODE_IP: Final = "10.213.0.1"
POD_RANGE: Final = "10.213.0.0/16"
SERVICE_RANGE: Final = "10.214.0.0/16"
SERVICE_OF_THE_API: Final = "10.214.0.1"
BRIDGE: Final = "dapr-test0"
CNI_PROGRAMS: Final = Path("/usr/lib/cni")
"""Where Debian's ``containernetworking-plugins`` puts them."""

_PACKAGES: Final = {
    "containerd": "containerd",
    "runc": "runc",
    "nft": "nftables",
    "ip": "iproute2",
    "conntrack": "conntrack",
    str(CNI_PROGRAMS / "bridge"): "containernetworking-plugins",
}
_MEMORY: Final = Path("/sys/fs/cgroup/memory")
"""The controller that every container needs, in version 1; in version 2 all share the folder above."""
_SETTINGS: Final = (Path("/proc/sys/net/ipv4/ip_forward"), Path("/proc/sys/net/bridge/bridge-nf-call-iptables"))
"""Routing between bridge and Services; and address translation for packets that only cross the bridge, which answers
from one pod to another do."""


def install() -> None:
    """Install the packages that are missing.

    Raises:
        ClusterError: this is no root on Linux with apt, and something is missing.
    """
    if os.geteuid() != 0:
        raise ClusterError("a node needs root on Linux; or set KUBECONFIG to a cluster that runs already")
    missing = [package for program, package in _PACKAGES.items() if shutil.which(program) is None]
    if not missing:
        return
    if shutil.which("apt-get") is None:
        raise ClusterError(f"install these programs first: {' '.join(missing)}")
    print(f"installing {' '.join(missing)}", flush=True)
    quietly("apt-get", "update", "-qq")
    quietly("apt-get", "install", "-y", "-qq", *missing, DEBIAN_FRONTEND="noninteractive")


def lacking(place: Path) -> list[str]:
    """What this machine cannot do that a node needs, found by doing each for a moment; empty where a node can run.

    Images are going to be mounted below ``place``.

    The packages have to be there (``install``). Containers and sandboxes often withhold some of it even from root.
    """
    name = f"dapr-try{os.getpid() % 100_000}"
    with tempfile.TemporaryDirectory(prefix="try-", dir=place) as scratch:
        lower, upper, work, whole = (Path(scratch) / each for each in ("lower", "upper", "work", "whole"))
        for each in (lower, upper, work, whole):
            each.mkdir()
        layers = f"lowerdir={lower},upperdir={upper},workdir={work}"
        chain = "{ type nat hook prerouting priority dstnat; }"
        group = str((_MEMORY if _MEMORY.is_dir() else _MEMORY.parent) / name)
        tries = {
            "control groups": (["mkdir", group], ["rmdir", group]),
            "overlay file systems": (
                ["mount", "-t", "overlay", "overlay", "-o", layers, str(whole)], ["umount", str(whole)],
            ),
            "network namespaces": (["ip", "netns", "add", name], ["ip", "netns", "delete", name]),
            "bridges": (["ip", "link", "add", name, "type", "bridge"], ["ip", "link", "delete", name]),
            "pairs of virtual links": (
                ["ip", "link", "add", name, "type", "veth", "peer", "name", f"{name}p"], ["ip", "link", "delete", name],
            ),
            "address translation by nftables": (
                ["nft", f"add table ip {name}; add chain ip {name} nat {chain}"], ["nft", f"delete table ip {name}"],
            ),
        }  # fmt: skip
        return [f"{what} ({reason})" for what, (do, undo) in tries.items() if (reason := _tried(do, undo))]


def _tried(do: list[str], undo: list[str]) -> str:
    """Why something cannot be done; empty if it can."""
    done = subprocess.run(do, capture_output=True, text=True)
    subprocess.run(undo, capture_output=True)
    said = (done.stderr or done.stdout).strip().splitlines()
    return "" if done.returncode == 0 else (said or ["no reason given"])[0]


def connect(notes: Path) -> None:
    """Make the bridge, its address and the Services' route; note in ``notes`` what to restore."""
    if not _SETTINGS[1].exists() and shutil.which("modprobe"):
        subprocess.run(["modprobe", "br_netfilter"], check=False, capture_output=True)
    before = {str(path): path.read_text().strip() for path in _SETTINGS if path.exists()}
    notes.write_text(json.dumps({"settings": before, "namespaces": _network_namespaces()}))
    for path in before:
        Path(path).write_text("1")
    quietly("ip", "link", "add", BRIDGE, "type", "bridge")
    quietly("ip", "address", "add", f"{NODE_IP}/16", "dev", BRIDGE)
    quietly("ip", "link", "set", BRIDGE, "up")
    quietly("ip", "route", "add", SERVICE_RANGE, "dev", BRIDGE, "src", NODE_IP)


def disconnect(notes: Path) -> None:
    """Undo ``connect``, the pods' network namespaces and kube-proxy's rules included."""
    if not notes.exists():
        return
    before = json.loads(notes.read_text())
    for name in set(_network_namespaces()) - set(before["namespaces"]):
        subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)
    for family in ("ip", "ip6"):
        subprocess.run(["nft", "delete", "table", family, "kube-proxy"], check=False, capture_output=True)
    subprocess.run(["ip", "link", "delete", BRIDGE], check=False, capture_output=True)
    for path, value in before["settings"].items():
        Path(path).write_text(value)
    notes.unlink()


def unmount(folder: Path) -> None:
    """Unmount all that pods and containers have mounted below a folder, the innermost first."""
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for mount in sorted((each for each in mounts if each.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", "--lazy", mount], check=False, capture_output=True)


def quietly(*command: str, **environment: str) -> str:
    """Run a program for its effect; its output is told only if it fails.

    Raises:
        ClusterError: it failed.
    """
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
    if done.returncode:
        raise ClusterError(f"{' '.join(command)} ended with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


def _network_namespaces() -> list[str]:
    folder = Path("/run/netns")
    return sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
