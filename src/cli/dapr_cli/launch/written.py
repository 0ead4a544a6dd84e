"""Resources as they are written in the folders of this machine, for commands that show them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from dapr_cli.command import Failure
from dapr_cli.paths import Root
from dapr_core.kube import Kind, Object
from dapr_core.resources import documents

from .prepare import YAML_SUFFIXES


def default_resources(root: Root) -> list[Path]:
    """The default resources folder; none before ``dapr init`` was run."""
    return [root.components] if root.components.is_dir() else []


def written_in(folders: Sequence[Path], kind: Kind) -> list[Object]:
    """The resources of a kind in these folders, in their order. Raises Failure for a file that does not read."""
    return [thing for folder in folders for file in sorted(folder.iterdir()) for thing in _in_file(file, kind)]


def _in_file(file: Path, kind: Kind) -> Iterator[Object]:
    if file.suffix not in YAML_SUFFIXES or not file.is_file():
        return
    try:
        for part in documents.split(file.read_bytes()):
            thing = documents.parse(part)
            if isinstance(thing, dict) and (thing.get("apiVersion"), thing.get("kind")) == (
                kind.api_version,
                kind.name,
            ):
                yield thing
    except (OSError, documents.DocumentError) as error:
        raise Failure(f"cannot read {file}: {error}") from None
