"""The token by which a workload proves itself to sentry: where it lies, who checks it (control-plane.md §2.3).

It is read anew for each request, since whoever put it there replaces it before it expires.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Final

from dapr_core.identity.jwt import MAX_TOKEN

log = logging.getLogger("dapr.runtime.security")

TOKEN_FILE_VARIABLE: Final = "DAPR_SENTRY_TOKEN_FILE"
KUBERNETES_TOKEN: Final = "/var/run/secrets/dapr.io/sentrytoken/token"
LEGACY_TOKEN: Final = "/var/run/secrets/kubernetes.io/serviceaccount/token"


class Validator(IntEnum):
    """How sentry is to check a token; the numbers are those of the wire."""

    UNKNOWN = 0
    INSECURE = 1
    KUBERNETES = 2
    JWKS = 3


class TokenError(ValueError):
    """A token was announced and cannot be read. The message names the file, never the token."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What goes into the request; without a token sentry's own default decides."""

    token: str = field(repr=False, default="")
    validator: Validator = Validator.UNKNOWN


@dataclass(frozen=True, slots=True)
class TokenSource:
    """Where to look.

    Attributes:
        kubernetes: the process runs in Kubernetes mode.
        file: an explicit file (JWKS), before everything else.
        environment: where ``DAPR_SENTRY_TOKEN_FILE`` is looked up.
        mounted: files of Kubernetes, the first that is there counts.
    """

    kubernetes: bool
    file: str = ""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    mounted: tuple[str, ...] = (KUBERNETES_TOKEN, LEGACY_TOKEN)

    def read(self) -> Credential:
        """The credential now.

        Raises:
            TokenError: see there.
        """
        if self.file:
            return Credential(_read(self.file), Validator.JWKS)
        if TOKEN_FILE_VARIABLE in self.environment:
            path = self.environment[TOKEN_FILE_VARIABLE]
            if not path:
                raise TokenError(f"environment variable {TOKEN_FILE_VARIABLE} is set with an empty value; unset it")
            return Credential(_read(path), Validator.KUBERNETES if self.kubernetes else Validator.JWKS)
        for path in self.mounted if self.kubernetes else ():
            if Path(path).exists():
                if path == LEGACY_TOKEN:
                    log.warning("The identity token is the service account token with access to the Kubernetes API; "
                                "mount a token for sentry in its place")  # fmt: skip
                return Credential(_read(path), Validator.KUBERNETES)
        return Credential()


def _read(path: str) -> str:
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_TOKEN + 1)
    except OSError as error:
        raise TokenError(f"cannot read the identity token {path}: {error.strerror or error}") from None
    if len(data) > MAX_TOKEN:
        raise TokenError(f"the identity token {path} is longer than {MAX_TOKEN} bytes")
    try:
        return data.decode("ascii").strip()
    except UnicodeDecodeError:
        raise TokenError(f"the identity token {path} is no ASCII text") from None
