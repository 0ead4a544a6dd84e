"""An authority of this machine: the folder that a sentry serves from, and the sidecars among the running processes."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dapr_cli import instances, processes
from dapr_cli.authority import Authority
from dapr_cli.command import Failure
from dapr_cli.launch.arguments import TRUST_ANCHORS
from dapr_cli.launch.membership import asks_for_mtls
from dapr_cli.ports import LOOPBACK
from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.certificates import InvalidCertificateError
from dapr_core.identity.issuer import anchor_of
from dapr_core.identity.roots import Names
from dapr_core.identity.rotation.checking import Holder
from dapr_core.identity.rotation.files import FolderStore
from dapr_core.identity.rotation.stages import position
from dapr_core.identity.spiffe import TrustDomain, workload_id
from dapr_core.identity.tls import client_context

from .place import Lives, Place

PROPAGATION = timedelta(seconds=5)
"""Files are looked at four times a second; some seconds are for machines that have much to do."""
CONFIRMATION = 10.0
"""Seconds within which a sentry must have noticed; it takes one."""
POLL = 0.2
CONTROL_PLANE = TrustDomain("localhost")


class LocalPlace(Place):
    """The authority in ``folder``.

    Args:
        folder: its credentials.
        config: the Configuration that its sentry reads, if that is there.
        again: how the command that goes on with a rotation is called.
        authority: the sentry that serves from the folder, where that is known.
    """

    where = "on this machine"
    propagation = PROPAGATION
    names = Names.of(CONTROL_PLANE, workload_id(CONTROL_PLANE, "default", "dapr-sentry"))

    def __init__(self, folder: Path, config: Path, again: str, authority: Authority | None = None) -> None:
        self.store = FolderStore(folder)
        self.again = again
        self._config = config
        self._authority = authority
        self.lives = _lives(config)

    def holders(self) -> Sequence[Holder]:
        try:
            running = instances.running()
        except OSError as error:
            raise Failure(f"could not read the process table: {error}") from error
        found = [_holder(instance) for instance in running]
        return [holder for holder in found if holder is not None]

    def mtls_enabled(self) -> bool:
        return asks_for_mtls(self._config) is True

    def unconfirmed(self) -> str:
        running = self._authority.running() if self._authority is not None else None
        if self._authority is None or running is None:
            return ""
        issuer = position(self.store.read(), datetime.now(UTC)).issuer
        root = TrustBundle.of(anchor_of(issuer.chain, issuer.anchors.anchors, datetime.now(UTC)))
        deadline = time.monotonic() + CONFIRMATION
        while not _shows_chain_to(root, running.port):
            if time.monotonic() > deadline:
                return (
                    f"the sentry on port {running.port} does not show a certificate of the root in force; "
                    f"{self._authority.log} says why"
                )
            time.sleep(POLL)
        return ""

    def close(self) -> None:
        return


def _shows_chain_to(root: TrustBundle, port: int) -> bool:
    """Whether a server proves itself to somebody who trusts this root alone."""
    try:
        with socket.create_connection((LOOPBACK, port), POLL * 10) as plain, client_context(root).wrap_socket(plain):
            return True
    except OSError:  # ssl's errors are among them
        return False


def _holder(instance: instances.Instance) -> Holder | None:
    """What a sidecar was told to trust for as long as it runs; None for those that follow a file, or trust nobody."""
    pem = processes.environment_of(instance.pid).get(TRUST_ANCHORS, "")
    try:
        bundle = TrustBundle.parse(pem.encode())
    except InvalidCertificateError:
        return None
    return Holder(
        f"the sidecar of {instance.app_id} (process {instance.pid})",
        bundle,
        f"stop it with `dapr stop {instance.app_id}` and run it again",
    )


def _lives(config: Path) -> Lives:
    """Times of a Configuration file; the defaults where there is none, or none that sentry would start with."""
    try:
        mentioned = b"mtls" in config.read_bytes().lower()
    except OSError:
        return Lives()
    if not mentioned:
        return Lives()
    import os

    from dapr_core.resources.configload import load_configurations
    from dapr_core.resources.problems import ResourceError

    try:
        mtls = load_configurations([str(config)], os.environ).spec.mtls
    except ResourceError as error:
        raise Failure(f"the Configuration {config} cannot be read: {error}") from error
    return Lives.of(mtls.workload_cert_ttl, mtls.allowed_clock_skew) if mtls is not None else Lives()
