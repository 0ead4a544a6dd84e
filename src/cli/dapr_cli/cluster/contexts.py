"""Names of the contexts in a kubeconfig, for completion: what cannot be read has none."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from dapr_core.kube.config import default_kubeconfig

MAX_FILE = 4 * 1024 * 1024


def context_names(environment: Mapping[str, str]) -> list[str]:
    """The names in all files of ``KUBECONFIG``, or in ``~/.kube/config``, sorted."""
    paths = environment.get("KUBECONFIG", "") or default_kubeconfig(environment)
    return sorted({name for path in filter(None, paths.split(os.pathsep)) for name in _names_in(path)})


def _names_in(path: str) -> Iterator[str]:
    import yaml

    try:
        with open(path, "rb") as file:
            value = yaml.safe_load(file.read(MAX_FILE))
    except (OSError, yaml.YAMLError, ValueError, RecursionError):
        return
    contexts = value.get("contexts") if isinstance(value, dict) else None
    for each in contexts if isinstance(contexts, list) else ():
        if isinstance(each, dict) and isinstance(each.get("name"), str):
            yield each["name"]
