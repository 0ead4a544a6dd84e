"""Image archives by the OCI image specification, written without a builder."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from images.archive import ImageConfig, Layer, write_archive

CONFIG = ImageConfig(entrypoint=("/program",), user="65532:65532", env=("A=b",), labels={"l": "m"}, created=86400)
REFERENCE = "registry.example/team/program:1.0"


def _layer() -> Layer:
    layer = Layer()
    layer.add_bytes(b"#!/usr/bin/python3\n", "opt/lib/program", mode=0o755)
    layer.add_directory("tmp", mode=0o1777)
    layer.add_link("program", "opt/lib/program")
    return layer


def _write(path: Path) -> dict[str, bytes]:
    write_archive(path, REFERENCE, [_layer().pack()], CONFIG)
    with tarfile.open(path) as archive:
        read = {each.name: archive.extractfile(each) for each in archive.getmembers()}
        return {name: file.read() for name, file in read.items() if file is not None}


def _blob(files: dict[str, bytes], descriptor: dict[str, Any]) -> bytes:
    algorithm, _, digest = descriptor["digest"].partition(":")
    data = files[f"blobs/{algorithm}/{digest}"]
    assert len(data) == descriptor["size"]
    return data


def _manifest(files: dict[str, bytes]) -> dict[str, Any]:
    return dict(json.loads(_blob(files, json.loads(files["index.json"])["manifests"][0])))


def test_every_blob_is_named_by_its_digest(tmp_path: Path) -> None:
    files = _write(tmp_path / "a.tar")
    blobs = {name: data for name, data in files.items() if name.startswith("blobs/")}
    assert len(blobs) == 3, "a layer, a configuration, a manifest"
    for name, data in blobs.items():
        assert name == f"blobs/sha256/{hashlib.sha256(data).hexdigest()}"


def test_the_index_names_the_image_as_containerd_and_registries_do(tmp_path: Path) -> None:
    files = _write(tmp_path / "a.tar")
    assert json.loads(files["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    annotations = json.loads(files["index.json"])["manifests"][0]["annotations"]
    assert annotations["io.containerd.image.name"] == REFERENCE
    assert annotations["org.opencontainers.image.ref.name"] == "1.0"


def test_docker_load_finds_the_same_blobs(tmp_path: Path) -> None:
    files = _write(tmp_path / "a.tar")
    manifest = _manifest(files)
    [docker] = json.loads(files["manifest.json"])
    assert docker["RepoTags"] == [REFERENCE]
    assert files[docker["Config"]] == _blob(files, manifest["config"])
    assert [files[each] for each in docker["Layers"]] == [_blob(files, each) for each in manifest["layers"]]


def test_the_configuration_says_what_runs_as_whom(tmp_path: Path) -> None:
    files = _write(tmp_path / "a.tar")
    config = json.loads(_blob(files, _manifest(files)["config"]))
    assert config["config"] == {
        "User": "65532:65532",
        "Entrypoint": ["/program"],
        "Env": ["A=b"],
        "WorkingDir": "/",
        "Labels": {"l": "m"},
    }
    assert config["created"] == "1970-01-02T00:00:00Z"
    assert config["os"] == "linux"


def test_a_layer_is_told_by_the_digest_of_its_tar_uncompressed(tmp_path: Path) -> None:
    files = _write(tmp_path / "a.tar")
    manifest = _manifest(files)
    [diff_id] = json.loads(_blob(files, manifest["config"]))["rootfs"]["diff_ids"]
    tar = gzip.decompress(_blob(files, manifest["layers"][0]))
    assert diff_id == f"sha256:{hashlib.sha256(tar).hexdigest()}"


def test_a_layer_holds_every_parent_before_its_files_and_all_belongs_to_root() -> None:
    with tarfile.open(fileobj=io.BytesIO(_layer().tar())) as archive:
        entries = archive.getmembers()
    assert [each.name for each in entries] == ["opt", "opt/lib", "opt/lib/program", "program", "tmp"]
    assert {(each.uid, each.gid, each.mtime) for each in entries} == {(0, 0, 0)}
    assert [oct(each.mode) for each in entries if each.isdir()] == ["0o755", "0o755", "0o1777"]
    assert entries[3].linkname == "opt/lib/program"


def test_the_same_files_give_the_same_archive(tmp_path: Path) -> None:
    for name in ("a.tar", "b.tar"):
        _write(tmp_path / name)
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()


def test_a_tree_keeps_modes_and_links_and_leaves_out_what_is_unwanted(tmp_path: Path) -> None:
    source = tmp_path / "tree"
    (source / "kept").mkdir(parents=True)
    (source / "kept" / "run").write_text("x")
    (source / "kept" / "run").chmod(0o755)
    (source / "kept" / "link").symlink_to("run")
    (source / "unwanted").mkdir()
    (source / "unwanted" / "file").write_text("x")
    layer = Layer()
    layer.add_tree(source, "opt", leave_out=lambda path: path == "unwanted")
    with tarfile.open(fileobj=io.BytesIO(layer.tar())) as archive:
        entries = {each.name: each for each in archive.getmembers()}
    assert list(entries) == ["opt", "opt/kept", "opt/kept/link", "opt/kept/run"]
    assert entries["opt/kept/run"].mode == 0o755
    assert entries["opt/kept/link"].linkname == "run"


def test_a_layer_can_be_laid_out_as_files(tmp_path: Path) -> None:
    _layer().extract(tmp_path)
    assert (tmp_path / "program").resolve() == tmp_path / "opt" / "lib" / "program"
    assert (tmp_path / "program").read_bytes() == b"#!/usr/bin/python3\n"
    assert (tmp_path / "opt" / "lib" / "program").stat().st_mode & 0o777 == 0o755


def test_an_interrupted_write_leaves_no_half_archive(tmp_path: Path) -> None:
    (tmp_path / "a.tar.unfinished").mkdir()
    with pytest.raises(IsADirectoryError):
        write_archive(tmp_path / "a.tar", REFERENCE, [_layer().pack()], CONFIG)
    assert not (tmp_path / "a.tar").exists()
