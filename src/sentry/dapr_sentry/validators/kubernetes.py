"""The ``kubernetes`` validator: a pod proves itself by a token of its service account (control-plane.md §1.4).

The API server says whether a token is good, for us, and whose it is; the token says which pod it was given to; and what
is known of that pod says whom it may be. What is known comes by watches. Where they are behind (a pod that is seconds
old, or one that took the name of another one, as those of a StatefulSet do) the server is asked for the pod itself.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final, NamedTuple

from dapr_core.identity import jwt
from dapr_core.identity.jwt import InvalidTokenError
from dapr_core.identity.spiffe import (
    DEFAULT_TRUST_DOMAIN,
    InvalidSpiffeIdError,
    SpiffeId,
    TrustDomain,
    parse_trust_domain,
    workload_id,
)
from dapr_core.kube.client import KubeClient
from dapr_core.kube.errors import ForbiddenError, KubeError, NotFoundError
from dapr_core.kube.informer import Informer
from dapr_core.kube.kinds import CONFIGURATION, POD
from dapr_core.kube.objects import Key, Object, section, text
from dapr_core.kube.reflector import Following
from dapr_core.kube.tokenreview import TokenReview
from dapr_core.process.health import Target
from dapr_core.process.supervise import Supervisor
from dapr_sentry.validators.common import claimed_id
from dapr_sentry.validators.contract import Claim, Proof, RefusedError, Validator
from dapr_sentry.validators.kubernetes_pods import Pod, expected_of, pod_of

log = logging.getLogger("dapr.sentry.identity.kubernetes")

HEALTH_TARGET: Final = "sentry-kubernetes-validator"
LEGACY_AUDIENCE: Final = "dapr.io/sentry"
_POD_NAME: Final = "authentication.kubernetes.io/pod-name"
_POD_UID: Final = "authentication.kubernetes.io/pod-uid"
_ELSEWHERE: Final = "authentication failed: the token is for none of the audiences of sentry"
_WORKLOADS: Final = TrustDomain(DEFAULT_TRUST_DOMAIN)


class Holder(NamedTuple):
    """Whom a token was given to. ``uid`` is the pod's; empty when the token does not tell it."""

    namespace: str
    account: str
    pod: str
    uid: str


class KubernetesValidator(Validator):
    """Believes the API server.

    Args:
        client: of the cluster.
        identity: sentry's own id: one of the audiences, and the control plane's trust domain.
        namespace: of the control plane.
        health: ready once pods and Configurations are known.
    """

    name = "kubernetes"

    def __init__(self, client: KubeClient, identity: SpiffeId, namespace: str, health: Target) -> None:
        self._client = client
        self._audiences = (LEGACY_AUDIENCE, str(identity))
        self._domain = identity.trust_domain
        self._namespace = namespace
        self._health = health
        self._pods: Informer[Pod]
        self._domains: Informer[str]
        self._tasks = Supervisor("kubernetes validator")

    async def start(self) -> None:
        """Begin to learn of pods; requests are refused until they are known."""
        reach = await self._reach()
        self._pods = Informer(self._client, Following(kind=POD, namespace=reach, project=pod_of))
        self._domains = Informer(self._client, Following(kind=CONFIGURATION, namespace=reach, project=trust_domain_of))
        self._tasks.start("pods", self._pods.run(), essential=True)
        self._tasks.start("configurations", self._domains.run(), essential=True)
        self._tasks.start("readiness", self._tell_ready())

    async def stop(self) -> None:
        self._health.not_ready()
        await self._tasks.stop(5.0)

    async def validate(self, claim: Claim) -> Proof:
        if not (self._pods.synced and self._domains.synced):
            raise RefusedError("validator not ready")
        claimed_id(replace(claim, trust_domain=""))
        holder = holder_of(claim.token, await self._review(claim.token), self._audiences)
        pod = await self._pod(holder)
        if holder.namespace != claim.namespace:
            raise RefusedError(f"namespace mismatch; received namespace: {claim.namespace}")
        if pod.account != holder.account:
            log.error("Service account on pod %s/%s does not match token", holder.namespace, holder.pod)
            raise RefusedError("pod service account mismatch")
        expected = expected_of(Key(holder.namespace, holder.pod), pod, self._namespace)
        if expected.app_id != claim.app_id:
            raise RefusedError(f"app-id mismatch. expected: {expected.app_id}, received: {claim.app_id}")
        domain = self._domain if expected.control_plane else await self._workload_domain(holder.namespace, pod)
        try:
            return Proof(workload_id(domain, claim.namespace, claim.app_id), pod.images)
        except InvalidSpiffeIdError as error:
            raise RefusedError(f"invalid request: {error}") from None

    async def _review(self, token: str) -> TokenReview:
        if not token:
            raise RefusedError("authentication failed: the request does not contain a token")
        if len(token) > jwt.MAX_TOKEN:
            raise RefusedError(f"invalid token: it is longer than {jwt.MAX_TOKEN} bytes")
        try:
            review = await self._client.review_token(token, self._audiences)
        except KubeError as error:
            log.error("Token review failed: %s", error)
            raise RefusedError(f"token review failed: {error}") from None
        if review.error:
            raise RefusedError(f"invalid token: {review.error}")
        if not review.authenticated:
            raise RefusedError("authentication failed")
        if review.audiences and not set(review.audiences) & set(self._audiences):
            raise RefusedError(_ELSEWHERE)
        return review

    async def _pod(self, holder: Holder) -> Pod:
        pod = self._pods.cache.get(holder.namespace, holder.pod)
        if pod is None or (holder.uid and pod.uid != holder.uid):
            pod = await self._ask_for_pod(holder)
        if holder.uid and pod.uid != holder.uid:
            raise RefusedError("failed to get pod of identity: the pod of the token is gone, and another has its name")
        return pod

    async def _ask_for_pod(self, holder: Holder) -> Pod:
        try:
            return pod_of(await self._client.get(POD, holder.pod, holder.namespace))
        except (KubeError, ValueError) as error:
            log.error("Failed to get pod %s/%s for requested identity: %s", holder.namespace, holder.pod[:253], error)
            raise RefusedError("failed to get pod of identity") from None

    async def _workload_domain(self, namespace: str, pod: Pod) -> TrustDomain:
        """The trust domain of the pod's Configuration; ``public`` where none says."""
        if pod.config is None:
            return _WORKLOADS
        name = self._domains.cache.get(namespace, pod.config)
        if name is None:
            name = await self._ask_for_domain(namespace, pod.config)
        if not name:
            return _WORKLOADS
        try:
            return parse_trust_domain(name)
        except InvalidSpiffeIdError as error:
            raise RefusedError(f'failed to parse trust domain "{name[:100]}": {error}') from None

    async def _ask_for_domain(self, namespace: str, configuration: str) -> str:
        try:
            return trust_domain_of(await self._client.get(CONFIGURATION, configuration, namespace))
        except (KubeError, ValueError) as error:
            level = logging.WARNING if isinstance(error, NotFoundError) else logging.ERROR
            log.log(level, 'Failed to get configuration "%s" in %s: %s', configuration[:253], namespace, error)
            raise RefusedError("failed to get configuration") from None

    async def _reach(self) -> str:
        """The namespace that can be looked into; empty where it is all of them.

        A chart that is installed for one namespace (``global.rbac.namespaced``) gives rights in that one only.
        """
        try:
            async with aclosing(self._client.pages(POD, size=1)) as pages:
                await anext(pages)
        except ForbiddenError:
            log.warning("May list pods of namespace %s only: pods of others get no identity", self._namespace)
            return self._namespace
        except KubeError as error:
            log.warning("Cannot list pods yet: %s", error)  # who follows them tries on
        return ""

    async def _tell_ready(self) -> None:
        await self._pods.wait_synced()
        await self._domains.wait_synced()
        self._health.ready()
        log.info("Ready: %d pods and %d Configurations are known", len(self._pods.cache), len(self._domains.cache))


