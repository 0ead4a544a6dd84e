"""The part of ``requirements.lock`` that one extra needs, with its hashes: an image holds no more.

Which packages those are follows from the metadata of what is installed (``make setup`` installs all of the lock file),
so nothing is resolved anew and no registry is asked.
"""

from __future__ import annotations

import importlib.metadata
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT: Final = "dapr-runtime"


class LockError(Exception):
    """The lock file lacks a package that an extra needs."""


def subset(root: Path, extra: str, environment: dict[str, str]) -> dict[str, str]:
    """The lock file's entries for an extra by their packages, in a machine's ``environment`` (PEP 508 markers).

    Raises:
        LockError: a package is not in the lock file; ``make lock`` puts it there.
    """
    entries = _entries((root / "requirements.lock").read_text())
    needed = sorted(_closure(_project(root, {extra}, environment), environment))
    missing = [name for name in needed if name not in entries]
    if missing:
        raise LockError(f"{', '.join(missing)}: not in requirements.lock; run make lock")
    return {name: entries[name] for name in needed}


def common(subsets: Iterable[dict[str, str]]) -> set[str]:
    """The packages that all of them have."""
    return set.intersection(*(set(each) for each in subsets))


def _entries(text: str) -> dict[str, str]:
    """Each package's lines, by its normal name."""
    entries: dict[str, str] = {}
    name = ""
    for line in text.splitlines(keepends=True):
        if line[:1].isalnum():
            name = canonicalize_name(line.partition("==")[0].strip())
        if name:
            entries[name] = entries.get(name, "") + line
    return entries


def _project(root: Path, extras: Iterable[str], environment: dict[str, str]) -> list[Requirement]:
    """What the project itself and its extras ask for; an extra may name another."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    wanted = [Requirement(each) for each in project["dependencies"]]
    for extra in extras:
        for requirement in map(Requirement, project["optional-dependencies"][extra]):
            if canonicalize_name(requirement.name) == PROJECT:
                wanted += _project(root, requirement.extras, environment)
            else:
                wanted.append(requirement)
    return [each for each in wanted if _applies(each, "", environment)]


def _closure(wanted: list[Requirement], environment: dict[str, str]) -> set[str]:
    found: set[tuple[str, str]] = set()
    while wanted:
        requirement = wanted.pop()
        name = canonicalize_name(requirement.name)
        for extra in ("", *requirement.extras):
            if (name, extra) in found:
                continue
            found.add((name, extra))
            below = map(Requirement, importlib.metadata.requires(name) or ())
            wanted += [each for each in below if _applies(each, extra, environment)]
    return {name for name, _ in found}


def _applies(requirement: Requirement, extra: str, environment: dict[str, str]) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({**environment, "extra": extra})
