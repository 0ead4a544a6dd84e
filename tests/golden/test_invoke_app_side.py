"""What an application behind two sidecars receives, and what its caller gets back, is what the original's did."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from support import grpc_replay, recordings
from support.echo_app import Answer, EchoApp, Received, echo_app
from support.locks import alone
from support.processes import Daprd, daprd
from support.rawhttp import RawAnswer
from support.tally import Tally, on_purpose

from dapr_core.rpc.grpc.client import Channel, ChannelOptions

RECORDED = recordings.load("invoke-app-side")
ON_PURPOSE = on_purpose("invoke-app-side")
MEMORY_STORE = RECORDED["contexts"]["callee"]["resources"]["mem.yaml"]

RAW: dict[str, bytes] = {
    "/redirect": b"HTTP/1.1 301 Moved Permanently\r\nLocation: /elsewhere\r\nContent-Type: text/plain\r\n"
    b"Content-Length: 5\r\n\r\nmoved",
    "/headers": b"HTTP/1.1 200 OK\r\nContent-Type: text/x-app; charset=utf-8\r\nX-Multi: one\r\nX-Multi: two\r\n"
    b"x-lower: l\r\nX-Empty: \r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: X-Hop\r\nX-Hop: gone\r\n"
    b"Keep-Alive: timeout=5\r\nServer: golden\r\nDate: Mon, 01 Jan 2001 00:00:00 GMT\r\nETag: \"abc\"\r\n"
    b"X-Data-Bin: AAEC\r\n"
    b"Cache-Control: no-store\r\nVary: Accept\r\nBaggage: k=v\r\nDapr-Custom: d\r\nGrpc-Status: 7\r\n"
    b"Traceparent: 00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01\r\nContent-Length: 2\r\n\r\nok",
    "/chunked": b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"6\r\nhello \r\n5\r\nworld\r\n0\r\nX-T: v\r\n\r\n",
    "/big": b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 20000\r\n\r\n"
    + b"z" * 20000,
    "/notype": b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\nno content type",
    "/notypejson": b'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{"a":1}',
    "/wronglen": b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
    "/close": b"\r\n\r\n",
}  # fmt: skip


def special_paths(request: Received) -> Answer | None:
    """The application's odd answers, byte for byte, and its plain ones without the line header."""
    path = request.target.split("?")[0]
    if path in RAW:
        return Answer(raw=RAW[path])
    if path == "/status/304":
        return Answer(raw=b"HTTP/1.1 304 Not Modified\r\nX-App: yes\r\n\r\n")
    if path == "/status/204":
        return Answer(204, headers=[("X-App", "yes")])
    if path.startswith("/status/"):
        body = json.dumps({"said": int(path.rsplit("/", 1)[1])}).encode()
        return Answer(int(path.rsplit("/", 1)[1]), body, [("Content-Type", "application/json"), ("X-App", "yes")])
    if path.startswith("/dapr/"):
        return None
    plain = request.method in ("GET", "HEAD", "DELETE", "OPTIONS") and not request.body
    kind = request.header("content-type") or "text/plain"
    return Answer(200, request.body or b"hello", [("Content-Type", "text/plain" if plain else kind), ("X-App", "yes")])


def is_built(entry: dict[str, Any]) -> bool:
    """Invocation is, actors are not yet."""
    return not entry["name"].startswith("actor")


def is_grpc(entry: dict[str, Any]) -> bool:
    return "client_call" in entry


def without_cause(entry: dict[str, Any], answer: RawAnswer) -> dict[str, Any]:
    """Both sides without the state in which a dead connection happened to be found, and without their lengths."""
    cause = re.compile(r"(?<=code = Unavailable desc = ).*(?=\"})")
    answer.body = cause.sub("<cause>", answer.body.decode()).encode()
    answer.headers = [header for header in answer.headers if header[0] != "Content-Length"]
    response = entry["response"]
    kept = [line for line in response["headers"] if not line.startswith("Content-Length")]
    return {**entry, "response": {**response, "headers": kept, "body": cause.sub("<cause>", response["body"])}}


def compare(entry: dict[str, Any], caller: Daprd, app: EchoApp, words: recordings.Translation) -> list[str]:
    """How one exchange differs from the recorded one, at the caller and at the application."""
    before = len(app.received)
    try:
        answer = recordings.play(entry, caller.http_port, words)
    except (OSError, ValueError) as error:
        return [f"no answer: {error!r}"]
    if entry["name"] == "callee sidecar stopped":
        entry = without_cause(entry, answer)
    found = recordings.differences(entry, answer, words)
    return found + app_differences(entry, app.received[before:], words)