def trust_domain_of(configuration: Object) -> str:
    """``spec.accessControl.trustDomain`` of a Configuration; empty when it names none."""
    return text(section(configuration, "spec", "accessControl"), "trustDomain")


def holder_of(token: str, review: TokenReview, audiences: Sequence[str]) -> Holder:
    """Whom a token was given to, once the API server has said that it is good.

    Raises:
        RefusedError: it is no token of a service account that is bound to a pod, or it is for others than these
            audiences.
    """
    parts = review.username.split(":")
    if len(parts) != 4 or parts[:2] != ["system", "serviceaccount"] or not parts[2] or not parts[3]:
        raise RefusedError("provided token is not a properly structured service account token")
    claims = _claims(token)
    if not review.audiences:
        _check_audience(claims, audiences)
    pod = section(claims, "kubernetes.io", "pod")
    name, uid = text(pod, "name"), text(pod, "uid")
    if not name:
        raise RefusedError("kubernetes.io/pod/name claim is missing from Kubernetes token")
    for told, read in ((review.said(_POD_NAME), name), (review.said(_POD_UID), uid)):
        if told and read and told != read:
            raise RefusedError("the token names another pod than the Kubernetes API does")
    return Holder(parts[2], parts[3], name, uid or review.said(_POD_UID))


def _check_audience(claims: Mapping[str, Any], audiences: Sequence[str]) -> None:
    """Hold a token to its own audience, where the API server tells none: a server that knows no audiences takes any
    token, also one that was given to somebody else to be used there (TokenReviewStatus.audiences says to look)."""
    said = claims.get("aud")
    named = said if isinstance(said, list) else [said]
    if said is not None and not any(each in audiences for each in named if isinstance(each, str)):
        raise RefusedError(_ELSEWHERE)


def _claims(token: str) -> Mapping[str, Any]:
    """The claims, unproved: the API server has proved them. A token may also be the bare claims."""
    if not token.lstrip().startswith("{"):
        try:
            return jwt.read(token).claims
        except InvalidTokenError as error:
            raise RefusedError(f"failed to parse Kubernetes token: {error}") from None
    try:
        claims = json.loads(token)
    except (ValueError, RecursionError):
        raise RefusedError("failed to parse Kubernetes token: it is no JSON") from None
    return claims if isinstance(claims, dict) else {}
