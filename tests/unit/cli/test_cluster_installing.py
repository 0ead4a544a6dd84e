"""What `dapr init -k` and `dapr upgrade -k` ask of Helm, and what users hear when it refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dapr_cli.cluster.chart import Chart, chart
from dapr_cli.cluster.helm import Change, Helm, Release, refusal
from dapr_cli.cluster.installing import images_note, install_values, one_plane, upgrade_values
from dapr_cli.cluster.versions import is_older
from dapr_cli.cluster.wanted import check_runtime_version
from dapr_cli.command import Failure
from dapr_cli.flags import UsageError, parse
from dapr_cli.main import USAGE_STATUS, run
from dapr_cli.table import INIT
from dapr_core.identity.keys import to_pem as key_pem
from dapr_core.identity.roots import Names, make_issuer
from dapr_core.identity.rotation.stages import replaced
from dapr_core.identity.spiffe import TrustDomain, workload_id
from dapr_core.process.version import runtime_version

CERTIFICATES = ("--ca-root-certificate", "--issuer-public-certificate", "--issuer-private-key")
OURS = Chart(Path("/chart"), "1.2.3", "registry/ours", "1.2.3")


def test_the_chart_that_comes_with_the_command_is_that_of_the_sources() -> None:
    ours = chart()
    assert ours.folder.samefile(Path(__file__).parents[3] / "charts" / "dapr")
    assert ours.version == ours.tag
    assert (ours.folder / "templates" / "_helpers.tpl").is_file()


def test_an_installation_without_its_chart_is_told(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="pip install --force-reinstall"):
        chart(tmp_path)


def test_helm_is_told_the_users_values_behind_the_commands_own() -> None:
    change = Change("here", {"global": {}}, ["a.yaml", "b.yaml"], ["x=1,y=2", "z={a,b}"], wait=True, timeout=60)
    words = change.arguments()
    assert words[:4] == ["--namespace", "here", "--timeout", "60s"]
    assert "--wait" in words
    where = [words.index(each) for each in ("-", "a.yaml", "b.yaml", "x=1,y=2", "z={a,b}")]
    assert where == sorted(where)
    assert "--wait" not in change._replace(wait=False).arguments()


@pytest.mark.parametrize(
    ("argv", "values"),
    [
        ([], {}),
        (["--enable-ha"], {"global": {"ha": {"enabled": True}}}),
        (["--enable-ha=false"], {"global": {"ha": {"enabled": False}}}),
        (["--enable-mtls=false"], {"global": {"mtls": {"enabled": False}}}),
        (["--image-registry", "r/x"], {"global": {"registry": "r/x"}}),
    ],
)
def test_flags_become_values_of_the_chart(argv: list[str], values: dict[str, Any]) -> None:
    assert install_values(parse(INIT.flags, argv)) == values


def test_values_of_the_user_are_not_split() -> None:
    parsed = parse(INIT.flags, ["--set", "a={x,y}", "--set", r"b=1\,2", "--values", "v.yaml"])
    assert (parsed.items("set"), parsed.items("values")) == (["a={x,y}", r"b=1\,2"], ["v.yaml"])


@pytest.fixture
def certificates(tmp_path: Path) -> list[str]:
    """Flags that name a root, an issuer and its key."""
    domain = TrustDomain("cluster.local")
    issuer = make_issuer(Names.of(domain, workload_id(domain, "dapr-system", "dapr-sentry")), datetime.now(UTC))
    files = replaced(issuer).files
    words = []
    for flag, name in zip(CERTIFICATES, ("ca.crt", "issuer.crt", "issuer.key"), strict=True):
        (tmp_path / name).write_bytes(files[name])
        words += [flag, str(tmp_path / name)]
    return words


def test_certificates_of_the_user_are_what_sentry_starts_from(certificates: list[str]) -> None:
    root, chain, key = (Path(path).read_text() for path in certificates[1::2])
    tls = {"root": {"certPEM": root}, "issuer": {"certPEM": chain, "keyPEM": key}}
    assert install_values(parse(INIT.flags, certificates)) == {"dapr_sentry": {"tls": tls}}


def test_certificates_come_all_three_or_not_at_all(certificates: list[str]) -> None:
    with pytest.raises(UsageError, match="--ca-root-certificate needs --issuer-private-key beside it"):
        install_values(parse(INIT.flags, certificates[:4]))


def test_certificates_that_do_not_fit_are_refused_before_anything_is_made(
    certificates: list[str], tmp_path: Path
) -> None:
    domain = TrustDomain("cluster.local")
    names = Names.of(domain, workload_id(domain, "dapr-system", "dapr-sentry"))
    other = make_issuer(names, datetime.now(UTC) + timedelta(seconds=1))
    Path(certificates[5]).write_bytes(key_pem(other.key))
    with pytest.raises(Failure, match="the provided certificates cannot be used"):
        install_values(parse(INIT.flags, certificates))
    with pytest.raises(Failure, match="cannot read"):
        install_values(parse(INIT.flags, [*certificates[:5], str(tmp_path / "missing")]))


@pytest.mark.parametrize(
    ("told", "registry", "common"),
    [
        ({}, "", {"tag": "1.2.3"}),
        ({"global": {"tag": "1.0", "registry": "mine"}}, "", {"tag": "1.2.3"}),
        ({"global": {"registry": "docker.io/daprio"}}, "", {"tag": "1.2.3", "registry": "registry/ours"}),
        ({"global": {"registry": "mine"}}, "other", {"tag": "1.2.3", "registry": "other"}),
        ({"global": None}, "", {"tag": "1.2.3"}),
    ],
    ids=["nothing was set", "a registry of the user's", "the public project's", "another one", "nothing at all"],
)
def test_an_upgrade_takes_images_of_this_version(told: dict[str, Any], registry: str, common: dict[str, str]) -> None:
    assert upgrade_values(told, OURS, registry) == {"global": common}


def test_where_images_come_from_is_told() -> None:
    local = OURS._replace(registry="docker.io/local/dapr")
    assert images_note("", OURS) == "Container images will be pulled from registry/ours"
    assert images_note("mine", local) == "Container images will be pulled from mine"
    assert "--image-registry names a registry" in images_note("", local)


def test_the_control_plane_to_upgrade_is_found() -> None:
    rows = [{"namespace": "a", "version": ""}, {"namespace": "a", "version": "1.0"}]
    assert one_plane(rows) == ("a", "1.0")
    with pytest.raises(Failure, match="`dapr init -k` installs one"):
        one_plane([])
    with pytest.raises(Failure, match="in a, b; choose one with --namespace"):
        one_plane([*rows, {"namespace": "b", "version": "1.0"}])


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("Error: INSTALLATION FAILED: cannot re-use a name that is still in use\n", "`dapr uninstall -k`"),
        ("Error: context deadline exceeded", "`dapr status -k`"),
        ("WARNING: Kubernetes configuration file is group-readable\nError: boom", "could not install Dapr: boom"),
        ("", "it did not say why"),
    ],
)
def test_a_refusal_of_helm_is_told_with_a_remedy(said: str, remedy: str) -> None:
    told = refusal("install Dapr", said)
    assert told.startswith("helm could not install Dapr: ")
    assert remedy in told
    assert "WARNING" not in told


OLD_TO_NEW = ["0.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-rc.2", "1.0.0-rc.11", "v1.0.0", "1.2.0"]


def test_versions_are_compared_as_semantic_versioning_says() -> None:
    for place, old in enumerate(OLD_TO_NEW):
        for later, new in enumerate(OLD_TO_NEW):
            assert is_older(old, new) is (place < later), (old, new)
    assert not is_older("edge", "1.0.0")
    assert not is_older("1.0.0", "latest")


@pytest.mark.parametrize("version", ["latest", runtime_version(), f"v{runtime_version()}"])
def test_the_version_of_the_command_can_be_asked_for(version: str) -> None:
    check_runtime_version(parse(INIT.flags, ["--runtime-version", version]))


def test_another_version_is_another_package() -> None:
    with pytest.raises(Failure, match=r"pip install 'dapr-runtime\[cli\]==9\.9\.9'"):
        check_runtime_version(parse(INIT.flags, ["--runtime-version", "9.9.9"]))


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["init", "--enable-ha"], "--enable-ha is for a Kubernetes cluster; give -k too"),
        (["init", "-k", "--slim"], "--slim is for this machine, so it means nothing beside -k"),
        (["init", "-k", "--runtime-path", "x"], "--runtime-path is for this machine"),
        (["init", "-k", "--timeout", "0"], "invalid --timeout 0"),
        (["uninstall", "--dev"], "--dev is for a Kubernetes cluster; give -k too"),
        (["upgrade"], 'required flag(s) "kubernetes" not set'),
    ],
)
def test_a_wrong_command_line_is_explained(argv: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(argv) == USAGE_STATUS
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("command", ["init", "upgrade", "uninstall"])
def test_without_helm_the_remedy_is_told(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run([command, "-k"]) == 1
    said = capsys.readouterr().err
    assert "the program helm is not on the PATH" in said
    assert "https://helm.sh/docs/intro/install" in said


def test_a_helm_that_is_too_old_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    helm = tmp_path / "helm"
    helm.write_text("#!/bin/sh\necho v3.9.1\n")
    helm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(["upgrade", "-k"]) == 1
    assert f"{helm} is of version 3.9; at least 3.14 is needed" in capsys.readouterr().err


@pytest.mark.parametrize(("version", "flags"), [("v3.19.5", "list --all -"), ("v4.1.0", "list -")])
def test_every_release_is_listed_by_any_helm(
    version: str, flags: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    helm = tmp_path / "helm"
    release = '[{"name": "dapr", "namespace": "n", "chart": "dapr-1.0", "status": "failed"}]'
    helm.write_text(
        f"#!/bin/sh\ncase \"$*\" in version*) echo {version};; '{flags}'*) echo '{release}';; *) exit 1;; esac\n"
    )
    helm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = Helm.of(parse(INIT.flags, []), tmp_path).releases("n")
    assert found == [Release("dapr", "n", "dapr-1.0", "failed")]
