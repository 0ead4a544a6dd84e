"""The validator of standalone mode: whoever can reach sentry is believed (control-plane.md §1.4)."""

from __future__ import annotations

from dapr_core.identity.spiffe import SpiffeId
from dapr_sentry.validators.common import claimed_id
from dapr_sentry.validators.contract import Claim, Validator


class InsecureValidator(Validator):
    """Believes everybody whose request is well formed."""

    name = "insecure"

    async def validate(self, claim: Claim) -> SpiffeId:
        return claimed_id(claim)
