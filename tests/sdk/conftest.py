"""What the clients of this folder share: two real sidecars with every block in service, and one to be proxied to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.neighbours import Neighbours, neighbours
from support.sdk_proxied import Proxied, proxied_application


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbours]:
    with neighbours(tmp_path_factory.mktemp("neighbours")) as running:
        yield running


@pytest.fixture(scope="session")
def proxied() -> Iterator[Proxied]:
    with proxied_application() as running:
        yield running
