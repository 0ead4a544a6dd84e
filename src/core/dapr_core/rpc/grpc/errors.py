"""How connecting fails, beyond what the system says of it."""

from __future__ import annotations


class HandshakeError(ConnectionError):
    """TLS was agreed on, but the server is not one that may be at the other end."""
