"""Wheels: the project's own, built from the sources as they are, and the locked ones, installed for an image."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from images.debian import Runtime

_SOURCES: Final = ("src", "pyproject.toml", "setup.py", "README.md", "LICENSE")
_MARKERS: Final = (
    "import json, os, platform, sys;"
    "print(json.dumps({'implementation_name': sys.implementation.name, 'os_name': os.name,"
    "'platform_machine': platform.machine(), 'platform_python_implementation': platform.python_implementation(),"
    "'platform_release': '', 'platform_system': platform.system(), 'platform_version': '',"
    "'python_full_version': platform.python_version(), 'implementation_version': platform.python_version(),"
    "'python_version': '.'.join(platform.python_version_tuple()[:2]), 'sys_platform': sys.platform}))"
)
# No test, no source of an extension and no stub is read at run time.
_UNREAD: Final = ("tests", "test", "__pycache__")
_UNREAD_ENDINGS: Final = (".pyi", ".pyx", ".pxd", ".c", ".h", ".cpp")


class BuildError(Exception):
    """A wheel could not be built or installed; the message has the installer's words."""


def build(root: Path, into: Path, *, compiled: bool = False) -> Path:
    """Build the project's wheel from a copy of its sources, so that no leftover of an older build gets in.

    Args:
        root: the checkout.
        into: the folder for the wheel; other wheels there go.
        compiled: whether mypyc compiles the data plane (``setup.py``); see ``compiling``.

    Raises:
        BuildError: with the builder's words.
    """
    copy = into / "source"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for name in _SOURCES:
        source = root / name
        if source.is_dir():
            unwanted = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(source, copy / name, ignore=unwanted)
        else:
            shutil.copy(source, copy / name)
    for old in into.glob("*.whl"):
        old.unlink()
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    _run([*pip, "-w", str(into), str(copy)], DAPR_COMPILE="1" if compiled else "0")
    shutil.rmtree(copy)
    return next(into.glob("*.whl"))


def install_locked(requirements: Path, runtime: Runtime, target: Path) -> None:
    """Install locked packages for the image's Python; every file's hash is checked."""
    _for(runtime, target, "--require-hashes", "-r", str(requirements))
    _prune(target)
    runtime.compile(target)


def install_own(wheel: Path, runtime: Runtime, packages: tuple[str, ...], target: Path) -> None:
    """Install the project's wheel, and keep of it the named packages, and what is compiled, only."""
    _for(runtime, target, str(wheel))
    for path in target.iterdir():
        if path.name not in packages and not path.name.endswith((".dist-info", ".so")):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    _prune(target)
    runtime.compile(target)


def markers(runtime: Runtime) -> dict[str, str]:
    """The environment of the image's Python, as requirements' markers see it (PEP 508)."""
    command = [*runtime.command(), "-c", _MARKERS]
    done = subprocess.run(command, env=runtime.environment(), check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def _for(runtime: Runtime, target: Path, *what: str) -> None:
    """Install for the image's Python and a C library that is older than its own."""
    shutil.rmtree(target, ignore_errors=True)
    platform = f"{os.uname().machine}-manylinux_2_28"
    place = ["--target", str(target), "--python-version", runtime.version, "--python-platform", platform]
    _run(
        [
            _beside("uv"),
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--link-mode=copy",
            *place,
            *what,
        ]
    )
    shutil.rmtree(target / "bin", ignore_errors=True)
    (target / ".lock").unlink(missing_ok=True)


def _prune(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_dir() and path.name in _UNREAD:
            shutil.rmtree(path)
        elif path.is_file() and path.name.endswith(_UNREAD_ENDINGS):
            path.unlink()


def _beside(program: str) -> str:
    """A program of the environment that runs this."""
    return str(Path(sys.executable).with_name(program))


def _run(command: list[str], **environment: str) -> None:
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)
    if done.returncode:
        raise BuildError(f"{' '.join(command[:4])}: {(done.stdout + done.stderr)[-3000:]}")
