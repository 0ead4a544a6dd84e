"""Puts the access policies between other sidecars and the application: asked call by call, answered from memory.

Callers repeat themselves, so a decision is kept by who calls, what and how; a call that was decided before costs one
look-up. Who is refused gets PERMISSION_DENIED with the documented text, and the log says so, sparingly.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from dapr_core.identity.handshakes import Sparing
from dapr_core.identity.spiffe import InvalidSpiffeIdError, Workload, parse_spiffe_id, workload_of
from dapr_core.resources.accesscontrol import AccessControl
from dapr_core.rpc.messages import Peer
from dapr_core.telemetry.metrics import CounterChild
from daprd.mesh.errors import PERMISSION_DENIED, RpcError
from daprd.metrics.access import AccessRecorder
from daprd.policy.access import NO_VERB, AccessRules, Decision

log = logging.getLogger("dapr.acl")

REMEMBERED: Final = 4096
"""Decisions kept; when there are more, remembering begins anew."""


@dataclass(frozen=True, slots=True)
class _Verdict:
    """A decision as it is applied: what to count, and what to tell whom it refuses (None: nobody)."""

    counter: CounterChild
    refusal: str | None


class Authorization:
    """``blocks.invoke.inbound.Authorize`` by the rules of a Configuration."""

    def __init__(self, rules: AccessRules, record: AccessRecorder, *, remembered: int = REMEMBERED) -> None:
        self._rules = rules
        self._record = record
        self._remembered = remembered
        self._verdicts: dict[tuple[str | None, str, str], _Verdict] = {}
        self._refusals = Sparing(logger=log)

    def __call__(self, operation: str, verb: str, peer: Peer | None) -> None:
        """Let a call through. Raises ``RpcError`` (PERMISSION_DENIED)."""
        key = (None if peer is None else peer.spiffe_id, verb, operation)
        verdict = self._verdicts.get(key)
        if verdict is None:
            verdict = self._judge(*key)
        verdict.counter.inc()
        if verdict.refusal is not None:
            self._refusals.tell(verdict.refusal)
            raise RpcError(PERMISSION_DENIED, verdict.refusal)

    def _judge(self, identity: str | None, verb: str, operation: str) -> _Verdict:
        caller: Workload | None = None
        shown = verb if self._rules.http else NO_VERB
        refusal: str | None = None
        try:
            caller = None if identity is None else workload_of(parse_spiffe_id(identity))
            decision = self._rules.decide(caller, operation, shown)
        except InvalidSpiffeIdError as error:
            decision, refusal = Decision(False, False), str(error)
        if not decision.allowed and refusal is None:
            who = identity or ""
            refusal = f"access control policy has denied access to id: {who} operation: {operation} verb: {shown}"
        verdict = _Verdict(self._record.child(caller, by_app=decision.by_app, allowed=decision.allowed), refusal)
        if len(self._verdicts) >= self._remembered:
            self._verdicts.clear()
        self._verdicts[identity, verb, operation] = verdict
        return verdict


def authorization(
    spec: AccessControl | None, record: AccessRecorder, *, http: bool, mtls: bool
) -> Authorization | None:
    """What a Configuration's ``accessControl`` asks for; None where everybody may call everything."""
    if spec is None:
        return None
    for path, action in spec.odd_actions():
        log.warning("%s is neither allow nor deny, and denies: %r", path, action)
    if not spec.default_action and spec.policies:
        log.warning("No global default action has been specified. Setting default global action as Deny")
    if spec.policies and not mtls:
        log.warning(
            "Without mTLS callers prove no identity, so no policy of spec.accessControl applies: its default action "
            "(%s) decides about every call. Start the sidecars with --enable-mtls",
            spec.action,
        )
    if not spec.policies and spec.action.lower() == "allow":
        return None
    return Authorization(AccessRules(spec, http=http), record)
