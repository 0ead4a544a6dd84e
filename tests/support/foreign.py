"""Foreign programs for tests: built once from their registries' packages and kept outside the checkout.

They live in the user's cache directory, a folder per recipe, and are made anew when the recipe changes. Where a
toolchain is missing the test is skipped with that reason (a failure where CI runs, see ``conftest``); a build that
fails is a failure.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

BUILD_LIMIT = 540.0
_TESTS = Path(__file__).resolve().parents[1]
_INTEROP = _TESTS / "interop"
_SDK_PROGRAMS = _TESTS / "sdk" / "programs"
_PROTO_OF_2020 = _TESTS.parent / "src" / "core" / "dapr_core" / "proto" / "v0" / "dapr.proto"
GO_PROGRAMS = {
    "h2spec": "github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible",
    "client": "google.golang.org/grpc/interop/client@v1.82.1",
    "server": "google.golang.org/grpc/interop/server@v1.82.1",
}


def cache_folder() -> Path:
    """Where built programs are kept: the user's cache directory (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(base) if base.startswith("/") else Path.home() / ".cache"
    return root / "dapr-runtime-tests" / "interop"


def program(name: str) -> str:
    """The path of an installed program; skips the test where there is none."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Only one process at a time builds in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(*command: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=BUILD_LIMIT
    )
    if done.returncode:
        pytest.fail(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"[-4000:])


@functools.cache
def go_program(name: str) -> str:
    """One of ``GO_PROGRAMS``, built if it is not there yet."""
    folder = cache_folder() / "bin"
    path = folder / name
    with _alone(folder):
        if not path.exists():
            go = program("go")
            _run(go, "install", GO_PROGRAMS[name], env={"GOBIN": str(folder), "GOFLAGS": "-buildvcs=false"})
    return str(path)


def _recipe(folder: Path, more: Mapping[str, Path]) -> str:
    """A name that changes with any file of a folder, or of those that belong there as well."""
    digest = hashlib.sha256()
    files = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}
    for name, path in {**files, **more}.items():
        digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _made(source: Path, build: Callable[[Path], None], more: Mapping[str, Path] = MappingProxyType({})) -> Path:
    """A copy of a folder in the cache, built. Copies of other recipes are removed.

    ``more`` are files from elsewhere in the checkout, by the names that they get in the copy.
    """
    parent = cache_folder() / "-".join(source.relative_to(_TESTS).parts[-2:])
    folder = parent / _recipe(source, more)
    with _alone(parent):
        if not (folder / ".built").exists():
            for old in parent.iterdir():
                if old.is_dir():
                    shutil.rmtree(old)
            shutil.copytree(source, folder)
            for name, path in more.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, folder / name)
            build(folder)
            (folder / ".built").touch()
    return folder


@functools.cache
def node_folder() -> Path:
    """The JavaScript peers, with ``@grpc/grpc-js`` installed from npm."""
    return _npm_packages("node")


@functools.cache
def javascript_sdk() -> Path:
    """Where the official JavaScript SDK is installed: a ``node_modules`` to be named by ``NODE_PATH``."""
    return _npm_packages("javascript-sdk") / "node_modules"


def _npm_packages(kind: str) -> Path:
    npm = program("npm")
    program("node")
    return _made(_INTEROP / kind, lambda folder: _run(npm, "ci", "--silent", "--no-audit", "--no-fund", cwd=folder))


@functools.cache
def java_command() -> list[str]:
    """What runs a class of the Java peers; grpc-java comes by Maven."""
    return _maven_project(_INTEROP / "java")


@functools.cache
def book_command() -> list[str]:
    """What runs a class of the book's Java programs, built as it says, with the grpc-java of its time."""
    return _maven_project(_INTEROP / "book2020", {"src/main/proto/dapr.proto": _PROTO_OF_2020})


@functools.cache
def java_sdk_command() -> list[str]:
    """What runs the programs of ``tests/sdk/programs/java``, with the official Java SDK; an argument chooses one."""
    return [*_maven_project(_SDK_PROGRAMS / "java"), "sdk.Main"]


@functools.cache
def spring_boot_command() -> list[str]:
    """What runs the application of ``tests/sdk/programs/java-spring``, with the SDK's part for Spring Boot."""
    return [*_maven_project(_SDK_PROGRAMS / "java-spring"), "shop.Application"]


def _maven_project(source: Path, more: Mapping[str, Path] = MappingProxyType({})) -> list[str]:
    java, maven = program("java"), program("mvn")

    def build(folder: Path) -> None:
        _run(maven, "-q", "-B", "package", "dependency:copy-dependencies", "-DoutputDirectory=lib", cwd=folder)

    folder = _made(source, build, more)
    # A short-lived process on few cores: no second compiler, no collector with threads of its own.
    flags = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"]
    return [java, *flags, "-cp", f"{folder}/target/classes:{folder}/lib/*"]


@functools.cache
def spiffe_program() -> str:
    """The peer of ``tests/interop/spiffe``: identities by go-spiffe."""
    return _go_module(_INTEROP / "spiffe")


@functools.cache
def placement_program() -> str:
    """The peer of ``tests/interop/placement``: a sidecar on grpc-go, and the ring of the public project."""
    return _go_module(_INTEROP / "placement")


@functools.cache
def original_program() -> str:
    """The peer of ``tests/interop/original``: the public project's own security and access control."""
    return _go_module(_INTEROP / "original")


@functools.cache
def go_sdk_program() -> str:
    """The programs of ``tests/sdk/programs/go``, with the official Go SDK; the first argument chooses one."""
    return _go_module(_SDK_PROGRAMS / "go")


def _go_module(source: Path) -> str:
    go = program("go")
    command = (go, "build", "-ldflags=-s -w", "-o", "program", ".")
    return str(_made(source, lambda folder: _run(*command, cwd=folder, env={"GOFLAGS": "-buildvcs=false"})) / "program")
