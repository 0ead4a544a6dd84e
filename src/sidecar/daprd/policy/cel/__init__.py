"""CEL expressions: routing rules of subscriptions and trip conditions of circuit breakers.

Nearly all of them are comparisons of members joined by ``&&`` and ``||``; those are compiled here into plain
closures, a hundred times cheaper to run than a general interpreter and with nothing to import. An expression beyond
that subset (arithmetic, macros, ``matches``…) is given to the ``cel-python`` library, which is loaded only then.

Values are decoded JSON. Numbers of different types compare by value, and values of different kinds are unequal and
not an error, as in cel-go. An error on one side of ``&&`` or ``||`` is absorbed when the other side decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from daprd.policy.cel.parsing import UnsupportedError, parse
from daprd.policy.cel.values import CELError, plain

__all__ = ["BadExpressionError", "CELError", "Program", "compile_expression"]

Program: TypeAlias = Callable[[Mapping[str, Any]], Any]
"""Evaluates the expression over variables by name; raises ``CELError``."""

MAX_LENGTH = 10_000
"""Characters; a longer expression is refused."""


class BadExpressionError(ValueError):
    """The text is no CEL expression; the message shows it and says where it fails."""


def compile_expression(text: str) -> Program:
    """Compile an expression. Identifiers are not checked: one that is missing at run time is an error then.

    Raises:
        BadExpressionError: the text does not parse.
    """
    if len(text) > MAX_LENGTH:
        raise BadExpressionError(f"expression of {len(text)} characters: at most {MAX_LENGTH} are allowed")
    try:
        evaluate = parse(text)
    except UnsupportedError:
        from daprd.policy.cel import library

        try:
            return library.compile_expression(text)
        except library.ParseError as error:
            raise BadExpressionError(f"invalid CEL expression {text!r}: {error}") from None
    return lambda variables: plain(evaluate(variables))
