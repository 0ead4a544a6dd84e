"""Texts of failures as they stand inside the documented errors."""

from __future__ import annotations

from daprd.policy.contract import CircuitOpenError, PermanentError, RetriesExhaustedError


def root_cause(error: BaseException) -> BaseException:
    """The failure itself, without what policies wrapped around it."""
    while isinstance(error, (RetriesExhaustedError, PermanentError)):
        error = error.cause
    return error


def failure_text(error: BaseException) -> str:
    """What a client reads about a failure."""
    error = root_cause(error)
    if isinstance(error, TimeoutError):
        return "context deadline exceeded"
    if isinstance(error, CircuitOpenError):
        return str(error) or "circuit breaker is open"
    return str(error) or type(error).__name__
