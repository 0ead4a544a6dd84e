"""Routing rules of a subscription: which path an event goes to (building-blocks.md §1.11)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from daprd.policy.cel import BadExpressionError, Program, compile_expression

__all__ = ["BadExpressionError", "Routes", "Rule", "RuleError"]


class RuleError(Exception):
    """A rule could not be decided for an event."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Events for which ``match`` holds go to ``path``. A blank ``match`` always holds."""

    match: str
    path: str
    program: Program | None

    @classmethod
    def parse(cls, match: str, path: str) -> Rule:
        """Compile a rule. Raises ``BadExpressionError``, naming the expression."""
        return cls(match, path, compile_expression(match) if match.strip() else None)


class Routes:
    """The rules of one subscription in their order, the default last."""

    __slots__ = ("rules",)

    def __init__(self, rules: Iterable[tuple[str, str]] = (), *, default: str | None = None) -> None:
        """``rules`` are pairs of match and path; ``default`` the path when none holds.

        Raises:
            BadExpressionError: a match does not parse; the subscription must not start.
        """
        compiled = [Rule.parse(match, path) for match, path in rules]
        if default is not None:
            compiled.append(Rule("", default, None))
        self.rules = tuple(compiled)

    def path(self, event: Any) -> str | None:
        """Where the event goes; None when no rule holds and there is no default.

        Raises:
            RuleError: a rule's result is no boolean.
            CELError: a rule could not be evaluated.
        """
        variables = {"event": event}
        for rule in self.rules:
            if rule.program is None:
                return rule.path
            result = rule.program(variables)
            if result is True:
                return rule.path
            if result is not False:
                raise RuleError(f"the result of match expression {rule.match} was not a boolean")
        return None
