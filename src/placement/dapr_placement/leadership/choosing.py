"""Which leadership fits the command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dapr_placement.leadership.contract import Alone, Leadership, LeadershipError
from dapr_placement.options import KUBERNETES, Options

KEY = "dapr/placement/{namespace}/leader"
"""Of the leader in etcd; two control planes in one etcd differ by their namespaces."""


def leadership_for(options: Options, environment: Mapping[str, str], namespace: str) -> Leadership:
    """The leadership. Call it on a running loop.

    Args:
        options: already checked.
        environment: of the process.
        namespace: of the control plane.

    Raises:
        LeadershipError: what it needs is not there, or cannot be used.
    """
    if options.etcd_endpoints:
        return _by_etcd(options, namespace)
    if options.mode == KUBERNETES and len(options.peers) > 1:
        from dapr_placement.leadership.kubernetes import LeaseLeadership

        return LeaseLeadership(environment, namespace, options.id)
    return Alone()


def _by_etcd(options: Options, namespace: str) -> Leadership:
    from dapr_core.rpc.tls import client_context
    from dapr_placement.leadership.etcd import EtcdLeadership
    from dapr_placement.leadership.gateway import EtcdGateway, EtcdSettings

    context = None
    if options.etcd_ca_file or options.etcd_cert_file or options.etcd_key_file:
        try:
            context = client_context(
                True, _read(options.etcd_ca_file), _read(options.etcd_cert_file), _read(options.etcd_key_file)
            )
        except (OSError, ValueError) as error:
            raise LeadershipError(f"the certificates for etcd cannot be used: {error}") from None
    settings = EtcdSettings(options.etcd_endpoints, options.etcd_username, options.etcd_password, context)
    return EtcdLeadership(EtcdGateway(settings), KEY.format(namespace=namespace), options.id)


def _read(path: str) -> bytes:
    return Path(path).read_bytes() if path else b""
