"""The mDNS resolver between sidecars of one host, foreign libraries, and network namespaces."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from zeroconf import ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.nameresolution import mdns
from dapr_components.nameresolution.contract import Registration
from dapr_components.nameresolution.dnsmessage import Message, Question
from dapr_components.nameresolution.mdns import MDNSResolver


def new_id() -> str:
    return f"app-{uuid.uuid4().hex[:12]}"


@contextlib.asynccontextmanager
async def resolver(app_id: str = "caller", address: str = "", port: int = 50001) -> AsyncIterator[MDNSResolver]:
    made = MDNSResolver(ComponentContext("mdns", "nameresolution.mdns", "v1", app_id))
    await made.init(Metadata())
    try:
        if address:
            await made.register(Registration(app_id, "default", address, port, 3500, 50001))
        yield made
    finally:
        await made.close()


def test_registering_takes_no_time_and_loads_no_library() -> None:
    code = "import sys; import dapr_components.nameresolution.mdns; assert 'zeroconf' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)

    async def main() -> None:
        started = time.perf_counter()
        async with resolver(new_id(), "127.0.0.1"):
            assert time.perf_counter() - started < 0.2

    asyncio.run(main())


def test_several_instances_of_an_application_are_all_found() -> None:
    async def main() -> None:
        app_id = new_id()
        async with (
            resolver(app_id, "127.0.0.1", 50011),
            resolver(app_id, "127.0.0.1", 50012),
            resolver() as caller,
        ):
            found: set[str] = set()
            for _ in range(100):
                found = set(await caller.resolve(app_id, ""))
                if len(found) == 2:
                    break
                await asyncio.sleep(0.02)
            assert found == {"127.0.0.1:50011", "127.0.0.1:50012"}

    asyncio.run(main())


def test_calls_that_come_together_share_one_query(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        app_id = new_id()
        async with resolver() as caller:
            asked: list[bytes] = []
            monkeypatch.setattr(caller, "_ask", asked.append)
            monkeypatch.setattr(mdns, "BROWSE_TIMEOUT", 0.05)
            outcomes = await asyncio.gather(*(caller.resolve(app_id, "") for _ in range(20)), return_exceptions=True)
            assert {str(outcome) for outcome in outcomes} == {f"couldn't find service: {app_id}"}
            assert len(set(asked)) == 1
            assert len(asked) <= 3

    asyncio.run(main())


def test_a_goodbye_is_heard_at_once() -> None:
    async def main() -> None:
        app_id = new_id()
        async with resolver() as caller:
            async with resolver(app_id, "127.0.0.1"):
                assert await caller.resolve(app_id, "") == ["127.0.0.1:50001"]
            for _ in range(100):
                if not caller._addresses.of(app_id, time.monotonic()):
                    return
                await asyncio.sleep(0.01)
            pytest.fail("the address outlived its sidecar")

    asyncio.run(main())


@pytest.mark.parametrize(
    ("registration", "text"),
    [
        (Registration("", "", "127.0.0.1", 1, 1, 1), "name is missing"),
        (Registration("a", "", "", 1, 1, 1), "address is missing"),
        (Registration("a", "", "127.0.0.1", 0, 1, 1), "port is missing or invalid"),
        (Registration("a", "", "localhost", 1, 1, 1), "'localhost' is no IP address"),
    ],
    ids=["name", "address", "port", "no IP"],
)
def test_an_incomplete_registration_is_refused(registration: Registration, text: str) -> None:
    async def main() -> None:
        async with resolver() as made:
            with pytest.raises(ComponentError, match=text):
                await made.register(registration)

    asyncio.run(main())


def test_a_foreign_library_is_found_by_us_and_finds_us() -> None:
    async def main() -> None:
        theirs, ours = new_id(), new_id()
        foreign = AsyncZeroconf(interfaces=["127.0.0.1"])
        info = ServiceInfo(
            f"{theirs}.local.",
            f"other:1.{theirs}.local.",
            addresses=[socket.inet_aton("127.0.0.1")],
            port=50077,
            properties=bytes((len(theirs),)) + theirs.encode(),
            server=f"{theirs}-host.local.",
        )
        try:
            async with resolver(ours, "127.0.0.1", 50078) as mine:
                await foreign.zeroconf.async_wait_for_start()
                announcing = await foreign.async_register_service(info, strict=False)
                assert await mine.resolve(theirs, "") == ["127.0.0.1:50077"]
                name = f"{socket.gethostname()}:{os.getpid()}.{ours}.local."
                found = ServiceInfo(f"{ours}.local.", name)
                assert await found.async_request(foreign.zeroconf, 3000)
                assert found.port == 50078
                assert "127.0.0.1" in found.parsed_addresses()  # the host's name is shared by all of its sidecars
                assert found.text == bytes((len(ours),)) + ours.encode()
                await announcing
        finally:
            await foreign.async_close()

    asyncio.run(main())


def test_a_plain_dns_client_gets_its_answer_back_with_its_question() -> None:
    async def main() -> None:
        app_id = new_id()
        async with resolver(app_id, "127.0.0.1"):
            loop = asyncio.get_running_loop()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.setblocking(False)
                client.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
                question = Question((app_id, "local"))
                client.sendto(Message(questions=[question], id=4711).encode(), ("224.0.0.251", 5353))
                data = await asyncio.wait_for(loop.sock_recv(client, 9000), 5)
            answer = Message.decode(data)
            assert (answer.id, answer.questions, answer.response) == (4711, [question], True)

    asyncio.run(main())


NAMESPACES = os.geteuid() == 0 and shutil.which("ip") is not None


@pytest.fixture
def two_namespaces() -> Iterator[tuple[str, str]]:
    """Two network namespaces joined by a cable."""
    if not NAMESPACES:
        pytest.skip("needs root and iproute2")
    tag = uuid.uuid4().hex[:6]
    names = (f"dapr-a{tag}", f"dapr-b{tag}")
    try:
        for name in names:
            made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
            if made.returncode:
                pytest.skip(f"no network namespaces here: {made.stderr.strip()}")
        cable = [
            "ip",
            "link",
            "add",
            f"va{tag}",
            "netns",
            names[0],
            "type",
            "veth",
            "peer",
            f"vb{tag}",
            "netns",
            names[1],
        ]
        laid = subprocess.run(cable, capture_output=True, text=True)
        if laid.returncode:
            pytest.skip(f"no virtual cables here: {laid.stderr.strip()}")
        for number, (name, end) in enumerate(zip(names, (f"va{tag}", f"vb{tag}"), strict=True), 1):
            for command in (
                ["addr", "add", f"10.77.0.{number}/24", "dev", end],
                ["-6", "addr", "add", f"fd77::{number}/64", "dev", end, "nodad"],
                ["link", "set", end, "up"],
                ["link", "set", "lo", "up"],
            ):
                subprocess.run(["ip", "-n", name, *command], check=True, capture_output=True)
        yield names
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)


SERVER = """
import asyncio, sys
from dapr_components.contract import ComponentContext, Metadata
from dapr_components.nameresolution.contract import Registration
from dapr_components.nameresolution.mdns import MDNSResolver

