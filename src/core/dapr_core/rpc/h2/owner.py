"""The seam between the HTTP/2 core and the shell that owns its socket."""

from __future__ import annotations

from typing import Protocol


class Owner(Protocol):
    """What a connection asks of the shell around it."""

    def wake(self) -> None:
        """Output is waiting. Called once until ``take_output`` empties it."""

    def connection_ready(self) -> None:
        """The peer's first SETTINGS arrived."""

    def headers_begun(self) -> None:
        """A header block has begun whose end is not here: nothing else can come before that does."""

    def connection_idle(self) -> None:
        """The last open stream ended."""

    def connection_draining(self, reason: str) -> None:
        """The peer sent GOAWAY: open no more streams here."""

    def connection_failed(self, reason: str) -> None:
        """The connection is broken and its streams are told; send what is waiting, then close."""

    def pong(self, payload: bytes) -> None:
        """A PING of ours was answered."""

    def stream_failed(self, error: Exception) -> None:
        """A hook of a stream raised; the stream was reset."""
