"""A thin Redis client for the data plane: one pipelined connection, one future a command, the ``hiredis`` parser.

Admission rule: what every Redis vendor of ours needs (settings, dialling, commands, scripts, retries). What a vendor
stores, and how, stays in its own module.
"""

from dapr_components.common.redis.client import RedisClient
from dapr_components.common.redis.errors import (
    RedisError,
    RedisReplyError,
    RedisTimeoutError,
    RedisUnavailableError,
)
from dapr_components.common.redis.script import Script
from dapr_components.common.redis.settings import RedisSettings

__all__ = [
    "RedisClient",
    "RedisError",
    "RedisReplyError",
    "RedisSettings",
    "RedisTimeoutError",
    "RedisUnavailableError",
    "Script",
]
