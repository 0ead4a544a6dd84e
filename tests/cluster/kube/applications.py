"""Images of test applications, without a builder: a program, what it is linked against, and the application's file.

A Python is the one of the project's own images (``images.debian``). Node is this machine's, with the libraries that
the dynamic linker names; an image of another make runs the same files.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from cluster.kube import cache
from images import archive, debian
from images.archive import ImageConfig, Layer, write_archive

EXAMPLES: Final = Path(__file__).resolve().parents[3] / "examples" / "kubernetes"
APPS: Final = Path(__file__).resolve().parents[1] / "apps"
NODE_RECEIVER: Final = "docker.io/local/hello/node_receiver:1"
PYTHON_SENDER: Final = "docker.io/local/hello/python_sender:1"
STAGEHAND: Final = "docker.io/local/tests/stagehand:1"
ALL: Final = (NODE_RECEIVER, PYTHON_SENDER, STAGEHAND)
_USER: Final = "65532:65532"
_ENVIRONMENT: Final = ("PATH=/usr/bin", "LANG=C.UTF-8")


class NoNodeError(RuntimeError):
    """This machine has no Node."""


def image(reference: str) -> Path:
    """The archive of one of the images, made if need be.

    Raises:
        NoNodeError: it needs Node, and there is none.
        images.debian.DebianError: it needs a Python, which cannot be had.
    """
    if reference == NODE_RECEIVER:
        return _node(reference, EXAMPLES / "node_receiver" / "app.js")
    source = {PYTHON_SENDER: EXAMPLES / "python_sender" / "app.py", STAGEHAND: APPS / "stagehand.py"}[reference]
    return _python(reference, source)


def _python(reference: str, application: Path) -> Path:
    runtime = debian.runtime(debian.cache_folder())

    def make(folder: Path) -> None:
        layer = Layer()
        layer.add_file(application, "app.py", mode=0o644)
        config = ImageConfig(entrypoint=("/usr/bin/python3", "-u", "/app.py"), user=_USER, env=_ENVIRONMENT)
        write_archive(folder / "archive", reference, [runtime.layer().pack(), layer.pack()], config)

    recipe = cache.digest(reference, application, runtime.root.name, Path(__file__), Path(archive.__file__))
    return cache.made(_folder(reference), recipe, make) / "archive"


def _node(reference: str, application: Path) -> Path:
    found = shutil.which("node")
    if found is None:
        raise NoNodeError("node is not installed")
    program = Path(found).resolve()

    def make(folder: Path) -> None:
        base, layer = Layer(), Layer()
        base.add_file(program, "usr/bin/node", mode=0o755)
        for library in _libraries(program):
            # By the name that the linker looks for, wherever this machine keeps it: one folder is enough.
            target = str(library).lstrip("/") if library.name.startswith("ld-") else f"usr/lib/{library.name}"
            base.add_file(library.resolve(), target, mode=0o755)
        base.add_directory("tmp", mode=0o1777)
        layer.add_file(application, "app.js", mode=0o644)
        environment = (*_ENVIRONMENT, "LD_LIBRARY_PATH=/usr/lib")
        config = ImageConfig(entrypoint=("/usr/bin/node", "/app.js"), user=_USER, env=environment)
        write_archive(folder / "archive", reference, [base.pack(), layer.pack()], config)

    state = program.stat()
    stamp = f"{program} {state.st_size} {state.st_mtime_ns}"
    recipe = cache.digest(reference, application, stamp, Path(__file__), Path(archive.__file__))
    return cache.made(_folder(reference), recipe, make) / "archive"


def _libraries(program: Path) -> list[Path]:
    """What ``ldd`` names, the loader included: ``libc.so.6 => /lib/… (0x…)`` or ``/lib64/ld-… (0x…)``."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LD_")}
    told = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=True, env=environment).stdout
    words = (line.rpartition("=>")[2].split() for line in told.splitlines())
    return [Path(each[0]) for each in words if each and each[0].startswith("/")]


def _folder(reference: str) -> str:
    return "image-" + reference.rpartition("/")[2].partition(":")[0]
