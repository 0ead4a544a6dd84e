"""The commands of `dapr mtls` with their flags and words, a part of the command table."""

from __future__ import annotations

from dapr_cli.cluster.flags import KUBERNETES, WHICH
from dapr_cli.command import Command
from dapr_cli.flags import Flag

_NAMESPACE = Flag("namespace", "The namespace of the control plane in the cluster (default: where its Configuration "
                  "daprsystem is)", short="n")  # fmt: skip
_CREDENTIALS = Flag("issuer-credentials", "The folder that the sentry of this machine serves from (default "
                    "<root>/sentry/credentials)", completes="directory")  # fmt: skip
_PLACE = (KUBERNETES, _NAMESPACE, *WHICH, _CREDENTIALS)
_LEAF_LIFE = Flag("leaf-life", "How long certificates of workloads live at most (default workloadCertTTL of the "
                  "Configuration, or 24h)")  # fmt: skip

MTLS_EXPORT = Command(
    name="export",
    summary="Export the root, the issuer's certificate and its key to local files",
    handler="mtls:export",
    description="Writes ca.crt, issuer.crt and issuer.key, readable by you alone. The key is a secret: it can make "
    "identities.",
    examples="  # Export certs to local folder\n  dapr mtls export -o ./certs",
    flags=(
        Flag("out", "The folder to write to", short="o", default=".", completes="directory"),
        *_PLACE,
    ),
)

MTLS_EXPIRY = Command(
    name="expiry",
    summary="Say when the root certificate ends",
    handler="mtls:expiry",
    examples="  dapr mtls expiry",
    flags=_PLACE,
)

MTLS_CHECK = Command(
    name="check",
    summary="Say how far a rotation is, and whether its next stage is safe",
    handler="mtls:check",
    description="""\
Looks at the authority and at the sidecars that can be seen, changes nothing, and tells what the next stage of a
rotation is, whether it is safe now, and if not, why and what to do. The exit status is 0 when it is safe, and 1 when
it is not.""",
    examples="""\
  # On this machine
  dapr mtls check

  # In a cluster, for programs
  dapr mtls check -k -o json""",
    flags=(
        *_PLACE,
        _LEAF_LIFE,
        Flag("output", "The form of the output", short="o", default="table", choices=("table", "json")),
    ),
)

MTLS_RENEW = Command(
    name="renew-certificate",
    aliases=("renew-cert", "rnc"),
    summary="Give the certificate authority a new root, in stages and without an outage",
    handler="mtls:renew_certificate",
    description="""\
A root is renewed in three stages:

  anchors   the new root is trusted beside the old one
  issuer    the issuer below the new root signs
  withdraw  the old root is trusted no more

Each is carried out as soon as it breaks nobody; what time alone makes safe is waited for, up to --timeout. Where
something is in the way this command says what, and goes on from there when it is run again. It can be interrupted
anywhere. Exit status 1 means that nothing could be done.""",
    examples="""\
  # Generates new root and issuer certificates for the sentry of this machine
  dapr mtls renew-certificate

  # The same in a Kubernetes cluster, restarting the control plane
  dapr mtls renew-certificate -k --valid-until 365 --restart

  # Uses an existing root key to generate new root and issuer certificates
  dapr mtls renew-certificate -k --private-key root.key --valid-until 365

  # Rotates to certificates of your own
  dapr mtls renew-certificate -k --ca-root-certificate ca.crt --issuer-public-certificate issuer.crt \\
      --issuer-private-key issuer.key

  # Only one stage
  dapr mtls renew-certificate --stage anchors""",
    flags=(
        *_PLACE,
        Flag("private-key", "The key that signs the new root (default: one that is forgotten at once)",
             completes="file"),
        Flag("ca-root-certificate", "The new root certificates", completes="file"),
        Flag("issuer-public-certificate", "The new issuer's certificate and chain", completes="file"),
        Flag("issuer-private-key", "The new issuer's key", completes="file"),
        Flag("valid-until", "Days that new certificates are valid", "int", default=365),
        Flag("restart", "Restart the services of the control plane after the stages", "bool", default=False),
        Flag("timeout", "Seconds to wait for a stage to become safe, and for restarts", "int", default=300),
        Flag("stage", "Carry out only this stage", choices=("anchors", "issuer", "withdraw")),
        Flag("cancel", "Undo the stage 'anchors'", "bool", default=False),
        Flag("force", "Carry out stages that are not safe: connections may fail", "bool", default=False),
        _LEAF_LIFE,
        Flag("image-variant", "Of the public CLI, which changes images along with certificates", hidden=True),
    ),
)  # fmt: skip

MTLS = Command(
    name="mtls",
    summary="Look at mutual TLS, and renew the certificates of its authority",
    handler="mtls:mtls",
    usage="dapr mtls [flags]\n  dapr mtls [command]",
    description="Without a command: say whether sidecars are to speak mutual TLS.",
    examples="""\
  # Check if mTLS is enabled in a Kubernetes cluster
  dapr mtls -k

  # How long is the root valid, and can it be renewed now?
  dapr mtls expiry
  dapr mtls check""",
    flags=(*_PLACE, _LEAF_LIFE),
    commands=(MTLS_CHECK, MTLS_EXPIRY, MTLS_EXPORT, MTLS_RENEW),
)
