"""Health targets and the port that shows them."""

from __future__ import annotations

import asyncio

import pytest

from dapr_core.process.health import HealthRegistry
from dapr_core.process.healthport import HealthPort
from dapr_core.rpc.messages import Request


def test_a_process_is_healthy_when_it_has_targets_and_all_are_ready() -> None:
    registry = HealthRegistry()
    assert not registry.healthy
    first, second = registry.target("one"), registry.target("two")
    first.ready()
    assert (registry.healthy, registry.unhealthy_names) == (False, ["two"])
    second.ready()
    assert registry.healthy
    first.not_ready()
    assert not registry.healthy
    registry.remove("one")
    assert registry.healthy


def test_a_target_of_a_part_built_again_starts_not_ready() -> None:
    registry = HealthRegistry()
    registry.target("one").ready()
    registry.target("one")
    assert not registry.healthy


def test_waiting_ends_when_all_is_well() -> None:
    async def main() -> None:
        registry = HealthRegistry()
        target = registry.target("one")
        waiting = asyncio.ensure_future(registry.wait_healthy())
        await asyncio.sleep(0)
        assert not waiting.done()
        target.ready()
        await asyncio.wait_for(waiting, 5)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("target", "ready", "status"), [(b"/healthz", True, 200), (b"/healthz?x", False, 503), (b"/other", True, 404)]
)
def test_healthz_answers_by_the_targets(target: bytes, ready: bool, status: int) -> None:
    registry = HealthRegistry()
    part = registry.target("part")
    if ready:
        part.ready()
    assert registry.handle(Request("GET", target)).status == status


def test_the_port_serves_healthz_and_stops() -> None:
    async def main() -> None:
        registry = HealthRegistry()
        registry.target("part").ready()
        port = HealthPort(registry, "127.0.0.1", 0)
        await port.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", port.bound_port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        await writer.wait_closed()
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        other = HealthPort(registry, "127.0.0.1", port.bound_port)
        with pytest.raises(OSError, match=f"failed to listen on 127.0.0.1:{port.bound_port}"):
            await other.start()
        await other.stop()
        await port.stop()

    asyncio.run(main())
