"""An application behind TLS, and the contexts its server needs."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

from support.echo_app import EchoApp, Rule, echo
from support.identities import Authority, Key, key_pem, pem


def server_context(directory: Path, chain: bytes, key: Key, *, clients: bytes = b"") -> ssl.SSLContext:
    """A server's context; with ``clients`` (PEM) only clients those vouch for are served."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    path = directory / "server.pem"
    path.write_bytes(chain + key_pem(key))
    context.load_cert_chain(path)
    if clients:
        context.load_verify_locations(cadata=clients.decode())
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def self_signed(directory: Path) -> ssl.SSLContext:
    """A server's context whose certificate nobody vouches for."""
    own = Authority("self-signed", "ecdsa", ca=False)
    return server_context(directory, pem(own.certificate), own.key)


class TlsApp(EchoApp):
    """``peers``: serial numbers of certificates that clients showed; ``versions``: of TLS, one for each connection."""

    def __init__(self, context: ssl.SSLContext, *rules: Rule, fallback: Rule = echo) -> None:
        self._context = context
        self.peers: list[str] = []
        self.versions: list[str | None] = []
        super().__init__(*rules, fallback=fallback)

    def _serve(self, connection: socket.socket) -> None:
        self._connections.discard(connection)
        connection.settimeout(20)
        secured = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        try:
            secured.do_handshake()
        except OSError:
            self._refuse(secured)
            return
        secured.settimeout(None)
        self.versions.append(secured.version())
        shown = secured.getpeercert()
        if shown:
            self.peers.append(str(shown["serialNumber"]))
        self._connections.add(secured)
        super()._serve(secured)

    @staticmethod
    def _refuse(secured: ssl.SSLSocket) -> None:
        """End so that the client can read why: what it sent meanwhile, unread, would make the end a reset."""
        with contextlib.suppress(OSError), socket.socket(fileno=secured.detach()) as connection:
            connection.settimeout(20)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                continue


@contextlib.contextmanager
def tls_app(context: ssl.SSLContext, *rules: Rule, fallback: Rule = echo) -> Iterator[TlsApp]:
    """A running application."""
    app = TlsApp(context, *rules, fallback=fallback)
    try:
        yield app
    finally:
        app.close()
