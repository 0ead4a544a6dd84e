"""How loud kopf is in our log.

A request of kopf's that the API server could not take just now, while it brings a definition up to date for instance,
is made again and mostly answered then. kopf calls that an error; here it is a warning, and what it gives up an error.
"""

from __future__ import annotations

import logging


def soften(handlers: list[logging.Handler]) -> None:
    """Have what these handlers write of kopf's retries be warnings."""
    for handler in handlers:
        handler.addFilter(_softened)


def _softened(record: logging.LogRecord) -> bool:
    retried = (
        record.levelno == logging.ERROR and record.name.startswith("kopf.") and "; will retry: " in str(record.msg)
    )
    if retried:
        record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
    return True
