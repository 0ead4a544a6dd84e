"""``--app-protocol h2c``: the HTTP channel over HTTP/2 with prior knowledge (api.md §5.1; app-callbacks.json)."""

from __future__ import annotations

import asyncio

import pytest

from dapr_core.rpc.http1.server import HTTP1Server
from dapr_core.rpc.messages import Request, Response
from daprd.app.contract import AppChannelError
from daprd.app.http import HttpAppChannel, HttpAppSettings


def test_an_application_is_called_by_http2_with_the_originals_head() -> None:
    seen: list[Request] = []

    def app(request: Request) -> Response:
        seen.append(request)
        return Response(200, [(b"content-type", b"application/json")], b"{}")

    async def main() -> None:
        server = HTTP1Server(app, http2=True)
        ((_, port),) = await server.serve_tcp("127.0.0.1", 0)
        channel = HttpAppChannel(HttpAppSettings(app_id="a", port=port, protocol="h2c"))
        await channel.config()
        assert await channel.probe()
        answer = await channel.invoke(Request("POST", b"/m", [(b"x-a", b"1")], b"body"))
        assert answer.status == 200
        await channel.close()
        await server.close()

    asyncio.run(main())
    config, probe, invoked = seen
    assert {request.version for request in seen} == {"2"}
    assert [(r.method, r.target) for r in seen] == [("GET", b"/dapr/config"), ("GET", b"/healthz"), ("POST", b"/m")]
    assert (b"dapr-app-id", b"a") in config.headers
    assert config.header(b"user-agent") == probe.header(b"user-agent") == b"Go-http-client/2.0"
    assert (invoked.body, invoked.header(b"x-a")) == (b"body", b"1")


def test_an_application_that_speaks_http1_only_is_an_error_that_says_so() -> None:
    async def main() -> None:
        server = HTTP1Server(lambda _: Response(200))
        ((_, port),) = await server.serve_tcp("127.0.0.1", 0)
        channel = HttpAppChannel(HttpAppSettings(app_id="a", port=port, protocol="h2c"))
        with pytest.raises(AppChannelError):
            await channel.invoke(Request("GET", b"/m"))
        assert not await channel.probe()
        await channel.close()
        await server.close()

    asyncio.run(main())
