"""A folder of credentials under rotation: killed between any two steps it holds one whole state, never a mixed one."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.identities import now

from dapr_core.identity.roots import Names, make_issuer
from dapr_core.identity.rotation.files import JOURNAL, FolderStore
from dapr_core.identity.rotation.material import Material
from dapr_core.identity.rotation.stages import distribute, position, replaced, switch, withdraw
from dapr_core.identity.rotation.store import ChangedMeanwhileError, TrustStoreError
from dapr_core.identity.spiffe import TrustDomain, workload_id

NOW = now()
DAY = timedelta(days=1)
NAMES = Names.of(TrustDomain("localhost"), workload_id(TrustDomain("localhost"), "default", "dapr-sentry"))


def states() -> dict[str, tuple[Material, Material]]:
    """Before and after each change that a folder goes through."""
    first = replaced(make_issuer(NAMES, NOW))
    begun = distribute(first, make_issuer(NAMES, NOW), NOW, DAY)
    switched = switch(begun, NOW, DAY)
    finished = withdraw(switched, NOW)
    return {
        "creation": (Material(), first),
        "anchors": (first, begun),
        "issuer": (begun, switched),
        "withdraw": (switched, finished),
        "at once": (finished, replaced(make_issuer(NAMES, NOW))),
    }


CHANGES = ("creation", "anchors", "issuer", "withdraw", "at once")

SCRIPT = """
import json, os, pickle, signal, sys
from pathlib import Path
sys.path.insert(0, {here!r})
from test_rotation_files import CHANGES, FolderStore, states

directory = Path(sys.argv[1])
changes = states()
told = {{}}
for name in CHANGES:
    before, after = changes[name]
    steps = []
    whole = directory / name / "whole"
    whole.mkdir(parents=True)
    store = FolderStore(whole, checkpoint=steps.append)
    FolderStore(whole).replace(FolderStore(whole).read(), before)
    store.replace(before, after)
    for number in range(len(steps)):
        target = directory / name / str(number)
        target.mkdir()
        FolderStore(target).replace(FolderStore(target).read(), before)
        left = [number]
        def checkpoint(_step):
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
        if os.fork() == 0:
            FolderStore(target, checkpoint=checkpoint).replace(before, after)
            os._exit(0)
        assert os.WIFSIGNALED(os.wait()[1])
    told[name] = [steps, {{key: value.decode("latin-1") for key, value in before.files.items()}},
                  {{key: value.decode("latin-1") for key, value in after.files.items()}}]
print(json.dumps(told))
"""


def material(files: dict[str, str]) -> Material:
    return Material.of({name: content.encode("latin-1") for name, content in files.items()})


def test_killed_between_any_two_steps_a_folder_holds_the_old_state_or_the_new_one(tmp_path: Path) -> None:
    code = SCRIPT.format(here=str(Path(__file__).parent))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    for name, (steps, before, after) in json.loads(done.stdout).items():
        assert len(steps) >= 10
        happened = steps.index(f"renamed {JOURNAL}")
        for number in range(len(steps)):
            folder = tmp_path / name / str(number)
            found = FolderStore(folder).read()
            assert found == material(before if number < happened else after), f"{name}, killed at {steps[number]!r}"
            if found.is_whole:
                assert position(found, NOW).issuer
            assert not (folder / JOURNAL).exists()


def test_what_is_read_is_what_was_put(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    for before, after in states().values():
        store.replace(store.read(), before)
        store.replace(before, after)
        assert store.read() == after
    assert {path.name for path in tmp_path.iterdir()} == {"ca.crt", "issuer.crt", "issuer.key"}


def test_only_the_owner_may_read_what_was_put(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    before, after = states()["anchors"]
    store.replace(store.read(), before)
    store.replace(before, after)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root writes for others")
def test_what_root_puts_belongs_to_the_owner_of_the_folder(tmp_path: Path) -> None:
    os.chown(tmp_path, 4242, 4242)
    FolderStore(tmp_path).replace(Material(), states()["anchors"][0])
    assert {path.stat().st_uid for path in tmp_path.iterdir()} == {4242}


def test_a_change_that_somebody_else_has_made_is_not_overwritten(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    before, after = states()["anchors"]
    store.replace(store.read(), before)
    other = replace(before, record=b"{}")
    FolderStore(tmp_path).replace(before, other)
    with pytest.raises(ChangedMeanwhileError):
        store.replace(before, after)
    assert store.read() == other


def test_of_many_who_race_one_wins_and_the_others_are_told(tmp_path: Path) -> None:
    first, _ = states()["anchors"]
    FolderStore(tmp_path).replace(Material(), first)
    wanted = [distribute(first, make_issuer(NAMES, NOW), NOW, DAY) for _ in range(8)]
    gate, won = threading.Barrier(8), list[Material]()

    def race(after: Material) -> None:
        gate.wait()
        try:
            FolderStore(tmp_path).replace(first, after)
        except ChangedMeanwhileError:
            return
        won.append(after)

    threads = [threading.Thread(target=race, args=(each,)) for each in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert FolderStore(tmp_path).read() == won[0]


def test_items_may_lie_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    key = tmp_path / "keys" / "signing.pem"
    store = FolderStore(tmp_path, {"issuer.key": key})
    first, _ = states()["anchors"]
    store.replace(Material(), first)
    assert key.read_bytes() == first.key
    assert not (tmp_path / "issuer.key").exists()


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    first, begun = states()["anchors"]
    shared = tmp_path / "shared.crt"
    shared.write_bytes(first.anchors)
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "ca.crt").symlink_to(shared)
    store = FolderStore(folder)
    store.replace(store.read(), first)
    store.replace(first, begun)
    assert (folder / "ca.crt").is_symlink()
    assert shared.read_bytes() == begun.anchors


def test_a_damaged_journal_changes_nothing_and_is_named(tmp_path: Path) -> None:
    first, _ = states()["anchors"]
    FolderStore(tmp_path).replace(Material(), first)
    (tmp_path / JOURNAL).write_text('{"ca.crt": "s3cret')
    with pytest.raises(TrustStoreError, match=r"\.rotation\.journal is damaged") as caught:
        FolderStore(tmp_path).read()
    assert "s3cret" not in str(caught.value)
    assert (tmp_path / "issuer.key").read_bytes() == first.key


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrustStoreError, match="cannot open the folder"):
        FolderStore(tmp_path / "none").read()


def test_an_endless_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_bytes(b"x" * (1024 * 1024 + 1))
    with pytest.raises(TrustStoreError, match="longer than"):
        FolderStore(tmp_path).read()
