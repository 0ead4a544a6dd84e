"""How a process learns of its cluster: from its pod, or from kubeconfig files, and what it refuses by name."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.identities import Authority, pem

from dapr_core.kube.config import ClusterConfig, ConfigError, Pem, in_cluster, load_config
from dapr_core.kube.credentials import NoToken, Token, TokenFile
from dapr_core.kube.kubeconfig import read_kubeconfig

POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}


def mount(directory: Path, **files: str) -> Path:
    for name, text in files.items():
        (directory / name.replace("_", ".")).write_text(text)
    return directory


def kubeconfig(path: Path, *, user: dict[str, Any] | None = None, cluster: dict[str, Any] | None = None) -> Path:
    value = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "apps"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://k8s.example:6443", **(cluster or {})}}],
        "users": [{"name": "u", "user": user or {}}],
    }
    path.write_text(yaml.safe_dump(value))
    return path


def test_a_pod_is_told_where_its_cluster_is(tmp_path: Path) -> None:
    found = in_cluster(POD, str(mount(tmp_path, token="t", ca_crt="", namespace="apps\n")))
    assert found is not None
    assert (found.server, found.namespace) == ("https://10.0.0.1:443", "apps")
    assert found.credential.authorization() == b"Bearer t"
    assert found.ca == Pem(path=str(tmp_path / "ca.crt"))


def test_a_pod_with_addresses_of_version_six_is_told_too(tmp_path: Path) -> None:
    found = in_cluster({**POD, "KUBERNETES_SERVICE_HOST": "fd00::1"}, str(mount(tmp_path, token="t")))
    assert found is not None
    assert found.server == "https://[fd00::1]:443"
    assert found.origin().host == "fd00::1"


@pytest.mark.parametrize("missing", ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "token"])
def test_whoever_is_no_pod_reads_kubeconfig(missing: str, tmp_path: Path) -> None:
    environment = {name: value for name, value in POD.items() if name != missing}
    directory = mount(tmp_path, **({} if missing == "token" else {"token": "t"}))
    path = kubeconfig(tmp_path / "config", user={"token": "x"})
    found = load_config(environment, str(path), directory=str(directory))
    assert (found.server, found.namespace) == ("https://k8s.example:6443", "apps")
    assert found.credential == Token("x")


def test_a_pod_comes_before_kubeconfig(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path / "config")
    assert load_config(POD, str(path), directory=str(mount(tmp_path, token="t"))).server == "https://10.0.0.1:443"


def test_kubeconfig_is_looked_for_where_kubectl_does(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path / "a")
    assert load_config({"KUBECONFIG": str(path)}).namespace == "apps"
    (tmp_path / ".kube").mkdir()
    kubeconfig(tmp_path / ".kube" / "config")
    assert load_config({"HOME": str(tmp_path)}).namespace == "apps"
    with pytest.raises(ConfigError, match="give --kubeconfig"):
        load_config({})
    with pytest.raises(ConfigError, match="there is no kubeconfig"):
        load_config({}, str(tmp_path / "none"))


def test_of_several_files_the_first_to_name_a_thing_counts(tmp_path: Path) -> None:
    first, second = kubeconfig(tmp_path / "a", user={"token": "first"}), kubeconfig(tmp_path / "b")
    value = yaml.safe_load(second.read_text())
    value["contexts"].append({"name": "there", "context": {"cluster": "d", "user": "u"}})
    value["clusters"].append({"name": "d", "cluster": {"server": "https://other.example"}})
    second.write_text(yaml.safe_dump(value))
    found = load_config({}, f"{first}:{tmp_path / 'missing'}:{second}", context="there")
    assert (found.server, found.namespace) == ("https://other.example", "default")
    assert found.credential == Token("first")


def test_paths_start_from_the_file_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("CA")
    path = kubeconfig(
        tmp_path / "config",
        cluster={"certificate-authority": "ca.pem"},
        user={"client-certificate": "c", "client-key": "/k", "tokenFile": "t", "token": "ignored"},
    )
    found = read_kubeconfig([str(path)])
    assert found.ca.read() == b"CA"
    assert found.certificate.path == str(tmp_path / "c")
    assert found.key.path == "/k"
    assert isinstance(found.credential, TokenFile)
    assert found.credential.path == str(tmp_path / "t")


def test_data_comes_before_paths_and_is_never_shown(tmp_path: Path) -> None:
    data = base64.b64encode(b"KEY").decode()
    path = kubeconfig(tmp_path / "config", user={"client-key-data": data, "client-key": "k"})
    found = read_kubeconfig([str(path)])
    assert found.key.read() == b"KEY"
    assert isinstance(found.credential, NoToken)
    assert "KEY" not in repr(found)
    assert data not in repr(found)


def test_the_servers_name_and_no_check_at_all_are_understood(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path / "config", cluster={"tls-server-name": "x", "insecure-skip-tls-verify": True})
    found = read_kubeconfig([str(path)])
    assert (found.server_name, found.verify) == ("x", False)
    assert found.origin().server_name == "x"


@pytest.mark.parametrize(
    ("user", "cluster", "text"),
    [
        ({"exec": {"command": "aws"}}, {}, "starts a program for its credentials"),
        ({"auth-provider": {"name": "gcp"}}, {}, "uses an auth provider"),
        ({"username": "u", "password": "hidden"}, {}, "user name and a password"),
        ({"as": "admin"}, {}, "impersonates"),
        ({}, {"proxy-url": "http://p"}, "proxy"),
        ({}, {"server": ""}, "no server"),
        ({"token": 5}, {}, "token .* is no text"),
        ({"client-key-data": "!"}, {}, "no base64"),
    ],
    ids=["exec", "auth-provider", "password", "impersonation", "proxy", "no server", "token", "base64"],
)
def test_what_cannot_be_done_is_said_by_name(
    user: dict[str, Any], cluster: dict[str, Any], text: str, tmp_path: Path
) -> None:
    path = kubeconfig(tmp_path / "config", user=user, cluster=cluster)
    with pytest.raises(ConfigError, match=text) as refused:
        read_kubeconfig([str(path)])
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a: [", "is no YAML"),
        ("- a", "holds no mapping"),
        ("{}", "names no current-context"),
        ("current-context: x", "has no context 'x'; it has none"),
        ("clusters: x", "is no list"),
        ("clusters: [{}]", "has no name"),
    ],
)
def test_a_file_that_is_none_is_said_to_be(text: str, error: str, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(ConfigError, match=error):
        read_kubeconfig([str(path)])


@pytest.mark.parametrize("server", ["ftp://x", "x:6443", "https://", "https://x:99999999"])
def test_a_url_that_is_none_is_refused(server: str) -> None:
    with pytest.raises(ConfigError, match="no URL of an API server"):
        ClusterConfig(server=server, credential=NoToken()).origin()


def test_certificates_that_cannot_be_used_are_refused_without_being_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be set up"):
        ClusterConfig(server="https://x", credential=NoToken(), ca=Pem(b"nonsense")).origin()
    with pytest.raises(ConfigError, match="cannot read"):
        ClusterConfig(server="https://x", credential=NoToken(), ca=Pem(path=str(tmp_path / "none"))).origin()
    good = ClusterConfig(server="https://x", credential=NoToken(), ca=Pem(pem(Authority().certificate)))
    assert good.origin().port == 443
