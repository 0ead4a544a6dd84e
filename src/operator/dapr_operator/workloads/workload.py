"""A Deployment, StatefulSet or Rollout, as far as its Service depends on it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dapr_core.kube import Kind, Object
from dapr_core.kube.objects import Key, key_of, section, text, uid_of
from dapr_core.truth import is_truthy

ENABLED: Final = "dapr.io/enabled"
APP_ID: Final = "dapr.io/app-id"
_SUFFIX: Final = "-dapr"
_LONGEST: Final = 63
_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


class InvalidAppIdError(ValueError):
    """An application's id cannot name its Service; the text says what to write."""


@dataclass(frozen=True, slots=True)
class Workload:
    """What is kept.

    Attributes:
        kind: of the workload.
        key: namespace and name.
        uid: the object's own.
        annotations: of its pods.
        selector: labels by which it finds its pods.
    """

    kind: Kind
    key: Key
    uid: str
    annotations: Mapping[str, str]
    selector: Mapping[str, str]

    @classmethod
    def of(cls, kind: Kind, thing: Object) -> Workload | None:
        """Read an object; None when its pods ask for no sidecar, or it is on its way out."""
        annotations = section(thing, "spec", "template", "metadata", "annotations")
        if text(section(thing, "metadata"), "deletionTimestamp") or not is_truthy(text(annotations, ENABLED)):
            return None
        selector = section(thing, "spec", "selector", "matchLabels")
        return cls(kind, key_of(thing), uid_of(thing), _texts(annotations), _texts(selector))

    @property
    def app_id(self) -> str:
        """The application's id."""
        return self.annotations.get(APP_ID, "")

    @property
    def service_name(self) -> str:
        """The name of its Service.

        Raises:
            InvalidAppIdError: the id cannot be part of one (RFC 1123 label).
        """
        if not self.app_id:
            raise InvalidAppIdError(f"value for the {APP_ID} annotation is empty; annotate the pods with an id")
        service = self.app_id + _SUFFIX
        if len(service) > _LONGEST or not _LABEL.fullmatch(self.app_id):
            raise InvalidAppIdError(
                f"invalid app id (input: '{self.app_id[:80]}', service: '{service[:80]}'): use lower case letters, "
                f"digits and -, with a letter or digit at both ends, and at most {_LONGEST - len(_SUFFIX)} of them"
            )
        return service

    def number(self, annotation: str, default: int) -> int:
        """A port of an annotation; the default where it is none."""
        found = self.annotations.get(annotation, "")
        port = int(found) if found.isascii() and found.isdigit() and len(found) < 6 else 0
        return port if 0 < port < 65536 else default


def _texts(found: Mapping[str, object]) -> Mapping[str, str]:
    return {name: value for name, value in found.items() if isinstance(value, str)}
