"""Which sockets are trusted, and what is said of those that are not."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.pluggable_component import component

from dapr_components.pluggable import discovery
from dapr_components.pluggable.discovery import discover
from dapr_components.pluggable.sockets import UntrustedError, check_socket, component_sockets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that only its owner may write to, whatever the umask."""
    made = tmp_path / "sockets"
    made.mkdir()
    made.chmod(0o755)
    return made


@pytest.fixture
def listening(folder: Path) -> Iterator[Path]:
    """A socket where somebody listens who never says anything."""
    path = folder / "mute.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        path.chmod(0o755)
        server.listen()
        yield path


def test_a_folder_that_is_not_there_has_no_sockets(tmp_path: Path) -> None:
    assert component_sockets(tmp_path / "none") == []


def test_sockets_are_found_by_name_and_subfolders_passed_over(folder: Path, listening: Path) -> None:
    (folder / "sub").mkdir()
    assert component_sockets(folder) == [listening]


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o757], ids=oct)
def test_a_folder_that_everybody_may_write_to_is_refused_with_the_remedy(
    folder: Path, listening: Path, mode: int
) -> None:
    folder.chmod(mode)
    with pytest.raises(UntrustedError, match=f"run chmod o-w {folder}"):
        component_sockets(folder)


def test_a_refused_folder_is_logged_and_has_no_components(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder.chmod(0o777)
    assert asyncio.run(discover(folder)) == {}
    assert "could not initialize pluggable components" in caplog.text
    assert "chmod o-w" in caplog.text


def test_a_folder_of_another_user_is_refused(folder: Path, listening: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() == 0:
        os.chown(folder, 4711, 4711)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(UntrustedError, match="it must belong to user"):
        component_sockets(folder)


def test_a_folder_behind_another_users_link_is_refused(folder: Path, listening: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert component_sockets(link) == [link / listening.name]
    if os.geteuid() == 0:
        os.chown(link, 4711, 4711, follow_symlinks=False)
        with pytest.raises(UntrustedError, match="belongs to user 4711"):
            component_sockets(link)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch(0o600)
    with pytest.raises(UntrustedError, match="is no folder"):
        component_sockets(path)


def test_a_socket_that_everybody_may_write_to_is_refused(
    folder: Path, listening: Path, caplog: pytest.LogCaptureFixture
) -> None:
    listening.chmod(0o777)
    assert component_sockets(folder) == []
    assert f"run chmod o-w {listening}" in caplog.text


@pytest.mark.parametrize("kind", ["file", "fifo", "link"])
def test_what_is_no_socket_is_left_out_with_a_warning(
    folder: Path, listening: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    path = folder / "a.sock"
    if kind == "file":
        path.write_text("x")
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to(listening)
    assert component_sockets(folder) == [listening]
    assert f"could not use socket for file {path}" in caplog.text
    with pytest.raises(UntrustedError):
        check_socket(path)


# -- sockets that are trusted and are no component


def found(folder: Path) -> list[str]:
    return sorted(asyncio.run(discover(folder)))


def test_a_datagram_socket_is_no_component(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = folder / "datagram.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(path))
        path.chmod(0o755)
        assert found(folder) == []
    assert str(path) in caplog.text


def test_a_socket_that_nobody_listens_at_is_no_component(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = folder / "left.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        path.chmod(0o755)
    assert found(folder) == []
    assert "start the component before the sidecar, or remove the socket it left behind" in caplog.text


def test_a_socket_that_never_answers_is_given_up(
    folder: Path, listening: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "ANSWER_LIMIT", 0.2)
    assert found(folder) == []
    assert "is it a gRPC server?" in caplog.text


def test_a_server_without_reflection_is_told_to_add_it_and_the_others_are_used(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        component(folder / "silent.sock", "StateStore", reflection="none"),
        component(folder / "my.Shelf.sock", "StateStore", reflection="v1"),
    ):
        for path in folder.iterdir():
            path.chmod(0o755)
        assert found(folder) == ["state.my.shelf"]
    assert "silent.sock: it has no gRPC reflection; add the reflection service" in caplog.text


def test_the_services_decide_which_types_there_are(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with (
        component(folder / "all"),
        component(folder / "in.sock", "InputBinding"),
        component(folder / "half.sock", "QueriableStateStore"),
    ):
        for path in folder.iterdir():
            path.chmod(0o755)
        assert found(folder) == ["bindings.all", "bindings.in", "pubsub.all", "secretstores.all", "state.all"]
    assert (
        "pluggable component 'in' was successfully registered for 'dapr.proto.components.v1.InputBinding'"
        in caplog.text
    )
    assert f"no component at {folder / 'half.sock'}" in caplog.text
