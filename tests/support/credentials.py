"""Sentry's credentials, as somebody puts them into its directory."""

from __future__ import annotations

from pathlib import Path

from support.identities import Authority, key_pem, pem


def put(directory: Path, signer: Authority, *roots: Authority) -> None:
    """Have this authority issue, under these roots."""
    (directory / "ca.crt").write_bytes(pem(*[root.certificate for root in roots]))
    (directory / "issuer.crt").write_bytes(pem(signer.certificate))
    (directory / "issuer.key").write_bytes(key_pem(signer.key))
