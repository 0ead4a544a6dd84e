"""The manifest of ``bindings.http``: where to call, how long to wait, who we are (components.md §2.5)."""

from __future__ import annotations

import os
import ssl
import tempfile
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, urlsplit

from dapr_components.common.metadata import Fields
from dapr_components.contract import ComponentError, Metadata
from dapr_core.resources.quantity import InvalidQuantityError, parse_quantity
from dapr_core.rpc.http1.client import Origin
from dapr_core.rpc.http1.userinfo import basic_credentials

DEFAULT_MAX_BODY = 100 * 1024 * 1024
RENEGOTIATIONS = ("renegotiatenever", "renegotiateonceasclient", "renegotiatefreelyasclient")
_SAFE = "/%?&=:@!$'()*+,;~-._[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class HTTPSettings:
    """``response_timeout`` in seconds, None without limit; ``max_body`` in bytes, None without limit."""

    url: str
    """For messages: without its user, password and query, which may be secrets."""
    origin: Origin
    base: str
    """The path (and query) of the url."""
    response_timeout: float | None = None
    max_body: int | None = DEFAULT_MAX_BODY
    credentials: bytes | None = field(default=None, repr=False)
    """Basic credentials of the url's user and password."""
    token: str = field(default="", repr=False)
    token_header: str = ""
    error_if_not_2xx: bool = True

    @classmethod
    def from_metadata(cls, metadata: Metadata) -> HTTPSettings:
        """Read the fields; certificates may be read from files.

        Raises:
            ComponentError: a field is missing or wrong; the text names it.
        """
        fields = Fields(metadata)
        parts = _url(fields)
        timeout = fields.seconds("responseTimeout")
        return cls(
            url=_shown(parts),
            origin=_origin(parts, tls_context(fields) if parts.scheme == "https" else None),
            credentials=basic_credentials(parts),
            base=parts.path + (f"?{parts.query}" if parts.query else ""),
            response_timeout=timeout if timeout > 0 else None,
            max_body=_max_body(fields),
            token=fields.raw("securityToken"),
            token_header=fields.raw("securityTokenHeader"),
            error_if_not_2xx=fields.flag("errorIfNot2XX", default=True),
        )

    def target(self, path: str) -> bytes:
        """The request target: the url's path, and ``path`` behind exactly one slash."""
        whole = f"{self.base.rstrip('/')}/{path.lstrip('/')}" if path else self.base or "/"
        return quote(whole, safe=_SAFE).encode()


def _url(fields: Fields) -> SplitResult:
    try:
        parts = urlsplit(fields.required("url"))
    except ValueError:
        raise ComponentError("metadata field 'url' is no URL: its host cannot be read") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ComponentError(
            f"metadata field 'url' is {_shown(parts)!r}: it must begin with http:// or https:// and a host"
        )
    return parts


def _origin(parts: SplitResult, context: ssl.SSLContext | None) -> Origin:
    where = f"metadata field 'url' is {_shown(parts)!r}"
    try:
        port = parts.port or (80 if context is None else 443)
    except ValueError:
        raise ComponentError(f"{where}: its port is no number up to 65535") from None
    try:
        return Origin(parts.hostname or "", port, tls=context)
    except UnicodeError:
        raise ComponentError(f"{where}: its host is no domain name (RFC 5890)") from None


def _shown(parts: SplitResult) -> str:
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _max_body(fields: Fields) -> int | None:
    text = fields.raw("maxResponseBodySize")
    if not text:
        return DEFAULT_MAX_BODY
    try:
        size = parse_quantity(text)
    except InvalidQuantityError as error:
        raise ComponentError(f"metadata field 'maxResponseBodySize' is {text!r}: {error}") from None
    if size < 0:
        raise ComponentError(f"metadata field 'maxResponseBodySize' is {text!r}: it cannot be negative")
    return size or None


def tls_context(fields: Fields) -> ssl.SSLContext:
    """The client's side of TLS.

    Renegotiation is checked for the sake of existing manifests; OpenSSL's client answers a server's request for it, and
    TLS 1.3 has none.

    Raises:
        ComponentError: a certificate or key cannot be read, or is given without the other.
    """
    fields.choice("MTLSRenegotiation", RENEGOTIATIONS, "")
    root = _pem(fields, "MTLSRootCA")
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if root:
        try:
            context = ssl.create_default_context(cadata=root)
        except (ssl.SSLError, ValueError) as error:
            raise ComponentError(f"metadata field 'MTLSRootCA' holds no certificate: {error}") from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
    cert, key = _pem(fields, "MTLSClientCert"), _pem(fields, "MTLSClientKey")
    if bool(cert) != bool(key):
        raise ComponentError("metadata fields 'MTLSClientCert' and 'MTLSClientKey' must be given together")
    if cert:
        _load_pair(context, cert, key)
    return context


def _load_pair(context: ssl.SSLContext, cert: str, key: str) -> None:
    with tempfile.NamedTemporaryFile(prefix="dapr-", suffix=".pem") as file:  # mode 0600; ssl reads files only
        file.write(f"{cert}\n{key}\n".encode())
        file.flush()
        try:
            context.load_cert_chain(file.name)
        except ssl.SSLError as error:
            raise ComponentError(
                f"metadata fields 'MTLSClientCert' and 'MTLSClientKey' are no matching PEM pair: {error.reason}"
            ) from None


def _pem(fields: Fields, name: str) -> str:
    """PEM text, given as it is or by the path of a file."""
    value = fields.raw(name)
    if not value or "-----BEGIN" in value:
        return value
    if not os.path.isfile(value):
        raise ComponentError(f"metadata field {name!r} is neither PEM text nor the path of a file")
    try:
        with open(value, encoding="ascii") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise ComponentError(f"metadata field {name!r}: the file {value} cannot be read as PEM text: {error}") from None
