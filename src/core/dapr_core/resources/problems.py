"""What can be wrong with a manifest, worded so that its author can mend it.

A ``Problem`` names the file, the document in it (counted from 1), the path of the field and the remedy. A warning
drops one document and the rest still load; a fatal problem (a name defined twice, a directory that cannot be read)
stops the start (building-blocks.md §6.6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["warning", "fatal"]


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A field that does not read: its path in the document, the cause, and what to write instead."""

    path: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        text = f"{self.path}: {self.message}" if self.path else self.message
        return f"{text}; {self.remedy}" if self.remedy else text


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in what was loaded. ``str()`` is the log line; values of fields are never in it."""

    severity: Severity
    message: str
    file: str = ""
    document: int = 0
    path: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        return self.message


class ResourceError(Exception):
    """Resources could not be loaded; ``problems`` says all that was found, the fatal ones first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(str(each) for each in problems))
