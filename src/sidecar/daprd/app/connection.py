"""The gRPC connection to the application: one channel for its callbacks and for proxied calls (api.md §5.1, §3.8)."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Final

from dapr_core.rpc.grpc.client import Channel, ChannelOptions
from dapr_core.rpc.grpc.messages import DEFAULT_MESSAGE_LIMIT
from dapr_core.rpc.messages import Headers
from dapr_core.rpc.tls import client_context

TOKEN_HEADER: Final = b"dapr-api-token"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """How the application is reached.

    Attributes:
        tls: TLS 1.2 or newer, the certificate not verified (``--app-protocol grpcs``).
        token: ``APP_API_TOKEN``; empty for none.
        message_limit: bytes of one message that the application may send.
    """

    host: str = "127.0.0.1"
    port: int
    tls: bool = False
    token: str = ""
    message_limit: int = DEFAULT_MESSAGE_LIMIT

    def __repr__(self) -> str:  # the token is a secret
        return f"<ConnectionSettings {self.host}:{self.port}>"


class AppConnection:
    """One application's channel. An application that restarts is dialled anew, at the latest after half a second."""

    def __init__(self, settings: ConnectionSettings) -> None:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        self.channel = Channel(
            f"{host}:{settings.port}",
            ChannelOptions(
                message_limit=settings.message_limit,
                connect_timeout=30.0,
                backoff_base=0.1,
                backoff_max=0.5,
                ssl=_context() if settings.tls else None,
            ),
        )
        self.token: Headers = [(TOKEN_HEADER, settings.token.encode())] if settings.token else []

    def authorized(self, fields: Headers) -> Headers:
        """Metadata with the application's token in the place of any other."""
        if not self.token:
            return fields
        return [*(pair for pair in fields if pair[0] != TOKEN_HEADER), *self.token]

    async def close(self, grace: float = 0.0) -> None:
        """Close the channel; calls under way get ``grace`` seconds."""
        await self.channel.close(grace)


def _context() -> ssl.SSLContext:
    context = client_context(verify=False)
    context.set_alpn_protocols(["h2"])
    return context
