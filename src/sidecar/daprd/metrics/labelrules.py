"""Rewrites of label values that a Configuration asks for (``spec.metrics.rules``; observability.md §2).

A rule's name is the exported one; its first ``dapr_`` is dropped and ``_`` and ``/`` are the same. Patterns are
Python's regular expressions (the original's are RE2, whose common ground is large); replacements write groups as
``$1``. Values are rewritten once, when a recorder meets them, not at every record.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_GROUP: Final = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})")
_LONGEST: Final = 1_024
"""Characters of a value that patterns are tried on: a bound on what a client's path can cost."""

RuleTable = Mapping[tuple[str, str], tuple[tuple[str, str], ...]]


class LabelRuleError(ValueError):
    """A pattern of ``spec.metrics.rules`` is no regular expression."""


class LabelRules:
    """The compiled rules; ``rewrite`` gives a label's value after them."""

    def __init__(self, table: RuleTable | None = None) -> None:
        self._rules: dict[tuple[str, str], list[tuple[re.Pattern[str], str]]] = {}
        for (metric, label), rewrites in (table or {}).items():
            key = (_key(metric), label)
            self._rules[key] = [(_compiled(metric, pattern), _template(text)) for pattern, text in rewrites]

    def rewrite(self, metric: str, label: str, value: str) -> str:
        """The value as it is exposed. ``metric`` is the family's exported name."""
        for pattern, template in self._rules.get((_key(metric), label), ()):
            value = pattern.sub(template, value[:_LONGEST])
        return value

    @property
    def empty(self) -> bool:
        """Whether there are no rules."""
        return not self._rules


def _key(metric: str) -> str:
    return metric.removeprefix("dapr_").replace("_", "/")


def _compiled(metric: str, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise LabelRuleError(f"failed to compile regex for rule {metric}: {pattern}: {error}") from None


def _template(text: str) -> str:
    escaped = text.replace("\\", "\\\\")
    return _GROUP.sub(lambda group: _reference(group[1] or group[2]), escaped)


def _reference(name: str | None) -> str:
    return "$" if name is None else f"\\g<{name}>"
