"""From a call to the one place where its actor lives: here, or behind another sidecar (actors-placement.md §3.5).

Where an actor lives may change while a call is on its way. What such a change does to a call is no failure of the
actor: the call is made again, where the actor lives now, a few times. It waits a second for that, or until its type has
other hosts: when one has died, the others know of it within a fraction of a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Protocol, TypeVar

from dapr_core.errors import DaprError
from dapr_core.ring import RingHost
from daprd.blocks.actors.claims import Claims, RebalancedError
from daprd.blocks.actors.host import ActorAnswer, ActorCall, Firing, HostError, NotHostedError, PermanentHostError
from daprd.blocks.actors.hosts import HostTable, NoAddressError, is_same_host
from daprd.blocks.actors.turns import ActorClosedError, StackDepthError
from daprd.catalogue import actors as rows
from daprd.policy.contract import CircuitOpenError, PermanentError, Policies, Policy, RetriesExhaustedError

RETRIES: Final = 5
PAUSE: Final = 1.0
"""Seconds before a call is made again; the original's built-in policy, which cannot be changed."""
EARLY: Final = 20
"""Times that a call is made again before that and is not counted, since the hosts of its type have changed."""
MOVED: Final = "remote actor moved"
_DISSEMINATING: Final = ": placement is disseminating"
_FAILED_PRECONDITION: Final = 9
_UNAVAILABLE: Final = 14
_INTERNAL: Final = 13

T = TypeVar("T")


class StatusError(DaprError):
    """A failure that gRPC tells by a status of its own: ``code`` and ``text``. HTTP tells it as any other."""

    def __init__(self, code: int, text: str, error: str) -> None:
        super().__init__(rows.INVOKE_METHOD, error=error)
        self.code = code
        self.text = text


class ActorStatusError(StatusError):
    """Another sidecar's refusal, as it is told on."""

    def __init__(self, code: int, name: str, text: str) -> None:
        super().__init__(code, text, f"rpc error: code = {name} desc = {text}")


class NoHostError(StatusError):
    """No host has the type, also after all attempts; ``reason`` says so in few words."""

    def __init__(self, reason: str) -> None:
        text = f"failed to lookup actor: api error: code = FailedPrecondition desc = {reason}"
        super().__init__(_FAILED_PRECONDITION, text, text)
        self.reason = reason


class _FinalError(DaprError):
    """The application's own word, which no further attempt changes."""


class MovedError(Exception):
    """The call came from another sidecar that took this one for the actor's home, and it is not."""

    def __init__(self) -> None:
        super().__init__(MOVED)


class _AgainError(Exception):
    """This attempt came to nothing for reasons that may be over soon; ``cause`` is what the caller sees else."""

    def __init__(self, cause: DaprError) -> None:
        self.cause = cause
        super().__init__(str(cause))


class Remote(Protocol):
    """Other sidecars, by their host. Every method raises ``ActorStatusError``."""

    async def invoke(self, owner: RingHost, call: ActorCall) -> ActorAnswer:
        """Call an actor there."""

    async def fire(self, owner: RingHost, firing: Firing) -> None:
        """Tell an actor there of its timer or reminder."""


class Local(Protocol):
    """The actors that live here. Every method raises ``HostError``, ``ActorClosedError`` or ``StackDepthError``."""

    async def invoke(self, call: ActorCall) -> ActorAnswer:
        """Call an actor in its turn."""

    async def fire(self, firing: Firing) -> bool:
        """Tell an actor of its timer or reminder in its turn; whether it asks for no more of them."""


