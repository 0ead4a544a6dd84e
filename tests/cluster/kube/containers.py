"""containerd for the node, with its own socket, storage and network plugins; nothing of the host's own is touched.

There is no registry: images are imported from OCI archives, and a pod that would pull (``imagePullPolicy: Always``,
or the tag ``latest`` without a policy) cannot start.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Final

from cluster.kube import host
from cluster.kube.processes import ClusterError, Processes
from cluster.kube.programs import PAUSE_IMAGE

START_LIMIT: Final = 60.0
_NAMESPACE: Final = "k8s.io"
_CONTROL_GROUPS: Final = Path("/sys/fs/cgroup")
_POD_GROUP: Final = "kubepods"


def socket(folder: Path) -> Path:
    """Where containerd listens."""
    return folder / "containerd.sock"


def start(folder: Path, processes: Processes) -> None:
    """Start containerd and wait until it answers."""
    network = folder / "cni"
    network.mkdir(exist_ok=True)
    (network / "10-bridge.conflist").write_text(json.dumps(_network(folder), indent=2))
    config = folder / "containerd.toml"
    config.write_text(_configuration(folder, network))
    processes.start("containerd", ["containerd", "--config", config])
    processes.wait_until(lambda: _control(folder, "version").returncode == 0, "containerd", START_LIMIT)


def load(folder: Path, archive: Path) -> None:
    """Import an OCI archive's images."""
    host.quietly(*_command(folder, "images", "import", str(archive)))


def end_all(folder: Path, processes: Processes) -> None:
    """End containerd, then every container and shim of it; what it knew of them goes with its folder."""
    processes.stop("containerd", signal.SIGKILL)
    for _ in range(50):
        pids = _pod_processes() | _shims(folder)
        if not pids:
            return
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.1)
    raise ClusterError(f"these processes of pods do not end: {sorted(_pod_processes() | _shims(folder))}")


def forget_groups() -> None:
    """Remove the kubelet's control groups, the innermost first."""
    for root in _pod_groups():
        for group in sorted((each for each in root.rglob("*") if each.is_dir()), reverse=True):
            _remove_group(group)
        _remove_group(root)


def in_use() -> bool:
    """Whether processes run in a kubelet's control groups on this machine."""
    return bool(_pod_processes())


def _remove_group(group: Path) -> None:
    try:
        group.rmdir()
    except OSError as error:
        print(f"{group} stays: {error.strerror}")


def _pod_groups() -> list[Path]:
    """``kubepods`` in each hierarchy of version 1, or the one of version 2."""
    return [each for each in (_CONTROL_GROUPS / _POD_GROUP, *_CONTROL_GROUPS.glob(f"*/{_POD_GROUP}")) if each.is_dir()]


def _pod_processes() -> set[int]:
    files = (each for root in _pod_groups() for each in root.rglob("cgroup.procs"))
    return {int(pid) for each in files for pid in each.read_text().split()}


def _shims(folder: Path) -> set[int]:
    """The process beside each pod; it names the socket of its containerd."""
    shims = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if command[0].endswith(b"containerd-shim-runc-v2") and str(socket(folder)).encode() in command:
            shims.add(int(entry.name))
    return shims


def _command(folder: Path, *arguments: str) -> list[str]:
    return ["ctr", "--address", str(socket(folder)), "--namespace", _NAMESPACE, *arguments]


def _control(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(_command(folder, *arguments), capture_output=True, text=True)


def _network(folder: Path) -> dict[str, object]:
    addresses = {
        "type": "host-local",
        "dataDir": str(folder / "addresses"),
        "ranges": [[{"subnet": host.POD_RANGE, "gateway": host.NODE_IP}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {"type": "bridge", "bridge": host.BRIDGE, "isGateway": True, "hairpinMode": True, "ipam": addresses}
    return {
        "cniVersion": "0.4.0",
        "name": "pods",
        "plugins": [bridge, {"type": "portmap", "capabilities": {"portMappings": True}}],
    }


def _configuration(folder: Path, network: Path) -> str:
    """containerd's settings: no AppArmor (a container's host may lack it), cgroups made by runc itself, and no
    lowering of the OOM score, which takes a capability that sandboxed machines do not give even to root."""
    runc = shutil.which("runc")
    return f"""version = 2
root = "{folder}/containerd/root"
state = "{folder}/containerd/state"
[grpc]
address = "{socket(folder)}"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{PAUSE_IMAGE}"
disable_apparmor = true
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{host.CNI_PROGRAMS}"
conf_dir = "{network}"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
BinaryName = "{runc}"
SystemdCgroup = false
"""
