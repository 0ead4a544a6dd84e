"""The parts by which the tests' own Kubernetes is built, kept and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from cluster.kube import cache, kubeconfig
from cluster.kube.certificates import Authority
from cluster.kube.processes import ClusterError, Processes

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_two_runs_at_once_build_a_program_once(home: Path) -> None:
    code = f"""
import sys, time
sys.path.insert(0, {str(TESTS)!r})
from cluster.kube import cache
def make(folder):
    (folder / "program").write_text("x")
    print("built", flush=True)
    time.sleep(0.5)
print(cache.made("program", "recipe", make), flush=True)
"""
    runs = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    told = [run.communicate(timeout=60)[0].splitlines() for run in runs]
    assert sorted(len(lines) for lines in told) == [1, 1, 2], "one built, the others waited"
    assert {lines[-1] for lines in told} == {str(cache.root() / "program" / "recipe")}


def test_what_was_interrupted_is_not_taken_for_whole(home: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError, match="interrupted"):
        cache.made("program", "recipe", fail)
    assert cache.find("program", "recipe") is None
    made = cache.made("program", "recipe", lambda folder: (folder / "whole").write_text("x") and None)
    assert [each.name for each in made.iterdir()] == ["whole"]


def test_old_recipes_go_but_the_one_before_stays(home: Path) -> None:
    for number in range(4):
        made = cache.made("program", f"recipe{number}", lambda folder: None)
        os.utime(made, (number, number))
    assert sorted(each.name for each in made.parent.iterdir()) == ["recipe2", "recipe3"]


def test_a_recipe_changes_with_everything_it_is_made_of(tmp_path: Path) -> None:
    file = tmp_path / "go.sum"
    file.write_text("a")
    before = cache.digest("name", file)
    assert before == cache.digest("name", file)
    assert before != cache.digest("nam", "e", file)
    file.write_text("b")
    assert before != cache.digest("name", file)


def test_a_kubeconfig_that_is_written_reads_back(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "pki", "ca")
    client = authority.issue("admin", "admin", groups=["g"])
    path = kubeconfig.write(tmp_path / "config", "https://127.0.0.1:1", authority.files.certificate, client)
    assert path.stat().st_mode & 0o077 == 0, "it has a key in it"
    access = kubeconfig.read(path, tmp_path / "scratch")
    assert access.url == "https://127.0.0.1:1"
    assert access.ca_file is not None
    assert access.client is not None
    assert access.ca_file.read_bytes() == authority.files.certificate.read_bytes()
    assert access.client.key.read_bytes() == client.key.read_bytes()
    assert access.client.key.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("user", [{"token": "t"}, {"tokenFile": "token"}])
def test_a_token_may_stand_in_the_kubeconfig_or_beside_it(tmp_path: Path, user: dict[str, str]) -> None:
    (tmp_path / "token").write_text("t\n")
    (tmp_path / "ca.crt").write_text("pem")
    access = kubeconfig.read(_config(tmp_path, user), tmp_path)
    assert (access.token, access.client, access.ca_file) == ("t", None, tmp_path / "ca.crt")


def test_a_user_that_logs_in_by_a_program_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the user u logs in by a program; give it a certificate or a token"):
        kubeconfig.read(_config(tmp_path, {"exec": "cloud"}), tmp_path)


def _config(folder: Path, user: dict[str, str]) -> Path:
    document = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        "clusters": [{"name": "k", "cluster": {"server": "https://x:1/", "certificate-authority": "ca.crt"}}],
        "users": [{"name": "u", "user": user}],
    }
    path = folder / "config"
    path.write_text(yaml.safe_dump(document))
    return path


def test_a_process_is_found_again_by_its_record_and_ended(tmp_path: Path) -> None:
    Processes(tmp_path).start("sleeper", ["sleep", "60"])
    another = Processes(tmp_path)
    assert another.runs("sleeper")
    another.stop("sleeper")
    assert not another.runs("sleeper")


def test_a_process_id_that_came_round_to_somebody_else_is_not_signalled(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        processes = Processes(tmp_path)
        (tmp_path / "pid" / "ours").write_text(f"{stranger.pid} 1")
        assert not processes.runs("ours")
        processes.stop("ours", signal.SIGKILL)
        assert stranger.poll() is None
        stranger.kill()


def test_who_ends_while_another_is_awaited_is_named_with_its_log(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    processes.start("failing", ["sh", "-c", "echo no such flag; exit 1"])
    with pytest.raises(ClusterError, match="failing ended while the rest was awaited:\nno such flag"):
        processes.wait_until(lambda: False, "the rest", 30)


def test_tied_processes_end_with_whoever_started_them(tmp_path: Path) -> None:
    code = f"""
import os, sys
sys.path.insert(0, {str(TESTS)!r})
from pathlib import Path
from cluster.kube.processes import Processes
Processes(Path({str(tmp_path)!r}), tied=True).start("child", ["sleep", "60"])
os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    deadline = time.monotonic() + 30
    while Processes(tmp_path).runs("child"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
