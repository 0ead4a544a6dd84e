"""The manifest of ``pubsub.redis`` beyond the connection: consumer, redelivery, trimming (components.md §2.3)."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from dapr_components.common.metadata import Fields
from dapr_components.contract import Metadata

DEFAULT_PROCESSING_TIMEOUT = 60.0
DEFAULT_REDELIVER_INTERVAL = 15.0
DEFAULT_QUEUE_DEPTH = 100
DEFAULT_CONCURRENCY = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSettings:
    """How streams are read and trimmed. Durations in seconds; a bare integer in the manifest counts milliseconds.

    ``consumer_id`` names the group and its consumer. ``processing_timeout`` bounds a handler and is the idle time after
    which a pending entry is delivered again, looked for every ``redeliver_interval``; either 0 switches that off.
    """

    consumer_id: str
    processing_timeout: float = DEFAULT_PROCESSING_TIMEOUT
    redeliver_interval: float = DEFAULT_REDELIVER_INTERVAL
    queue_depth: int = DEFAULT_QUEUE_DEPTH
    concurrency: int = DEFAULT_CONCURRENCY
    max_len_approx: int = 0
    stream_ttl: float = 0.0

    @property
    def redelivers(self) -> bool:
        """Whether pending entries are delivered again at all."""
        return self.processing_timeout > 0 and self.redeliver_interval > 0

    @property
    def processing_timeout_ms(self) -> int:
        return max(1, round(self.processing_timeout * 1000))

    @classmethod
    def from_metadata(cls, metadata: Metadata, app_id: str, logger: logging.Logger) -> StreamSettings:
        """Read the fields. Raises ``ComponentError`` naming the field that is wrong."""
        fields = Fields(metadata)
        max_len = fields.integer("maxLenApprox", minimum=0)
        ttl = max(0.0, fields.seconds("streamTTL", plain="ms"))
        if max_len and ttl:
            logger.warning(
                "redis streams: maxLenApprox and streamTTL cannot be used together; "
                "only one stream trimming strategy can be active at a time."
            )
        return cls(
            consumer_id=fields.raw("consumerID").strip() or app_id,
            processing_timeout=max(
                0.0, fields.seconds("processingTimeout", default=DEFAULT_PROCESSING_TIMEOUT, plain="ms")
            ),
            redeliver_interval=max(
                0.0, fields.seconds("redeliverInterval", default=DEFAULT_REDELIVER_INTERVAL, plain="ms")
            ),
            queue_depth=fields.integer("queueDepth", default=DEFAULT_QUEUE_DEPTH, minimum=1),
            concurrency=fields.integer("concurrency", default=DEFAULT_CONCURRENCY, minimum=1),
            max_len_approx=max_len,
            stream_ttl=0.0 if max_len else ttl,
        )
