"""``dapr mtls``: the certificate authority of this machine or of a cluster (cli-dashboard.md §13).

Without ``-k`` the commands work on the sentry that ``dapr init --with-sentry`` has set up; where there is none, on the
cluster, as those of the public CLI always do.
"""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path

from cryptography import x509

from dapr_cli.authority import Authority
from dapr_cli.cluster.connection import Cluster
from dapr_cli.cluster.expiry import RFC_1123, expiry_line
from dapr_cli.command import Context, Failure
from dapr_cli.flags import UsageError
from dapr_cli.mtls import report
from dapr_cli.mtls.cluster import ClusterPlace
from dapr_cli.mtls.fresh import Origin
from dapr_cli.mtls.local import LocalPlace
from dapr_cli.mtls.place import Lives, Place, duration
from dapr_cli.mtls.renewing import Outcome, Renewal, Wishes, now
from dapr_cli.outputs import output_of
from dapr_cli.tables import render_json
from dapr_core.identity import atomic
from dapr_core.identity.certificates import InvalidCertificateError, load_certificates
from dapr_core.identity.issuer import anchor_of
from dapr_core.identity.rotation import stages
from dapr_core.identity.rotation.checking import Assessment, assess
from dapr_core.identity.rotation.material import Material
from dapr_core.identity.rotation.stages import RotationError, Step
from dapr_core.identity.rotation.store import TrustStoreError

CLUSTER_ONLY = ("namespace", "kubeconfig", "context")
EXPORTED = ("ca.crt", "issuer.crt", "issuer.key")
UNSAFE = 1
NO_ROOT = "root certificate not loaded yet, please try again in few minutes"


def mtls(context: Context) -> int:
    """Say whether mutual TLS is on."""
    try:
        with _place(context) as place:
            status = "enabled" if place.mtls_enabled() else "disabled"
            context.console.text(f"Mutual TLS is {status} {place.where} \n")
            _warn_of_expiry(context, place)
    except Failure as failure:
        raise Failure(f"error checking mTLS: {failure}") from failure
    return 0


def export(context: Context) -> int:
    """Copy roots, issuer and key into a folder."""
    folder = Path(context.flags.text("out")).absolute()
    try:
        with _place(context) as place:
            held = place.store.read()
            if not held.is_whole:
                raise Failure(NO_ROOT)
            files = held.files
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            for name in EXPORTED:
                atomic.write(folder / name, files[name])
            context.console.success(f"Trust certs successfully exported to {folder}")
            _warn_of_expiry(context, place)
    except (Failure, TrustStoreError) as failure:
        raise Failure(f"error exporting trust chain certs: {failure}") from failure
    except OSError as error:
        raise Failure(f"error exporting trust chain certs: {folder}: {error.strerror or error}") from error
    return 0


def expiry(context: Context) -> int:
    """Say when the root ends. A root that cannot be had is told, not failed, as the public CLI has it."""
    try:
        with _place(context) as place:
            ends = _root(place.store.read(), now()).not_valid_after_utc
    except (Failure, TrustStoreError) as failure:
        context.console.failure(f"error getting root cert expiry: {failure}")
        return 0
    hours = int((ends - now()).total_seconds() / 3600)
    context.console.text(f"Root certificate expires in {hours} hours. Expiry date: {ends:%Y-%m-%d %H:%M:%S} +0000 UTC")
    return 0


def check(context: Context) -> int:
    """Say whether the next stage of a rotation is safe; the exit status says it too."""
    output = output_of(context.flags, ("table", "json"))
    try:
        with _place(context) as place:
            at = now()
            found = _assess(place, place.store.read(), at)
            again = place.again
    except (RotationError, TrustStoreError) as error:
        raise Failure(str(error)) from error
    if output == "json":
        context.console.text(render_json(report.as_record(found, at)))
    else:
        report.tell(found, at, place.where, again, context.console)
    return 0 if found.safe else UNSAFE


def renew_certificate(context: Context) -> int:
    """Carry out the stages of a rotation that are safe."""
    flags, console = context.flags, context.console
    origin = Origin.of(flags)
    only = _only(flags.text("stage"))
    if flags.number("timeout") < 0:
        raise UsageError(f"invalid --timeout {flags.number('timeout')}: it takes seconds")
    if "image-variant" in flags.given:
        console.warning("--image-variant has no effect: renewing certificates leaves the images as they are")
    console.pending("Starting certificate rotation")
    began = time.monotonic()
    with _place(context) as place:
        if flags.switch("restart") and not isinstance(place, ClusterPlace):
            raise UsageError("--restart is for a Kubernetes cluster; the sentry of this machine follows its files")
        if flags.switch("cancel"):
            return _cancel(context, place)
        outcome = Renewal(
            place, Wishes(origin, only, flags.switch("force"), float(flags.number("timeout"))), console
        ).run()
        status = _tell(context, place, outcome)
        if flags.switch("restart") and isinstance(place, ClusterPlace) and (outcome.done or outcome.replaced):
            from dapr_cli.mtls.restarting import restart_control_plane

            restart_control_plane(place, console, began + flags.number("timeout"))
    return status


