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

from images import debian, locked, wheels
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
    wheel = wheels.build(ROOT, DIST)
    environment = wheels.markers(runtime)
    base: PackedLayer | None = None
    for service in services:
        requirements = DIST / f"requirements-{service.name}.txt"
        requirements.write_text(locked.subset(ROOT, service.extra, environment))
        reference = f"{registry}/{service.name}:{tag}"
        archive = images / f"{service.name}.tar"
        made = archive.with_suffix(".inputs")
        inputs = _inputs(reference, requirements, wheel, runtime)
        if archive.exists() and made.exists() and made.read_text() == inputs:
            print(f"{archive.relative_to(ROOT)}  {reference}  is current", flush=True)
            continue
        made.unlink(missing_ok=True)
        base = base or runtime.layer().pack()
        with tempfile.TemporaryDirectory() as scratch:
            layers = _layers(service, requirements, wheel, runtime, Path(scratch))
            packed = [each.pack() for each in layers]
            digest = write_archive(archive, reference, [base, *packed], _config(service, tag))
        made.write_text(inputs)
        size = archive.stat().st_size / 1e6
        print(f"{archive.relative_to(ROOT)}  {reference}  {size:.0f} MB  {digest}", flush=True)


def _lay_out(service: Service, target: Path) -> None:
    """The image's files as a folder: what a builder's last stage copies (``docker/Dockerfile``)."""
    runtime = debian.runtime(debian.cache_folder())
    with tempfile.TemporaryDirectory() as scratch:
        wheel = wheels.build(ROOT, Path(scratch) / "wheel")
        requirements = Path(scratch) / "requirements.txt"
        requirements.write_text(locked.subset(ROOT, service.extra, wheels.markers(runtime)))
        target.mkdir(parents=True, exist_ok=True)
        for layer in (runtime.layer(), *_layers(service, requirements, wheel, runtime, Path(scratch))):
            layer.extract(target)


def _inputs(reference: str, requirements: Path, wheel: Path, runtime: debian.Runtime) -> str:
    """What an image is made of, as a digest: one that was made of the same need not be made again."""
    whole = hashlib.sha256(f"{reference} {runtime.root.name}".encode())
    for path in (requirements, *sorted(Path(__file__).parent.glob("*.py"))):
        whole.update(path.read_bytes())
    with zipfile.ZipFile(wheel) as files:
        for each in sorted(files.infolist(), key=lambda info: info.filename):
            whole.update(f"{each.filename} {each.CRC:x} {each.file_size}".encode())
    return whole.hexdigest()


def _layers(
    service: Service, requirements: Path, wheel: Path, runtime: debian.Runtime, scratch: Path
) -> tuple[Layer, Layer]:
    """The packages that change seldom, and ours."""
    wheels.install_locked(requirements, runtime, scratch / "locked")
    wheels.install_own(wheel, runtime, service.packages, scratch / "own")
    packages, own = Layer(), Layer()
    packages.add_tree(scratch / "locked", LIBRARIES)
    own.add_tree(scratch / "own", LIBRARIES)
    own.add_bytes(service.program.encode(), service.name, mode=0o755)
    # Where a recipe must name one entry point for every service.
    own.add_link("entrypoint", service.name)
    return packages, own


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
