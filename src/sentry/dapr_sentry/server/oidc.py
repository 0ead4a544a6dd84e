"""OIDC discovery: where others learn how to check sentry's JWTs (control-plane.md §1.9; OpenID Connect Discovery §4).

Two documents under a prefix, nothing else. Names of hosts come from requests, so they are believed only as far as the
allow list goes; without one ``X-Forwarded-Host`` counts for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from dapr_core.jsonx import dumps
from dapr_core.rpc.messages import Headers, Request, Response
from dapr_sentry.authority.jwtkeys import JwtKeys

DISCOVERY: Final = "/.well-known/openid-configuration"
JWKS: Final = "/jwks.json"

_JSON: Final = ((b"content-type", b"application/json"), (b"cache-control", b"public, max-age=3600"))
_TEXT: Final = ((b"content-type", b"text/plain; charset=utf-8"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSettings:
    """How the documents are served.

    Attributes:
        issuer: of the tokens; None derives it from the request.
        jwks_uri: where the key set is; empty derives it.
        prefix: before the paths, without slash at its end.
        allowed_hosts: hosts that requests may name; empty allows all.
        tls: whether we are served by https.
    """

    issuer: str | None = None
    jwks_uri: str = ""
    prefix: str = ""
    allowed_hosts: tuple[str, ...] = ()
    tls: bool = True


class Discovery:
    """Answers requests. ``keys`` gives the JWT keys in force, or None."""

    def __init__(self, settings: OidcSettings, keys: Callable[[], JwtKeys | None]) -> None:
        self._settings = settings
        self._keys = keys
        self._paths = {
            (settings.prefix + DISCOVERY).encode(): self._discovery,
            (settings.prefix + JWKS).encode(): self._jwks,
        }

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        serve = self._paths.get(request.target.partition(b"?")[0])
        if not self._allowed(request):
            return _text(403, b"Forbidden\n")
        if serve is None:
            return _text(404, b"404 page not found\n")
        if request.method != "GET":
            return _text(405, b"Method Not Allowed\n", [(b"allow", b"GET")])
        keys = self._keys()
        if keys is None:
            return _text(404, b"404 page not found\n")
        return Response(200, list(_JSON), serve(request, keys))

    def _jwks(self, _request: Request, keys: JwtKeys) -> bytes:
        return keys.jwks

    def _discovery(self, request: Request, keys: JwtKeys) -> bytes:
        settings = self._settings
        origin = self._origin(request)
        issuer = settings.issuer if settings.issuer is not None else origin + settings.prefix
        return dumps(
            {
                "issuer": issuer,
                "jwks_uri": settings.jwks_uri or _origin_of(issuer, origin) + settings.prefix + JWKS,
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [keys.algorithm.name],
                "scopes_supported": ["openid"],
                "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nbf", "use"],
            }
        )

    def _origin(self, request: Request) -> str:
        host = _header(request, b"host")
        allowed = self._settings.allowed_hosts
        if allowed and "*" not in allowed:
            host = _header(request, b"x-forwarded-host") or host
        return f"{'https' if self._settings.tls else 'http'}://{host}"

    def _allowed(self, request: Request) -> bool:
        allowed = self._settings.allowed_hosts
        if not allowed or "*" in allowed:
            return True
        host = _header(request, b"x-forwarded-host") or _header(request, b"host")
        return host in allowed or _without_port(host) in allowed


def normal_prefix(prefix: str) -> str:
    """A prefix with a slash before it and none behind; ``/`` and nothing are none."""
    stripped = prefix.strip("/")
    return f"/{stripped}" if stripped else ""


def _origin_of(issuer: str, otherwise: str) -> str:
    """Scheme and host of an issuer that is a URL."""
    parts = urlsplit(issuer)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else otherwise


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0].removeprefix("[")
    return host.rpartition(":")[0] if host.count(":") == 1 else host


def _header(request: Request, name: bytes) -> str:
    return (request.header(name) or b"").decode("latin-1").strip()


def _text(status: int, body: bytes, headers: Headers | None = None) -> Response:
    return Response(status, [*_TEXT, *(headers or [])], body)
