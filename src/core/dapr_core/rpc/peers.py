"""Who is at the other end of a transport."""

from __future__ import annotations

import asyncio
from typing import Final

from dapr_core.rpc.messages import Peer

_SPIFFE: Final = "spiffe://"


def peer_of(transport: asyncio.BaseTransport) -> Peer:
    """The peer as its socket names it and, under mutual TLS, its certificate; a Unix socket names the server's path.

    A SPIFFE id is taken only from a certificate that the handshake has verified and that holds exactly one URI
    (SPIFFE X509-SVID §2, §5.2): with any other number nobody could say which one was meant.
    """
    name = transport.get_extra_info("peername")
    tls = transport.get_extra_info("ssl_object")
    spiffe_id = None if tls is None else _spiffe_id(tls.getpeercert())
    if isinstance(name, tuple):
        return Peer(str(name[0]), int(name[1]), tls is not None, spiffe_id)
    own = transport.get_extra_info("sockname")
    return Peer(str(name or own or ""), 0, tls is not None, spiffe_id)


def _spiffe_id(certificate: dict[str, object] | None) -> str | None:
    """The id in what ``getpeercert`` gives, which is empty unless the certificate was verified."""
    names = (certificate or {}).get("subjectAltName", ())
    assert isinstance(names, tuple)
    uris = [value for kind, value in names if kind == "URI"]
    return uris[0] if len(uris) == 1 and uris[0].startswith(_SPIFFE) else None