def app_differences(
    entry: dict[str, Any],
    got: Sequence[Received],
    words: recordings.Translation,
    plain: Callable[[str], str] = recordings.neutral,
) -> list[str]:
    """How what the application received differs; ``plain`` takes out of a header what no two runs share."""
    if len(got) != len(entry["app_received"]):
        return [f"the application got {[request.line for request in got]}"]
    found: list[str] = []
    for want, request in zip(entry["app_received"], got, strict=True):
        want_headers = [plain(line) for line in want["headers"]]
        got_headers = [plain(words.to_recorded(line).replace(socket.gethostname(), "vm")) for line in request.headers]
        for label, one, other in (
            ("line", want["line"], request.line),
            ("headers", want_headers, got_headers),
            ("framing", want["framing"], request.framing),
            ("body", recordings.body_of(want["body"]), request.body),
        ):
            if one != other:
                found.append(f"app {label}: {one} != {other}")
    return found


def translation(app: EchoApp, callee: Daprd, caller: Daprd) -> recordings.Translation:
    """Recorded ports, host name and app port against today's."""
    pairs = {}
    for name, live in (("callee", callee), ("caller", caller)):
        flags = RECORDED["contexts"][name]["flags"]
        for flag, port in (("--dapr-http-port", live.http_port), ("--dapr-internal-grpc-port", live.internal_port)):
            recorded = [item.split("=")[1] for item in flags if item.startswith(flag + "=")][-1]
            pairs[recorded] = str(port)
    app_port = re.search(r"--app-port=(\d+)", json.dumps(RECORDED["contexts"]))
    assert app_port is not None
    pairs[app_port[1]] = str(app.port)
    return recordings.Translation(pairs)


def test_every_recorded_invocation_is_equal_at_both_ends(tmp_path: Path, record_property: Any) -> None:
    (tmp_path / "mem.yaml").write_text(MEMORY_STORE)
    tally = Tally(ON_PURPOSE)
    with (
        alone("callee"),
        echo_app(special_paths) as app,
        daprd("callee", app_port=app.port, resources=tmp_path) as callee,
        daprd("noappcallee"),
        daprd("caller", resources=tmp_path) as caller,
    ):
        words = translation(app, callee, caller)
        for entry in (each for each in RECORDED["entries"] if is_built(each) and not is_grpc(each)):
            if entry["name"] == "callee sidecar stopped":
                callee.terminate(signal.SIGKILL)  # without a goodbye, so that its address is still known
            tally.add(entry["name"], compare(entry, caller, app, words))
    tally.close(record_property, "invoke-app-side", sum(not is_built(entry) for entry in RECORDED["entries"]))


def without_connection(line: str) -> str:
    """What of a request is its client's own: it says what that client can unpack."""
    return re.sub(r"(?<=Dapr-Grpc-Accept-Encoding: ).*", "<encodings>", recordings.neutral(line))


async def compare_grpc(
    entry: dict[str, Any], channel: Channel, app: EchoApp, words: recordings.Translation
) -> list[str]:
    """How one gRPC call differs from the recorded one, at the client and at the application."""
    before = len(app.received)
    call = first_call(entry)
    got = await grpc_replay.play(channel, call, words)
    kinds = grpc_replay.types_of(call["method"])
    assert kinds is not None
    wanted = [event for event in call["events"] if event["from"] == "server"]
    one = grpc_replay.shown_events(wanted, kinds[1])
    other = grpc_replay.shown_events(got, kinds[1], words)
    found = [] if one == other else [f"want {one}", f"got  {other}"]
    return found + app_differences(entry, app.received[before:], words, without_connection)


def test_every_recorded_grpc_invocation_is_equal_at_both_ends(tmp_path: Path, record_property: Any) -> None:
    (tmp_path / "mem.yaml").write_text(MEMORY_STORE)
    entries = [entry for entry in RECORDED["entries"] if is_grpc(entry)]

    async def compare_all(caller: Daprd, app: EchoApp, words: recordings.Translation) -> dict[str, list[str]]:
        agent = next(value for name, value in first_call(entries[0])["request_headers"] if name == "user-agent")
        channel = Channel(f"127.0.0.1:{caller.grpc_port}", ChannelOptions(user_agent=agent.encode()))
        try:
            return {entry["name"]: await compare_grpc(entry, channel, app, words) for entry in entries}
        finally:
            await channel.close()

    with (
        alone("callee"),
        echo_app(special_paths) as app,
        daprd("callee", app_port=app.port, resources=tmp_path) as callee,
        daprd("noappcallee"),
        daprd("caller", resources=tmp_path) as caller,
    ):
        words = translation(app, callee, caller)
        authority = next(value for name, value in first_call(entries[0])["request_headers"] if name == ":authority")
        words.pairs[authority.rpartition(":")[2]] = str(caller.grpc_port)
        found = asyncio.run(compare_all(caller, app, words))
    tally = Tally(ON_PURPOSE)
    for name, differing in found.items():
        tally.add(name, differing)
    tally.close(record_property, "invoke-app-side: grpc")


def first_call(entry: dict[str, Any]) -> dict[str, Any]:
    call = entry["client_call"]
    return call[0] if isinstance(call, list) else call
