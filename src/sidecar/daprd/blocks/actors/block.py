"""The actor API on plain values: who may ask for what, and in which order it is checked (actors-placement.md §3–5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from dapr_components.state.contract import GetResult
from dapr_core.errors import DaprError
from dapr_core.rpc.deferred import Deferred, detoured
from daprd.blocks.actors.host import ActorAnswer, ActorCall
from daprd.blocks.actors.names import InvalidNameError, check_actor, check_name, is_reserved, method_path
from daprd.blocks.actors.timers import InvalidTimerError, TimerRequest
from daprd.blocks.state.values import DeleteItem, SaveItem
from daprd.catalogue import actors as rows
from daprd.catalogue import common

if TYPE_CHECKING:  # a sidecar without actors loads none of it
    from daprd.blocks.actors.memory import ActorState
    from daprd.blocks.actors.residence import Residence
    from daprd.blocks.actors.routing import Router
    from daprd.blocks.actors.streams import HostStreams
    from daprd.blocks.actors.timers import Timers

_NO_SCHEDULER: Final = "scheduler clients are disabled"


class ActorsBlock:
    """Actors, as applications use them.

    Args:
        residence: what lives here; None where actors are off, and every request is refused.
        router, state, timers: who does the work.
        streams: hosts over streams; None where the application speaks HTTP, and hosts by it.
    """

    def __init__(
        self,
        residence: Residence | None,
        router: Router | None = None,
        state: ActorState | None = None,
        timers: Timers | None = None,
        streams: HostStreams | None = None,
    ) -> None:
        self._residence = residence
        self._router = router
        self._state = state
        self._timers = timers
        self.streams = streams

    @property
    def enabled(self) -> bool:
        """Whether there are actors at all: a placement service is configured."""
        return self._residence is not None

    # --- Calls

    def invoke(self, call: ActorCall) -> Deferred[ActorAnswer]:
        """Call an actor. Raises ``DaprError``, ``ActorStatusError`` where another sidecar refused; at once or as the
        outcome."""
        try:
            check_actor(call.actor_type, call.actor_id)
            call.method = method_path(call.method)
        except InvalidNameError as error:
            raise DaprError(rows.BAD_NAME, error=str(error)) from None
        router = self._router
        if self._residence is None or router is None:
            raise DaprError(rows.NO_PLACEMENT)
        if not self._residence.registered.is_set():
            return detoured(self._when_ready(router, call))
        return router.invoke(call)

    async def _when_ready(self, router: Router, call: ActorCall) -> ActorAnswer:
        await self._ready()
        return await router.invoke(call)

    # --- State

    async def get_state(self, actor_type: str, actor_id: str, key: str) -> GetResult:
        """One value of an actor's state. Raises ``DaprError``."""
        await self._permitted(actor_type, actor_id)
        assert self._state is not None
        return await self._state.get(actor_type, actor_id, key)

    async def transact(self, actor_type: str, actor_id: str, items: Sequence[SaveItem | DeleteItem]) -> None:
        """Change an actor's state. Raises ``DaprError``."""
        await self._permitted(actor_type, actor_id)
        assert self._state is not None
        await self._state.transact(actor_type, actor_id, items)

    # --- Timers

    async def put_timer(self, request: TimerRequest) -> None:
        """Register a timer. Raises ``DaprError``."""
        _named(check_name, request.name)
        residence = await self._permitted(request.actor_type, request.actor_id)
        assert self._timers is not None
        if not residence.hosted(request.actor_type):
            text = f"can't create timer for actor {request.actor_type}||{request.actor_id}: actor type not registered"
            raise DaprError(rows.TIMER_CREATE, error=text)
        try:
            self._timers.put(request)
        except InvalidTimerError as error:
            raise DaprError(rows.TIMER_CREATE, error=str(error)) from None

    async def remove_timer(self, actor_type: str, actor_id: str, name: str) -> None:
        """Drop a timer, if there is one. Raises ``DaprError``."""
        await self._permitted(actor_type, actor_id)
        assert self._timers is not None
        self._timers.remove((actor_type, actor_id, name))

    # --- Reminders, which the scheduler keeps

    async def put_reminder(self, actor_type: str, actor_id: str, name: str) -> None:
        """Register a reminder. Raises ``DaprError``."""
        if not name:
            raise DaprError(common.BAD_REQUEST, error="reminder name cannot be empty")
        _named(check_name, name)
        await self._reminding(actor_type, actor_id)
        raise DaprError(rows.REMINDER_CREATE, error=_NO_SCHEDULER)

    async def get_reminder(self, actor_type: str, actor_id: str) -> None:
        """Look at a reminder. Raises ``DaprError``."""
        await self._reminding(actor_type, actor_id)
        text = f"api error: code = Internal desc = failed to get job due to: {_NO_SCHEDULER}"
        raise DaprError(rows.REMINDER_GET, error=text)

    async def remove_reminder(self, actor_type: str, actor_id: str) -> None:
        """Drop reminders. Raises ``DaprError``."""
        await self._reminding(actor_type, actor_id)
        raise DaprError(rows.REMINDER_DELETE, error=_NO_SCHEDULER)

    # --- Checks

    async def _ready(self) -> Residence:
        """Actors are on, and somebody has said which types it hosts."""
        residence = self._residence
        if residence is None:
            raise DaprError(rows.NO_PLACEMENT)
        if not residence.registered.is_set():
            await residence.registered.wait()
        return residence

    async def _permitted(self, actor_type: str, actor_id: str) -> Residence:
        if is_reserved(actor_type):
            raise DaprError(rows.TYPE_RESERVED, type=actor_type)
        _named(check_actor, actor_type, actor_id)
        return await self._ready()

    async def _reminding(self, actor_type: str, actor_id: str) -> None:
        residence = await self._permitted(actor_type, actor_id)
        if not residence.hosted(actor_type):
            raise DaprError(rows.REMINDER_NON_HOSTED)


def _named(check: Callable[..., None], *names: str) -> None:
    """Word a name that cannot be one as the API does."""
    try:
        check(*names)
    except InvalidNameError as error:
        raise DaprError(common.BAD_REQUEST, error=str(error)) from None
