"""``nameresolution.mdns``: sidecars find each other by multicast DNS (components.md §2.12).

Every sidecar answers queries for its app id and listens to what others say. The first call to an application asks the
network and takes the first answer, within a second; calls that come meanwhile wait for the same answer. After that the
addresses are refreshed in the background, forgotten when they were not seen for a minute, and dropped at once when
their sidecar says goodbye.

Nothing heavy is loaded and nothing here waits for the network at start: announcing takes well below a millisecond.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import socket
import time
from collections.abc import Coroutine
from typing import Final

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.nameresolution.addresses import Addresses
from dapr_components.nameresolution.announcement import SERVICE_TYPES, Announcement, browse, read
from dapr_components.nameresolution.contract import NameResolver, Registration
from dapr_components.nameresolution.dnsmessage import MalformedError, Message, encode_name
from dapr_components.nameresolution.multicast import PORT, Channel, Multicast

BROWSE_TIMEOUT: Final = 1.0
"""Seconds to wait for the first answer to a first query."""

REFRESH_INTERVAL: Final = 30.0
"""Seconds between queries for every application in use."""

_RESEND: Final = (0.25, 0.35)
"""Seconds after which a first query is sent again, since datagrams get lost."""

_ANNOUNCE_AGAIN: Final = 1.0
_SERVICE_TYPES: Final = encode_name(SERVICE_TYPES[:1]).lower()[:-1]


class MDNSResolver(NameResolver):
    """The default resolver of self-hosted sidecars. It has no metadata fields."""

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._net: Multicast | None = None
        self._mine: Announcement | None = None
        self._mine_wire = b""
        self._this_host_only = False
        self._addresses = Addresses()
        self._asked: dict[str, asyncio.Future[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def init(self, metadata: Metadata) -> None:
        """Open the sockets. Raises ``ComponentError`` when the host has no multicast at all."""
        try:
            self._net = Multicast(self._received)
        except OSError as error:
            raise ComponentError(f"mDNS cannot listen on UDP port {PORT}: {error}") from error
        self._spawn(self._refresh())

    async def register(self, registration: Registration) -> None:
        """Announce this sidecar until ``close``. Returns at once; the announcement is repeated in the background."""
        for missing, text in (
            (not registration.app_id, "name is missing"),
            (not registration.host_address, "address is missing"),
            (registration.internal_port <= 0, "port is missing or invalid"),
        ):
            if missing:
                raise ComponentError(text)
        try:
            address = ipaddress.ip_address(registration.host_address)
        except ValueError:
            raise ComponentError(f"address {registration.host_address!r} is no IP address") from None
        self._this_host_only = address.is_loopback
        machine = socket.gethostname() or "localhost"
        self._mine = Announcement(
            registration.app_id, registration.host_address, registration.internal_port, machine, os.getpid()
        )
        self._mine_wire = _trace(registration.app_id)
        self._spawn(self._announce(self._mine))
        host = f"[{address}]" if address.version == 6 else str(address)
        self.context.logger.info(
            "local service entry announced: %s -> %s:%d", registration.app_id, host, registration.internal_port
        )

    async def resolve(self, app_id: str, namespace: str) -> list[str]:
        """Addresses of the application's sidecars, IPv4 before IPv6. The namespace plays no part here.

        Raises:
            ComponentError: ``couldn't find service: <app id>``.
        """
        known = self._addresses.of(app_id, time.monotonic())
        if known:
            return known
        if self._net is None:
            raise ComponentError("mDNS is not initialised")
        asked = self._asked.get(app_id)
        if asked is None:
            asked = self._asked[app_id] = asyncio.get_running_loop().create_future()
            self._spawn(self._browse(app_id, asked))
        await asyncio.shield(asked)
        known = self._addresses.of(app_id, time.monotonic())
        if not known:
            raise ComponentError(f"couldn't find service: {app_id}")
        return known

    def known(self, app_id: str, namespace: str) -> list[str]:
        """The addresses that were seen and are still believed."""
        return self._addresses.of(app_id, time.monotonic())

    async def close(self) -> None:
        """Say goodbye and stop. Calls that wait for an answer find none."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self._net is not None:
            if self._mine is not None:
                self.context.logger.info("stopping mDNS server for app id: %s", self.context.app_id)
                self._net.send(self._mine.goodbye(), this_host_only=self._this_host_only)
            self._net.close()
            self._net = None

    # -- asking

    async def _browse(self, app_id: str, asked: asyncio.Future[None]) -> None:
        """Ask until the first answer has resolved ``asked`` or time is up; later answers are still taken."""
        query = browse(app_id)
        deadline = time.monotonic() + BROWSE_TIMEOUT
        try:
            for pause in (*_RESEND, BROWSE_TIMEOUT):
                self._ask(query)
                left = min(pause, deadline - time.monotonic())
                await asyncio.wait([asked], timeout=max(0.0, left))
                if asked.done():
                    break
        finally:
            self._asked.pop(app_id, None)
            if not asked.done():
                asked.set_result(None)

    async def _refresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_INTERVAL)
            for app_id in self._addresses.apps():
                if self._addresses.of(app_id, time.monotonic()):
                    self._ask(browse(app_id))

    def _ask(self, query: bytes) -> None:
        if self._net is not None:
            self._net.refresh()
            self._net.send(query)

    # -- answering

    async def _announce(self, mine: Announcement) -> None:
        """Two announcements, a second apart (RFC 6762 §8.3)."""
        for pause in (_ANNOUNCE_AGAIN, 0.0):
            if self._net is not None:
                self._net.refresh()
                self._net.send(mine.announce(), this_host_only=self._this_host_only)
            await asyncio.sleep(pause)

    def _received(self, data: bytes, channel: Channel, sender: tuple[str, int]) -> None:
        """A datagram came. Most of a network's do not concern us: they are told by their bytes before any parsing."""
        if len(data) < 12:
            return
        folded = data.lower()
        with contextlib.suppress(MalformedError, UnicodeError):
            if data[2] & 0x80:
                wanted = [app_id for app_id in self._interesting() if _trace(app_id) in folded]
                if wanted:
                    self._learn(Message.decode(data), wanted)
            elif self._mine is not None and (self._mine_wire in folded or _SERVICE_TYPES in folded):
                self._answer(self._mine, Message.decode(data), channel, sender)

    def _interesting(self) -> set[str]:
        return {*self._asked, *self._addresses.apps()}

    def _learn(self, message: Message, wanted: list[str]) -> None:
        now = time.monotonic()
        for app_id in wanted:
            for found in read(message, app_id):
                if found.gone:
                    self._addresses.remove(app_id, found.address)
                    continue
                self._addresses.add(app_id, found.address, now)
                asked = self._asked.get(app_id)
                if asked is not None and not asked.done():
                    asked.set_result(None)

    def _answer(self, mine: Announcement, query: Message, channel: Channel, sender: tuple[str, int]) -> None:
        if query.authorities:  # somebody probes for a name of its own
            return
        for question in query.questions:
            answer = mine.answer(question)
            if answer is None:
                continue
            if sender[1] != PORT:  # a plain DNS client, which wants its question back (RFC 6762 §6.7)
                answer.id, answer.questions = query.id, [question]
                channel.reply(answer.encode(), sender)
            elif question.unicast:
                channel.reply(answer.encode(), sender)
            if self._net is not None and sender[1] == PORT:
                # Several sockets share the port and only one of them gets a unicast datagram: the group hears it too.
                self._net.send(answer.encode(), this_host_only=self._this_host_only)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _trace(app_id: str) -> bytes:
    """Bytes that any message about the application must hold; what follows them may be compressed away."""
    return encode_name(tuple(app_id.split("."))).lower()[:-1]
