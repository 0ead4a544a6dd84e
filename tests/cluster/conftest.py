"""Fixtures of the tests that talk to a real Kubernetes API.

``KUBECONFIG`` in the environment names the cluster to use (kind, k3d, a cloud's); otherwise the tests start an API
server of their own (``kube``), which ``make test-cluster`` builds first.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster.kube import apiserver, programs
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import Client


@pytest.fixture(scope="session")
def api_server() -> Iterator[ApiServer]:
    """An API server with its administrator: one for the whole run, so each test keeps to its own namespace."""
    named = os.environ.get("KUBECONFIG")
    if named:
        with apiserver.given(Path(named)) as server:
            yield server
        return
    for program in programs.API_PROGRAMS:
        if programs.path(program) is None:
            pytest.skip(f"{program} is not installed; make test-cluster builds it (once, some minutes)")
    with apiserver.running() as server:
        yield server


@pytest.fixture
def admin(api_server: ApiServer) -> Client:
    """The administrator's client."""
    return api_server.admin


@pytest.fixture
def namespace(admin: Client) -> Iterator[str]:
    """A namespace of the test's own, deleted after it.

    Where no controller runs, its objects stay and it is never wholly gone: its name comes once.
    """
    name = f"test-{secrets.token_hex(4)}"
    admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    admin.delete("v1", "Namespace", name)
