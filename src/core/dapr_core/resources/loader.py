"""Loads the resources of a standalone sidecar from directories of YAML (building-blocks.md §6.5, §6.6).

Order is fixed: directories as given, files by name, documents as they stand. A document that does not read becomes a
warning and its neighbours load; a directory that cannot be read and a name defined twice are fatal. What belongs to
another namespace or names other applications in its scopes is left out silently.

The files are read once for all kinds, where the original reads them once a kind; warnings therefore appear once.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from dapr_core.resources import documents
from dapr_core.resources.component import Component
from dapr_core.resources.configuration import Configuration
from dapr_core.resources.decoding import DecodeError, decode
from dapr_core.resources.documents import DocumentError
from dapr_core.resources.httpendpoint import HTTPEndpoint
from dapr_core.resources.problems import Problem, ResourceError
from dapr_core.resources.resiliency import Resiliency
from dapr_core.resources.subscription import Subscription, SubscriptionV1

Resource: TypeAlias = Component | Subscription | HTTPEndpoint | Resiliency | Configuration

MODELS: Final[dict[tuple[str, str], type[Any]]] = {
    (version, model.KIND): model
    for model in (Component, Subscription, SubscriptionV1, HTTPEndpoint, Resiliency, Configuration)
    for version in model.API_VERSIONS
}
"""The class that reads a document, by its ``apiVersion`` and ``kind``; every other pair is ignored."""

_MAY_REPEAT: Final = frozenset({"Subscription"})


@dataclass(frozen=True, slots=True)
class LoadedResources:
    """What the directories hold for one application, by kind, in loading order; and what was wrong."""

    components: tuple[Component, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    endpoints: tuple[HTTPEndpoint, ...] = ()
    resiliencies: tuple[Resiliency, ...] = ()
    configurations: tuple[Configuration, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Problems to log; the sidecar starts in spite of them."""
        return tuple(each for each in self.problems if each.severity == "warning")

    def raise_fatal(self) -> None:
        """Raise ``ResourceError`` when a problem must stop the start."""
        fatal = tuple(each for each in self.problems if each.severity == "fatal")
        if fatal:
            raise ResourceError(fatal)


@dataclass(frozen=True, slots=True)
class Document:
    """One document that read: where it stands and what it is."""

    file: str
    number: int
    resource: Resource


def load_paths(paths: Sequence[str], *, namespace: str, app_id: str) -> LoadedResources:
    """Read every directory and keep what is for this application.

    Args:
        paths: directories, in order of precedence of nothing: the same name in two of them is an error.
        namespace: the application's namespace; empty accepts resources of any.
        app_id: the application, for ``scopes``.

    Nothing is raised: see ``LoadedResources.problems``.
    """
    problems: list[Problem] = []
    selection = _Selection(namespace, app_id, problems)
    for path in paths:
        for document in _directory(path, problems):
            selection.offer(document)
    kept = selection.kept
    return LoadedResources(
        components=_of(kept, Component),
        subscriptions=_of(kept, Subscription),
        endpoints=_of(kept, HTTPEndpoint),
        resiliencies=_of(kept, Resiliency),
        configurations=_of(kept, Configuration),
        problems=tuple(problems),
    )


def read_document(data: bytes | str) -> Resource | None:
    """Read one document; None when it is empty or of a kind that is not ours.

    Raises:
        DocumentError: it is not YAML, or has no valid name.
        DecodeError: fields do not fit its kind.
    """
    value = documents.parse(data)
    return None if value is None else read_value(value)


def read_value(value: object) -> Resource | None:
    """Read a resource that is parsed already, as the operator sends it. See ``read_document``."""
    if not isinstance(value, dict):
        raise DocumentError("it is no mapping; a resource starts with apiVersion, kind and metadata")
    folded = {key.lower(): member for key, member in value.items() if isinstance(key, str)}
    api_version, kind = folded.get("apiversion"), folded.get("kind")
    if not isinstance(api_version, str) or not isinstance(kind, str):
        return None
    model = MODELS.get((api_version, kind))
    if model is None:
        return None
    read = decode(model, value)
    resource: Resource = read.normal() if isinstance(read, SubscriptionV1) else read
    check_name(resource.name, kind)
    return resource


