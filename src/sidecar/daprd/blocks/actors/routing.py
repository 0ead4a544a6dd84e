"""From a call to the one place where its actor lives: here, or behind another sidecar (actors-placement.md §3.5).

Where an actor lives may change while a call is on its way. What such a change does to a call is no failure of the
actor: the call is made again, where the actor lives now, a few times. It waits a second for that, or until its type has
other hosts: when one has died, the others know of it within a fraction of a second.

A call whose actor's home is known is begun at once and costs no task: what follows from its outcome are steps of a
``Deferred``. What has to be waited for, a table or another attempt, is a coroutine that makes the same attempts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, Protocol, TypeAlias, TypeVar

from dapr_core.errors import DaprError
from dapr_core.ring import RingHost
from dapr_core.rpc.deferred import Deferred, Detour, detoured
from daprd.blocks.actors.claims import Claims, Hold, RebalancedError
from daprd.blocks.actors.host import ActorAnswer, ActorCall, Firing, HostError, NotHostedError, PermanentHostError
from daprd.blocks.actors.hosts import HostTable, NoAddressError, names_of
from daprd.blocks.actors.refusals import ActorStatusError, FinalError, NoHostError
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
_STREAM_MOVED: Final = (MOVED, "placement is disseminating")
"""How a stream tells the same, with the status Unknown."""
_UNKNOWN: Final = 2
_UNAVAILABLE: Final = 14
_INTERNAL: Final = 13

T = TypeVar("T")


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
    """Other sidecars, by their host. Every outcome may be an ``ActorStatusError``."""

    def invoke(self, owner: RingHost, call: ActorCall) -> Deferred[ActorAnswer]:
        """Call an actor there."""

    def fire(self, owner: RingHost, firing: Firing) -> Deferred[bool]:
        """Tell an actor there of its timer or reminder; whether it asks for no more of them, if it says so."""

    async def stream(self, owner: RingHost, call: ActorCall, emit: Emit) -> None:
        """Call an actor there for answer after answer."""


class Local(Protocol):
    """The actors that live here. Every method raises ``HostError``, ``ActorClosedError`` or ``StackDepthError``, at
    once or as its outcome."""

    def invoke(self, call: ActorCall) -> Deferred[ActorAnswer]:
        """Call an actor in its turn."""

    def fire(self, firing: Firing) -> Deferred[bool]:
        """Tell an actor of its timer or reminder in its turn; whether it asks for no more of them."""

    async def stream(self, call: ActorCall, emit: Emit) -> None:
        """Call an actor for answer after answer, beside its turns."""


Emit: TypeAlias = Callable[[ActorAnswer], Awaitable[None]]
"""Takes the answers of a stream; the next one waits until it has returned."""
Attempt: TypeAlias = Callable[[HostTable], Deferred[T]]
"""Makes a call once, by a table."""


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
        self._own = names_of(own)
        self._claims = claims
        self._local = local
        self._remote = remote
        self._policies = policies
        self._pause = pause

    def invoke(self, call: ActorCall) -> Deferred[ActorAnswer]:
        """Call an actor. Raises ``DaprError``, at once or as the outcome."""
        return self._repeated(call.actor_type, call.actor_id, partial(self._invoke, call, False))

    def invoke_for_peer(self, call: ActorCall) -> Deferred[ActorAnswer]:
        """Call an actor for another sidecar.

        Raises, at once or as the outcome:
            DaprError: it failed.
            MovedError: it does not live here.
        """
        return self._insisted(call.actor_type, partial(self._invoke, call, True))

    def fire(self, firing: Firing) -> Deferred[bool]:
        """Tell an actor of its timer or reminder; whether it asks for no more of them. Raises as ``invoke`` does."""
        return self._repeated(firing.actor_type, firing.actor_id, partial(self._fire, firing, False))

    def fire_for_peer(self, firing: Firing) -> Deferred[bool]:
        """The same for another sidecar. Raises as ``invoke_for_peer`` does."""
        return self._insisted(firing.actor_type, partial(self._fire, firing, True))

    async def stream(self, call: ActorCall, emit: Emit) -> None:
        """Call an actor for answer after answer, until it ends them. One that goes on elsewhere begins anew there.
        Raises ``DaprError``."""
        await self._insisted(call.actor_type, partial(self._stream, call, emit, False))

    async def stream_for_peer(self, call: ActorCall, emit: Emit) -> None:
        """The same for another sidecar. Raises ``DaprError`` and ``MovedError``."""
        await self._insisted(call.actor_type, partial(self._stream, call, emit, True))

    # --- One attempt

    def _invoke(self, call: ActorCall, from_peer: bool, table: HostTable) -> Deferred[ActorAnswer]:
        owner = _owner(table, call.actor_type, call.actor_id)
        if owner.name in self._own:
            return self._here(call.actor_type, partial(self._local.invoke, call))
        if from_peer:
            raise MovedError
        begun = self._remote.invoke(owner, call)
        begun.after(_judged)
        return begun

    def _fire(self, firing: Firing, from_peer: bool, table: HostTable) -> Deferred[bool]:
        owner = _owner(table, firing.actor_type, firing.actor_id)
        if owner.name in self._own:
            return self._here(firing.actor_type, partial(self._local.fire, firing))
        if from_peer:
            raise MovedError
        begun = self._remote.fire(owner, firing)
        begun.after(_judged)
        return begun

    def _stream(self, call: ActorCall, emit: Emit, from_peer: bool, table: HostTable) -> Deferred[None]:
        owner = _owner(table, call.actor_type, call.actor_id)
        if owner.name in self._own:
            return detoured(self._stream_here(call, emit))
        if from_peer:
            raise MovedError
        begun = detoured(self._remote.stream(owner, call, emit))
        begun.after(_stream_judged)
        return begun

    async def _stream_here(self, call: ActorCall, emit: Emit) -> None:
        try:
            async with self._claims.claim(call.actor_type, endless=True):
                await self._local.stream(call, emit)
        except Exception as error:  # noqa: BLE001 - it is worded, and raised again
            raise _told(error) from None

    def _here(self, actor_type: str, work: Callable[[], Deferred[T]]) -> Deferred[T]:
        """Do something with an actor that lives here, while the hosts of its type stay what they are."""
        hold = self._claims.hold(actor_type)
        try:
            begun = work()
        except Exception as error:  # noqa: BLE001 - it is worded, and raised again
            hold.release(error)
            raise _told(error) from None
        hold.on(begun)
        begun.after(partial(_ended, hold))
        return begun

    # --- Again

    def _repeated(self, actor_type: str, actor_id: str, attempt: Attempt[T]) -> Deferred[T]:
        policy = self._policies.actor(actor_type, actor_id)
        if policy is not None and not policy.built_in:
            return detoured(_under(policy, partial(self._waiting, actor_type, attempt)))
        return self._insisted(actor_type, attempt)

    async def _waiting(self, actor_type: str, attempt: Attempt[T]) -> T:
        """One attempt, as soon as there is a table to make it by."""
        return await attempt(self._claims.open_for(actor_type) or await self._claims.wait_for(actor_type))

    def _insisted(self, actor_type: str, attempt: Attempt[T]) -> Deferred[T]:
        """A first attempt, at once if there is a table, and more of them as it needs."""
        table = self._claims.open_for(actor_type)
        if table is None:
            return detoured(self._insisting(actor_type, attempt))
        try:
            begun = attempt(table)
        except _AgainError as error:
            return detoured(self._insisting(actor_type, attempt, (table, error)))
        begun.after(partial(self._again, actor_type, attempt, table))
        return begun

    def _again(
        self, actor_type: str, attempt: Attempt[T], table: HostTable, value: T | None, error: BaseException | None
    ) -> T:
        """The step behind the first attempt."""
        if isinstance(error, _AgainError):
            raise Detour(self._insisting(actor_type, attempt, (table, error)))
        if error is not None:
            raise error
        return value  # type: ignore[return-value]  # without an error there is a value

    async def _insisting(
        self, actor_type: str, attempt: Attempt[T], failed: tuple[HostTable, _AgainError] | None = None
    ) -> T:
        """Attempts until one gives or ends for good; ``failed`` is one that was made, and the table it was made by."""
        claims = self._claims
        left, early = RETRIES, EARLY
        while True:
            if failed is None:
                table = claims.open_for(actor_type) or await claims.wait_for(actor_type)
                try:
                    return await attempt(table)
                except _AgainError as error:
                    failed = table, error
            if not left:
                raise failed[1].cause from None
            if await self._others(actor_type, failed[0]) and early:
                early -= 1
            else:
                left -= 1
            failed = None

    async def _others(self, actor_type: str, table: HostTable) -> bool:
        """Wait until the type has, or gets, other hosts than by this table, but for no longer than the pause."""
        try:
            async with asyncio.timeout(self._pause):
                await self._claims.change_from(actor_type, table)
        except TimeoutError:
            return False
        return True


def _owner(table: HostTable, actor_type: str, actor_id: str) -> RingHost:
    try:
        return table.owner(actor_type, actor_id)
    except NoAddressError as error:
        raise _AgainError(NoHostError(str(error))) from None


def _ended(hold: Hold, value: T | None, error: BaseException | None) -> T:
    """The step behind whatever was done with an actor here."""
    error = hold.release(error)
    if error is not None:
        raise _told(error)
    return value  # type: ignore[return-value]  # without an error there is a value


def _told(error: BaseException) -> BaseException:
    """What goes wrong with an actor here, in the words of the API."""
    if isinstance(error, StackDepthError):
        return DaprError(rows.STACK_DEPTH)
    if isinstance(error, RebalancedError | ActorClosedError | NotHostedError):
        return _AgainError(DaprError(rows.INVOKE_METHOD, error=str(error)))
    if isinstance(error, PermanentHostError):
        return FinalError(rows.INVOKE_METHOD, error=str(error))
    if isinstance(error, HostError):
        return DaprError(rows.INVOKE_METHOD, error=str(error))
    return error


def _judged(value: T | None, error: BaseException | None) -> T:
    """The step behind whatever another sidecar was asked: whether its refusal is worth another attempt."""
    if isinstance(error, ActorStatusError):
        moved = error.code == _INTERNAL and (
            error.text == f"error invoke actor method: {MOVED}" or error.text.endswith(_DISSEMINATING)
        )
        raise _AgainError(error) if error.code == _UNAVAILABLE or moved else error
    if error is not None:
        raise error
    return value  # type: ignore[return-value]  # without an error there is a value


def _stream_judged(value: None, error: BaseException | None) -> None:
    """The same behind a stream."""
    if isinstance(error, ActorStatusError) and error.code == _UNKNOWN and error.text in _STREAM_MOVED:
        raise _AgainError(error)
    _judged(value, error)


async def _under(policy: Policy, attempt: Callable[[], Awaitable[T]]) -> T:
    """Attempts as a policy of the user's wants them."""

    async def judged() -> T:
        try:
            return await attempt()
        except FinalError as error:
            raise PermanentError(error) from None

    try:
        return await policy.run(judged)
    except (PermanentError, RetriesExhaustedError) as error:
        cause = error.cause
        raise cause.cause if isinstance(cause, _AgainError) else cause from None
    except _AgainError as failure:
        raise failure.cause from None
    except TimeoutError:
        raise DaprError(rows.INVOKE_METHOD, error="context deadline exceeded") from None
    except CircuitOpenError:
        raise DaprError(rows.INVOKE_METHOD, error="circuit breaker is open") from None


__all__ = [
    "Local",
    "MovedError",
    "PermanentHostError",
    "Remote",
    "Router",
]
