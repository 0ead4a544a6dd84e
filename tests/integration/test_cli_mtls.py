"""`dapr mtls` on this machine: what it says, and roots rotated under a running sentry, live calls, and kill -9."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.cli import COMMAND, FAKE_SIDECAR, Cli, only, unique_id, with_fake_sidecar
from support.identities import HOUR, Authority, key_pem, now, pem
from support.ports import free_ports
from support.processes import Process, wait_until
from support.sentry_process import Sentry, chain_of, sentry
from support.sign import sign_one
from support.steady_calls import Calls, run, short_lives, trusted, two_sidecars

from dapr_cli import instances
from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.rotation.files import JOURNAL, FolderStore
from dapr_core.identity.rotation.material import Material
from dapr_core.identity.rotation.stages import Stage, position
from dapr_core.rpc.grpc import GrpcError
from dapr_sentry.storage.files import FileStore, Paths

UP = "You're up and running!"


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    (tmp_path / "home").mkdir()
    cli = with_fake_sidecar(tmp_path / "home")
    yield cli
    cli.close()
    cli.run("uninstall", "--all")


@pytest.fixture
def credentials(tmp_path: Path) -> Path:
    """A folder with a root that lives for a day, and no sentry."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    root = Authority("root")
    put(folder, Authority("issuer", issuer=root), root)
    return folder


def put(folder: Path, low: Authority, *roots: Authority) -> None:
    (folder / "ca.crt").write_bytes(pem(*[root.certificate for root in roots]))
    (folder / "issuer.crt").write_bytes(pem(low.certificate))
    (folder / "issuer.key").write_bytes(key_pem(low.key))


