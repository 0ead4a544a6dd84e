"""Who may have sidecars put into pods: controllers of the cluster, and service accounts that are named (§5.2).

A pod is nearly always made by a controller, in its own name; somebody who makes a pod by hand has to be on the list or
in ``system:masters``. Patterns are ``namespace:name``, each side a shell glob.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

ACCOUNT: Final = "system:serviceaccount:"
MASTERS: Final = "system:masters"

DEFAULT_PATTERNS: Final = (
    *(
        f"kube-system:{name}"
        for name in (
            "replicaset-controller",
            "replication-controller",
            "deployment-controller",
            "cronjob-controller",
            "job-controller",
            "statefulset-controller",
            "daemon-set-controller",
        )
    ),
    "openshift-operator-lifecycle-manager:olm-operator-serviceaccount",
    "tekton-pipelines:tekton-pipelines-controller",
    "mirrord:mirrord-operator",
)


class InvalidPatternError(ValueError):
    """A pattern is none; the text tells what to write."""


@dataclass(frozen=True, slots=True)
class AllowedCallers:
    """The list, compiled."""

    patterns: tuple[re.Pattern[str], ...]

    def allow(self, username: str, groups: Sequence[str]) -> bool:
        """Whether who sent the request may have pods injected."""
        if MASTERS in groups:
            return True
        account = username.removeprefix(ACCOUNT)
        if account == username:
            return False
        return any(pattern.fullmatch(account) for pattern in self.patterns)


def allowed_callers(*lists: str) -> AllowedCallers:
    """The default list and comma-separated additions to it.

    Raises:
        InvalidPatternError: one of the additions is no pattern.
    """
    added = [item for text in lists for part in text.split(",") if (item := part.strip())]
    return AllowedCallers(tuple(_patterns([*DEFAULT_PATTERNS, *added])))


def _patterns(texts: Iterable[str]) -> Iterable[re.Pattern[str]]:
    for text in texts:
        sides = text.split(":")
        if len(sides) != 2 or not all(sides):
            raise InvalidPatternError(
                f"invalid pattern {text[:80]!r}, must contain exactly one ':', as in my-namespace:my-account"
            )
        yield re.compile(":".join(map(_glob, sides)))


def _glob(text: str) -> str:
    """A glob as a regular expression: ``*``, ``?``, ``[a-z]``, ``[^a-z]``; none of them matches ``/`` or ``:``."""
    found: list[str] = []
    place = 0
    while place < len(text):
        char = text[place]
        end = text.find("]", place + 2) if char == "[" else -1
        if char in "*?":
            found.append("[^/:]" + ("*" if char == "*" else ""))
        elif end > 0:
            body = text[place + 1 : end]
            negated = body.startswith("^")
            members = re.escape(body[1:] if negated else body).replace("\\-", "-")
            found.append(f"[{'^/:' if negated else ''}{members}]")
            place = end
        elif char == "[":
            raise InvalidPatternError(f"invalid pattern {text[:80]!r}: a bracket is not closed")
        else:
            found.append(re.escape(char))
        place += 1
    try:
        re.compile("".join(found))
    except re.error as error:
        raise InvalidPatternError(f"invalid pattern {text[:80]!r}: {error}") from None
    return "".join(found)
