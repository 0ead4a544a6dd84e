"""Large bodies stream through two sidecars both ways, and neither of them keeps them."""

from __future__ import annotations

import hashlib
import http.client
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import manifests
from support.echo_app import Answer, Received, echo_app
from support.processes import Daprd, daprd

CHUNK = bytes(range(256)) * 4096
CHUNKS = 32
"""MiB of a body."""
GROWTH = 20 * 1024
"""KiB that a sidecar may grow by, well below the body's size."""


def resident(sidecar: Daprd) -> int:
    """The highest resident memory so far, in KiB."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{sidecar.popen.pid}/status").read_text())
    assert found is not None
    return int(found[1])


@pytest.fixture
def names(tmp_path: Path) -> Path:
    """A Configuration that lets sidecars find one another by a file."""
    return manifests.finding(tmp_path / "names.db")


def chunks() -> Iterator[bytes]:
    for _ in range(CHUNKS):
        yield CHUNK


def test_a_large_body_goes_and_comes_back_in_bounded_memory(names: Path) -> None:
    digests: list[str] = []

    def rule(request: Received) -> Answer | None:
        if request.target != "/large":
            return None
        digests.append(hashlib.sha256(request.body).hexdigest())
        return Answer(200, request.body, [("Content-Type", "application/octet-stream")])

    wanted = hashlib.sha256(CHUNK * CHUNKS).hexdigest()
    limit = f"--max-body-size={2 * CHUNKS}Mi"
    with (
        echo_app(rule) as app,
        daprd("callee", limit, app_port=app.port, config=names) as callee,
        daprd("caller", limit, config=names) as caller,
    ):
        before = [resident(each) for each in (caller, callee)]
        connection = http.client.HTTPConnection("127.0.0.1", caller.http_port, timeout=60)
        connection.request("POST", "/v1.0/invoke/callee/method/large", chunks(), encode_chunked=True,
                           headers={"Transfer-Encoding": "chunked"})  # fmt: skip
        answer, returned = connection.getresponse(), hashlib.sha256()
        while piece := answer.read(1 << 20):
            returned.update(piece)
        connection.close()
        grown = [resident(each) - old for each, old in zip((caller, callee), before, strict=True)]
    assert (answer.status, digests, returned.hexdigest()) == (200, [wanted], wanted)
    assert max(grown) < GROWTH, grown