class Router:
    """Finds an actor and has it called.

    Args:
        own: ``host:port`` of this sidecar, as other hosts know it.
        claims: the table in force.
        local, remote: who calls actors here and elsewhere.
        policies: resiliency, by actor type.
        pause: seconds before a call is made again.
    """

    def __init__(
        self,
        own: str,
        claims: Claims,
        local: Local,
        remote: Remote,
        policies: Policies,
        *,
        pause: float = PAUSE,
    ) -> None:
        self._own = own
        self._claims = claims
        self._local = local
        self._remote = remote
        self._policies = policies
        self._pause = pause

    async def invoke(self, call: ActorCall) -> ActorAnswer:
        """Call an actor. Raises ``DaprError``."""
        return await self._repeated(call.actor_type, call.actor_id, lambda: self._invoke(call, from_peer=False))

    async def invoke_for_peer(self, call: ActorCall) -> ActorAnswer:
        """Call an actor for another sidecar.

        Raises:
            DaprError: it failed.
            MovedError: it does not live here.
        """
        return await self._insisting(call.actor_type, lambda: self._invoke(call, from_peer=True))

    async def fire(self, firing: Firing) -> bool:
        """Tell an actor of its timer or reminder; whether it asks for no more of them. Raises ``DaprError``."""
        return await self._repeated(firing.actor_type, firing.actor_id, lambda: self._fire(firing, from_peer=False))

    async def fire_for_peer(self, firing: Firing) -> bool:
        """The same for another sidecar. Raises ``DaprError`` and ``MovedError``."""
        return await self._insisting(firing.actor_type, lambda: self._fire(firing, from_peer=True))

    # --- One attempt

    async def _invoke(self, call: ActorCall, *, from_peer: bool) -> ActorAnswer:
        owner = await self._owner(call.actor_type, call.actor_id)
        if is_same_host(owner.name, self._own):
            async with _Told(), self._claims.claim(call.actor_type):
                return await self._local.invoke(call)
        if from_peer:
            raise MovedError
        try:
            return await self._remote.invoke(owner, call)
        except ActorStatusError as error:
            raise _judged(error) from None

    async def _fire(self, firing: Firing, *, from_peer: bool) -> bool:
        owner = await self._owner(firing.actor_type, firing.actor_id)
        if is_same_host(owner.name, self._own):
            async with _Told(), self._claims.claim(firing.actor_type):
                return await self._local.fire(firing)
        if from_peer:
            raise MovedError
        try:
            await self._remote.fire(owner, firing)
        except ActorStatusError as error:
            raise _judged(error) from None
        return False

    async def _owner(self, actor_type: str, actor_id: str) -> RingHost:
        table = self._claims.open_for(actor_type) or await self._claims.wait_for(actor_type)
        try:
            return table.owner(actor_type, actor_id)
        except NoAddressError as error:
            raise _AgainError(NoHostError(str(error))) from None

    # --- Again

    async def _repeated(self, actor_type: str, actor_id: str, attempt: Callable[[], Awaitable[T]]) -> T:
        policy = self._policies.actor(actor_type, actor_id)
        if policy is not None and not policy.built_in:
            return await _under(policy, attempt)
        return await self._insisting(actor_type, attempt)

    async def _insisting(self, actor_type: str, attempt: Callable[[], Awaitable[T]]) -> T:
        claims = self._claims
        left, early = RETRIES, EARLY
        while True:
            table = claims.open_for(actor_type) or await claims.wait_for(actor_type)
            try:
                return await attempt()
            except _AgainError as error:
                if not left:
                    raise error.cause from None
            if await self._others(actor_type, table) and early:
                early -= 1
            else:
                left -= 1

    async def _others(self, actor_type: str, table: HostTable) -> bool:
        """Wait until the type has, or gets, other hosts than by this table, but for no longer than the pause."""
        try:
            async with asyncio.timeout(self._pause):
                await self._claims.change_from(actor_type, table)
        except TimeoutError:
            return False
        return True


class _Told:
    """Words what goes wrong with an actor here."""

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, StackDepthError):
            raise DaprError(rows.STACK_DEPTH) from None
        if isinstance(error, RebalancedError | ActorClosedError | NotHostedError):
            raise _AgainError(DaprError(rows.INVOKE_METHOD, error=str(error))) from None
        if isinstance(error, PermanentHostError):
            raise _FinalError(rows.INVOKE_METHOD, error=str(error)) from None
        if isinstance(error, HostError):
            raise DaprError(rows.INVOKE_METHOD, error=str(error)) from None


def _judged(error: ActorStatusError) -> Exception:
    """Whether another sidecar's refusal is worth another attempt."""
    moved = error.code == _INTERNAL and (
        error.text == f"error invoke actor method: {MOVED}" or error.text.endswith(_DISSEMINATING)
    )
    return _AgainError(error) if error.code == _UNAVAILABLE or moved else error


async def _under(policy: Policy, attempt: Callable[[], Awaitable[T]]) -> T:
    """Attempts as a policy of the user's wants them."""

    async def judged() -> T:
        try:
            return await attempt()
        except _FinalError as error:
            raise PermanentError(error) from None

    try:
        return await policy.run(judged)
    except (PermanentError, RetriesExhaustedError) as error:
        cause = error.cause
        raise cause.cause if isinstance(cause, _AgainError) else cause from None
    except _AgainError as error:
        raise error.cause from None
    except TimeoutError:
        raise DaprError(rows.INVOKE_METHOD, error="context deadline exceeded") from None
    except CircuitOpenError:
        raise DaprError(rows.INVOKE_METHOD, error="circuit breaker is open") from None


__all__ = [
    "ActorStatusError",
    "Local",
    "MovedError",
    "NoHostError",
    "PermanentHostError",
    "Remote",
    "Router",
    "StatusError",
]
