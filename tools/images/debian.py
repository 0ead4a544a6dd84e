"""A Python out of Debian's packages: unpacked, stripped of what a container never reads, and nothing set up.

Packages come through apt from the sources this machine is set up with, checked by apt against their signatures; lists
and downloads stay in a folder of ours, so neither root nor the machine's own state is needed. Only what Python loads
is taken: no shell, no package manager, no users but two. Each package's record stays in ``/var/lib/dpkg/status.d``,
where scanners for known weaknesses look.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Final

from images.archive import Layer

_ALWAYS: Final = (
    *("base-files", "netbase", "tzdata", "ca-certificates"),
    *("libc6", "libgcc-s1", "libstdc++6", "libcrypt1", "libuuid1", "zlib1g", "libbz2-1.0", "liblzma5"),
    *("libssl3", "libexpat1", "libffi8", "libsqlite3-0"),
)
_LEFT_OUT: Final = (
    *("doc", "man", "locale", "lintian", "bug", "info", "common-licenses", "base-files", "python3", "applications"),
    *("pixmaps", "doc-base", "gcc", "gdb", "menu", "zoneinfo/right", "zoneinfo/posix"),
)
"""Below ``/usr/share``."""
_ALSO_LEFT_OUT: Final = (
    *("usr/sbin", "usr/games", "etc/init.d", "etc/update-motd.d", "etc/ca-certificates"),
    *("usr/lib/x86_64-linux-gnu/gconv", "usr/lib/aarch64-linux-gnu/gconv"),
)
_STDLIB_LEFT_OUT: Final = (
    *("test", "idlelib", "lib2to3", "pydoc_data", "turtledemo", "ensurepip", "tkinter", "distutils", "__pycache__"),
)
LISTS_LAST: Final = 12 * 3600.0
"""Seconds for which apt's lists are good enough."""
OLD: Final = 7 * 24 * 3600.0
"""Seconds after which an unpacked Python that is not the newest goes; until then a run beside may be using it."""
_PASSWD: Final = "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n"
_GROUP: Final = "root:x:0:\nnonroot:x:65532:\n"
_EMPTY: Final = ("proc", "sys", "dev", "run", "home/nonroot", "var/run")


class DebianError(Exception):
    """A package could not be had; the message says what apt said."""


class Runtime:
    """An unpacked Python, and how to run it from here."""

    def __init__(self, root: Path, version: str) -> None:
        self.root = root
        self.version = version
        """``3.11``."""

    def command(self) -> list[str]:
        """The interpreter as a command of this machine: its own loader and libraries, nothing of the machine's."""
        loader = next(path for path in sorted((self.root / "lib64").glob("ld-linux*")) or self._loaders())
        libraries = ":".join(str(each) for each in self._library_folders())
        return [str(loader.resolve()), "--library-path", libraries, str(self.root / f"usr/bin/python{self.version}")]

    def environment(self) -> dict[str, str]:
        """What the interpreter needs to find its standard library."""
        return {"PYTHONHOME": str(self.root / "usr"), "PYTHONDONTWRITEBYTECODE": "1", "PATH": os.environ["PATH"]}

    def compile(self, folder: Path) -> None:
        """Compile every module below a folder: where nothing can be written, no start can keep what it compiled.

        Compiled files say that they need no check, so they are the same whenever they are made.
        """
        arguments = ["-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash", "-s", str(folder)]
        done = subprocess.run(
            [*self.command(), *arguments, str(folder)], env=self.environment(), capture_output=True, text=True
        )
        if done.returncode:
            raise DebianError(f"compiling {folder}: {done.stdout[-2000:]}{done.stderr[-2000:]}")

    def layer(self) -> Layer:
        """The runtime as a layer, with the two users and the empty places that a container expects."""
        layer = Layer()
        layer.add_tree(self.root)
        layer.add_bytes(_PASSWD.encode(), "etc/passwd")
        layer.add_bytes(_GROUP.encode(), "etc/group")
        layer.add_bytes(b"hosts: files dns\n", "etc/nsswitch.conf")
        layer.add_link("usr/bin/python3", f"python{self.version}")
        for target in _EMPTY:
            layer.add_directory(target)
        layer.add_directory("tmp", mode=0o1777)
        return layer

    def _loaders(self) -> list[Path]:
        return sorted(self.root.glob("lib/ld-linux*"))

    def _library_folders(self) -> list[Path]:
        triplet = f"{platform.machine()}-linux-gnu"
        return [self.root / "lib" / triplet, self.root / "usr/lib" / triplet]


