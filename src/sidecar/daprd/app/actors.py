"""Actors in an HTTP application: what it is asked, and what its answers mean (actors-placement.md §3.4, §3.7, §5).

The layers keep this module from the block's contract of a host; ``runtime`` joins the two.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from dapr_core.rpc.deferred import Deferred, Detour
from dapr_core.rpc.messages import Headers, Request, Response
from dapr_core.truth import is_truthy
from daprd.app.answers import whole
from daprd.app.contract import AppChannel, AppChannelError

_JSON: Headers = [(b"content-type", b"application/json")]
_PROTOBUF: Headers = [(b"content-type", b"application/x-protobuf")]
_TEXT: Final = 1024
"""Bytes of an application's own error text that are told on."""


class ActorAnswerError(Exception):
    """The application did not do what it was asked; ``permanent``: nor would it another time."""

    def __init__(self, text: str, reason: str, *, permanent: bool = False) -> None:
        super().__init__(text)
        self.reason = reason
        self.permanent = permanent


class HttpActors:
    """An application's actors. ``limit`` bounds answers, in bytes."""

    def __init__(self, channel: AppChannel, limit: int | None) -> None:
        self._channel = channel
        self._limit = limit

    def call(
        self, actor_type: str, actor_id: str, method: str, query: bytes, headers: Headers, data: bytes
    ) -> Deferred[Response]:
        """Call a method; the answer has status 200 and its whole body. ``headers`` are not changed.

        Raises ``ActorAnswerError``, at once or as the outcome.
        """
        path = f"actors/{actor_type}/{actor_id}/method/{method}"
        target = b"/" + path.encode() + (b"?" + query if query else b"")
        return self._asked(Request("PUT", target, headers, data), path)

    async def fire(self, actor_type: str, actor_id: str, name: str, body: bytes) -> bool:
        """Tell of a timer or reminder; whether the application wants no more of them. Raises ``ActorAnswerError``."""
        path = f"actors/{actor_type}/{actor_id}/method/{name}"
        answer = await self._asked(Request("PUT", b"/" + path.encode(), list(_JSON), body), path)
        cancel = answer.header(b"x-daprremindercancel")
        return cancel is not None and is_truthy(cancel.decode("latin-1"))

    async def deactivate(self, actor_type: str, actor_id: str) -> None:
        """Let an actor go. Raises ``ActorAnswerError``."""
        path = f"actors/{actor_type}/{actor_id}"
        await self._asked(Request("DELETE", b"/" + path.encode(), list(_PROTOBUF)), path)

    def _asked(self, request: Request, path: str) -> Deferred[Response]:
        try:
            begun = self._channel.begin(request)
        except Exception as error:
            raise _unanswered(error) from error
        begun.after(partial(self._answered, path))
        return begun

    def _answered(self, path: str, answer: Response | None, error: BaseException | None) -> Response:
        """The step behind a question: its answer, if that is what was asked for, and whole."""
        if answer is None:
            assert error is not None
            raise _unanswered(error) if isinstance(error, Exception) else error
        body = answer.body
        if type(body) is not bytes or (self._limit is not None and len(body) > self._limit):
            raise Detour(self._read(path, answer))
        return _meant(path, answer, body)

    async def _read(self, path: str, answer: Response) -> Response:
        try:
            body = await whole(answer, self._limit)
        except Exception as error:
            raise _unanswered(error) from error
        return _meant(path, answer, body)


def _unanswered(error: Exception) -> ActorAnswerError:
    if isinstance(error, AppChannelError):
        return ActorAnswerError(str(error), "invoke")
    return ActorAnswerError(f"the application's answer broke off: {error}", "invoke")


def _meant(path: str, answer: Response, body: bytes) -> Response:
    """The answer, unless it says that the application did not do it."""
    if answer.status == 200:
        return answer
    reason = f"status_code_{answer.status}"
    if answer.status == 404:
        raise ActorAnswerError(f"actor method not found: {path}", reason, permanent=True)
    text = body[:_TEXT].decode("utf-8", "replace")
    # Without a text nothing stays behind the status: no field of HTTP/2 may end with a space (RFC 9113 8.2.1).
    raise ActorAnswerError(f"error from actor service: ({answer.status}) {text}".rstrip(" "), reason)
