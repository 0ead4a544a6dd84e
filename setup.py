"""Compiling the data plane into the wheel.

Everything about the distribution stands in ``pyproject.toml``. This file only adds what cannot stand there: with
``DAPR_COMPILE=1`` the modules that ``tool.dapr.compiled`` lists are compiled by mypyc. Without it the wheel is pure
Python; the same files run either way.
"""

from __future__ import annotations

import os
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).parent


def modules() -> list[str]:
    """The files to compile: what the patterns choose, but for what those with an exclamation mark take out."""
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["dapr"]["compiled"]
    sources = ROOT / "src"
    chosen = {path for pattern in patterns if not pattern.startswith("!") for path in sources.glob(pattern)}
    chosen -= {path for pattern in patterns if pattern.startswith("!") for path in sources.glob(pattern[1:])}
    return sorted(str(path.relative_to(ROOT)) for path in chosen if path.name != "__init__.py")


def extensions() -> list[Extension]:
    """What the wheel has beside Python: nothing, unless compiling was asked for."""
    if os.environ.get("DAPR_COMPILE") != "1":
        return []
    try:
        from mypyc.build import mypycify
    except ImportError as error:
        raise SystemExit(
            f"DAPR_COMPILE=1 needs mypy beside setuptools, and pip's --no-build-isolation: {error}"
        ) from None

    # One group: its modules call one another directly. One file of C each, so that compilers work side by side.
    options = ["--config-file=pyproject.toml", *modules()]
    level = os.environ.get("DAPR_COMPILE_LEVEL", "2")
    compiled: list[Extension] = mypycify(
        options, opt_level=level, debug_level="0", multi_file=True, group_name="dapr_compiled"
    )
    return compiled


class BuildSideBySide(build_ext):
    """Runs a compiler for each processor; by itself setuptools compiles the files of one library in turn."""

    def build_extension(self, ext: Extension) -> None:
        """Compile and link one library."""
        one_by_one = self.compiler.compile

        def compile_all(sources: list[str], **settings: Any) -> list[str]:
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                made = pool.map(lambda source: one_by_one([source], **settings), sources)
                return [each for several in made for each in several]

        self.compiler.compile = compile_all
        try:
            super().build_extension(ext)
        finally:
            self.compiler.compile = one_by_one


if __name__ == "__main__":
    setup(ext_modules=extensions(), cmdclass={"build_ext": BuildSideBySide})
