"""The validators of a process as one service that starts and stops with it."""

from __future__ import annotations

from collections.abc import Mapping

from dapr_core.identity.tokens import Validator as Kind
from dapr_core.process.service import Service
from dapr_sentry.validators.contract import Validator


class Validators(Service):
    """Those enabled, by their number on the wire.

    Attributes:
        by_kind: the validators.
        default: the one for requests that name none; ``UNKNOWN`` when they must name one (control-plane.md §1.4).
    """

    name = "validators"

    def __init__(self, by_kind: Mapping[Kind, Validator], default: Kind) -> None:
        self.by_kind = by_kind
        self.default = default

    async def start(self) -> None:
        for validator in self.by_kind.values():
            await validator.start()

    async def stop(self) -> None:
        for validator in self.by_kind.values():
            await validator.stop()
