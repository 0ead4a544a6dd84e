"""Install the project compiled, beside the checkout: what a wheel made with ``DAPR_COMPILE=1`` holds.

``make compiled`` keeps it in ``build/compiled``; whoever puts that folder first on ``PYTHONPATH`` runs it, while the
checkout itself goes on running from its sources. It is made anew when anything that goes into it has changed.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from images import wheels

ROOT = Path(__file__).resolve().parents[1]
PROBE = (
    "import daprd.mesh.client, dapr_core.rpc.http1.connection as core; print(daprd.mesh.client.__file__, core.__file__)"
)


def main() -> int:
    """Build unless it is there; 1 with a word on the remedy when that cannot be done."""
    parser = argparse.ArgumentParser(prog="compiled", description=__doc__)
    parser.add_argument(
        "folder", type=Path, nargs="?", default=ROOT / "build" / "compiled", help="where to (%(default)s)"
    )
    folder: Path = parser.parse_args().folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        mark, stamp = folder / ".made-of", fingerprint()
        if mark.exists() and mark.read_text() == stamp:
            return 0
        print(f"compiled: compiling the data plane into {folder} (some minutes)", flush=True)
        began = time.monotonic()
        try:
            build(folder)
        except wheels.BuildError as error:
            print(f"compiled: {error}", file=sys.stderr)
            return 1
        mark.write_text(stamp)
        print(f"compiled: done in {time.monotonic() - began:.0f} s")
    return 0


def inputs() -> Iterator[Path]:
    """Every file that goes into the wheel, and what decides how."""
    yield from (ROOT / "setup.py", ROOT / "pyproject.toml", ROOT / "requirements.lock")
    yield from sorted(path for path in (ROOT / "src").rglob("*") if path.suffix in {".py", ".pyi", ".proto", ".typed"})


def fingerprint() -> str:
    """What the result depends on, as a digest."""
    digest = hashlib.sha256(f"{sys.version} {version('mypy')} {os.environ.get('DAPR_COMPILE_LEVEL')}".encode())
    for path in inputs():
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def build(folder: Path) -> None:
    """Make the wheel and install it alone; see that it is what Python takes.

    Raises:
        wheels.BuildError: no compiler, no headers of Python, or a defect in what is compiled.
    """
    compiler = os.environ.get("CC", sysconfig.get_config_var("CC") or "gcc").split()[0]
    headers = Path(sysconfig.get_path("include")) / "Python.h"
    if shutil.which(compiler) is None or not headers.exists():
        missing = f"{compiler} is not installed" if shutil.which(compiler) is None else f"there is no {headers}"
        raise wheels.BuildError(f"{missing}; on Debian and Ubuntu: apt-get install gcc python3-dev")
    os.environ["DAPR_COMPILE"] = "1"
    with tempfile.TemporaryDirectory() as scratch:
        wheel = wheels.build(ROOT, Path(scratch))
        shutil.rmtree(folder, ignore_errors=True)
        install = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*install, "--target", str(folder), str(wheel)], check=True)
    found = subprocess.run(
        [sys.executable, "-c", PROBE],
        env={**os.environ, "PYTHONPATH": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    files = found.stdout.split()
    if found.returncode or not all(file.startswith(str(folder)) and file.endswith(".so") for file in files):
        raise wheels.BuildError(f"what was built is not what Python takes: {files} {found.stderr[-2000:]}")


if __name__ == "__main__":
    raise SystemExit(main())
