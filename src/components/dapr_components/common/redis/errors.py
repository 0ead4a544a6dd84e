"""What can go wrong between us and a Redis server. Texts of a broken connection begin with
``redis:`` and name the server; a refusal is the server's own text."""

from __future__ import annotations

from dapr_components.contract import ComponentError


class RedisError(ComponentError):
    """Base of all failures of the client."""


class RedisUnavailableError(RedisError):
    """The server cannot be reached, or the connection broke before the reply came."""


class RedisTimeoutError(RedisUnavailableError):
    """The server did not answer in time; the command may have been carried out."""


class RedisReplyError(RedisError):
    """The server refused the command. ``code`` is the first word of its reply, e.g. ``WRONGTYPE``."""

    def __init__(self, reply: str, *, context: str = "") -> None:
        super().__init__(context + reply)
        self.code = reply.partition(" ")[0]


TRANSIENT_CODES = frozenset({"LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN"})
"""Refusals that pass by themselves: the server is starting, failing over or losing its primary."""
