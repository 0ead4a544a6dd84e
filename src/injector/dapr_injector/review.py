"""An admission review: what was asked, and what is answered (control-plane.md §5.2; admission.k8s.io/v1).

A pod that does not ask for a sidecar passes in silence. One that asks and does not get one is never passed over in
silence: it is refused, where the pod itself is at fault, or let through with a warning to its maker and an Event,
where only whoever made it is not trusted.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from dapr_core.truth import is_truthy
from dapr_injector.annotations import ENABLED, asks_for_sidecar
from dapr_injector.patch.operations import encode
from dapr_injector.patch.pod import Pod, read_pod
from dapr_injector.patch.sidecar import Patch

_API_VERSION: Final = "admission.k8s.io/v1"
_KIND: Final = "AdmissionReview"
_LONGEST_WARNING: Final = 250
"""Characters; the API server cuts long warnings, and all of them when they are many."""


class InvalidReviewError(ValueError):
    """The body is no review. ``review`` is what can be told of it for the answer."""

    def __init__(self, message: str, review: Review | None = None) -> None:
        super().__init__(message)
        self.review = review or Review()


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A request of the API server.

    Attributes:
        api_version, kind: of the review; the answer has the same.
        uid: of the request; the answer has the same.
        object_kind: what is to be made.
        namespace: where.
        dry_run: nothing is made in the end, so nothing else may be either.
        username, groups: who makes it.
        pod: what is to be made, decoded and not checked.
    """

    api_version: str = _API_VERSION
    kind: str = _KIND
    uid: str = ""
    object_kind: str = ""
    namespace: str = ""
    dry_run: bool = False
    username: str = ""
    groups: tuple[str, ...] = ()
    pod: Any = None


class Outcome(Enum):
    """How a review ended."""

    NOT_ASKED = "not asked"
    PRESENT = "present"
    INJECTED = "injected"
    NOT_A_POD = "not a pod"
    NOT_ALLOWED = "not allowed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered.

    Attributes:
        outcome: how it ended.
        app_id: the application's id, as far as it is known.
        patch: JSON patch, or empty.
        refusal: why the pod may not be made; empty lets it be made.
        warnings: shown to whoever made it.
    """

    outcome: Outcome
    app_id: str = ""
    patch: bytes = b""
    refusal: str = ""
    warnings: tuple[str, ...] = ()

    def encode(self, review: Review) -> bytes:
        """The body of the answer, fields in the order of Kubernetes' types."""
        response: dict[str, Any] = {"uid": review.uid, "allowed": not self.refusal}
        if self.refusal:
            response["status"] = {"metadata": {}, "message": self.refusal}
        if self.patch:
            response["patch"] = base64.b64encode(self.patch).decode()
            response["patchType"] = "JSONPatch"
        if self.warnings:
            response["warnings"] = [warning[:_LONGEST_WARNING] for warning in self.warnings]
        whole = {"kind": review.kind, "apiVersion": review.api_version, "response": response}
        return json.dumps(whole, separators=(",", ":")).encode()


def read_review(body: bytes) -> Review:
    """Read the body of a request.

    Raises:
        InvalidReviewError: it is none.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidReviewError("the body is no JSON") from None
    request = value.get("request") if isinstance(value, dict) else None
    if not isinstance(request, dict):
        raise InvalidReviewError("the body is no AdmissionReview with a request")
    user = request.get("userInfo")
    user = user if isinstance(user, dict) else {}
    kind = request.get("kind")
    groups = user.get("groups")
    return Review(
        api_version=_text(value, "apiVersion") or _API_VERSION,
        kind=_text(value, "kind") or _KIND,
        uid=_text(request, "uid"),
        object_kind=_text(kind, "kind") if isinstance(kind, dict) else "",
        namespace=_text(request, "namespace"),
        dry_run=request.get("dryRun") is True,
        username=_text(user, "username"),
        groups=tuple(group for group in groups if isinstance(group, str)) if isinstance(groups, list) else (),
        pod=request.get("object"),
    )


def without_patch(review: Review, *, allowed_caller: bool) -> tuple[Answer, Pod | None] | Pod:
    """The answer where no patch has to be made; otherwise the pod that needs one.

    Raises:
        InvalidPodError: what is to be made is no pod.
    """
    if review.object_kind != "Pod":
        return Answer(Outcome.NOT_A_POD), None
    pod = read_pod(review.pod)
    if not asks_for_sidecar(pod.annotations):
        return Answer(Outcome.NOT_ASKED, warnings=tuple(_nearly(pod))), None
    if not allowed_caller:
        account = review.username or "somebody without a name"
        text = (
            f"no Dapr sidecar was injected: {account} is not on the list of allowed controller accounts; "
            "add it to the chart's value dapr_sidecar_injector.allowedServiceAccounts"
        )
        return Answer(Outcome.NOT_ALLOWED, app_id_of(pod), warnings=(text,)), pod
    return pod


def with_patch(patch: Patch) -> Answer:
    """The answer that injects; or that says that a sidecar is there already."""
    if not patch.operations:
        return Answer(Outcome.PRESENT, patch.app_id)
    return Answer(Outcome.INJECTED, patch.app_id, encode(patch.operations), warnings=_dressed(patch.complaints))


def refused(error: Exception, app_id: str = "") -> Answer:
    """The answer that keeps a pod from being made without the sidecar that it needs."""
    return Answer(Outcome.REFUSED, app_id, refusal=f"the Dapr sidecar cannot be injected: {error}")


def app_id_of(pod: Pod) -> str:
    """By what name metrics and logs know the application."""
    return pod.annotations.get("dapr.io/app-id") or pod.name or pod.generate_name


def _nearly(pod: Pod) -> Iterable[str]:
    asked = pod.annotations.get(ENABLED, "")
    if is_truthy(asked):
        yield f'no Dapr sidecar was injected: the annotation {ENABLED} is "{asked[:20]}"; only "true" asks for one'


def _dressed(complaints: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"Dapr: {complaint}" for complaint in complaints)


def _text(value: dict[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""
