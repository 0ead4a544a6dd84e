"""Parse the common subset of CEL into closures.

The subset: literals and lists, ``a.b``, ``a["b"]``, ``a[0]``, ``has(a.b)``, ``size(a)``, the string methods
``startsWith``, ``endsWith`` and ``contains``, ``!``, the comparisons, ``in``, ``&&``, ``||`` and parentheses. Whatever
else appears raises ``UnsupportedError``, valid or not: the library decides.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from daprd.policy.cel import values
from daprd.policy.cel.values import CELError, truth

Node: TypeAlias = Callable[[Mapping[str, Any]], Any]

MAX_DEPTH = 50
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<float>[0-9]+\.[0-9]+(?:[eE][-+]?[0-9]+)?)(?![\w.])
      | (?P<int>[0-9]+)(?![\w.])
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)(?!["'])
      | (?P<string>"(?!"")[^"\\\n\r]*" | '(?!'')[^'\\\n\r]*')
      | (?P<operator>==|!=|<=|>=|&&|\|\||[<>!().,\[\]-])
      | (?P<end>\Z)
    )""",
    re.VERBOSE | re.ASCII,
)
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}
_RESERVED_WORDS = """
    as break const continue else for function if import in let loop namespace package return var void while
"""
_RESERVED = frozenset(_RESERVED_WORDS.split())
_MAX_INT = 2**63 - 1


def _less(name: str, function: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return values.compare(name, function)


_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": values.equal,
    "!=": lambda left, right: not values.equal(left, right),
    "<": _less("<", operator.lt),
    "<=": _less("<=", operator.le),
    ">": _less(">", operator.gt),
    ">=": _less(">=", operator.ge),
    "in": values.contains,
}
_METHODS: dict[str, Callable[[Any, Any], bool]] = {
    "startsWith": values.text_method("startsWith", str.startswith),
    "endsWith": values.text_method("endsWith", str.endswith),
    "contains": values.text_method("contains", lambda text, part: part in text),
}


class UnsupportedError(Exception):
    """The text is outside the subset; it may still be CEL."""


def parse(text: str) -> Node:
    """Compile an expression of the subset. Raises ``UnsupportedError``."""
    parser = _Parser(_tokens(text))
    node = parser.expression()
    parser.expect("end", "")
    return node


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at = 0
    while not tokens or tokens[-1][0] != "end":
        found = _TOKEN.match(text, at)
        if found is None:
            raise UnsupportedError
        at = found.end()
        kind = found.lastgroup or ""
        tokens.append((kind, found.group(kind)))
    return tokens


