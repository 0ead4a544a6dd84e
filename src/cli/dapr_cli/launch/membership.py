"""Whether a sidecar joins a certificate authority, and which: that of `dapr init`, or the one a Configuration asks for.

Where `dapr init --with-sentry` was run, every sidecar joins, so that all of them understand each other; a Configuration
with ``spec.mtls.enabled: false`` keeps its sidecar out. Elsewhere ``true`` means the sentry at the address that the
public CLI takes for it, with the roots of ``DAPR_TRUST_ANCHORS`` (cli-dashboard.md §6).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from dapr_cli.authority import Authority
from dapr_cli.command import Failure

from .arguments import TRUST_ANCHORS, TRUST_ANCHORS_FILE
from .spec import AppSpec

SENTRY_ADDRESS = "localhost:50001"


def joined(spec: AppSpec, authority: Authority, env: Mapping[str, str]) -> AppSpec:
    """``spec`` with the authority that its sidecar is to ask, and the file of its roots, which the sidecar follows.

    Raises Failure when mutual TLS is asked for and there are no roots to trust.
    """
    asked = asks_for_mtls(spec.config) if spec.config is not None else None
    if asked is False:
        return spec
    if authority.address:
        return dataclasses.replace(spec, sentry_address=authority.address, trust_anchors=_roots(authority))
    if not asked:
        return spec
    if not env.get(TRUST_ANCHORS) and not env.get(TRUST_ANCHORS_FILE):
        raise Failure(
            f"the Configuration {spec.config} asks for mutual TLS and there are no trust anchors; run "
            f"`dapr init --with-sentry`, or set {TRUST_ANCHORS} to the roots of the sentry at {SENTRY_ADDRESS}"
        )
    return dataclasses.replace(spec, sentry_address=SENTRY_ADDRESS)


def _roots(authority: Authority) -> Path:
    if not authority.anchors.is_file():
        raise Failure(f"the trust anchors {authority.anchors} are missing; run `dapr init --with-sentry` again")
    return authority.anchors


def asks_for_mtls(config: Path) -> bool | None:
    """What a Configuration says of mutual TLS; None when it says nothing.

    The YAML library is loaded only for a file that mentions it.
    """
    try:
        content = config.read_bytes()
    except OSError:
        return None  # the sidecar tells about the file that cannot be read
    if b"mtls" not in content.lower():
        return None
    import yaml

    try:
        documents = [one for one in yaml.safe_load_all(content) if isinstance(one, dict)]
    except yaml.YAMLError:
        return None  # likewise
    specs = [one.get("spec") for one in documents]
    sections = [one.get("mtls", one.get("mTLS")) for one in specs if isinstance(one, dict)]
    said = [section.get("enabled") for section in sections if isinstance(section, dict)]
    if True in said:
        return True
    return False if False in said else None
