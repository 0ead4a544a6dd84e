"""Who may call which operation of the application: ``spec.accessControl``, decided (crds-helm-config.md §2.10).

A caller is known by the id that mutual TLS has proved; without one, or without a policy that names it, the global
action decides. A policy's own action comes before the global one, and an operation that the call falls under before
both. Only ``allow`` permits: whatever else stands in its place denies.

A path may be written in several ways that one application takes for the same. So a path with escapes is judged as it
is and as it reads without them, and a call is permitted only if both are.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from dapr_core.identity.spiffe import Workload
from dapr_core.resources.accesscontrol import AccessControl, AccessOperation, AccessPolicy
from daprd.policy.operations import OperationTree

ALLOW: Final = "allow"
DENY: Final = "deny"
EVERY_VERB: Final = "*"
NO_VERB: Final = "NONE"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a call may go on, and whose action said so: the policy of the caller's application, or the global one."""

    allowed: bool
    by_app: bool


class AccessRules:
    """The section, compiled once.

    Args:
        spec: the section as it was read.
        http: whether the application speaks HTTP: operations are then compared without case, and by verb.
    """

    __slots__ = ("_default", "_policies", "http")

    def __init__(self, spec: AccessControl, *, http: bool) -> None:
        self.http = http
        self._default = spec.action
        self._policies = {(each.app_id, each.namespace): _Policy(each, http) for each in spec.policies}

    def decide(self, caller: Workload | None, operation: str, verb: str = NO_VERB) -> Decision:
        """Judge one call.

        Args:
            caller: who calls, proved; None when nobody could prove anything.
            operation: the path or method, cleaned, with or without its leading slash.
            verb: the HTTP verb in capitals; ``NONE`` for a call that has none.
        """
        policy = None if caller is None else self._policies.get((caller.app_id, caller.namespace))
        if policy is None or caller is None or policy.trust_domain != caller.trust_domain.name:
            return Decision(_permits(self._default), False)
        default = policy.default or self._default
        allowed = all(_permits(policy.action(each, verb, default)) for each in self._readings(operation))
        return Decision(allowed, bool(policy.default))

    def _readings(self, operation: str) -> Iterator[str]:
        """The path as it is and, where that is another, as it reads without escapes."""
        path = operation if operation.startswith("/") else "/" + operation
        yield path.lower() if self.http else path
        if "%" in path:
            # The slashes are stripped, since two at the beginning are special to POSIX, and to it alone.
            plain = "/" + posixpath.normpath(unquote(path, errors="surrogateescape")).lstrip("/")
            yield plain.lower() if self.http else plain


class _Policy:
    """What one caller may do."""

    __slots__ = ("_http", "_operations", "default", "trust_domain")

    def __init__(self, spec: AccessPolicy, http: bool) -> None:
        self.trust_domain = spec.trust_domain
        self.default = spec.default_action
        self._http = http
        self._operations: OperationTree[_Operation] = OperationTree()
        for each in spec.operations:
            name = each.name if each.name.startswith("/") else "/" + each.name
            self._operations.put(name.lower() if http else name, _Operation(each))

    def action(self, path: str, verb: str, default: str) -> str:
        """The action for a path; ``default`` is that of the policy or, failing that, the global one."""
        operation = self._operations.find(path)
        if operation is None:
            return default
        if not self._http:
            return operation.action
        if verb == NO_VERB:
            return self.default
        return operation.by_verb.get(verb) or operation.by_verb.get(EVERY_VERB) or default


class _Operation:
    """What is said of one operation: an action for all calls (gRPC), or one for some verbs (HTTP)."""

    __slots__ = ("action", "by_verb")

    def __init__(self, spec: AccessOperation) -> None:
        self.action = spec.action or DENY
        self.by_verb = {verb.upper(): self.action for verb in spec.http_verb}


def _permits(action: str) -> bool:
    return action.lower() == ALLOW
