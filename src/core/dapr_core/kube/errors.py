"""What can go wrong with the Kubernetes API, by what the caller can do about it.

An ``ApiError`` is the server's own word: a ``Status`` object (API conventions, "Response Status Kind"), which also
comes in the middle of a watch. Everything else never got that far.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

MAX_MESSAGE: Final = 2048
"""Characters of a server's message that are kept."""


class KubeError(Exception):
    """A request to the Kubernetes API came to nothing."""


class UnreachableError(KubeError):
    """The server cannot be reached, did not answer in time, or broke off. Whether a write was done is not known."""


class BadAnswerError(KubeError):
    """The server's answer is none of the Kubernetes API, or exceeds a limit."""


@dataclass(frozen=True, slots=True)
class Status:
    """The server's verdict.

    Attributes:
        code: the HTTP status.
        reason: one word for programs, as ``NotFound``; empty when there is none.
        message: for people.
        retry_after: seconds after which it may be tried again; None when nothing is said.
        causes: the fields that are wrong, each with what is wrong about it.
    """

    code: int
    reason: str = ""
    message: str = ""
    retry_after: float | None = None
    causes: tuple[tuple[str, str], ...] = ()


class ApiError(KubeError):
    """The server refused. ``status`` holds its words; subclasses are for those who can do something about it."""

    def __init__(self, status: Status) -> None:
        what = f"{status.code} {status.reason}".strip()
        super().__init__(f"{status.message or 'the Kubernetes API refused the request'} ({what})")
        self.status = status


class UnauthorizedError(ApiError):
    """401: the credentials are not known, or have expired."""


class ForbiddenError(ApiError):
    """403: the credentials are known and may not do this; a Role is missing."""


class NotFoundError(ApiError):
    """404: there is no such object, or no such kind."""


class ConflictError(ApiError):
    """409: somebody else changed the object since it was read. Read it again and decide anew."""


class AlreadyExistsError(ApiError):
    """409: an object of that name is there already."""


class GoneError(ApiError):
    """410: the resourceVersion, or the page, is too old. List again."""


class InvalidObjectError(ApiError):
    """422 or 400: the object breaks a rule; ``status.causes`` names the fields."""


class TooManyRequestsError(ApiError):
    """429: the server is busy; ``status.retry_after`` tells for how long."""


class ServerError(ApiError):
    """5xx: the server failed. Whether a write was done is not known."""


_BY_REASON: Final[Mapping[str, type[ApiError]]] = {
    "AlreadyExists": AlreadyExistsError,
    "Conflict": ConflictError,
    "Expired": GoneError,
    "Gone": GoneError,
}
_BY_CODE: Final[Mapping[int, type[ApiError]]] = {
    400: InvalidObjectError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    410: GoneError,
    422: InvalidObjectError,
    429: TooManyRequestsError,
}


def api_error(status: Status) -> ApiError:
    """The error that a status means."""
    kind = _BY_REASON.get(status.reason) or _BY_CODE.get(status.code)
    if kind is None:
        kind = ServerError if status.code >= 500 else ApiError
    return kind(status)


def status_of(value: object, code: int, retry_after: float | None = None) -> Status:
    """Read a ``Status`` object, or make the best of what is none.

    Args:
        value: what the body holds; anything.
        code: the HTTP status, for when the object names none.
        retry_after: seconds of the ``Retry-After`` field.
    """
    if not isinstance(value, Mapping) or value.get("kind") != "Status":
        return Status(code, retry_after=retry_after)
    details = value.get("details")
    details = details if isinstance(details, Mapping) else {}
    seconds = details.get("retryAfterSeconds")
    if retry_after is None and isinstance(seconds, int) and not isinstance(seconds, bool) and seconds > 0:
        retry_after = float(seconds)
    given = value.get("code")
    return Status(
        given if isinstance(given, int) and not isinstance(given, bool) else code,
        _text(value.get("reason"))[:100],
        _text(value.get("message"))[:MAX_MESSAGE],
        retry_after,
        _causes(details.get("causes")),
    )


def _causes(value: Any) -> tuple[tuple[str, str], ...]:
    causes = value if isinstance(value, list) else []
    return tuple((_text(each.get("field")), _text(each.get("message"))) for each in causes if isinstance(each, Mapping))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
