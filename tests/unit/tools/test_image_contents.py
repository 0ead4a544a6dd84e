"""What an image holds: its service's locked packages and no other's; what it runs."""

from __future__ import annotations

import importlib
import platform
import sys
import tomllib
from pathlib import Path

import pytest
from images import locked
from images.services import ENVIRONMENT as ENVIRONMENT_OF_IMAGES
from images.services import SERVICES, USER, Service

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = {
    "implementation_name": "cpython",
    "implementation_version": platform.python_version(),
    "os_name": "posix",
    "platform_machine": platform.machine(),
    "platform_python_implementation": "CPython",
    "platform_release": "",
    "platform_system": "Linux",
    "platform_version": "",
    "python_full_version": platform.python_version(),
    "python_version": f"{sys.version_info[0]}.{sys.version_info[1]}",
    "sys_platform": "linux",
}
EVERY_SERVICE = pytest.mark.parametrize("service", SERVICES.values(), ids=lambda each: each.name)


@EVERY_SERVICE
def test_every_locked_package_is_pinned_by_hash_as_in_the_lock_file(service: Service) -> None:
    lock = (ROOT / "requirements.lock").read_text()
    subset = locked.subset(ROOT, service.extra, ENVIRONMENT)
    for name, entry in subset.items():
        assert entry.startswith(f"{name}==")
        assert entry in lock
        assert "--hash=sha256:" in entry


@EVERY_SERVICE
def test_no_image_holds_what_only_tests_and_tools_need(service: Service) -> None:
    names = locked.subset(ROOT, service.extra, ENVIRONMENT).keys()
    assert {"protobuf", "pyyaml", "uvloop"} <= names
    assert not names & {"grpcio", "grpcio-tools", "pytest", "requests", "mypy", "dapr", "uv", "hypothesis"}


def test_a_sentry_holds_no_more_than_it_needs() -> None:
    names = locked.subset(ROOT, "sentry", ENVIRONMENT).keys()
    assert {"cryptography", "cffi", "pycparser"} <= names
    assert not names & {"hiredis", "cel-python", "fastapi", "pydantic"}


def test_an_extra_that_names_another_brings_it_along() -> None:
    cli, sidecar = (locked.subset(ROOT, extra, ENVIRONMENT).keys() for extra in ("cli", "sidecar"))
    assert sidecar < cli


def test_a_package_that_is_not_locked_is_named(tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").write_text("protobuf==1.0 \\\n    --hash=sha256:00\n")
    project = '[project]\ndependencies = ["protobuf", "pyyaml"]\n[project.optional-dependencies]\nx = []\n'
    (tmp_path / "pyproject.toml").write_text(project)
    with pytest.raises(locked.LockError, match=r"pyyaml: not in requirements\.lock; run make lock"):
        locked.subset(tmp_path, "x", ENVIRONMENT)


@EVERY_SERVICE
def test_the_program_is_what_the_console_command_runs(service: Service) -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts[service.name] == service.entry
    module, _, function = service.entry.partition(":")
    assert callable(getattr(importlib.import_module(module), function))
    assert service.program.startswith("#!/usr/bin/python3 -I\n")
    compile(service.program, service.name, "exec")


@EVERY_SERVICE
def test_an_image_holds_its_own_packages_and_no_other_services(service: Service) -> None:
    others = {each.entry.partition(".")[0] for each in SERVICES.values() if each is not service}
    assert service.entry.partition(".")[0] in service.packages
    assert not others & set(service.packages)


def test_the_recipe_for_builders_runs_the_same_as_the_archives() -> None:
    recipe = (ROOT / "docker" / "Dockerfile").read_text()
    last = recipe[recipe.index("FROM scratch") :]
    assert f"USER {USER}" in last
    assert f"ENV {' '.join(ENVIRONMENT_OF_IMAGES)}" in last
    for name in SERVICES:
        assert name in recipe
