"""Each image on a real kubelet: it starts as nobody, writes nothing, and has nothing in it to be misused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cluster.kube.pods import Pods, restricted
from images.services import SERVICES

EVERY_IMAGE = pytest.mark.parametrize("name", SERVICES)


@EVERY_IMAGE
def test_the_program_starts_under_the_restricted_profile(name: str, pods: Pods, image: Callable[[str], str]) -> None:
    container = restricted(image(name), f"/{name}", "--help")
    assert "--log-level" in pods.run_to_end("help", {"containers": [container]})


@EVERY_IMAGE
def test_there_is_no_shell_no_root_and_nothing_left_to_compile(
    name: str, pods: Pods, image: Callable[[str], str]
) -> None:
    code = """
import os, pathlib
programs = {each.name for place in ("/bin", "/sbin", "/usr/bin", "/usr/sbin") if os.path.isdir(place)
            for each in pathlib.Path(place).iterdir()}
modules = [each for each in pathlib.Path("/opt/dapr/lib").rglob("*.py")]
uncompiled = [each for each in modules if not list((each.parent / "__pycache__").glob(each.stem + ".*.pyc"))]
writable = [folder for folder, _, _ in os.walk("/") if not folder.startswith(("/proc", "/sys", "/dev"))
            and os.access(folder, os.W_OK)]
print(sorted(programs - {"python3", "python3.11", "python3.13"}), os.getuid(), os.getgid(), uncompiled, writable)
"""
    container = restricted(image(name), "/usr/bin/python3", "-c", code)
    assert pods.run_to_end("look", {"containers": [container]}) == "[] 65532 65532 [] []\n"


def test_every_module_of_the_standard_library_finds_its_libraries(pods: Pods, image: Callable[[str], str]) -> None:
    """But the few whose libraries only a terminal or an old protocol wants."""
    code = """
import importlib, pathlib, sysconfig
folder = pathlib.Path(sysconfig.get_path("stdlib")) / "lib-dynload"
missing = []
for each in folder.glob("*.so"):
    try:
        importlib.import_module(each.name.partition(".")[0])
    except ImportError as error:
        missing.append(each.name.partition(".")[0])
print(sorted(missing))
"""
    container = restricted(image("sentry"), "/usr/bin/python3", "-c", code)
    missing = pods.run_to_end("look", {"containers": [container]}).strip("[]\n").replace("'", "").split(", ")
    assert set(missing) <= {"_curses", "_curses_panel", "readline", "nis", "_dbm", "_gdbm"}
