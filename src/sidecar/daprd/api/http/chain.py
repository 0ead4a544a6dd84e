"""Putting work before and after a handler without making every request asynchronous.

A handler answers with a ``Response`` or with something to await. A step that looks at the answer must not turn the
first kind into the second, because a plain answer costs the server no task: ``then`` runs at once when it can.
Steps that are not configured are simply not in the chain.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeAlias

from dapr_components.middleware.contract import AsyncHandler
from dapr_core.rpc.messages import Handler, Request, Response

Step: TypeAlias = Callable[[Handler], Handler]
"""Wraps a handler; called once, when the chain is built."""


def compose(innermost: Handler, steps: Iterable[Step]) -> Handler:
    """The handler in which the first step is outermost."""
    handler = innermost
    for step in reversed(list(steps)):
        handler = step(handler)
    return handler


def then(answer: Response | Awaitable[Response], look: Callable[[Response], None]) -> Response | Awaitable[Response]:
    """Show the answer to ``look``, now or when it is there. A handler that raises is not looked at."""
    if isinstance(answer, Response):
        look(answer)
        return answer
    return _then(answer, look)


async def _then(answer: Awaitable[Response], look: Callable[[Response], None]) -> Response:
    response = await answer
    look(response)
    return response


def pipeline(wrap: Callable[[AsyncHandler], AsyncHandler]) -> Step:
    """A step out of a configured pipeline, whose middlewares are asynchronous."""

    def step(following: Handler) -> Handler:
        async def call(request: Request) -> Response:
            answer = following(request)
            return answer if isinstance(answer, Response) else await answer

        return wrap(call)

    return step


def size_of(response: Response) -> int:
    """How many bytes the answer's body has; 0 for one that is still to come and has not said."""
    return len(response.body) if isinstance(response.body, bytes) else response.length or 0
