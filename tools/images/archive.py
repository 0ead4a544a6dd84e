"""Container images as OCI archives, written without a builder (OCI image specification 1.1).

An image is a list of layers, each a tar of files, and a configuration that says what to run. Here both are made from
files that are already there, so no container runs, no base image is fetched and no root is needed. Archives are
reproducible: names are sorted, all files belong to root and carry one date. containerd, podman and skopeo read them
as they are, ``docker load`` by the older ``manifest.json`` beside the index.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import json
import os
import platform
import stat
import tarfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
_LAYER: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
_INDEX: Final = "application/vnd.oci.image.index.v1+json"
_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}
_COMPRESSION: Final = 6


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """What runs in a container of the image, and as whom."""

    entrypoint: tuple[str, ...]
    user: str
    """``uid:gid``; numbers, so that Kubernetes can tell that it is not root."""
    env: tuple[str, ...] = ()
    workdir: str = "/"
    labels: dict[str, str] = field(default_factory=dict)
    created: int = 0
    """Seconds since 1970."""


class Layer:
    """One layer, gathered file by file; a path added twice keeps its last content."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[tarfile.TarInfo, bytes | Path | None]] = {}

    def add_file(self, source: Path, target: str, *, mode: int | None = None) -> None:
        """Put a file at ``target``, with its own mode if none is given."""
        info = _info(target, stat.S_IMODE(source.stat().st_mode) if mode is None else mode)
        info.size = source.stat().st_size
        self._add(info, source)

    def add_bytes(self, content: bytes, target: str, *, mode: int = 0o644) -> None:
        """Put a file with this content at ``target``."""
        info = _info(target, mode)
        info.size = len(content)
        self._add(info, content)

    def add_directory(self, target: str, *, mode: int = 0o755) -> None:
        """Put an empty directory at ``target``."""
        info = _info(target, mode)
        info.type = tarfile.DIRTYPE
        self._add(info, None)

    def add_link(self, target: str, to: str) -> None:
        """Put a symbolic link at ``target``."""
        info = _info(target, 0o777)
        info.type, info.linkname = tarfile.SYMTYPE, to
        self._add(info, None)

    def add_tree(self, source: Path, target: str = "", *, leave_out: Callable[[str], bool] = lambda _: False) -> None:
        """Put everything below ``source`` there, but paths (relative to it) that are to be left out."""
        for folder, names, files in os.walk(source):
            for name in sorted([*names, *files]):
                path = Path(folder) / name
                relative = path.relative_to(source).as_posix()
                if leave_out(relative):
                    if name in names:
                        names.remove(name)
                    continue
                self._add_path(path, f"{target}/{relative}".lstrip("/"))

    def pack(self) -> PackedLayer:
        """The layer as it stands in images. Packing takes seconds; what several images share is packed once."""
        tar = self.tar()
        return PackedLayer(f"sha256:{hashlib.sha256(tar).hexdigest()}", gzip.compress(tar, _COMPRESSION, mtime=0))

    def extract(self, target: Path) -> None:
        """Lay the layer's files out below a folder."""
        with tarfile.open(fileobj=io.BytesIO(self.tar())) as archive:
            # Made by ourselves a moment ago; links are absolute as an image has them.
            archive.extractall(target, filter="fully_trusted")

    def tar(self) -> bytes:
        """The layer's tar, with every parent directory before what it holds."""
        for name in list(self._entries):
            for parent in Path(name).parents:
                if str(parent) != "." and str(parent) not in self._entries:
                    self.add_directory(str(parent))
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for name in sorted(self._entries):
                info, content = self._entries[name]
                if isinstance(content, Path):
                    with content.open("rb") as file:
                        archive.addfile(info, file)
                else:
                    archive.addfile(info, None if content is None else io.BytesIO(content))
        return buffer.getvalue()

    def _add_path(self, path: Path, target: str) -> None:
        if path.is_symlink():
            self.add_link(target, os.readlink(path))
        elif path.is_dir():
            self.add_directory(target, mode=stat.S_IMODE(path.stat().st_mode))
        elif path.is_file():
            self.add_file(path, target)

    def _add(self, info: tarfile.TarInfo, content: bytes | Path | None) -> None:
        self._entries[info.name] = (info, content)


@dataclass(frozen=True, slots=True)
class PackedLayer:
    """A layer's compressed tar, and the digest of the tar itself by which a configuration tells it."""

    diff_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class _Blob:
    media_type: str
    data: bytes

    @property
    def digest(self) -> str:
        return f"sha256:{hashlib.sha256(self.data).hexdigest()}"

    @property
    def path(self) -> str:
        return f"blobs/sha256/{self.digest.partition(':')[2]}"

    @property
    def descriptor(self) -> dict[str, Any]:
        return {"mediaType": self.media_type, "digest": self.digest, "size": len(self.data)}


def write_archive(path: Path, reference: str, layers: Sequence[PackedLayer], config: ImageConfig) -> str:
    """Write an image under its full reference (``registry/name:tag``); gives the manifest's digest.

    The file appears whole or not at all.
    """
    compressed = [_Blob(_LAYER, each.data) for each in layers]
    settings = _Blob(_CONFIG, _json(_config(config, [each.diff_id for each in layers])))
    manifest = _Blob(
        _MANIFEST,
        _json(
            {
                "schemaVersion": 2,
                "mediaType": _MANIFEST,
                "config": settings.descriptor,
                "layers": [each.descriptor for each in compressed],
            }
        ),
    )
    names = {"io.containerd.image.name": reference, "org.opencontainers.image.ref.name": reference.rpartition(":")[2]}
    index = {"schemaVersion": 2, "mediaType": _INDEX, "manifests": [{**manifest.descriptor, "annotations": names}]}
    docker = [{"Config": settings.path, "RepoTags": [reference], "Layers": [each.path for each in compressed]}]
    files = {"oci-layout": _json({"imageLayoutVersion": "1.0.0"}), "index.json": _json(index)}
    files["manifest.json"] = _json(docker)
    files |= {each.path: each.data for each in (*compressed, settings, manifest)}
    _write_tar(path, files.items(), config.created)
    return manifest.digest


def _config(config: ImageConfig, diff_ids: Sequence[str]) -> dict[str, Any]:
    created = dt.datetime.fromtimestamp(config.created, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    run = {
        "User": config.user,
        "Entrypoint": list(config.entrypoint),
        "Env": list(config.env),
        "WorkingDir": config.workdir,
        "Labels": config.labels,
    }
    machine = platform.machine()
    return {
        "created": created,
        "architecture": _ARCHITECTURES.get(machine, machine),
        "os": "linux",
        "config": run,
        "rootfs": {"type": "layers", "diff_ids": list(diff_ids)},
        "history": [{"created": created, "created_by": "tools/images"} for _ in diff_ids],
    }


def _write_tar(path: Path, files: Iterable[tuple[str, bytes]], created: int) -> None:
    unfinished = path.with_name(f"{path.name}.unfinished")
    with tarfile.open(unfinished, "w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in files:
            info = _info(name, 0o644)
            info.size, info.mtime = len(data), created
            archive.addfile(info, io.BytesIO(data))
    unfinished.replace(path)


def _info(name: str, mode: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.mode = mode
    return info


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
