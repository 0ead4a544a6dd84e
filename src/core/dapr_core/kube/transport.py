"""One request to the API server and its answer: credentials, limits, errors, and the retries that are always right.

Tried again is what the server certainly did not do: a request it was too busy for (429), and one whose token it did
not know when a newer token lies in the file. A read is also tried again when the server says when. Everything else is
the caller's to decide, since only it knows whether doing a thing twice does harm.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any, Final

from dapr_core.kube.config import ClusterConfig
from dapr_core.kube.errors import ApiError, BadAnswerError, UnreachableError, api_error, status_of
from dapr_core.kube.objects import Object
from dapr_core.rpc.http1.client import HTTP1Client, Origin
from dapr_core.rpc.http1.limits import KIB, Limits
from dapr_core.rpc.messages import BodyBrokenError, BodyStream, Headers, Request, Response

TIMEOUT: Final = 30.0
"""Seconds for a request and its whole answer."""
MAX_ANSWER: Final = 64 * KIB * KIB
"""Bytes of an answer: a page of a list is a few megabytes at most."""
MAX_REFUSAL: Final = 256 * KIB
MAX_WAIT: Final = 10.0
"""Seconds that a server may make us wait before we try again ourselves."""
TRIES: Final = 5
JSON: Final = b"application/json"
ANY: Final = b"*/*"
_REPEATABLE: Final = ("GET", "PUT", "DELETE")


class Transport:
    """Sends requests to one cluster. Use it on one loop; ``close`` it there.

    Args:
        config: which cluster.
        user_agent: who we are.
        max_connections: open at once; each watch under way holds one.
    """

    def __init__(self, config: ClusterConfig, *, user_agent: str = "dapr", max_connections: int = 64) -> None:
        self.config = config
        self._agent = user_agent.encode("ascii")
        self._max_connections = max_connections
        self._prefix = config.prefix.encode("ascii", "strict")
        self._client: HTTP1Client | None = None
        self._origin: Origin | None = None
        self._material = (b"", b"", b"")

    async def send(
        self,
        method: str,
        target: str,
        body: object = None,
        *,
        content_type: bytes = JSON,
        accept: bytes = JSON,
        timeout: float = TIMEOUT,
    ) -> Object:
        """Send a request and give the object it is answered with.

        Args:
            method, target: what is asked for.
            body: written as JSON; None sends none.
            content_type: what the body is.
            accept: which form of an answer is wanted.
            timeout: seconds for all of it, waiting and trying again included.

        Raises:
            KubeError: see ``errors``.
        """
        try:
            async with asyncio.timeout(timeout):
                return await self._send(method, target, _encoded(body), content_type, accept)
        except TimeoutError:
            raise UnreachableError(f"{self.config.server} did not answer within {timeout:g} seconds") from None

    async def open(self, target: str, *, accept: bytes = JSON, timeout: float = TIMEOUT) -> BodyStream:
        """Begin to read an answer that has no end. ``timeout`` (seconds) runs until it begins; close what you get.

        Raises:
            KubeError: see ``errors``.
        """
        response = await self._begin(target, accept, timeout)
        if isinstance(response.body, BodyStream):
            return response.body
        raise BadAnswerError(f"{self.config.server} answered a watch with something that is no stream")

    async def pieces(self, target: str, *, accept: bytes = ANY, timeout: float = TIMEOUT) -> AsyncGenerator[bytes]:
        """An answer as it comes, however long it takes. ``timeout`` (seconds) runs until it begins.

        Raises:
            KubeError: see ``errors``.
        """
        body = (await self._begin(target, accept, timeout, (200, 204))).body
        if isinstance(body, bytes):
            yield body
            return
        try:
            async for piece in body:
                yield piece
        except BodyBrokenError as error:
            raise UnreachableError(f"{self.config.server} broke off in the middle of an answer: {error}") from None
        finally:
            if isinstance(body, BodyStream):
                body.close()

    async def _begin(self, target: str, accept: bytes, timeout: float, wanted: tuple[int, ...] = (200,)) -> Response:
        try:
            async with asyncio.timeout(timeout):
                response = await self._answer("GET", target, b"", JSON, accept)
                if response.status not in wanted:
                    raise await _refusal(response)
        except TimeoutError:
            raise UnreachableError(f"{self.config.server} did not answer within {timeout:g} seconds") from None
        return response

    async def close(self) -> None:
        """Close all connections; what is under way fails."""
        if self._client is not None:
            await self._client.close()

    async def _send(self, method: str, target: str, body: bytes, content_type: bytes, accept: bytes) -> Object:
        for left in reversed(range(TRIES)):
            response = await self._answer(method, target, body, content_type, accept)
            if response.status < 300:
                return _decoded(await _bounded(response, MAX_ANSWER), self.config.server)
            refusal = await _refusal(response)
            wait = _wait(method, refusal)
            if wait is None or not left:
                raise refusal
            await asyncio.sleep(wait)
        raise AssertionError  # the last try raises

    async def _answer(self, method: str, target: str, body: bytes, content_type: bytes, accept: bytes) -> Response:
        response = await self._call(method, target, body, content_type, accept)
        if response.status == 401 and self.config.credential.refused():
            await _bounded(response, MAX_REFUSAL)
            response = await self._call(method, target, body, content_type, accept)
        return response

    async def _call(self, method: str, target: str, body: bytes, content_type: bytes, accept: bytes) -> Response:
        request = Request(
            method, self._prefix + target.encode("ascii"), self._headers(body, content_type, accept), body
        )
        client = self._opened()
        if self._origin is None:
            self._connect_anew()
        assert self._origin is not None
        try:
            return await client.request(self._origin, request)
        except TimeoutError as error:
            raise UnreachableError(f"{self.config.server}: {error}") from None
        except OSError as error:
            # An authority or a client certificate may have been replaced on disk since.
            if not self._connect_anew():
                raise UnreachableError(f"{self.config.server}: {error}") from None
            if method not in ("GET", "PUT", "DELETE"):
                raise UnreachableError(
                    f"{self.config.server}: {error}; the next request uses new certificates"
                ) from None
        try:
            return await client.request(self._origin, request)
        except OSError as error:
            raise UnreachableError(f"{self.config.server}: {error}") from None

    def _opened(self) -> HTTP1Client:
        if self._client is None:
            self._client = HTTP1Client(
                limits=Limits(max_header_bytes=32 * KIB), max_per_host=self._max_connections, max_idle=32
            )
        return self._client

    def _connect_anew(self) -> bool:
        """Read the files that TLS is made of; whether they are others than before."""
        material = self.config.material()
        if self._origin is not None and material == self._material:
            return False
        self._origin, self._material = self.config.origin(), material
        return True

    def _headers(self, body: bytes, content_type: bytes, accept: bytes) -> Headers:
        headers: Headers = [(b"user-agent", self._agent), (b"accept", accept)]
        authorization = self.config.credential.authorization()
        if authorization:
            headers.append((b"authorization", authorization))
        if body:
            headers.append((b"content-type", content_type))
        return headers


def _wait(method: str, refusal: ApiError) -> float | None:
    """Seconds after which to try again; None when that is not ours to decide."""
    status = refusal.status
    if status.code == 429 or (status.code >= 500 and method == "GET" and status.retry_after is not None):
        return min(status.retry_after if status.retry_after is not None else 1.0, MAX_WAIT)
    return None


async def _refusal(response: Response) -> ApiError:
    """The error that an answer means; a body that is none of Kubernetes (a proxy's) leaves the code."""
    after = _seconds(response.header(b"retry-after"))
    try:
        value = json.loads(await _bounded(response, MAX_REFUSAL))
    except (ValueError, RecursionError, BadAnswerError, UnreachableError):
        value = None
    return api_error(status_of(value, response.status, after))


async def _bounded(response: Response, limit: int) -> bytes:
    body = response.body
    if isinstance(body, bytes):
        return body
    parts: list[bytes] = []
    size = 0
    try:
        async for piece in body:
            parts.append(piece)
            size += len(piece)
            if size > limit:
                raise BadAnswerError(f"an answer of the Kubernetes API is longer than {limit} bytes")
    except BodyBrokenError as error:
        raise UnreachableError(f"an answer of the Kubernetes API ended early: {error}") from None
    finally:
        if isinstance(body, BodyStream):
            body.close()
    return b"".join(parts)


def _encoded(body: object) -> bytes:
    return b"" if body is None else json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def _decoded(data: bytes, server: str) -> Object:
    try:
        value: Any = json.loads(data)
    except (ValueError, RecursionError):
        raise BadAnswerError(f"{server} answered with something that is no JSON") from None
    if not isinstance(value, dict):
        raise BadAnswerError(f"{server} answered with JSON that is no object")
    return value


def _seconds(value: bytes | None) -> float | None:
    """``Retry-After`` in seconds; the form with a date is not used by the API server."""
    return float(value) if value is not None and value.isdigit() and len(value) < 10 else None
