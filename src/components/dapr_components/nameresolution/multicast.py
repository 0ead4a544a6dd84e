"""The sockets of multicast DNS: UDP port 5353, 224.0.0.251 and ff02::fb, on every interface.

Several processes of a host share the port, so answers go to the group. Messages that only this host may see (a
loopback address is announced) are sent with a hop limit of 0: they reach every socket here and no wire.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from typing import TypeAlias

PORT = 5353
GROUP_V4 = "224.0.0.251"
GROUP_V6 = "ff02::fb"

_MAX_INTERFACES = 64
_MAX_BATCH = 32
_MAX_PACKET = 9000
_IP_MULTICAST_IF = getattr(socket, "IP_MULTICAST_IF", 32)

Receive: TypeAlias = Callable[[bytes, "Channel", tuple[str, int]], None]


class Channel:
    """One socket of one address family."""

    def __init__(self, family: socket.AddressFamily) -> None:
        """Open and bind. Raises ``OSError`` when the host has no such family or the port is taken exclusively."""
        self._v4 = family == socket.AF_INET
        self._joined: set[int] = set()
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self.socket.setblocking(False)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if self._v4:
                self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
            else:
                self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 1)
            self.socket.bind(("" if self._v4 else "::", PORT))
        except OSError:
            self.socket.close()
            raise

    def join(self, interfaces: list[int]) -> None:
        """Join the group on interfaces that are not joined yet; those that cannot are left out."""
        for index in interfaces:
            if index in self._joined:
                continue
            with contextlib.suppress(OSError):
                if self._v4:
                    request = socket.inet_aton(GROUP_V4) + b"\0\0\0\0" + struct.pack("@i", index)
                    self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
                else:
                    request = socket.inet_pton(socket.AF_INET6, GROUP_V6) + struct.pack("@I", index)
                    self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, request)
                self._joined.add(index)
        self._joined &= set(interfaces)

    def send(self, data: bytes, *, this_host_only: bool = False) -> int:
        """Send to the group on every joined interface; gives how many took it."""
        sent = 0
        hops = 0 if this_host_only else 255
        for index in self._joined:
            with contextlib.suppress(OSError):  # an interface that went down or has no route
                if self._v4:
                    self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, hops)
                    request = b"\0" * 8 + struct.pack("@i", index)
                    self.socket.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_IF, request)
                    self.socket.sendto(data, (GROUP_V4, PORT))
                else:
                    self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, hops)
                    self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, struct.pack("@I", index))
                    self.socket.sendto(data, (GROUP_V6, PORT, 0, index))
                sent += 1
        return sent

    def reply(self, data: bytes, sender: tuple[str, int]) -> None:
        """Send to one peer; a peer that is gone is nobody's loss."""
        with contextlib.suppress(OSError):
            self.socket.sendto(data, sender)


class Multicast:
    """Both families' sockets, read on the running loop."""

    def __init__(self, receive: Receive) -> None:
        """Open what the host has. Raises ``OSError`` when neither family can be opened."""
        self._receive = receive
        self._channels: list[Channel] = []
        failure: OSError | None = None
        for family in (socket.AF_INET, socket.AF_INET6):
            try:
                self._channels.append(Channel(family))
            except OSError as error:
                failure = failure or error
        if not self._channels:
            raise failure or OSError("no address family for multicast")
        self.refresh()
        self._loop = asyncio.get_running_loop()
        for channel in self._channels:
            self._loop.add_reader(channel.socket.fileno(), self._readable, channel)

    def refresh(self) -> None:
        """Join interfaces that came up since."""
        interfaces = [index for index, _ in socket.if_nameindex()][:_MAX_INTERFACES]
        for channel in self._channels:
            channel.join(interfaces)

    def send(self, data: bytes, *, this_host_only: bool = False) -> int:
        """Send to both groups on every interface; gives how many datagrams left."""
        return sum(channel.send(data, this_host_only=this_host_only) for channel in self._channels)

    def close(self) -> None:
        """Stop reading and close."""
        for channel in self._channels:
            self._loop.remove_reader(channel.socket.fileno())
            channel.socket.close()
        self._channels.clear()

    def _readable(self, channel: Channel) -> None:
        for _ in range(_MAX_BATCH):
            try:
                data, sender = channel.socket.recvfrom(_MAX_PACKET)
            except OSError:  # drained, or an ICMP error of an earlier send
                return
            self._receive(data, channel, sender)
