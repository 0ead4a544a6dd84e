"""The yardstick's server: the least that echoes a body over HTTP/1.1 with uvloop and httptools. It checks nothing.

As an application it also answers ``/headed`` with the heads of a web framework: a Date, and fields of which one differs
with every answer; arguments are actor types that it says it hosts.
"""

from __future__ import annotations

import asyncio
import json
import sys
from email.utils import formatdate
from itertools import count

import httptools
import uvloop

_ids = count()
CONFIG = json.dumps({"entities": sys.argv[1:]}).encode() if sys.argv[1:] else b""


class BareEcho(asyncio.Protocol):
    """Keep-alive, complete bodies, one write per answer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self.url = url
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        body = self.body or (CONFIG if self.url == b"/dapr/config" else b"")
        more = framework_fields() if self.url == b"/headed" else b""
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n%bContent-Length: %d\r\n\r\n" % (more, len(body))
        self.transport.write(head + body)  # type: ignore[attr-defined]


def framework_fields() -> bytes:
    """What usual servers add to a head."""
    varying = f"Date: {formatdate(usegmt=True)}\r\nX-Request-Id: {next(_ids)}\r\n"
    return varying.encode() + b"Server: uvicorn\r\nCache-Control: no-store\r\n"


async def main() -> None:
    """Print the port, then serve until killed."""
    server = await asyncio.get_running_loop().create_server(BareEcho, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
