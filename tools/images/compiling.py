"""The wheel whose data plane mypyc has compiled, made once for the sources as they are.

It is for the Python that runs this. It stays in ``build/wheel`` and is made anew when anything that goes into it has
changed; making it takes a compiler, Python's headers and some minutes.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Final

from images import wheels

ROOT: Final = Path(__file__).resolve().parents[2]
_BUILD: Final = ROOT / "build"
_PROBE: Final = (
    "import daprd.mesh.client, dapr_core.rpc.http1.connection as core; print(daprd.mesh.client.__file__, core.__file__)"
)


def wheel() -> Path:
    """The wheel, made unless it is there.

    Raises:
        wheels.BuildError: no compiler, no headers of Python, or a defect in what is compiled; it names the remedy.
    """
    place = _BUILD / "wheel"
    with _alone(place):
        mark, stamp = place / ".made-of", _fingerprint()
        if not mark.exists() or mark.read_text() != stamp:
            _look_for_compiler()
            mark.unlink(missing_ok=True)
            print("compiled: compiling the data plane (some minutes)", flush=True)
            began = time.monotonic()
            place.mkdir(exist_ok=True)
            wheels.build(ROOT, place, compiled=True)
            mark.write_text(stamp)
            print(f"compiled: done in {time.monotonic() - began:.0f} s", flush=True)
        return next(place.glob("*.whl"))


def install(folder: Path) -> None:
    """Install the wheel alone into a folder, unless it is there, and see that it is what Python takes from it.

    Raises:
        wheels.BuildError: see ``wheel``.
    """
    made = wheel()
    with _alone(folder):
        mark, stamp = folder / ".made-of", _fingerprint()
        if mark.exists() and mark.read_text() == stamp:
            return
        shutil.rmtree(folder, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--target", str(folder), str(made)], check=True)
        environment = {**os.environ, "PYTHONPATH": str(folder)}
        probe = [sys.executable, "-c", _PROBE]
        found = subprocess.run(probe, env=environment, cwd=folder, capture_output=True, text=True)
        files = found.stdout.split()
        if found.returncode or not all(file.startswith(str(folder)) and file.endswith(".so") for file in files):
            raise wheels.BuildError(f"what was built is not what Python takes: {files} {found.stderr[-2000:]}")
        mark.write_text(stamp)


@contextlib.contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Whoever else wants the same meanwhile waits for it, and finds it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with (place.parent / f".{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fingerprint() -> str:
    """What the wheel depends on, as a digest."""
    digest = hashlib.sha256(f"{sys.version} {version('mypy')} {os.environ.get('DAPR_COMPILE_LEVEL')}".encode())
    for path in _inputs():
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _inputs() -> Iterator[Path]:
    """Every file that goes into the wheel, and what decides how."""
    yield from (ROOT / "setup.py", ROOT / "pyproject.toml", ROOT / "requirements.lock")
    yield from sorted(path for path in (ROOT / "src").rglob("*") if path.suffix in {".py", ".pyi", ".proto", ".typed"})


def _look_for_compiler() -> None:
    compiler = os.environ.get("CC", sysconfig.get_config_var("CC") or "gcc").split()[0]
    headers = Path(sysconfig.get_path("include")) / "Python.h"
    if shutil.which(compiler) is None or not headers.exists():
        missing = f"{compiler} is not installed" if shutil.which(compiler) is None else f"there is no {headers}"
        raise wheels.BuildError(
            f"{missing}; on Debian and Ubuntu: apt-get install gcc libc6-dev, and python3-dev for the system's Python"
        )
