"""``middleware.http.routeralias``: other paths for routes of the API (building-blocks.md §7).

A rule maps a path template to a target: ``/orders/{id}`` to ``/v1.0/invoke/shop/method/order``. Variables of the
template become query parameters of the target. The first rule that fits wins; other requests pass unchanged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.middleware.contract import AsyncHandler, Middleware
from dapr_core.rpc.messages import Request, Response

_VARIABLE = re.compile(r"\{([^{}:]+)(?::((?:[^{}]|\{[^{}]*\})+))?\}")
_SAFE = "/:@!$&'()*+,;=-._~%"


class RouterAliasMiddleware(Middleware):
    """Rewrites request targets. Field: ``routes``, a JSON or YAML object of templates and targets."""

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._rules: list[_Rule] = []

    async def init(self, metadata: Metadata) -> None:
        """Read the rules. Raises ``ComponentError`` naming the one that is wrong."""
        routes = metadata.get("routes")
        if routes is not None:
            pairs = _parse(routes)
        else:
            pairs = dict(metadata)
            if pairs:
                self.context.logger.warning(
                    "middleware %s: listing routes as metadata entries is deprecated, use the field 'routes'",
                    self.context.name,
                )
        self._rules = [_Rule.parse(template, target) for template, target in pairs.items()]

    def wrap(self, following: AsyncHandler) -> AsyncHandler:
        """See ``Middleware.wrap``."""

        async def handle(request: Request) -> Response:
            path, _, query = request.target.partition(b"?")
            decoded = unquote_to_bytes(path).decode(errors="surrogateescape")
            for rule in self._rules:
                variables = rule.match(decoded)
                if variables is not None:
                    request.target = rule.rewritten(query, variables)
                    break
            return await following(request)

        return handle


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    path: bytes
    query: str

    @classmethod
    def parse(cls, template: str, target: str) -> _Rule:
        """Compile ``/a/{name}`` or ``/a/{name:regexp}``."""
        if not template.startswith("/") or not target.startswith("/"):
            raise ComponentError(f"route {template!r} to {target!r}: both must begin with '/'")
        names: list[str] = []
        parts: list[str] = []
        at = 0
        for found in _VARIABLE.finditer(template):
            parts.append(_literal(template[at : found.start()], template))
            parts.append(f"(?P<v{len(names)}>{found[2] or '[^/]+'})")
            names.append(found[1].strip())
            at = found.end()
        parts.append(_literal(template[at:], template))
        try:
            pattern = re.compile("".join(parts))
        except re.error as error:
            raise ComponentError(f"route {template!r}: {error}") from None
        path, _, query = target.partition("?")
        return cls(pattern, tuple(names), quote(path, safe=_SAFE).encode(), query)

    def match(self, path: str) -> dict[str, str] | None:
        """The variables of a path that fits."""
        found = self.pattern.fullmatch(path)
        if found is None:
            return None
        return {name: found[f"v{index}"] for index, name in enumerate(self.names)}

    def rewritten(self, query: bytes, variables: dict[str, str]) -> bytes:
        """The new request target; parameters are sorted by name when variables are added, as Go encodes them."""
        given = "&".join(part for part in (self.query, query.decode(errors="surrogateescape")) if part)
        if variables:
            pairs = parse_qsl(given, keep_blank_values=True, errors="surrogateescape") + list(variables.items())
            given = urlencode(sorted(pairs, key=lambda pair: pair[0]), errors="surrogateescape")
        return self.path + b"?" + given.encode(errors="surrogateescape") if given else self.path


def _literal(text: str, template: str) -> str:
    if "{" in text or "}" in text:
        raise ComponentError(f"route {template!r} has unbalanced braces")
    return re.escape(text)


def _parse(text: str) -> dict[str, str]:
    import yaml  # JSON is YAML, and only this field needs it

    try:
        routes = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ComponentError(f"routes is neither JSON nor YAML: {error}") from None
    if routes is None:
        return {}
    if not isinstance(routes, dict) or not all(isinstance(value, str) for value in routes.values()):
        raise ComponentError("routes must be an object of path templates and targets")
    return {str(template): target for template, target in routes.items()}
