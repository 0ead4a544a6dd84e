"""Refusals of a call of an actor that its caller sees. They stand apart: their base is not compiled."""

from __future__ import annotations

from typing import Final

from dapr_core.errors import DaprError
from daprd.catalogue import actors as rows

FAILED_PRECONDITION: Final = 9
"""gRPC's code for a type that nobody hosts."""


class StatusError(DaprError):
    """A failure that gRPC tells by a status of its own: ``code`` and ``text``. HTTP tells it as any other."""

    def __init__(self, code: int, text: str, error: str) -> None:
        super().__init__(rows.INVOKE_METHOD, error=error)
        self.code = code
        self.text = text


class ActorStatusError(StatusError):
    """Another sidecar's refusal, as it is told on."""

    def __init__(self, code: int, name: str, text: str) -> None:
        super().__init__(code, text, f"rpc error: code = {name} desc = {text}")


class NoHostError(StatusError):
    """No host has the type, also after all attempts; ``reason`` says so in few words."""

    def __init__(self, reason: str) -> None:
        text = f"failed to lookup actor: api error: code = FailedPrecondition desc = {reason}"
        super().__init__(FAILED_PRECONDITION, text, text)
        self.reason = reason


class FinalError(DaprError):
    """The application's own word, which no further attempt changes."""