def check_name(name: str, kind: str) -> None:
    """Refuse names that could not stand in a path. Raises ``DocumentError``."""
    reasons = []
    if name in (".", ".."):
        reasons.append(f"may not be '{name}'")
    reasons.extend(f"may not contain '{each}'" for each in "/%" if each in name)
    if reasons:
        raise DocumentError(f'invalid name "{name}" for "{kind}": {"; ".join(reasons)}')


class _Selection:
    """Keeps documents that are for this application; notices names defined twice."""

    def __init__(self, namespace: str, app_id: str, problems: list[Problem]) -> None:
        self.namespace = namespace
        self.app_id = app_id
        self.problems = problems
        self.kept: list[Resource] = []
        self._by_name: dict[tuple[str, str], Document] = {}

    def offer(self, document: Document) -> None:
        """Keep a document, or leave it out, or report that its name is taken."""
        resource = document.resource
        if self.namespace and resource.metadata.namespace and resource.metadata.namespace != self.namespace:
            return
        key = (resource.KIND, resource.name)
        existing = self._by_name.get(key)
        if existing is not None and resource.KIND not in _MAY_REPEAT:
            self.problems.append(_duplicate(document, existing))
            return
        scopes: tuple[str, ...] = getattr(resource, "scopes", ())
        if scopes and self.app_id not in scopes:
            return
        self._by_name[key] = document
        self.kept.append(resource)


def _duplicate(document: Document, existing: Document) -> Problem:
    new, old = document.resource, existing.resource
    return Problem(
        "fatal",
        f"duplicate definition of {new.KIND} name {_log_name(new)} with existing {_log_name(old)}",
        document.file,
        document.number,
        "metadata.name",
        f"rename one of them; the other stands in {existing.file}, document {existing.number}",
    )


def _log_name(resource: Resource) -> str:
    return resource.log_name if isinstance(resource, Component) else resource.name


def _directory(path: str, problems: list[Problem]) -> Iterator[Document]:
    try:
        with os.scandir(path) as listing:
            entries = sorted((each.name for each in listing if not each.is_dir()), key=os.fsencode)
    except OSError as error:
        remedy = "name a directory that exists and can be read in --resources-path"
        text = f"failed to load resources from {path}: {error.strerror or error}; {remedy}"
        problems.append(Problem("fatal", text, path, remedy=remedy))
        return
    for name in entries:
        if name.lower().endswith((".yaml", ".yml")):
            yield from _file(os.path.join(path, name), problems)
        else:
            text = f"A non-YAML resource file {name} was detected, it will not be loaded"
            problems.append(Problem("warning", text, os.path.join(path, name), remedy="end its name with .yaml"))


def _file(path: str, problems: list[Problem]) -> Iterator[Document]:
    try:
        with open(path, "rb") as file:
            data = file.read(documents.MAX_FILE_BYTES + 1)
    except OSError as error:
        text = f"daprd load error when opening file {path}: {error.strerror or error}"
        problems.append(Problem("warning", text, path, remedy="make the file readable"))
        return
    for number, document in enumerate(documents.split(data), start=1):
        try:
            resource = read_document(document)
        except DocumentError as error:
            problems.append(_warning(path, number, "", str(error), ""))
        except DecodeError as error:
            problems.extend(_warning(path, number, each.path, str(each), each.remedy) for each in error.problems)
        else:
            if resource is not None:
                yield Document(path, number, resource)


def _warning(file: str, number: int, path: str, text: str, remedy: str) -> Problem:
    message = f"daprd load error when parsing manifests yaml resource in {file}: document {number}: {text}"
    return Problem("warning", message, file, number, path, remedy)


def _of(resources: Iterable[Resource], model: type[Any]) -> tuple[Any, ...]:
    return tuple(each for each in resources if isinstance(each, model))
