"""Whether a resource can be read by sidecars, as a condition for its ``status``: field, cause and remedy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dapr_core.kube import Kind, Object
from dapr_core.kube.objects import section
from dapr_core.resources.constraints import violations
from dapr_core.resources.crds import DEFINITIONS
from dapr_core.resources.decoding import DecodeError, decode
from dapr_operator.resources.required import missing

CONDITION: Final = "Valid"
GOOD: Final = "Read"
BAD: Final = "FieldsDoNotRead"
_LONGEST: Final = 4096

_MODELS: Final = {definition.plural: definition.versions[-1] for definition in DEFINITIONS}


def problems(kind: Kind, thing: Mapping[str, Any]) -> tuple[str, ...]:
    """Everything that is wrong with a resource, one text a field; empty when nothing is."""
    model = _MODELS[kind.plural]
    absent = tuple(missing(model, thing))
    try:
        others = violations(decode(model, thing))
    except DecodeError as error:
        others = error.problems
    # What is missing may also be too short, or no value of an enumeration; once is enough.
    told = {problem.path for problem in absent}
    return tuple(str(problem) for problem in (*absent, *(each for each in others if each.path not in told)))


def condition(found: tuple[str, ...], generation: int, at: str) -> Object:
    """What the status says. ``at`` is the time, RFC 3339."""
    return {
        "type": CONDITION,
        "status": "False" if found else "True",
        "observedGeneration": generation,
        "lastTransitionTime": at,
        "reason": BAD if found else GOOD,
        "message": "; ".join(found)[:_LONGEST],
    }


def present_condition(thing: Mapping[str, Any]) -> Mapping[str, Any]:
    """The condition that a resource has; empty when it was never looked at."""
    conditions = section(thing, "status").get("conditions")
    for one in conditions if isinstance(conditions, list) else ():
        if isinstance(one, dict) and one.get("type") == CONDITION:
            return one
    return {}


def differs(present: Mapping[str, Any], wanted: Object) -> bool:
    """Whether the status has to be written."""
    return any(present.get(name) != wanted[name] for name in ("status", "reason", "message", "observedGeneration"))
