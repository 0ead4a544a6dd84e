"""TLS contexts from identities and anchors (control-plane.md §2.5): TLS 1.2 or newer, HTTP/2 by ALPN, names not by DNS.

Python's ``ssl`` checks a path and a host name; SPIFFE wants the path and an id. So host names are not checked here, and
whoever uses a context must have ``peer.authenticate`` look at the other end before the first byte of the application.

No session is resumed: a resumed one would not see that an anchor has been withdrawn meanwhile.
"""

from __future__ import annotations

import ssl
from typing import Final

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.handshakes import TellingSSLObject
from dapr_core.identity.keys import to_pem
from dapr_core.identity.svid import X509Svid
from dapr_core.rpc.tls import load_identity

ALPN: Final = ("h2",)


def serving_context(svid: X509Svid) -> ssl.SSLContext:
    """For a server that shows who it is and asks nobody else: sentry, webhooks."""
    context = _context(ssl.PROTOCOL_TLS_SERVER)
    _show(context, svid)
    return context


def mutual_server_context(svid: X509Svid, bundle: TrustBundle) -> ssl.SSLContext:
    """For a server whose clients must show a certificate that leads to an anchor."""
    context = serving_context(svid)
    context.verify_mode = ssl.CERT_REQUIRED
    _trust(context, bundle)
    return context


def client_context(bundle: TrustBundle, svid: X509Svid | None = None) -> ssl.SSLContext:
    """For a client that trusts the anchors and, with ``svid``, says who it is."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    _trust(context, bundle)
    if svid is not None:
        _show(context, svid)
    return context


def switching_context(initial: ssl.SSLContext) -> SwitchingContext:
    """A context that a server keeps while what it shows and trusts is exchanged."""
    return SwitchingContext(initial)


class SwitchingContext:
    """Lets a listening server use another context for every handshake that begins after ``switch``.

    ``front`` is what the listener is given. OpenSSL calls its server-name callback for each ClientHello, with or
    without a name in it; there the connection is moved to the context in force.
    """

    def __init__(self, initial: ssl.SSLContext) -> None:
        self.current = initial
        self.front = _context(ssl.PROTOCOL_TLS_SERVER)
        # How a peer is verified stays with the connection; only certificates and anchors move with the context.
        self.front.verify_mode = initial.verify_mode
        self.front.verify_flags = initial.verify_flags
        self.front.sni_callback = self._choose

    def switch(self, context: ssl.SSLContext) -> None:
        """Use this one from now on; connections that stand keep theirs."""
        self.current = context

    def _choose(self, connection: ssl.SSLObject, _name: str | None, _front: ssl.SSLContext) -> None:
        connection.context = self.current


def _context(protocol: int) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslobject_class = TellingSSLObject
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET
    if protocol == ssl.PROTOCOL_TLS_SERVER:
        context.num_tickets = 0
    context.set_alpn_protocols(list(ALPN))
    return context


def _show(context: ssl.SSLContext, svid: X509Svid) -> None:
    load_identity(context, svid.chain_pem, to_pem(svid.key))


def _trust(context: ssl.SSLContext, bundle: TrustBundle) -> None:
    # An anchor is what a path ends at, also where another authority has signed it (RFC 5280 §6.1.1 d).
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=bundle.pem.decode("ascii"))
