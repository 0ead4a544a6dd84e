"""Compiling the data plane into the wheel.

Everything about the distribution stands in ``pyproject.toml``. This file only adds what cannot stand there: with
``DAPR_COMPILE=1`` the modules that ``tool.dapr.compiled`` lists are compiled by mypyc. Without it the wheel is pure
Python; the same files run either way.
"""

from __future__ import annotations

import os
import re
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
    if wrong := outlived():
        raise SystemExit(
            "An attribute that was seen to be None is read again after a call that may have changed it. Python looks "
            f"again, compiled code does not; look at a variable in place of the attribute: {', '.join(wrong)}"
        )
    return compiled


def outlived() -> list[str]:
    """Where mypyc reads an attribute with the knowledge that it is None: that outlives what follows in Python."""
    wrong = []
    for generated in sorted(ROOT.glob("build/__native_*.c")):
        lines = generated.read_text().splitlines()
        for number, line in enumerate(lines):
            if not (found := re.search(r'CPy_TypeError\("None", (\w+)\)', line)):
                continue
            given = re.compile(rf"\s+{found[1]} = .*\)->_(\w+);")
            nearby = (given.match(each) for each in reversed(lines[max(0, number - 60) : number]))
            if attribute := next((each[1] for each in nearby if each), None):
                wrong.append(f"{attribute} in {generated.stem.removeprefix('__native_').replace('___', '.')}")
    return wrong


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
