"""What a sidecar says about itself by multicast DNS, and what it reads from others (components.md §2.12).

The layout is that of the Go library which the public project uses: the service type is the bare app id under
``local``, the instance is ``<host>:<pid>``, the TXT record holds the app id, and an answer to a browse carries PTR
first and SRV, TXT and addresses after it, in this order. Sans-io.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from dapr_components.nameresolution.dnsmessage import (
    AAAA,
    ANY,
    PTR,
    SRV,
    TXT,
    A,
    Message,
    Name,
    Question,
    Record,
    Service,
    text_data,
    text_strings,
)

LOCAL = "local"
SERVICE_TYPES: Name = ("_services", "_dns-sd", "_udp", LOCAL)
_TTL = 3200
_ADDRESS_TTL = 120


def service_name(app_id: str) -> Name:
    """The name under which an application's sidecars are found."""
    return (*app_id.split("."), LOCAL)


def browse(app_id: str) -> bytes:
    """The query for an application's sidecars."""
    return Message(questions=[Question(service_name(app_id))]).encode()


@dataclass(frozen=True, slots=True)
class Announcement:
    """One sidecar's records."""

    app_id: str
    address: str
    port: int
    host: str
    pid: int

    @property
    def service(self) -> Name:
        """The PTR record's name."""
        return service_name(self.app_id)

    @property
    def instance(self) -> Name:
        """The SRV and TXT records' name."""
        return (*f"{self.host}:{self.pid}".split("."), *self.service)

    def announce(self) -> bytes:
        """The unsolicited message of a start."""
        return self._lookup(_TTL, _ADDRESS_TTL).encode()

    def goodbye(self) -> bytes:
        """The message of an end: the same records, living no longer."""
        return self._lookup(0, 0).encode()

    def answer(self, question: Question) -> Message | None:
        """The response to a question; None when it does not concern this sidecar."""
        name = tuple(label.lower() for label in question.name)
        if name == _folded(self.service) and question.kind in (PTR, ANY):
            return Message(True, answers=[self._ptr(_TTL)], additionals=self._details(_TTL, _ADDRESS_TTL, flush=False))
        if name == _folded(self.instance):
            return self._lookup(_TTL, _ADDRESS_TTL)
        if name == SERVICE_TYPES and question.kind in (PTR, ANY):
            return Message(True, answers=[Record(SERVICE_TYPES, PTR, _TTL, self.service)])
        return None

    def _lookup(self, ttl: int, address_ttl: int) -> Message:
        srv, txt, address = self._details(ttl, address_ttl, flush=True)
        types = Record(SERVICE_TYPES, PTR, ttl, self.service)
        # The kind of service stays when one of its instances goes.
        shared = [types] if ttl else []
        return Message(True, answers=[srv, txt, self._ptr(ttl), *shared, address])

    def _ptr(self, ttl: int) -> Record:
        return Record(self.service, PTR, ttl, self.instance)

    def _details(self, ttl: int, address_ttl: int, *, flush: bool) -> list[Record]:
        host = (*self.host.removesuffix(f".{LOCAL}").split("."), LOCAL)
        kind = A if ipaddress.ip_address(self.address).version == 4 else AAAA
        # Never "flush" for the address: sidecars of one host may advertise different ones under its name.
        return [
            Record(self.instance, SRV, ttl, Service(self.port, host), flush),
            Record(self.instance, TXT, ttl, text_data(self.app_id), flush),
            Record(host, kind, address_ttl, self.address),
        ]


@dataclass(frozen=True, slots=True)
class Found:
    """One sidecar of an application, as a response names it; ``gone`` when it says goodbye."""

    host: str
    port: int
    gone: bool

    @property
    def address(self) -> str:
        """``host:port``, with brackets around an IPv6 host."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read(message: Message, app_id: str) -> list[Found]:
    """The sidecars of an application in one response. Entries whose TXT is not the app id do not count."""
    records = message.answers + message.authorities + message.additionals
    service = _folded(service_name(app_id))
    texts = {r.name: text_strings(r.data)[:1] for r in records if r.kind == TXT and isinstance(r.data, bytes)}
    found: list[Found] = []
    for record in records:
        data = record.data
        if not isinstance(data, Service) or _folded(record.name)[-len(service) :] != service:
            continue
        if texts.get(record.name) == [app_id.encode()]:
            hosts = [
                r.data for r in records if r.name == data.target and r.kind in (A, AAAA) and isinstance(r.data, str)
            ]
            found.extend(Found(host, data.port, record.ttl == 0) for host in hosts)
    return found


def _folded(name: Name) -> Name:
    return tuple(label.lower() for label in name)
