"""What placement asks of etcd, by its JSON gateway: leases, and one key (etcd v3.4 or newer, ``/v3/…``).

The gateway listens where clients of gRPC do, and a handful of small requests a second need no client library. Any
member of a cluster answers alike; one that does not is passed over for the next. Numbers of 64 bits are strings in this
JSON, keys and values base64.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from dapr_core.rpc.http1.client import HTTP1Client, Origin
from dapr_core.rpc.messages import BodyBrokenError, BodyStream, Request, Response
from dapr_core.rpc.tls import client_context
from dapr_placement.leadership.contract import LeadershipError

MAX_ANSWER: Final = 262_144
"""Bytes of an answer."""
_UNAUTHENTICATED: Final = 16


class EtcdError(Exception):
    """etcd could not be asked, or refused; the message says which member and why."""


@dataclass(frozen=True, slots=True)
class EtcdSettings:
    """Where etcd is and who we are to it.

    Attributes:
        endpoints: URLs of its members; without a scheme they are taken for ``http``.
        username, password: when it asks for them.
        tls: for ``https`` members; None trusts the system's authorities.
    """

    endpoints: tuple[str, ...]
    username: str = ""
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """The key as it is: by which lease, and what its holder wrote."""

    lease: str
    value: str


class EtcdGateway:
    """Speaks to one cluster. Use it on one loop; ``close`` it there.

    Raises:
        LeadershipError: an endpoint is no URL.
    """

    def __init__(self, settings: EtcdSettings) -> None:
        self._settings = settings
        self._origins = [_origin(endpoint, settings.tls) for endpoint in settings.endpoints]
        self._current = 0
        self._token = b""
        self._client: HTTP1Client | None = None

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.close()

    async def grant(self, ttl: int, timeout: float) -> str:
        """A new lease of so many seconds; gives its id."""
        return str((await self._ask("lease/grant", {"TTL": str(ttl)}, timeout))["ID"])

    async def keep_alive(self, lease: str, timeout: float) -> int:
        """Renew a lease; gives the seconds it has from now, 0 when it has expired."""
        answer = await self._ask("lease/keepalive", {"ID": lease}, timeout)
        return int(answer.get("result", {}).get("TTL", 0))

    async def revoke(self, lease: str, timeout: float) -> None:
        """End a lease, and with it its keys."""
        await self._ask("lease/revoke", {"ID": lease}, timeout)

    async def take(self, key: str, value: str, lease: str, timeout: float) -> Held:
        """Write a key unless it is there; gives it as it is then."""
        name = _encoded(key)
        request = {
            "compare": [{"key": name, "target": "CREATE", "result": "EQUAL", "create_revision": "0"}],
            "success": [{"request_put": {"key": name, "value": _encoded(value), "lease": lease}}],
            "failure": [{"request_range": {"key": name}}],
        }
        answer = await self._ask("kv/txn", request, timeout)
        if answer.get("succeeded"):
            return Held(lease, value)
        found = _first(answer["responses"][0].get("response_range", {}))
        return found or Held("", "")

    async def holder(self, key: str, timeout: float) -> Held | None:
        """A key as it is; None when it is not there."""
        return _first(await self._ask("kv/range", {"key": _encoded(key)}, timeout))

    async def _ask(self, path: str, body: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        """One request to whichever member answers, all of it within ``timeout`` seconds."""
        try:
            async with asyncio.timeout(timeout):
                if self._settings.username and not self._token:
                    await self._authenticate()
                status, answer = await self._any_member(path, body)
                if self._token and answer.get("code") == _UNAUTHENTICATED:
                    await self._authenticate()
                    status, answer = await self._any_member(path, body)
        except TimeoutError:
            raise EtcdError(f"etcd did not answer within {timeout:g} seconds: {', '.join(self._names)}") from None
        if status != 200:
            raise EtcdError(f"etcd refused {path} with {status}: {str(answer.get('message') or answer)[:200]}")
        return answer

    async def _authenticate(self) -> None:
        settings = self._settings
        self._token = b""
        credentials = {"name": settings.username, "password": settings.password}
        status, answer = await self._any_member("auth/authenticate", credentials)
        if status != 200:
            raise EtcdError(f"etcd does not take the user {settings.username}: {str(answer.get('message'))[:200]}")
        self._token = str(answer.get("token", "")).encode("ascii", "replace")

    async def _any_member(self, path: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """The status and the object that the first member answers which can."""
        problems = []
        for _ in self._origins:
            name = self._names[self._current]
            try:
                status, answer = await self._one_member(path, body)
                if status < 500:
                    return status, answer
                problems.append(f"{name}: {status} {str(answer.get('message', ''))[:100]}")
            except (OSError, BodyBrokenError, ValueError) as error:
                problems.append(f"{name}: {error}")
            self._current = (self._current + 1) % len(self._origins)
        raise EtcdError(f"no member of etcd answers: {'; '.join(problems)}")

    async def _one_member(self, path: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        if self._client is None:
            self._client = HTTP1Client()
        headers = [(b"content-type", b"application/json")]
        if self._token:
            headers.append((b"authorization", self._token))
        request = Request("POST", b"/v3/" + path.encode("ascii"), headers, json.dumps(body).encode())
        # A member that hangs must leave time for the others.
        response = await self._client.request(self._origins[self._current], request, timeout=1.0)
        answer = json.loads(await _bounded(response) or b"{}")
        if not isinstance(answer, dict):
            raise ValueError("the answer is no JSON object")
        return response.status, answer

    @property
    def _names(self) -> Sequence[str]:
        return self._settings.endpoints


async def _bounded(response: Response) -> bytes:
    if isinstance(response.body, bytes):
        return response.body
    stream = response.body
    parts, size = [], 0
    async for part in stream:
        parts.append(part)
        size += len(part)
        if size > MAX_ANSWER:
            if isinstance(stream, BodyStream):
                stream.close()
            raise ValueError(f"the answer is longer than {MAX_ANSWER} bytes")
    return b"".join(parts)


def _origin(endpoint: str, tls: ssl.SSLContext | None) -> Origin:
    try:
        parts = urlsplit(endpoint if "://" in endpoint else f"http://{endpoint}")
        host, port = parts.hostname, parts.port or 2379
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or parts.path.strip("/"):
        raise LeadershipError(f"--etcd-client-endpoints: {endpoint!r} is no endpoint; write http://host:2379")
    return Origin(host, port, tls=(tls or client_context(True)) if parts.scheme == "https" else None)


def _first(answer: Mapping[str, Any]) -> Held | None:
    found = answer.get("kvs") or ()
    if not found:
        return None
    value = b64decode(found[0].get("value", "")).decode("utf-8", "replace")
    return Held(str(found[0].get("lease", "0")), value)


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")
