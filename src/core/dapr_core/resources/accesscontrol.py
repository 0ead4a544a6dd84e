"""The ``accessControl`` section: who may call which operation of the application (crds-helm-config.md §2.10).

Only the fields and their completeness; the sidecar's policies compile and judge them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dapr_core.resources.modelling import model
from dapr_core.resources.schema import STRING, attr, list_of

_ACTIONS: Final = ("allow", "deny", "")


@model
class AccessOperation:
    """One operation of the application."""

    name: str = attr("name", STRING, "Path or method, with wildcards.", required=True)
    http_verb: tuple[str, ...] = attr("httpVerb", list_of(STRING), "Verbs it is about; * is all.")
    action: str = attr("action", STRING, "allow or deny.", required=True)


@model
class AccessPolicy:
    """What one caller may do."""

    app_id: str = attr("appId", STRING, "App id of the caller.", required=True)
    default_action: str = attr("defaultAction", STRING, "Action for operations that are not listed.")
    trust_domain: str = attr("trustDomain", STRING, "Trust domain of the caller.")
    namespace: str = attr("namespace", STRING, "Namespace of the caller.")
    operations: tuple[AccessOperation, ...] = attr("operations", list_of(AccessOperation), "Single operations.")


@model
class AccessControl:
    """Who may call the application."""

    default_action: str = attr("defaultAction", STRING, "Action for callers without a policy.")
    trust_domain: str = attr("trustDomain", STRING, "Trust domain of this application.", absent="public")
    policies: tuple[AccessPolicy, ...] = attr("policies", list_of(AccessPolicy), "One entry a caller.")

    @property
    def action(self) -> str:
        """The action for callers without a policy. Where none is given, policies that are listed exclude the others."""
        return self.default_action or ("deny" if self.policies else "allow")

    def odd_actions(self) -> Iterator[tuple[str, str]]:
        """Actions that are neither allow nor deny, by their path: they deny, and are probably misspelt."""
        found = [("defaultAction", self.default_action)]
        for index, policy in enumerate(self.policies):
            path = f"policies[{index}]"
            found.append((f"{path}.defaultAction", policy.default_action))
            for number, operation in enumerate(policy.operations):
                found.append((f"{path}.operations[{number}].action", operation.action))
        return ((f"spec.accessControl.{path}", action) for path, action in found if action.lower() not in _ACTIONS)
