"""Loads the Configuration of a standalone sidecar from the files of ``--config`` (crds-helm-config.md §2.1).

Files are laid over each other in order: sections merge, later scalars win, lists are replaced whole. Of each file the
first document counts. ``$VAR`` and ``${VAR}`` anywhere in the text are replaced from the environment before it is
parsed, so a literal dollar sign must not be followed by a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from dapr_core.resources import documents
from dapr_core.resources.configuration import Configuration
from dapr_core.resources.decoding import DecodeError, decode
from dapr_core.resources.documents import DocumentError
from dapr_core.resources.problems import Problem, ResourceError
from dapr_core.resources.settings import check

_VARIABLE: Final = re.compile(r"\$(?:\{([^{}]*)\}|([A-Za-z_][A-Za-z0-9_]*|[*#$@!?0-9-]))")


def load_configurations(paths: Sequence[str], environment: Mapping[str, str]) -> Configuration:
    """Read and merge Configuration files; without any, the defaults.

    Args:
        paths: files, the later over the earlier.
        environment: where ``$VAR`` is looked up.

    Raises:
        ResourceError: a file cannot be read, is not YAML, or holds a field that does not fit.
    """
    merged: dict[str, Any] = {}
    for path in paths:
        merged = _merge(merged, _read(path, environment))
    configuration = decode(Configuration, merged, fold_case=False)
    broken = check(configuration)
    if broken:
        where = ", ".join(paths)
        raise ResourceError(
            tuple(Problem("fatal", f"{where}: {each}", where, 1, each.path, each.remedy) for each in broken)
        )
    return configuration


def expand(text: str, environment: Mapping[str, str]) -> str:
    """Replace ``$VAR`` and ``${VAR}`` as a shell would; what is unset becomes empty, a lone dollar stays."""
    return _VARIABLE.sub(lambda found: environment.get(found[1] if found[1] is not None else found[2], ""), text)


def _read(path: str, environment: Mapping[str, str]) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            data = file.read(documents.MAX_FILE_BYTES + 1)
        value = documents.parse(expand(data.decode(), environment))
    except OSError as error:
        remedy = "check the path given to --config"
        raise _fatal(path, f"cannot be read: {error.strerror or error}; {remedy}", remedy) from None
    except (UnicodeDecodeError, DocumentError) as error:
        raise _fatal(path, f"is not valid YAML: {error}") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _fatal(path, "holds no mapping; a Configuration starts with apiVersion, kind, metadata and spec")
    try:
        decode(Configuration, value, fold_case=False)
    except DecodeError as error:
        raise ResourceError(
            tuple(
                Problem("fatal", f"configuration {path}: {each}", path, 1, each.path, each.remedy)
                for each in error.problems
            )
        ) from None
    return value


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        existing = merged.get(key)
        if isinstance(existing, dict) and isinstance(value, dict):
            merged[key] = _merge(existing, value)
        elif value is not None or key not in merged:
            merged[key] = value
    return merged


def _fatal(path: str, text: str, remedy: str = "") -> ResourceError:
    return ResourceError((Problem("fatal", f"configuration {path} {text}", path, remedy=remedy),))
