"""The seam through which every guarded operation runs (crds-helm-config.md §3.7).

A block asks ``Policies`` for the policy of its target and gets None when nothing applies, so that the common case
costs one dictionary look-up. Otherwise it hands the operation to ``Policy.run``, which applies time-out, retry and
circuit breaker in the documented order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Literal, TypeAlias, TypeVar

T = TypeVar("T")

Direction: TypeAlias = Literal["inbound", "outbound"]
ComponentKind: TypeAlias = Literal[
    "Statestore", "Pubsub", "Binding", "Secretstore", "Configuration", "Lock", "Crypto", "Middleware", "Conversation"
]


class PermanentError(Exception):
    """Wraps a failure that must not be retried; ``cause`` is what the caller sees."""

    def __init__(self, cause: BaseException) -> None:
        self.cause = cause
        super().__init__(str(cause))


class RetriesExhaustedError(Exception):
    """All retries failed; ``cause`` is the last failure and ``attempts`` the number of retries made."""

    def __init__(self, cause: BaseException, attempts: int) -> None:
        self.cause = cause
        self.attempts = attempts
        super().__init__(str(cause))


class CircuitOpenError(Exception):
    """The breaker is open: nothing was tried."""


class Policy(ABC):
    """Time-out, retry and breaker for one target."""

    has_retry: bool
    """Whether the operation may be run more than once, and so needs a body that can be replayed."""

    built_in: bool = False
    """Whether this is a policy of Dapr's own (crds-helm-config.md §3.5) and not one that somebody wrote: it has no
    time-out and no breaker, and the caller raises ``PermanentError`` for whatever it does not retry."""

    @abstractmethod
    async def run(
        self,
        operation: Callable[[], Awaitable[T]],
        *,
        failed: Callable[[T], int | None] | None = None,
    ) -> T:
        """Run the operation under the policy.

        Args:
            operation: one attempt. Raising means failure; raise ``PermanentError`` to forbid a retry (its cause comes
                out of ``run``). An integer ``code`` of what is raised is the status that ``matching`` looks at.
            failed: looks at a *returned* value; a status code means "count as failure, retry if that code matches the
                policy's ``matching``"; None means success. The last returned value is returned when retries end.

        Raises:
            TimeoutError: the policy's time-out passed (of the last attempt).
            CircuitOpenError: the breaker is open.
            RetriesExhaustedError: every attempt raised and at least one retry was made.
        """


class Policies(ABC):
    """All policies in force, by target (names as written in Resiliency resources)."""

    @abstractmethod
    def app(self, app_id: str, *, namespace: str = "", method: str = "") -> Policy | None:
        """Service invocation of an application, including the built-in policy when none is named.

        ``method`` tells circuit breakers apart: one an application and method.
        """

    @abstractmethod
    def endpoint(self, name: str, *, key: str = "") -> Policy | None:
        """A call of an HTTPEndpoint, or of a URL, by its name or base URL.

        ``key`` tells circuit breakers apart: ``<url>/<method>``, or ``<name>:<base URL>`` of an HTTPEndpoint.
        """

    @abstractmethod
    def component(self, name: str, kind: ComponentKind, direction: Direction = "outbound") -> Policy | None:
        """An operation of a component; inbound: delivery from it to the application."""

    @abstractmethod
    def actor(self, actor_type: str, actor_id: str) -> Policy | None:
        """A call of an actor: retry and breaker, around waiting for the actor's turn."""

    def actor_turn(self, actor_type: str) -> Policy | None:
        """The time-out of an actor's turn; None without one."""
        return None
