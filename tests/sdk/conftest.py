"""What the programs of this folder share: two real sidecars with every block in service, one to be proxied to, and the
placement that hosts of actors join."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.neighbours import Neighbours, neighbours
from support.placement_process import PlacementProcess, placement
from support.sdk_proxied import Proxied, proxied_application


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbours]:
    with neighbours(tmp_path_factory.mktemp("neighbours")) as running:
        yield running


@pytest.fixture(scope="session")
def proxied() -> Iterator[Proxied]:
    with proxied_application() as running:
        yield running


@pytest.fixture(scope="session")
def board() -> Iterator[PlacementProcess]:
    with placement() as running:
        yield running