class _Parser:
    """Recursive descent over the tokens, by CEL's order of precedence."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise UnsupportedError
        node = self._conjunction()
        while self._take("operator", "||"):
            node = _or(node, self._conjunction())
        self.depth -= 1
        return node

    def expect(self, kind: str, text: str) -> None:
        if not self._take(kind, text):
            raise UnsupportedError

    def _conjunction(self) -> Node:
        node = self._relation()
        while self._take("operator", "&&"):
            node = _and(node, self._relation())
        return node

    def _relation(self) -> Node:
        node = self._unary()
        while self.tokens[self.at][1] in _RELATIONS and self.tokens[self.at][0] in ("operator", "name"):
            relate = _RELATIONS[self.tokens[self.at][1]]
            self.at += 1
            node = _relate(relate, node, self._unary())
        return node

    def _unary(self) -> Node:
        negations = 0
        while self._take("operator", "!"):
            negations += 1
        node = self._member()
        for _ in range(min(negations, 2 - negations % 2)):
            node = _not(node)
        return node

    def _member(self) -> Node:
        node = self._primary()
        while True:
            if self._take("operator", "."):
                node = self._selection(node, self._name())
            elif self._take("operator", "["):
                node = _index(node, self.expression())
                self.expect("operator", "]")
            else:
                return node

    def _selection(self, node: Node, name: str) -> Node:
        if not self._take("operator", "("):
            return _select(node, name)
        if name == "size" and self._take("operator", ")"):
            return lambda variables: values.size(node(variables))
        if name not in _METHODS:
            raise UnsupportedError
        argument = self.expression()
        self.expect("operator", ")")
        return _relate(_METHODS[name], node, argument)

    def _primary(self) -> Node:
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "operator" and text == "(":
            node = self.expression()
            self.expect("operator", ")")
            return node
        if kind == "operator" and text == "[":
            return self._list()
        if kind == "operator" and text == "-":
            kind, text = self.tokens[self.at]
            self.at += 1
            return _constant(-_number(kind, text))
        if kind in ("int", "float"):
            return _constant(_number(kind, text))
        if kind == "string":
            return _constant(text[1:-1])
        if kind == "name":
            return self._identifier(text)
        raise UnsupportedError

    def _identifier(self, name: str) -> Node:
        if name in _CONSTANTS:
            return _constant(_CONSTANTS[name])
        if name in _RESERVED:
            raise UnsupportedError
        if self._take("operator", "("):
            return self._call(name)
        return _variable(name)

    def _call(self, name: str) -> Node:
        if name == "size":
            argument = self.expression()
            self.expect("operator", ")")
            return lambda variables: values.size(argument(variables))
        if name != "has":
            raise UnsupportedError
        node = self._primary_of_has()
        self.expect("operator", ")")
        return node

    def _primary_of_has(self) -> Node:
        """``has(a.b.c)``: everything but the last name is evaluated, the last is looked for."""
        node = self._identifier(self._name())
        self.expect("operator", ".")
        name = self._name()
        while self._take("operator", "."):
            node, name = _select(node, name), self._name()
        return _has(node, name)

    def _list(self) -> Node:
        items: list[Node] = []
        if not self._take("operator", "]"):
            items.append(self.expression())
            while self._take("operator", ","):
                items.append(self.expression())
            self.expect("operator", "]")
        return lambda variables: [item(variables) for item in items]

    def _name(self) -> str:
        kind, text = self.tokens[self.at]
        if kind != "name" or text in _RESERVED or text in _CONSTANTS:
            raise UnsupportedError
        self.at += 1
        return text

    def _take(self, kind: str, text: str) -> bool:
        if self.tokens[self.at] != (kind, text):
            return False
        self.at += 1
        return True


def _number(kind: str, text: str) -> int | float:
    if kind == "float":
        return float(text)
    if kind != "int" or int(text) > _MAX_INT:
        raise UnsupportedError
    return int(text)


def _constant(value: Any) -> Node:
    return lambda variables: value


def _variable(name: str) -> Node:
    def run(variables: Mapping[str, Any]) -> Any:
        try:
            return variables[name]
        except KeyError:
            raise CELError(f"no such attribute: {name}") from None

    return run


def _select(node: Node, name: str) -> Node:
    def run(variables: Mapping[str, Any]) -> Any:
        value = node(variables)
        try:
            return value[name] if value.__class__ is dict else values.member(value, name)
        except KeyError:
            raise CELError(f"no such key: {name}") from None

    return run


def _index(node: Node, key: Node) -> Node:
    return lambda variables: values.index(node(variables), key(variables))


def _has(node: Node, name: str) -> Node:
    def run(variables: Mapping[str, Any]) -> bool:
        value = node(variables)
        if not isinstance(value, Mapping):
            raise values.no_overload("has", value)
        return name in value

    return run


def _relate(relate: Callable[[Any, Any], bool], left: Node, right: Node) -> Node:
    return lambda variables: relate(left(variables), right(variables))


def _not(node: Node) -> Node:
    return lambda variables: not truth(node(variables))


def _and(left: Node, right: Node) -> Node:
    return _decided_by(False, left, right)


def _or(left: Node, right: Node) -> Node:
    return _decided_by(True, left, right)


def _decided_by(decisive: bool, left: Node, right: Node) -> Node:
    """``||`` and ``&&``: either side may decide alone, even when the other one fails."""

    def run(variables: Mapping[str, Any]) -> bool:
        try:
            if truth(left(variables)) is decisive:
                return decisive
        except CELError:
            if truth(right(variables)) is decisive:
                return decisive
            raise
        return truth(right(variables))

    return run
