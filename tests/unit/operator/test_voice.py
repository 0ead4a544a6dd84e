"""What kopf tries again is no error yet."""

from __future__ import annotations

import logging

import pytest

from dapr_operator.voice import soften

RETRIED = "Request attempt #1/9 failed; will retry: GET https://api -> APITooManyRequestsError()"
GIVEN_UP = "Request attempt #9/9 failed; escalating: GET https://api -> APIServerError()"


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.levels: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.levels.append(record.levelname)


@pytest.mark.parametrize(
    ("scope", "message", "level"),
    [
        ("kopf._cogs.clients.watching", RETRIED, "WARNING"),
        ("kopf._cogs.clients.watching", GIVEN_UP, "ERROR"),
        ("dapr.operator", RETRIED, "ERROR"),
    ],
)
def test_only_what_kopf_tries_again_is_a_warning(scope: str, message: str, level: str) -> None:
    handler = Kept()
    soften([handler])
    logger = logging.Logger(scope)
    logger.addHandler(handler)
    logger.error(message)
    assert handler.levels == [level]
