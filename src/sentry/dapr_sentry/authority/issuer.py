"""Where the issuer was looked for before the command line needed it too; see ``dapr_core.identity.issuer``."""

from dapr_core.identity.issuer import InvalidIssuerError, Issuer, check

__all__ = ["InvalidIssuerError", "Issuer", "check"]
