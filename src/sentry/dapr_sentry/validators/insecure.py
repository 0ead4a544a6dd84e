"""The validator of standalone mode: whoever can reach sentry is believed (control-plane.md §1.4)."""

from __future__ import annotations

from dapr_sentry.validators.common import claimed_id
from dapr_sentry.validators.contract import Claim, Proof, Validator


class InsecureValidator(Validator):
    """Believes everybody whose request is well formed."""

    name = "insecure"

    async def validate(self, claim: Claim) -> Proof:
        return Proof(claimed_id(claim))
