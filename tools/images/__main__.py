"""Write the images of services to ``dist/images``, and what ``docker/Dockerfile`` makes them from to ``dist``."""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

from images import compiling, debian, locked, wheels
from images.archive import ImageConfig, Layer, PackedLayer, write_archive
from images.services import ENVIRONMENT, LIBRARIES, REGISTRY, SERVICES, USER, Service

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"


def main() -> int:
    """Build the named images, or all; 1 if one could not be built, with the cause on stderr."""
    parser = argparse.ArgumentParser(prog="images", description=__doc__)
    parser.add_argument("services", nargs="*", help=f"of {', '.join(SERVICES)}; all, if none is named")
    parser.add_argument("--registry", default=REGISTRY, help="prefix of the images' names")
    parser.add_argument("--rootfs", type=Path, help="lay out the root of one image there, in place of writing archives")
    parser.add_argument("--tag", default=_version(), help="tag of the images; the project's version if not given")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.services if name not in SERVICES]
    if unknown:
        parser.error(f"there is no image {', '.join(unknown)}; there are {', '.join(SERVICES)}")
    if arguments.rootfs and len(arguments.services) != 1:
        parser.error("--rootfs is for one service; name it")
    try:
        if arguments.rootfs:
            _lay_out(SERVICES[arguments.services[0]], arguments.rootfs)
            return 0
        _write([SERVICES[name] for name in arguments.services or SERVICES], arguments.registry, arguments.tag)
    except (debian.DebianError, locked.LockError, wheels.BuildError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _write(services: list[Service], registry: str, tag: str) -> None:
    images = DIST / "images"
    images.mkdir(parents=True, exist_ok=True)
    runtime = debian.runtime(debian.cache_folder())
    built = _Wheels(runtime, DIST)
    packages = _packages(runtime)
    below: list[PackedLayer] = []
    for service in services:
        requirements = DIST / f"requirements-{service.name}.txt"
        requirements.write_text("".join(packages[service.name].values()))
        reference = f"{registry}/{service.name}:{tag}"
        archive = images / f"{service.name}.tar"
        made = archive.with_suffix(".inputs")
        wheel = built.of(service)
        inputs = _inputs(reference, requirements, wheel, runtime, locked.common(packages.values()))
        if archive.exists() and made.exists() and made.read_text() == inputs:
            print(f"{archive.relative_to(ROOT)}  {reference}  is current", flush=True)
            continue
        made.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory() as scratch:
            # Files of one layer lie once on a node and once in its memory, whatever images have that layer.
            below = below or [each.pack() for each in _shared_layers(packages, runtime, Path(scratch))]
            packed = [each.pack() for each in _layers(service, packages, wheel, runtime, Path(scratch))]
            digest = write_archive(archive, reference, [*below, *packed], _config(service, tag))
        made.write_text(inputs)
        size = archive.stat().st_size / 1e6
        print(f"{archive.relative_to(ROOT)}  {reference}  {size:.0f} MB  {digest}", flush=True)


def _lay_out(service: Service, target: Path) -> None:
    """The image's files as a folder: what a builder's last stage copies (``docker/Dockerfile``)."""
    runtime = debian.runtime(debian.cache_folder())
    packages = _packages(runtime)
    with tempfile.TemporaryDirectory() as scratch:
        wheel = _Wheels(runtime, Path(scratch) / "wheel").of(service)
        target.mkdir(parents=True, exist_ok=True)
        shared = _shared_layers(packages, runtime, Path(scratch))
        for layer in (*shared, *_layers(service, packages, wheel, runtime, Path(scratch))):
            layer.extract(target)


class _Wheels:
    """The project as each service takes it: compiled where requests pass, as it is elsewhere."""

    def __init__(self, runtime: debian.Runtime, folder: Path) -> None:
        self._runtime = runtime
        self._folder = folder
        self._plain: Path | None = None

    def of(self, service: Service) -> Path:
        """The wheel of a service's image."""
        here = f"{sys.version_info.major}.{sys.version_info.minor}"
        if service.data_plane and here == self._runtime.version:
            return compiling.wheel()
        if service.data_plane:
            print(
                f"images: {service.name} runs from its sources: this is Python {here}, and what it compiles is not for "
                f"the image's Python {self._runtime.version}; PYTHON=python{self._runtime.version} make setup mends it",
                file=sys.stderr,
            )
        self._plain = self._plain or wheels.build(ROOT, self._folder)
        return self._plain


def _packages(runtime: debian.Runtime) -> dict[str, dict[str, str]]:
    """The lock file's entries of every service, by its name and theirs."""
    environment = wheels.markers(runtime)
    return {name: locked.subset(ROOT, service.extra, environment) for name, service in SERVICES.items()}


def _inputs(reference: str, requirements: Path, wheel: Path, runtime: debian.Runtime, shared: set[str]) -> str:
    """What an image is made of, as a digest: one that was made of the same need not be made again."""
    whole = hashlib.sha256(f"{reference} {runtime.root.name} {sorted(shared)}".encode())
    for path in (requirements, *sorted(Path(__file__).parent.glob("*.py"))):
        whole.update(path.read_bytes())
    with zipfile.ZipFile(wheel) as files:
        for each in sorted(files.infolist(), key=lambda info: info.filename):
            whole.update(f"{each.filename} {each.CRC:x} {each.file_size}".encode())
    return whole.hexdigest()


def _shared_layers(packages: dict[str, dict[str, str]], runtime: debian.Runtime, scratch: Path) -> tuple[Layer, Layer]:
    """What every image has: the Python, and the packages that all services need."""
    shared = locked.common(packages.values())
    first = next(iter(packages.values()))
    return runtime.layer(), _installed([first[name] for name in sorted(shared)], runtime, scratch / "shared")


def _layers(
    service: Service, packages: dict[str, dict[str, str]], wheel: Path, runtime: debian.Runtime, scratch: Path
) -> tuple[Layer, Layer]:
    """The service's other packages, which change seldom, and ours."""
    shared = locked.common(packages.values())
    entries = [entry for name, entry in packages[service.name].items() if name not in shared]
    wheels.install_own(wheel, runtime, service.packages, scratch / "own")
    own = Layer()
    own.add_tree(scratch / "own", LIBRARIES)
    own.add_bytes(service.program.encode(), service.name, mode=0o755)
    # Where a recipe must name one entry point for every service.
    own.add_link("entrypoint", service.name)
    return _installed(entries, runtime, scratch / "locked"), own


def _installed(entries: list[str], runtime: debian.Runtime, place: Path) -> Layer:
    """Locked packages as a layer."""
    layer = Layer()
    if entries:
        requirements = place.with_suffix(".txt")
        requirements.write_text("".join(entries))
        wheels.install_locked(requirements, runtime, place)
        layer.add_tree(place, LIBRARIES)
    return layer


def _config(service: Service, tag: str) -> ImageConfig:
    return ImageConfig(
        entrypoint=(f"/{service.name}",),
        user=USER,
        env=ENVIRONMENT,
        labels={
            "org.opencontainers.image.title": service.name,
            "org.opencontainers.image.version": tag,
            "org.opencontainers.image.licenses": "Apache-2.0",
        },
        created=_date(),
    )


def _date() -> int:
    """The time of the last commit: the same sources give the same image (reproducible-builds.org)."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    git = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True)
    return int(git.stdout) if git.returncode == 0 else 0


def _version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


if __name__ == "__main__":
    sys.exit(main())
