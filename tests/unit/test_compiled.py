"""What mypyc cannot know of the modules that wheels have compiled, and a run would find out by a crash.

A compiled class has a memory layout of its own. A base with fields that is not compiled would lie over it (a subclass
of ``OrderedDict`` ends the process at the next garbage collection), and a subclass that is not compiled is refused
unless its base expects such, which no protocol does: what is not compiled has the methods and names no base.
"""

from __future__ import annotations

import ast
import builtins
import runpy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "src"
WITHOUT_LAYOUT = {
    ("typing", "Protocol"),
    ("typing", "Generic"),
    ("typing", "NamedTuple"),
    ("abc", "ABC"),
    ("enum", "Enum"),
    ("enum", "IntEnum"),
    ("enum", "StrEnum"),
    ("", "asyncio.Protocol"),
}
"""Bases from elsewhere without fields, or with such as mypyc knows; builtins that it does not know it refuses."""


@dataclass(frozen=True)
class Class:
    """A class of the project: its module, its decorators, and where each base comes from."""

    module: str
    name: str
    decorators: str
    bases: tuple[tuple[str, str], ...]


def classes() -> Iterator[Class]:
    for path in sorted(SOURCES.rglob("*.py")):
        if "gen" in path.parts:
            continue
        module = ".".join(path.relative_to(SOURCES).with_suffix("").parts[1:])
        tree = ast.parse(path.read_text())
        own = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
        imported = {
            each.asname or each.name: (node.module or "", each.name)
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for each in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                names = [ast.unparse(base.value if isinstance(base, ast.Subscript) else base) for base in node.bases]
                bases = tuple((module, name) if name in own else imported.get(name, ("", name)) for name in names)
                yield Class(module, node.name, " ".join(map(ast.unparse, node.decorator_list)), bases)


@pytest.fixture(scope="module")
def files() -> list[str]:
    """What is compiled, by ``setup.py``'s own word; names from the root of the checkout."""
    chosen: list[str] = runpy.run_path(str(ROOT / "setup.py"), run_name="setup")["modules"]()
    return chosen


@pytest.fixture(scope="module")
def compiled(files: list[str]) -> set[str]:
    return {".".join(Path(file).with_suffix("").parts[2:]) for file in files}


@pytest.fixture(scope="module")
def known() -> dict[tuple[str, str], Class]:
    return {(each.module, each.name): each for each in classes()}


def test_the_modules_that_every_request_passes_are_compiled(compiled: set[str]) -> None:
    assert {"dapr_core.rpc.http1.connection", "dapr_core.rpc.h2.connection", "daprd.mesh.client"} <= compiled


def test_a_compiled_class_stands_on_compiled_ones_or_on_none_with_fields(
    compiled: set[str], known: dict[tuple[str, str], Class]
) -> None:
    wrong = [
        f"{each.module}.{each.name}({base[1]})"
        for each in known.values()
        if each.module in compiled and "native_class=False" not in each.decorators
        for base in each.bases
        if base not in WITHOUT_LAYOUT and base[0] not in compiled and not hasattr(builtins, base[1])
    ]
    assert not wrong


def test_who_has_subclasses_that_are_not_compiled_says_so(
    compiled: set[str], known: dict[tuple[str, str], Class]
) -> None:
    wrong = [
        f"{each.module}.{each.name}({base[1]})"
        for each in known.values()
        if each.module not in compiled
        for base in each.bases
        if base in known and base[0] in compiled
        if ("allow_interpreted_subclasses" not in known[base].decorators or ("typing", "Protocol") in known[base].bases)
        and "native_class=False" not in known[base].decorators
    ]
    assert not wrong


def test_an_error_of_another_kind_has_another_name(files: list[str]) -> None:
    """In compiled code a name has one type within a function: a second type of error under the name of the first is a
    ``TypeError``."""
    wrong = []
    for file in files:
        for function in ast.walk(ast.parse((ROOT / file).read_text())):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                caught: dict[str, set[str]] = {}
                for handler in handlers(function):
                    if handler.name and handler.type:
                        caught.setdefault(handler.name, set()).add(ast.unparse(handler.type))
                wrong += [f"{file}:{function.lineno} {name}" for name, types in caught.items() if len(types) > 1]
    assert not wrong


def test_nobody_waits_while_an_error_is_handled(files: list[str]) -> None:
    """A compiled coroutine keeps the error that it handles in its thread and not in itself: another that runs while it
    waits would take it for its own, and it would not find it again."""
    wrong = [
        f"{file}:{waiting.lineno}"
        for file in files
        for tried in ast.walk(ast.parse((ROOT / file).read_text()))
        if isinstance(tried, ast.Try)
        for part in (*tried.handlers, *tried.finalbody)
        for waiting in ast.walk(part)
        if isinstance(waiting, ast.Await | ast.AsyncFor | ast.AsyncWith)
    ]
    assert not wrong


def handlers(node: ast.AST) -> Iterator[ast.ExceptHandler]:
    """Those of a function itself, not of one within it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(child, ast.ExceptHandler):
            yield child
        yield from handlers(child)
