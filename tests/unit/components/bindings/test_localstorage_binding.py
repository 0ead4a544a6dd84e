"""``bindings.localstorage``: files below one directory and nowhere else."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.bindings import binding

from dapr_components.bindings.contract import InvokeRequest, OutputBinding
from dapr_components.bindings.localstorage import decode_data
from dapr_components.bindings.secure_join import PathLoopError, secure_join
from dapr_components.contract import ComponentError


def invoke(root: Path, *requests: tuple[str, bytes, dict[str, str]]) -> list[Any]:
    """The answers to a series of operations: parsed JSON of ``create`` and ``list``, bytes of ``get``."""

    async def main() -> list[Any]:
        async with binding("bindings.localstorage", OutputBinding, {"rootPath": str(root)}) as output:  # type: ignore[type-abstract]
            found: list[Any] = []
            for operation, data, metadata in requests:
                result = (await output.invoke(InvokeRequest(operation, data, metadata))).data
                found.append(json.loads(result) if operation in ("create", "list") and result else result)
            return found

    return asyncio.run(main())


def named(name: str) -> dict[str, str]:
    return {"fileName": name}


def test_a_file_in_a_new_directory_is_created_listed_read_and_deleted(tmp_path: Path) -> None:
    created, listed, read, deleted, rest = invoke(
        tmp_path,
        ("create", b'{"a":1}', named("deep/down/f.json")),
        ("list", b"", {}),
        ("get", b"", named("deep/down/f.json")),
        ("delete", b"", named("deep/down/f.json")),
        ("list", b"", {}),
    )
    assert created == {"fileName": "deep/down/f.json"}
    assert listed == [str(tmp_path / "deep/down/f.json")]
    assert (read, deleted, rest) == (b'{"a":1}', None, [])


def test_a_file_without_a_name_gets_one(tmp_path: Path) -> None:
    (created,) = invoke(tmp_path, ("create", b"x", {}))
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", created["fileName"])
    assert (tmp_path / created["fileName"]).read_bytes() == b"x"


@pytest.mark.parametrize(
    ("data", "stored"),
    [
        (b'{"a":1}', b'{"a":1}'), (b'"text!"', b"text!"), (b'"a\\nb"', b"a\nb"), (b"null", b"\x9e\xe9e"),
        (b'"' + base64.b64encode(b"\x00\xff") + b'"', b"\x00\xff"), (b'"', b'"'), (b'"broken\\"', b'"broken\\"'),
        (b"", b""), (b'"\\ud800"', b'"\\ud800"'),
    ],
    ids=repr,
)  # fmt: skip
def test_data_are_unquoted_and_decoded_where_they_can_be(data: bytes, stored: bytes) -> None:
    assert decode_data(data) == stored


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (("get", b"", named("none")), "file not found: {root}/none"),
        (("get", b"", {}), "error reading file {root}: read {root}: is a directory"),
        (("list", b"", named("none")), "file not found: {root}/none"),
        (("list", b"", named("file")), "not a directory [{root}/file]"),
        (("delete", b"", named("none")), "deleting file {root}/none: remove {root}/none: no such file or directory"),
        (("delete", b"", named("full")), "error deleting file {root}/full: remove {root}/full: directory not empty"),
        (("create", b"x", named("full")), "error creating file {root}/full: open {root}/full: is a directory"),
        (("create", b"x", named("file/below")), "error creating directory {root}/file"),
        (("get", b"", named("a\0b")), "NUL"),
    ],
    ids=["get missing", "get a directory", "list missing", "list a file", "delete missing", "delete a full directory",
         "create over a directory", "create below a file", "a NUL in the name"],
)  # fmt: skip
def test_what_cannot_be_done_is_explained(tmp_path: Path, request_: Any, text: str) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "f").write_text("x")
    with pytest.raises(ComponentError) as caught:
        invoke(tmp_path, request_)
    assert text.format(root=tmp_path) in str(caught.value)


def test_nothing_outside_the_root_can_be_reached(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "secret").write_text("secret")
    (root / "absolute").symlink_to(outside)
    (root / "relative").symlink_to("../outside")
    for name in ("../outside/secret", "absolute/secret", "relative/secret", "/etc/passwd", "a/../../outside/secret"):
        with pytest.raises(ComponentError, match="file not found"):
            invoke(root, ("get", b"", named(name)))
    invoke(root, ("create", b"x", named("absolute/new")), ("create", b"x", named("../outside/new")))
    assert [path.name for path in outside.iterdir()] == ["secret"]


@pytest.mark.parametrize("root", ["/proc", "/sys/kernel", "/boot/x", "/var/run/secrets/a", "/proc/../sys"])
def test_system_directories_are_refused(root: str) -> None:
    with pytest.raises(ComponentError, match="disallowed path"):
        invoke(Path(root))


def test_a_link_to_a_system_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/proc/self")
    with pytest.raises(ComponentError, match="disallowed path"):
        invoke(tmp_path / "link")


# -- joining


def test_links_are_read_inside_the_root(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "link").symlink_to("/etc")
    assert secure_join(tmp_path, "link/passwd") == tmp_path / "etc" / "passwd"


def test_links_in_a_circle_end_in_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(PathLoopError):
        secure_join(tmp_path, "a")


PARTS = st.lists(st.sampled_from(["..", ".", "", "a", "b", "up", "root", "outside", "*", "ü"]), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PARTS)
def test_no_path_leads_outside(tmp_path: Path, parts: list[str]) -> None:
    root = tmp_path / "inner"
    root.mkdir(exist_ok=True)
    for name, target in (("up", ".."), ("root", "/"), ("outside", str(tmp_path))):
        if not os.path.lexists(root / name):
            (root / name).symlink_to(target)
    joined = secure_join(root, "/".join(parts))
    assert joined == root or root in joined.parents
    assert ".." not in joined.parts
