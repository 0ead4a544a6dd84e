"""Where reviews are answered: the rules of ``review``, with what the cluster and the identity say at this moment."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from dapr_core.kube import KubeError
from dapr_injector.annotations import read_annotations
from dapr_injector.metrics import InjectorMetrics
from dapr_injector.patch.pluggable import Component
from dapr_injector.patch.pod import InvalidPodError, Pod
from dapr_injector.patch.settings import Admission
from dapr_injector.patch.sidecar import RefusedError, patch_pod
from dapr_injector.review import (
    Answer,
    InvalidReviewError,
    Outcome,
    Review,
    app_id_of,
    read_review,
    refused,
    with_patch,
    without_patch,
)
from dapr_injector.settings import Settings

log = logging.getLogger("dapr.injector.service")


class ClusterView(Protocol):
    """What must be known of the cluster."""

    @property
    def mtls(self) -> bool:
        """Whether sidecars speak mTLS."""

    async def components(self, namespace: str) -> list[Component]:
        """Components of a namespace that bring a container. Raises ``KubeError``."""


Notify = Callable[[Pod, str, str], None]


class Desk:
    """Answers reviews.

    Args:
        settings: what is in force.
        cluster: what the cluster says.
        anchors: gives the trust anchors in force, PEM.
        metrics: what is counted.
        notify: told of a pod, its namespace and why it got no sidecar.
    """

    def __init__(
        self,
        settings: Settings,
        cluster: ClusterView,
        anchors: Callable[[], str],
        metrics: InjectorMetrics,
        notify: Notify,
    ) -> None:
        self._settings = settings
        self._cluster = cluster
        self._anchors = anchors
        self._metrics = metrics
        self._notify = notify

    async def answer(self, body: bytes) -> bytes:
        """The answer to the body of a request."""
        try:
            review = read_review(body)
        except InvalidReviewError as error:
            log.error("Can't decode body: %s", error)
            answer = refused(error)
            self._metrics.ended(answer)
            return answer.encode(error.review)
        answer, pod = await self._decide(review)
        self._metrics.ended(answer)
        self._tell(review, answer, pod)
        return answer.encode(review)

    async def _decide(self, review: Review) -> tuple[Answer, Pod | None]:
        allowed = self._settings.callers.allow(review.username, review.groups)
        try:
            found = without_patch(review, allowed_caller=allowed)
        except InvalidPodError as error:
            return refused(error), None
        if not isinstance(found, Pod):
            return found
        try:
            return await self._inject(review, found), found
        except (RefusedError, KubeError) as error:
            return refused(error, app_id_of(found)), found

    async def _inject(self, review: Review, pod: Pod) -> Answer:
        components: list[Component] = []
        if read_annotations(pod.annotations)[0].inject_pluggable_components and not pod.has_sidecar:
            components = await self._cluster.components(review.namespace)
        admission = Admission(namespace=review.namespace, mtls=self._cluster.mtls, trust_anchors=self._anchors())
        return with_patch(patch_pod(pod, self._settings.injection, admission, components))

    def _tell(self, review: Review, answer: Answer, pod: Pod | None) -> None:
        match answer.outcome:
            case Outcome.INJECTED:
                log.info("Sidecar injector succeeded injection for app '%s'", answer.app_id)
            case Outcome.NOT_A_POD:
                log.error("invalid kind for review: %s", review.object_kind[:100])
            case Outcome.NOT_ALLOWED:
                log.error("service account '%s' not on the list of allowed controller accounts", review.username[:300])
            case Outcome.REFUSED:
                log.error("Sidecar injector failed to inject for app '%s'. Error: %s", answer.app_id, answer.refusal)
        for warning in answer.warnings:
            log.warning("app '%s' in namespace %s: %s", answer.app_id, review.namespace[:300], warning)
        silent = answer.outcome in (Outcome.INJECTED, Outcome.PRESENT, Outcome.NOT_ASKED)
        if pod is not None and not silent and not review.dry_run:
            self._notify(pod, review.namespace, answer.refusal or answer.warnings[0])