async def main(app_id, address):
    made = MDNSResolver(ComponentContext("mdns", "nameresolution.mdns", "v1", app_id))
    await made.init(Metadata())
    await made.register(Registration(app_id, "", address, 50099, 1, 1))
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await made.close()

asyncio.run(main(*sys.argv[1:]))
"""
CLIENT = """
import asyncio, sys
from dapr_components.contract import ComponentContext, Metadata
from dapr_components.nameresolution.mdns import MDNSResolver

async def main(app_id):
    made = MDNSResolver(ComponentContext("mdns", "nameresolution.mdns", "v1", "caller"))
    await made.init(Metadata())
    print(*await made.resolve(app_id, ""))
    await made.close()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize(("address", "found"), [("10.77.0.1", "10.77.0.1:50099"), ("fd77::1", "[fd77::1]:50099")])
def test_sidecars_in_two_network_namespaces_find_each_other(
    two_namespaces: tuple[str, str], address: str, found: str, tmp_path: Path
) -> None:
    app_id = new_id()
    inside = [["ip", "netns", "exec", name, sys.executable, "-c"] for name in two_namespaces]
    server = subprocess.Popen(
        [*inside[0], SERVER, app_id, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        client = subprocess.run([*inside[1], CLIENT, app_id], capture_output=True, text=True, timeout=60)
        assert client.stdout.strip() == found, client.stderr
    finally:
        server.communicate(timeout=30)