def _tell(context: Context, place: Place, outcome: Outcome) -> int:
    console = context.console
    if outcome.replaced:
        console.warning("Nothing could be kept going: restart every sidecar, so that it trusts the new root")
    if (outcome.done or outcome.replaced) and (doubt := place.unconfirmed()):
        console.warning(doubt)
    if outcome.replaced or Step.ISSUER in outcome.done or Step.WITHDRAW in outcome.done:
        ends = _root(place.store.read(), now()).not_valid_after_utc
        console.success(f"Certificate rotation is successful! Your new certificate is valid through {ends:{RFC_1123}}")
    if outcome.left is None:
        if not outcome.done and not outcome.replaced:
            console.info("This stage was done before; there is nothing to do")
        return 0
    report.tell_hindrances(outcome.left, console)
    console.info(f"`{place.again}` goes on from here; `dapr mtls check` says when it is safe")
    return 0 if outcome.done else UNSAFE


def _cancel(context: Context, place: Place) -> int:
    try:
        before = place.store.read()
        place.store.replace(before, stages.cancel(before, now()))
    except (RotationError, TrustStoreError) as error:
        raise Failure(f"the rotation cannot be cancelled: {error}") from error
    context.console.success("The rotation is cancelled: the root and the issuer are those from before")
    return 0


def _only(stage: str) -> Step | None:
    if not stage:
        return None
    try:
        return Step(stage)
    except ValueError:
        known = ", ".join(step.value for step in Step)
        raise UsageError(f'invalid --stage "{stage}": it takes {known}') from None


def _place(context: Context) -> Place:
    """The authority that the flags mean. Raises Failure and UsageError."""
    flags, root = context.flags, context.root
    folder, named = flags.text("issuer-credentials"), [name for name in CLUSTER_ONLY if name in flags.given]
    if folder and (flags.switch("kubernetes") or named):
        raise UsageError("--issuer-credentials is a folder of this machine, so it means nothing beside --kubernetes")
    own = root.sentry / "credentials"
    if folder or (own.is_dir() and not flags.switch("kubernetes") and not named):
        place: Place = _local(context, Path(folder).absolute() if folder else own, own)
    else:
        again = " ".join(["dapr mtls renew-certificate -k", *(f"--{name} {flags.text(name)}" for name in named)])
        place = ClusterPlace(flags.text("namespace"), again, Cluster.of(flags))
    if "leaf-life" in flags.given:
        place.lives = Lives(duration(flags.text("leaf-life"), "--leaf-life"), place.lives.skew)
    return place


def _local(context: Context, folder: Path, own: Path) -> LocalPlace:
    is_own = folder == own
    again = "dapr mtls renew-certificate" + ("" if is_own else f" --issuer-credentials {folder}")
    if not is_own:
        return LocalPlace(folder, Path(os.devnull), again)
    return LocalPlace(folder, context.root.config, again, Authority(context.root.sentry, context.root.config))


def _assess(place: Place, material: Material, at: datetime) -> Assessment:
    return assess(material, at, propagation=place.propagation, leaf_life=place.lives.leaf, holders=place.holders())


def _root(material: Material, at: datetime) -> x509.Certificate:
    """The root that vouches for the issuer, or the first one where that has come to its end. Raises Failure."""
    try:
        issuer = stages.position(material, at).issuer
        return anchor_of(issuer.chain, issuer.anchors.anchors, at)
    except RotationError:
        pass
    try:
        return load_certificates(material.anchors, "the trust bundle")[0]
    except InvalidCertificateError as error:
        if material.anchors:
            raise Failure(str(error)) from None
        raise Failure(NO_ROOT) from None


def _warn_of_expiry(context: Context, place: Place) -> None:
    """What the public CLI says below most commands about a cluster, when its root ends soon (cli-dashboard.md §12)."""
    try:
        ends = _root(place.store.read(), now()).not_valid_after_utc
    except (Failure, TrustStoreError):
        return  # the command itself has done its work
    whose = "your Kubernetes cluster" if isinstance(place, ClusterPlace) else "this machine"
    if line := expiry_line(ends, now(), whose):
        context.console.warning(line)
