"""Only what was created is ever changed or removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dapr_cli.command import Failure
from dapr_cli.inventory import Inventory


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / ".dapr"


def load(root: Path) -> Inventory:
    return Inventory.load(root / "record.json", root)


def test_a_record_survives_saving(root: Path) -> None:
    inventory = load(root)
    inventory.make_folder(root / "components")
    inventory.write(root / "components" / "a.yaml", "a")
    inventory.save()
    again = load(root)
    assert (again.files, again.folders) == (inventory.files, [".", "components"])


def test_a_new_file_is_written_once_and_then_unchanged(root: Path) -> None:
    inventory = load(root)
    inventory.make_folder(root)
    assert inventory.write(root / "a", "one") == "written"
    assert inventory.write(root / "a", "one") == "unchanged"
    assert inventory.write(root / "a", "two") == "written"
    assert (root / "a").read_text() == "two"


def test_a_file_that_was_there_before_stays(root: Path) -> None:
    root.mkdir()
    (root / "a").write_text("theirs")
    inventory = load(root)
    assert inventory.is_foreign(root / "a")
    assert inventory.write(root / "a", "ours") == "foreign"
    assert inventory.remove(root / "a") == "foreign"
    assert (root / "a").read_text() == "theirs"


def test_an_edited_file_stays(root: Path) -> None:
    inventory = load(root)
    inventory.make_folder(root)
    inventory.write(root / "a", "ours")
    (root / "a").write_text("edited")
    assert inventory.write(root / "a", "newer") == "edited"
    assert inventory.remove(root / "a") == "edited"
    assert (root / "a").read_text() == "edited"


def test_a_deleted_file_is_written_anew(root: Path) -> None:
    inventory = load(root)
    inventory.make_folder(root)
    inventory.write(root / "a", "ours")
    (root / "a").unlink()
    assert inventory.write(root / "a", "ours") == "written"
    (root / "a").unlink()
    assert inventory.remove(root / "a") == "absent"


def test_folders_go_when_they_are_empty_and_ours(root: Path) -> None:
    root.mkdir()
    inventory = load(root)
    inventory.make_folder(root / "ours" / "deep")
    inventory.make_folder(root / "kept")
    (root / "kept" / "theirs").write_text("")
    inventory.remove_empty_folders()
    assert sorted(path.name for path in root.iterdir()) == ["kept"]
    assert inventory.folders == ["kept"]


def test_the_mode_of_a_file_is_set(root: Path) -> None:
    inventory = load(root)
    inventory.make_folder(root)
    inventory.write(root / "run", "#!/bin/sh\n", 0o755)
    assert os.access(root / "run", os.X_OK)
    assert not list(root.glob(".run.*")), "no temporary neighbour is left"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"files": 1, "folders": []}', '{"files": {}}'])
def test_a_damaged_record_is_named(root: Path, content: str) -> None:
    root.mkdir()
    (root / "record.json").write_text(content)
    with pytest.raises(Failure, match=r"record\.json is damaged"):
        load(root)
