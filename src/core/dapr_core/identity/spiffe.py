"""SPIFFE ids and trust domains as values, read strictly (control-plane.md §1.3; the SPIFFE ID standard, §2).

A workload of Dapr is ``spiffe://<trust domain>/ns/<namespace>/<app id>``. Whatever is no SPIFFE id of exactly the
standard's form is refused here and never normalised: two spellings must not name one workload.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

SCHEME: Final = "spiffe://"
MAX_ID: Final = 2048
"""Bytes of a whole id (SPIFFE ID §2.3)."""
MAX_TRUST_DOMAIN: Final = 255
DEFAULT_TRUST_DOMAIN: Final = "public"
"""The trust domain of workloads that name none (control-plane.md §1.2)."""

_NOT_DOMAIN: Final = re.compile(r"[^a-z0-9._-]")
_NOT_SEGMENT: Final = re.compile(r"[^A-Za-z0-9._-]")


class InvalidSpiffeIdError(ValueError):
    """The text is no trust domain, or no SPIFFE id; the message says which rule it breaks."""


@dataclass(frozen=True, slots=True)
class TrustDomain:
    """The name of a trust domain, already checked. Make it by ``parse_trust_domain``."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class SpiffeId:
    """An id, already checked: its trust domain and the path with its leading slash (or empty)."""

    trust_domain: TrustDomain
    path: str

    def __str__(self) -> str:
        return f"{SCHEME}{self.trust_domain.name}{self.path}"


@dataclass(frozen=True, slots=True)
class Workload:
    """Who a SPIFFE id of Dapr names."""

    trust_domain: TrustDomain
    namespace: str
    app_id: str

    def __str__(self) -> str:
        return f"{SCHEME}{self.trust_domain.name}/ns/{self.namespace}/{self.app_id}"


def parse_trust_domain(text: str) -> TrustDomain:
    """Read the name of a trust domain; a whole SPIFFE id is taken for the trust domain it is in.

    Raises:
        InvalidSpiffeIdError: it is empty, too long or holds other characters than the standard allows.
    """
    if ":/" in text:
        return parse_spiffe_id(text).trust_domain
    return _trust_domain(text)


def parse_spiffe_id(text: str) -> SpiffeId:
    """Read a SPIFFE id.

    Raises:
        InvalidSpiffeIdError: it breaks a rule of the standard; the message names the rule and quotes at most 100
            characters of the text.
    """
    if not text:
        raise InvalidSpiffeIdError("a SPIFFE ID cannot be empty")
    if not text.startswith(SCHEME):
        raise InvalidSpiffeIdError(f"scheme is missing or invalid, expected {SCHEME}: {text[:100]!r}")
    if len(text.encode("utf-8", "surrogatepass")) > MAX_ID:
        raise InvalidSpiffeIdError(f"a SPIFFE ID is at most {MAX_ID} bytes long: {text[:100]!r}…")
    domain, slash, path = text[len(SCHEME) :].partition("/")
    return SpiffeId(_trust_domain(domain), _path(slash + path))


def workload_id(trust_domain: TrustDomain, namespace: str, app_id: str) -> SpiffeId:
    """The id of a workload.

    Raises:
        InvalidSpiffeIdError: the namespace or the app id cannot be a segment of a SPIFFE id.
    """
    for name, segment in (("namespace", namespace), ("app id", app_id)):
        if reason := _segment_fault(segment):
            raise InvalidSpiffeIdError(f"the {name} {segment[:100]!r} cannot stand in a SPIFFE ID: {reason}")
    identity = SpiffeId(trust_domain, f"/ns/{namespace}/{app_id}")
    if len(str(identity)) > MAX_ID:
        raise InvalidSpiffeIdError(f"a SPIFFE ID is at most {MAX_ID} bytes long: {str(identity)[:100]!r}…")
    return identity


def workload_of(identity: SpiffeId) -> Workload:
    """Whom an id names. Segments after the app id are allowed and mean nothing (control-plane.md §1.3).

    Raises:
        InvalidSpiffeIdError: it does not begin with ``/ns/<namespace>/<app id>``.
    """
    parts = identity.path.split("/")
    if len(parts) < 4 or parts[0] or parts[1] != "ns" or not parts[2] or not parts[3]:
        raise InvalidSpiffeIdError(f"malformed SPIFFE ID: {identity}")
    return Workload(identity.trust_domain, parts[2], parts[3])


def _trust_domain(text: str) -> TrustDomain:
    if not text:
        raise InvalidSpiffeIdError("trust domain is missing")
    if len(text) > MAX_TRUST_DOMAIN:
        raise InvalidSpiffeIdError(f"a trust domain is at most {MAX_TRUST_DOMAIN} bytes long: {text[:100]!r}…")
    if _NOT_DOMAIN.search(text):
        raise InvalidSpiffeIdError(
            "trust domain characters are limited to lowercase letters, numbers, dots, dashes, and underscores: "
            f"{text[:100]!r}"
        )
    return TrustDomain(text)


def _path(text: str) -> str:
    if not text:
        return text
    if text.endswith("/"):
        raise InvalidSpiffeIdError("path cannot have a trailing slash")
    for segment in text[1:].split("/"):
        if reason := _segment_fault(segment):
            raise InvalidSpiffeIdError(reason)
    return text


def _segment_fault(segment: str) -> str:
    if not segment:
        return "path cannot contain empty segments"
    if segment in (".", ".."):
        return "path cannot contain dot segments"
    if _NOT_SEGMENT.search(segment):
        return "path segment characters are limited to letters, numbers, dots, dashes, and underscores"
    return ""
