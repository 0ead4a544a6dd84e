"""From bytes of YAML to plain values, document by document.

Go's sidecar reads YAML 1.1 through a library that differs from PyYAML's defaults in three ways that users meet:
dates stay text, ``12:30`` stays text (no numbers of base 60), and documents of one file are cut at lines starting with
``---`` before parsing, so that a broken document does not take its neighbours with it (building-blocks.md §6.6).

libyaml bounds the nesting; the size of a file and the number of values behind aliases are bounded here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

MAX_FILE_BYTES: Final = 8 * 1024 * 1024
MAX_VALUES: Final = 200_000
"""Values in one document after aliases are expanded: far above any manifest, far below a memory problem."""

_TAG: Final = "tag:yaml.org,2002:"
_PLAIN: Final = (
    ("bool", r"(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)\Z", "yYnNtTfFoO"),
    ("int", r"[-+]?(?:0b[01_]+|0o[0-7_]+|0[0-7_]*|[1-9][0-9_]*|0x[0-9a-fA-F_]+)\Z", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?\Z", "-+.0123456789"),
    ("float", r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z", "-+."),
    ("merge", r"<<\Z", "<"),
    ("null", r"(?:~|null|Null|NULL|)\Z", ("~", "n", "N", "")),
)
_SEPARATOR: Final = re.compile(rb"\n---[^\n]*(?:\n|\Z)")


class DocumentError(ValueError):
    """The text is not YAML that we read; the message says where and why."""


def split(data: bytes) -> Iterator[bytes]:
    """The documents of a file: cut at each line that starts with ``---`` (the rest of that line is dropped)."""
    position = 0
    for cut in _SEPARATOR.finditer(data):
        yield data[position : cut.start()]
        position = cut.end()
    yield data[position:]


def parse(data: bytes | str) -> Any:
    """Read the first document of a text: None, a scalar, a list or a dict.

    Raises:
        DocumentError: not valid YAML, or larger than we read.
    """
    if len(data) > MAX_FILE_BYTES:
        raise DocumentError(f"it is larger than {MAX_FILE_BYTES // (1024 * 1024)} MiB; split it into several files")
    import yaml

    try:
        loader = _loader_class()(data)
        try:
            node = loader.get_data() if loader.check_data() else None
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise DocumentError(_worded(error)) from None
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError, LookupError) as error:
        # A scalar with an explicit tag that its text does not fit (!!int abc), a mapping used as a key, bad UTF-8.
        raise DocumentError(f"a value does not fit its tag or encoding ({type(error).__name__})") from None
    _bound(node)
    return node


@cache
def _loader_class() -> type[Any]:
    """PyYAML's safe loader with the plain scalars of Go's: no dates, no base 60, ``1e3`` is a number.

    Made on first use: PyYAML is 10 ms and 1 MB that a sidecar without manifests need not pay.
    """
    import yaml

    try:
        from yaml import CSafeLoader as base
    except ImportError:  # a PyYAML built without libyaml: slower, same result
        from yaml import SafeLoader as base  # type: ignore[assignment]

    class Loader(base):
        yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own class attribute

    for name, pattern, first in _PLAIN:
        yaml.add_implicit_resolver(_TAG + name, re.compile(pattern), list(first), Loader=Loader)
    return Loader


def _bound(value: Any) -> None:
    """Refuse self-containing and exploding values, which only aliases can build."""
    budget = MAX_VALUES
    stack: list[tuple[Any, int]] = [(value, 0)]
    while stack:
        each, depth = stack.pop()
        budget -= 1
        if budget < 0 or depth > 1_100:
            raise DocumentError("aliases expand it beyond bounds; write the values out")
        if isinstance(each, dict):
            stack.extend((member, depth + 1) for member in each.values())
        elif isinstance(each, list):
            stack.extend((member, depth + 1) for member in each)


def _worded(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark is not None else str(problem)
