"""What users hear when a cluster cannot be worked with, and when its root soon ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from dapr_cli.cluster.connection import config_of, explained
from dapr_cli.cluster.expiry import expiry_line, warning
from dapr_core.identity.roots import Names, make_issuer
from dapr_core.identity.spiffe import TrustDomain, workload_id
from dapr_core.kube import ConfigError, KubeError, UnreachableError
from dapr_core.kube.credentials import CredentialError
from dapr_core.kube.errors import Status, api_error

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "cause", "remedy"),
    [
        (ConfigError("there is no kubeconfig /x"), "which Kubernetes cluster is meant", "/x"),
        (CredentialError("the program aws ended"), "no credentials for the Kubernetes cluster", "aws ended"),
        (UnreachableError("https://a: refused"), "cannot be reached: https://a: refused", "--context"),
        (api_error(Status(401, "Unauthorized", "who?")), "does not know your credentials: who?", "log in to it again"),
        (api_error(Status(403, "Forbidden", "no pods")), "you may not do this", "ask its administrator for a Role"),
        (api_error(Status(500, "", "boom")), "does not answer as it should: boom", "500"),
    ],
    ids=["no kubeconfig", "no credentials", "unreachable", "unauthorized", "forbidden", "failing"],
)
def test_an_error_is_told_with_its_cause_and_a_remedy(error: KubeError, cause: str, remedy: str) -> None:
    said = explained(error)
    assert cause in said
    assert remedy in said


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(days=30), ""),
        (timedelta(days=29, hours=23), "expires in 29 days."),
        (timedelta(hours=3), "expires today."),
        (timedelta(seconds=-1), "has expired."),
    ],
)
def test_a_root_is_warned_of_in_its_last_thirty_days(left: timedelta, said: str) -> None:
    line = expiry_line(NOW + left, NOW, "your Kubernetes cluster")
    assert (
        line.startswith(f"Dapr root certificate of your Kubernetes cluster {said} Expiry date: ") if said else not line
    )


def test_the_longest_lasting_root_of_a_bundle_counts() -> None:
    domain = TrustDomain("cluster.local")
    names = Names.of(domain, workload_id(domain, "dapr-system", "dapr-sentry"))
    short, long = (make_issuer(names, NOW, validity=timedelta(days=days)).anchors.pem.decode() for days in (5, 300))
    assert "expires in 5 days." in warning(short, NOW, "your Kubernetes cluster")
    assert warning(short + long, NOW, "your Kubernetes cluster") == ""
    assert warning("no certificate", NOW, "your Kubernetes cluster") == ""


def kubeconfig(path: Path, server: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    contexts = [{"name": name, "context": {"cluster": name, "user": ""}} for name in ("c", "other")]
    clusters = [
        {"name": "c", "cluster": {"server": server}},
        {"name": "other", "cluster": {"server": f"{server}/other"}},
    ]
    path.write_text(yaml.safe_dump({"current-context": "c", "contexts": contexts, "clusters": clusters}))
    return str(path)


def test_the_cluster_is_that_of_the_flag_then_of_the_variable_then_of_the_home(tmp_path: Path) -> None:
    flag, variable = kubeconfig(tmp_path / "flag", "https://flag"), kubeconfig(tmp_path / "var", "https://variable")
    kubeconfig(tmp_path / ".kube" / "config", "https://home")
    pod = {"HOME": str(tmp_path), "KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    assert config_of({**pod, "KUBECONFIG": variable}, flag, "").server == "https://flag"
    assert config_of({**pod, "KUBECONFIG": variable}, "", "").server == "https://variable"
    assert config_of(pod, "", "").server == "https://home"
    assert config_of(pod, "", "other").server == "https://home/other"


def test_without_any_kubeconfig_and_outside_a_pod_there_is_no_cluster(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no kubeconfig .*; give --kubeconfig, or set KUBECONFIG"):
        config_of({"HOME": str(tmp_path)}, "", "")