def cache_folder() -> Path:
    """Where what is downloaded and unpacked stays: the user's cache directory (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    home = Path(base) if base.startswith("/") else Path.home() / ".cache"
    return home / "dapr-runtime" / "images"


def runtime(cache: Path) -> Runtime:
    """The Python of this machine's Debian, unpacked below ``cache``; made anew when a package has a newer version.

    Raises:
        DebianError: this is no Debian, or a package cannot be had.
    """
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs share lists, downloads and what is unpacked
        return _runtime(cache)


def _runtime(cache: Path) -> Runtime:
    apt = _Apt(cache / "apt")
    apt.update()
    depends = apt.show(["python3"], "Depends")["python3"]
    found = re.search(r"python(3\.\d+)", depends)
    if found is None:
        raise DebianError(f"Debian's python3 depends on {depends!r}, which names no version")
    version = found.group(1)
    python = [f"python{version}-minimal", f"libpython{version}-minimal", f"libpython{version}-stdlib"]
    packages = [*_ALWAYS, *python]
    versions = [f"{name}={version}" for name, version in apt.show(packages, "Version").items()]
    recipe = Path(__file__).read_bytes() + "\n".join(versions).encode()
    root = cache / f"runtime-{hashlib.sha256(recipe).hexdigest()[:16]}"
    made = Runtime(root, version)
    if not root.exists():
        for old in cache.glob("runtime-*"):
            if time.time() - old.stat().st_mtime > OLD:
                shutil.rmtree(old)
        unfinished = root.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        for package in apt.download(versions):
            _unpack(package, unfinished)
        _strip(unfinished, version)
        _trust(unfinished)
        unfinished.rename(root)
        made.compile(root / "usr/lib" / f"python{version}")
    return made


class _Apt:
    """apt with lists and downloads of its own."""

    def __init__(self, folder: Path) -> None:
        self._downloads = folder / "packages"
        (folder / "lists/partial").mkdir(parents=True, exist_ok=True)
        self._downloads.mkdir(exist_ok=True)
        places = {"Dir::State::lists": folder / "lists", "Dir::Cache": folder}
        self._options = [f"-o{key}={value}" for key, value in places.items()]

    def update(self) -> None:
        """Fetch the lists, unless they were fetched in the last hours."""
        stamp = self._downloads.parent / "fetched"
        if not stamp.exists() or time.time() - stamp.stat().st_mtime > LISTS_LAST:
            self._run("apt-get", "update", "-qq")
            stamp.touch()

    def show(self, packages: list[str], field: str) -> dict[str, str]:
        """A field of each package's newest version."""
        found: dict[str, str] = {}
        name = ""
        for line in self._run("apt-cache", "show", "--no-all-versions", *packages).splitlines():
            key, _, value = line.partition(": ")
            if key == "Package":
                name = value
            elif key == field:
                found.setdefault(name, value)
        missing = [each for each in packages if each not in found]
        if missing:
            raise DebianError(f"there is no {field} in the records of {', '.join(missing)}")
        return {each: found[each] for each in packages}

    def download(self, versions: list[str]) -> list[Path]:
        """The packages' files."""
        for old in self._downloads.iterdir():
            old.unlink()
        try:
            self._run("apt-get", "download", "-qq", *versions)
        except DebianError:
            # A version that the lists name may have given way to a newer one.
            (self._downloads.parent / "fetched").unlink(missing_ok=True)
            raise
        return sorted(self._downloads.glob("*.deb"))

    def _run(self, program: str, *arguments: str) -> str:
        if shutil.which(program) is None:
            raise DebianError(f"{program} is not installed: the base layer is made of Debian's packages, on Debian")
        command = [program, *self._options, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self._downloads)
        if done.returncode:
            raise DebianError(f"{' '.join(command)}: {done.stderr[-2000:]}")
        return done.stdout


def _unpack(package: Path, root: Path) -> None:
    subprocess.run(["dpkg-deb", "--extract", str(package), str(root)], check=True)
    record = subprocess.run(["dpkg-deb", "--field", str(package)], check=True, capture_output=True).stdout
    status = root / "var/lib/dpkg/status.d"
    status.mkdir(parents=True, exist_ok=True)
    (status / package.name.partition("_")[0]).write_bytes(record)


def _strip(root: Path, version: str) -> None:
    for name in (*(f"usr/share/{each}" for each in _LEFT_OUT), *_ALSO_LEFT_OUT):
        shutil.rmtree(root / name, ignore_errors=True)
    library = root / "usr/lib" / f"python{version}"
    for name in _STDLIB_LEFT_OUT:
        shutil.rmtree(library / name, ignore_errors=True)
    for program in (root / "usr/bin").iterdir():
        if program.name != f"python{version}":
            program.unlink()
    for folder in ("bin", "sbin"):
        shutil.rmtree(root / folder, ignore_errors=True)


def _trust(root: Path) -> None:
    """One file of all certificate authorities, which installing the package would have made."""
    authorities = sorted((root / "usr/share/ca-certificates/mozilla").glob("*.crt"))
    bundle = root / "etc/ssl/certs/ca-certificates.crt"
    bundle.parent.mkdir(parents=True, exist_ok=True)
    bundle.write_text("".join(each.read_text() for each in authorities))
    shutil.rmtree(root / "usr/share/ca-certificates")
