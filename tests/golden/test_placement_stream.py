"""Placement answers recorded sidecars as the original's did: what Go's daprd said is said again, at the same moments,
and every order that comes back is compared.

The order of a table's entries is random in the original, so updates are compared as messages and by their length;
everything else to the byte.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
from dataclasses import dataclass, field
from typing import Any

import pytest
from support import recordings
from support.placement_process import PlacementProcess, placement
from support.processes import wait_until
from support.tally import Tally, on_purpose

from dapr_core.proto.gen.placement.v1.placement_pb2 import PlacementOrder
from dapr_core.rpc.grpc import Channel, ClientStream, ResponseListener, Status
from dapr_core.rpc.messages import Headers

RECORDED = recordings.load("placement-stream")
ON_PURPOSE = on_purpose("placement-stream")
METHOD = "/dapr.proto.placement.v1.Placement/ReportDaprStatus"
SIDECARS = ("hosta", "hostb", "clientc")
PATIENCE = 20.0


class Stream(ResponseListener):
    """One stream, and what came on it."""

    def __init__(self) -> None:
        self.headers: asyncio.Future[Headers] = asyncio.get_running_loop().create_future()
        self.messages: asyncio.Queue[bytes] = asyncio.Queue()
        self.status: asyncio.Future[Status] = asyncio.get_running_loop().create_future()
        self.call: ClientStream

    def on_headers(self, fields: Headers) -> None:
        self.headers.set_result(fields)

    def on_message(self, message: bytes) -> None:
        self.messages.put_nowait(message)

    def on_close(self, status: Status) -> None:
        self.status.set_result(status)


@dataclass
class Session:
    """The replay of one stream against a placement of ours."""

    channel: Channel
    found: list[str] = field(default_factory=list)
    stream: Stream | None = None

    async def play(self, event: dict[str, Any]) -> None:
        """Say what the sidecar said, or expect what placement answered."""
        if event["from"] == "client":
            await self._say(event)
        else:
            assert self.stream is not None
            async with asyncio.timeout(PATIENCE):
                await self._expect(event)

    async def _say(self, event: dict[str, Any]) -> None:
        if self.stream is None:
            self.stream = Stream()
            self.stream.call = (await self.channel.connect()).start(METHOD, (), self.stream)
        if "message" in event:
            self.stream.call.send_message(base64.b64decode(event["base64"]))
        elif "rst_stream" in event:
            self.stream.call.cancel()
        elif event.get("end_stream") and not self.stream.status.done():
            self.stream.call.end()

    async def _expect(self, event: dict[str, Any]) -> None:
        assert self.stream is not None
        if "message" in event:
            self._compare(base64.b64decode(event["base64"]), await self.stream.messages.get())
        elif "headers" in event:
            recorded = [[name, value] for name, value in event["headers"] if name != ":status"]
            mine = [[name.decode(), value.decode()] for name, value in await self.stream.headers]
            if [row for row in mine if row[0] != "grpc-encoding"] != recorded:
                self.found.append(f"headers: {recorded} != {mine}")
        elif "trailers" in event:
            recorded = dict(event["trailers"])
            status = await self.stream.status
            mine = {"grpc-status": str(int(status.code)), "grpc-message": status.message}
            if {name: recorded.get(name) for name in mine} != mine:
                self.found.append(f"status: {recorded} != {mine}")

    def _compare(self, recorded: bytes, mine: bytes) -> None:
        want, got = PlacementOrder.FromString(recorded), PlacementOrder.FromString(mine)
        if want != got or len(recorded) != len(mine) or (not want.HasField("tables") and recorded != mine):
            self.found.append(f"order: {want} != {got}")

    def nothing_more(self) -> None:
        if self.stream is not None and not self.stream.messages.empty():
            extra = PlacementOrder.FromString(self.stream.messages.get_nowait())
            self.found.append(f"one order too many: {extra.operation} {extra.version}")


def timeline() -> list[tuple[int, str, dict[str, Any]]]:
    """What happened, in order: events of the three sidecars, and looks at the state between them."""
    found: list[tuple[int, str, dict[str, Any]]] = []
    for name in SIDECARS:
        (stream,) = RECORDED[name]["streams"]
        events = stream["events"]
        for index, event in enumerate(events):
            at = event.get("at_ms", events[min(index + 1, len(events) - 1)].get("at_ms"))
            if event.get("end_stream"):
                continue  # the end of a cancelled stream, which the reset after it tells
            found.append((at, name, event))
    found += [(step["at_ms"], "state", step) for step in RECORDED["steps"] if "placement_state" in step]
    return sorted(found, key=lambda row: row[0])


def state_of(process: PlacementProcess) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", process.healthz_port, timeout=10)
    try:
        connection.request("GET", "/placement/state")
        answer = connection.getresponse()
        return answer.status, {name.title(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def state_differences(step: dict[str, Any], process: PlacementProcess) -> list[str]:
    """How the state differs; a departure reaches it a moment after the stream has ended."""
    recorded = step["placement_state"]
    expected = recorded["body"].encode()
    with contextlib.suppress(AssertionError):
        wait_until(lambda: state_of(process)[2] == expected, what="the recorded state", timeout=5)
    status, headers, body = state_of(process)
    wanted = dict(line.split(": ", 1) for line in recorded["headers"] if not line.startswith("Date: "))
    found = [] if body == expected and status == 200 else [f"{expected!r} != {status} {body!r}"]
    return found + [f"{name}: {value}" for name, value in wanted.items() if headers.get(name) != value]


def test_three_recorded_sidecars_get_their_recorded_orders(record_property: Any) -> None:
    tally = Tally(ON_PURPOSE)

    async def replay(process: PlacementProcess) -> None:
        sessions = {name: Session(Channel(process.address)) for name in SIDECARS}
        try:
            for _, name, event in timeline():
                if name == "state":
                    tally.add(event["after"], await asyncio.to_thread(state_differences, event, process))
                else:
                    await sessions[name].play(event)
            for name, session in sessions.items():
                session.nothing_more()
                tally.add(name, session.found)
            headers = await sessions["hosta"].stream.headers  # type: ignore[union-attr]
            announced = [value.decode() for name, value in headers if name == b"grpc-encoding"]
            tally.add("hosta: encoding of the answer", [f"grpc-encoding: {announced}"] if announced else [])
        finally:
            for session in sessions.values():
                await session.channel.close()

    with placement() as process:
        asyncio.run(replay(process))
    tally.close(record_property, "placement: sidecars and state")


@pytest.mark.parametrize("recorded", RECORDED["direct_streams"], ids=lambda row: row["name"])
def test_a_recorded_stream_ends_as_it_ended(recorded: dict[str, Any], record_property: Any) -> None:
    (call,) = recorded["calls"]
    tally = Tally(ON_PURPOSE)

    async def replay(process: PlacementProcess) -> list[str]:
        session = Session(Channel(process.address))
        try:
            for event in call["events"]:
                await session.play(event)
            session.nothing_more()
            return session.found
        finally:
            await session.channel.close()

    with placement() as process:
        tally.add(recorded["name"], asyncio.run(replay(process)))
    tally.close(record_property, "placement: own clients")
