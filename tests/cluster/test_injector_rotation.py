"""The injector's certificate ends in seconds and is renewed while pods are made all the time (§5.1)."""

from __future__ import annotations

import ssl
import time
from pathlib import Path

from cluster import admission
from cluster.kube.apiserver import ApiServer
from cryptography import x509
from support import manifests

LIFE = 6
"""Seconds of a certificate."""
LIMIT = 120.0


def test_pods_are_admitted_while_the_certificate_is_renewed(
    api_server: ApiServer, crds: object, tmp_path: Path
) -> None:
    mtls = {
        "enabled": True,
        "sentryAddress": "",
        "controlPlaneTrustDomain": "",
        "workloadCertTTL": f"{LIFE}s",
        "allowedClockSkew": "1s",
    }
    config = manifests.write(tmp_path / "config.yaml", manifests.configuration({"mtls": mtls}))
    folder = tmp_path / "credentials"
    folder.mkdir()
    with admission.webhook(api_server, folder, f"--config={config}") as made:
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": "web",
                "namespace": made.namespace,
                "annotations": {"dapr.io/enabled": "true", "dapr.io/app-id": "web"},
            },
            "spec": {"containers": [{"name": "app", "image": "app:1"}], "automountServiceAccountToken": False},
        }
        shown: set[int] = set()
        deadline = time.monotonic() + LIMIT
        while len(shown) < 2 and time.monotonic() < deadline:
            admitted = made.admin.create(pod, dry_run=True)
            assert [each["name"] for each in admitted["spec"]["containers"]] == ["app", "daprd"]
            shown.add(serial(made.injector.port))
            time.sleep(0.1)
        assert len(shown) >= 2, "the certificate was not renewed"


def serial(port: int) -> int:
    """Of the certificate that is shown to whoever connects now."""
    return x509.load_pem_x509_certificate(ssl.get_server_certificate(("127.0.0.1", port)).encode()).serial_number