def mtls(cli: Cli, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return cli.run("mtls", *words, "--issuer-credentials", str(folder))


def checked(cli: Cli, folder: Path, *words: str) -> dict[str, Any]:
    return dict(json.loads(mtls(cli, folder, "check", "-o", "json", *words).stdout))


def roots(folder: Path) -> int:
    return len(TrustBundle.parse((folder / "ca.crt").read_bytes()).anchors)


# --- What it says


def test_expiry_is_told_in_the_words_of_the_public_cli(cli: Cli, credentials: Path) -> None:
    said = mtls(cli, credentials, "expiry").stdout
    pattern = r"Root certificate expires in 23 hours\. Expiry date: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC"
    assert re.fullmatch(pattern, said)


def test_an_expiry_that_cannot_be_told_is_no_failure(cli: Cli, tmp_path: Path) -> None:
    done = mtls(cli, tmp_path, "expiry")
    assert done.returncode == 0
    assert "error getting root cert expiry: root certificate not loaded yet" in done.stderr


def test_export_writes_three_files_for_the_user_alone(cli: Cli, credentials: Path, tmp_path: Path) -> None:
    out = tmp_path / "a/b"
    done = mtls(cli, credentials, "export", "-o", str(out))
    assert f"Trust certs successfully exported to {out}" in done.stdout
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {
        name: (credentials / name).read_bytes() for name in ("ca.crt", "issuer.crt", "issuer.key")
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}


def test_what_is_not_there_is_not_exported(cli: Cli, tmp_path: Path) -> None:
    done = mtls(cli, tmp_path, "export", "-o", str(tmp_path / "out"))
    assert (done.returncode, "error exporting trust chain certs: root certificate" in done.stderr) == (1, True)
    assert not (tmp_path / "out").exists()


def test_a_root_that_ends_soon_is_warned_of(cli: Cli, credentials: Path, tmp_path: Path) -> None:
    said = mtls(cli, credentials, "export", "-o", str(tmp_path / "out")).stdout
    assert "Dapr root certificate of this machine expires today. Expiry date: " in said


def test_whether_mutual_tls_is_on_is_told(cli: Cli) -> None:
    cli.run("init", "--slim", "--with-sentry", "--sentry-port", str(free_ports(1)[0]))
    assert cli.run("mtls").stdout.startswith("Mutual TLS is enabled on this machine \n")
    (cli.root / "config.yaml").write_text("spec: {mtls: {enabled: false}}")
    assert cli.run("mtls").stdout.startswith("Mutual TLS is disabled on this machine \n")


def test_check_says_whether_the_next_stage_is_safe_also_by_its_status(cli: Cli, credentials: Path) -> None:
    done = mtls(cli, credentials, "check")
    assert (done.returncode, "A rotation may begin" in done.stdout) == (0, True)
    mtls(cli, credentials, "renew-certificate", "--timeout", "0")
    done = mtls(cli, credentials, "check")
    assert (done.returncode, "may not have reached everybody" in done.stdout) == (1, True)
    found = checked(cli, credentials)
    assert (found["stage"], found["next"], found["safe"], len(found["trusted"])) == ("distributed", "issuer", False, 2)
    assert datetime.fromisoformat(found["safeAt"]) > datetime.now(UTC) - 2 * HOUR


@pytest.mark.parametrize("name", ["renew-certificate", "renew-cert", "rnc"])
def test_renewal_has_its_other_names(cli: Cli, name: str) -> None:
    assert "Aliases:\n  renew-certificate, renew-cert, rnc\n" in cli.run("mtls", name, "--help").stdout


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["renew-certificate", "--stage", "all"], "it takes anchors, issuer, withdraw"),
        (["renew-certificate", "--restart"], "--restart is for a Kubernetes cluster"),
        (["renew-certificate", "--issuer-private-key", "x"], "--issuer-private-key needs"),
        (["renew-certificate", "-k"], "means nothing beside --kubernetes"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_refused(
    cli: Cli, credentials: Path, words: list[str], reason: str
) -> None:
    done = mtls(cli, credentials, *words)
    assert (done.returncode, reason in done.stderr) == (255, True), done.stderr


def test_a_flag_of_the_public_cli_about_images_is_taken_and_told_to_mean_nothing(cli: Cli, credentials: Path) -> None:
    done = mtls(cli, credentials, "renew-certificate", "--image-variant", "mariner", "--timeout", "0")
    assert (done.returncode, "leaves the images as they are" in done.stdout) == (0, True)


def test_without_sentry_and_cluster_it_says_so(cli: Cli) -> None:
    done = cli.run("mtls", "export", KUBECONFIG=str(cli.home / "none"))
    assert done.returncode == 1
    assert "error exporting trust chain certs: " in done.stderr
    assert str(cli.home / "none") in done.stderr


# --- Rotation under a running sentry


def test_a_root_is_rotated_and_sentry_follows_each_stage(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    with sentry(folder, short_lives(tmp_path, "2s")) as process:
        old = process.anchors
        done = mtls(cli, folder, "renew-certificate", "--leaf-life", "2s", "--timeout", "60", "--valid-until", "7")
        assert done.returncode == 0, done.stdout + done.stderr
        for text in ("stage 1 of 3", "stage 2 of 3", "stage 3 of 3", "Your new certificate is valid through"):
            assert text in done.stdout
        process.wait_for_line("Issuer credentials changed; reloading")
        assert roots(folder) == 1
        assert process.anchors != old
        leaf, issuer = chain_of(sign_one(process.address, process.anchors))
        leaf.verify_directly_issued_by(issuer)
        assert pem(issuer) == (folder / "issuer.crt").read_bytes()
        assert (issuer.not_valid_after_utc - now()).days in (6, 7)
        assert "Keeping the credentials in force" not in process.output
        assert {path.name for path in folder.iterdir()} == {"ca.crt", "issuer.crt", "issuer.key"}


def test_no_call_fails_while_the_command_line_rotates_the_root(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()

    async def main(process: Sentry) -> None:
        async with two_sidecars(process, folder / "ca.crt") as (caller, callee, port), Calls(caller, port) as calls:
            old = caller.bundle
            words = ("renew-certificate", "--leaf-life", "6s", "--timeout", "60")
            done = await asyncio.to_thread(mtls, cli, folder, *words)
            assert "stage 3 of 3" in done.stdout, done.stdout + done.stderr
            await trusted(caller, callee, roots=1)
            assert caller.bundle != old
            count = calls.count
            async with asyncio.timeout(20):
                while calls.count < count + 10:
                    await asyncio.sleep(0.02)

    with sentry(folder, short_lives(tmp_path, "6s")) as process:
        run(main(process))


def sidecar(app_id: str, **told: str) -> Process:
    """A sidecar that somebody else than `dapr run` has started."""
    flags = ["--app-id", app_id, "--dapr-listen-addresses", "127.0.0.1", "--dapr-http-port", str(free_ports(1)[0])]
    process = Process([sys.executable, str(FAKE_SIDECAR), *flags], env=told)
    process.wait_for_line("Starting Dapr Runtime")
    wait_until(lambda: instances.find(app_id) is not None, what="the sidecar")
    return process


def test_a_sidecar_that_trusts_only_the_old_root_is_in_the_way_until_it_is_restarted(
    cli: Cli, credentials: Path
) -> None:
    app_id = unique_id("static")
    first = sidecar(app_id, DAPR_TRUST_ANCHORS=(credentials / "ca.crt").read_text())
    try:
        done = mtls(cli, credentials, "renew-certificate", "--timeout", "30")
        reason = f"the sidecar of {app_id} (process {first.popen.pid}) does not trust the new root yet"
        assert (done.returncode, reason in done.stdout) == (0, True), done.stdout
        assert f"dapr stop {app_id}" in done.stdout
        again = mtls(cli, credentials, "renew-certificate", "--timeout", "30")
        assert (again.returncode, "stage 2 of 3" in again.stdout) == (1, False)
    finally:
        first.terminate()
    second = sidecar(app_id, DAPR_TRUST_ANCHORS=(credentials / "ca.crt").read_text())
    try:
        done = mtls(cli, credentials, "renew-certificate", "--timeout", "30")
        assert (done.returncode, "stage 2 of 3" in done.stdout) == (0, True), done.stdout + done.stderr
    finally:
        second.terminate()


def test_a_sidecar_of_dapr_run_follows_the_roots_and_is_in_nobodys_way(cli: Cli) -> None:
    cli.run("init", "--slim", "--with-sentry", "--sentry-port", str(free_ports(1)[0]))
    cli.start("run", "--app-id", unique_id("follows")).wait_for(UP)
    done = cli.run("mtls", "renew-certificate", "--timeout", "30")
    assert (done.returncode, "stage 2 of 3" in done.stdout) == (0, True), done.stdout + done.stderr


def test_a_sentry_that_does_not_follow_is_told_of(cli: Cli) -> None:
    cli.run("init", "--slim", "--with-sentry", "--sentry-port", str(free_ports(1)[0]))
    pid = json.loads((cli.root / "sentry/process.json").read_text())["pid"]
    assert "does not show a certificate" not in cli.run("mtls", "renew-certificate", "--force").stdout
    os.kill(pid, signal.SIGSTOP)
    try:
        done = cli.run("mtls", "renew-certificate", "--force", timeout=60)
        assert "does not show a certificate of the root in force" in done.stdout
        assert "server.log says why" in done.stdout
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_cancelled_rotation_leaves_what_was_there_before(cli: Cli, credentials: Path) -> None:
    before = {path.name: path.read_bytes() for path in credentials.iterdir()}
    mtls(cli, credentials, "renew-certificate", "--stage", "anchors")
    assert roots(credentials) == 2
    assert mtls(cli, credentials, "renew-certificate", "--cancel").returncode == 0
    assert {path.name: path.read_bytes() for path in credentials.iterdir()} == before


def test_a_folder_that_cannot_be_written_is_named(cli: Cli, credentials: Path) -> None:
    (credentials / ".ca.crt.sentry-tmp").mkdir()  # where the new content would be written first
    done = mtls(cli, credentials, "renew-certificate", "--timeout", "0")
    assert (done.returncode, f"cannot write to {credentials}" in done.stderr) == (1, True), done.stderr


# --- kill -9


DRIVER = """
import functools, json, os, shutil, signal, sys
from pathlib import Path
from dapr_cli import main
from dapr_cli.commands import mtls
from dapr_cli.mtls import local
from dapr_core.identity.rotation.files import FolderStore

def stage_of(folder, stage, number=-1):
    \"\"\"One stage by the real command, killed at a step; its status and its steps.\"\"\"
    steps, reader, writer = [], *os.pipe()

    def checkpoint(step):
        if len(steps) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        steps.append(step)

    if os.fork() == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        local.FolderStore = functools.partial(FolderStore, checkpoint=checkpoint)
        status = main.run(
            ["mtls", "renew-certificate", "--issuer-credentials", str(folder), "--stage", stage, "--force"]
        )
        os.write(writer, json.dumps(steps).encode())
        os._exit(status)
    os.close(writer)
    with open(reader) as told:
        text = told.read()
    return os.waitstatus_to_exitcode(os.wait()[1]), json.loads(text or "[]")

folder, out, *stages, last, wanted = sys.argv[1:]
for stage in stages:
    assert stage_of(folder, stage)[0] == 0
if wanted != "all":
    print(json.dumps(stage_of(folder, last, int(wanted))))
    sys.exit()
whole = Path(out) / "whole"
shutil.copytree(folder, whole)
_, steps = stage_of(whole, last)
for number in range(len(steps)):
    for name in ("killed", "again"):
        shutil.copytree(folder, Path(out) / f"{number}-{name}")
        assert stage_of(Path(out) / f"{number}-{name}", last, number)[0] == -signal.SIGKILL
    assert stage_of(Path(out) / f"{number}-again", last)[0] == 0
print(json.dumps(steps))
"""
STAGES = ("anchors", "issuer", "withdraw")
AFTER = {"anchors": Stage.DISTRIBUTED, "issuer": Stage.SWITCHED, "withdraw": Stage.SETTLED}


def drive(cli: Cli, folder: Path, out: Path, stages: Sequence[str], wanted: str = "all") -> Any:
    """Carry out stages by the real command, the last one killed: at each of its steps in copies, or at one step."""
    words = [sys.executable, "-c", DRIVER, str(folder), str(out), *stages, wanted]
    environment = {**cli.env, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def in_force(folder: Path) -> Any:
    """What a sentry that starts now would sign with."""
    paths = Paths.under(
        str(folder), anchors="ca.crt", certificate="issuer.crt", key="issuer.key", jwt_key="jwt.key", jwks="jwks.json"
    )
    return FileStore(paths).load_issuer(datetime.now(UTC))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("stage", STAGES)
def test_killed_at_any_step_of_a_stage_there_is_one_valid_root_and_the_stage_can_be_done_again(
    cli: Cli, credentials: Path, tmp_path: Path, stage: str
) -> None:
    steps = drive(cli, credentials, tmp_path, STAGES[: STAGES.index(stage) + 1])
    assert len(steps) >= 10
    for number, step in enumerate(steps):
        assert in_force(tmp_path / f"{number}-killed") is not None, step
        again = tmp_path / f"{number}-again"
        assert position(FolderStore(again).read(), datetime.now(UTC)).stage is AFTER[stage], step
        assert in_force(again) is not None, step


def test_a_change_that_was_killed_in_the_middle_is_finished_by_a_running_sentry(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    with sentry(folder) as process:
        old = process.anchors
        assert drive(cli, folder, tmp_path, ["anchors"], "-1")[0] == 0
        process.wait_for_line("Issuer credentials changed; reloading")
        both = process.anchors
        shutil.copytree(folder, tmp_path / "copy")
        _, steps = drive(cli, tmp_path / "copy", tmp_path, ["issuer"], "-1")
        before = len(process.lines)
        at = steps.index(f"renamed {JOURNAL}")
        assert drive(cli, folder, tmp_path, ["issuer"], str(at))[0] == -signal.SIGKILL
        process.wait_for_line("Issuer credentials changed; reloading", after=before)
        issuer = chain_of(sign_one(process.address, both))[1]
        assert pem(issuer) == (folder / "issuer.crt").read_bytes()
        with pytest.raises(GrpcError, match="certificate"):
            sign_one(process.address, old)
        assert not (folder / JOURNAL).exists()


def test_two_commands_at_once_make_one_new_root(cli: Cli, credentials: Path) -> None:
    command = [*COMMAND, "mtls", "renew-certificate", "--stage", "anchors", "--issuer-credentials", str(credentials)]
    racing = [subprocess.Popen(command, env=cli.env, stdout=subprocess.DEVNULL) for _ in range(4)]
    assert [each.wait(60) for each in racing] == [0, 0, 0, 0]
    assert roots(credentials) == 2
    assert FolderStore(credentials).read() != Material()


def test_the_list_of_what_runs_still_names_the_application(cli: Cli) -> None:
    """The environment of a sidecar is read to see whom it trusts, and nothing of it is shown."""
    cli.run("init", "--slim", "--with-sentry", "--sentry-port", str(free_ports(1)[0]))
    app_id = unique_id("shown")
    cli.start("run", "--app-id", app_id, DAPR_API_TOKEN="s3cret").wait_for(UP)
    assert only(json.loads(cli.run("list", "-o", "json").stdout), app_id)["appId"] == app_id
    said = cli.run("mtls", "check")
    assert "s3cret" not in said.stdout + said.stderr
