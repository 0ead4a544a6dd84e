"""The HTTP API answers as the original does: every recorded request is sent again and its answer compared.

An entry that differs on purpose stands in ``differences.json`` with its reason (each is also a line of
``docs/differences.md``); one that stands there and is equal fails, so that the list stays true.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support import recordings
from support.actor_app import actor_app
from support.echo_app import EchoApp, echo_app
from support.placement_process import placement
from support.processes import Daprd
from support.redis_server import RedisServer, redis_server
from support.tally import Tally, on_purpose

RECORDED = recordings.load("http-api")
ON_PURPOSE = on_purpose("http-api")
CONTEXTS = [name for name in RECORDED["contexts"] if name != "actors with scheduler"]
SECRETS = {"one": "first", "nested": {"a": "1", "b": {"c": "2"}}, "multi": {"x": "y"}, "hidden": "not you"}


def entries_of(context: str) -> list[dict[str, Any]]:
    return [entry for entry in RECORDED["entries"] if entry["context"] == context]


def is_built(entry: dict[str, Any]) -> bool:
    """Whether the block an entry speaks to exists in this build."""
    target = entry.get("request", {}).get("target", "")
    if not entry.get("request"):
        return "configuration" not in entry["name"]
    return not target.startswith(recordings.NOT_YET)


def write_resources(context: dict[str, Any], directory: Path, words: recordings.Translation) -> None:
    """The context's manifests, without the kinds that are not there yet."""
    wants = any(flag.startswith("--resources-path") for flag in context["flags"])
    source = context.get("resources") or (RECORDED["contexts"]["full"]["resources"] if wants else {})
    (directory / "resources").mkdir(parents=True)
    (directory / "files").mkdir()
    (directory / "secrets.json").write_text(json.dumps(SECRETS))
    for name, text in source.items():
        kind = re.search(r"^  type: (\S+)", text, re.MULTILINE)
        if kind is None or not kind[1].startswith(recordings.NOT_YET_TYPES):
            (directory / "resources" / name).write_text(words.to_live(text))
    if context.get("config"):
        (directory / "config.yaml").write_text(words.to_live(context["config"]))


class Stage:
    """One recorded context brought to life: a sidecar with its flags, the application, the store."""

    def __init__(
        self, name: str, directory: Path, app: EchoApp, redis: RedisServer, closed_port: int, placement: str
    ) -> None:
        context = RECORDED["contexts"][name]
        flags = dict(flag.lstrip("-").partition("=")[::2] for flag in context["flags"])
        recorded_dir = re.search(r"/any/golden-\w+", json.dumps(RECORDED["contexts"]))
        assert recorded_dir is not None
        redis_port = re.search(r"127\.0\.0\.1:(\d+)", RECORDED["contexts"]["full"]["resources"]["red.yaml"])
        app_port = re.search(r"127\.0\.0\.1:(\d+)", RECORDED["contexts"]["full"]["resources"]["ep.yaml"])
        assert redis_port is not None
        assert app_port is not None
        self.words = recordings.Translation(
            {recorded_dir[0]: str(directory), redis_port[1]: str(redis.port), app_port[1]: str(app.port)}
        )
        write_resources(context, directory, self.words)
        kept = [
            f"--{flag}={flags[flag]}"
            for flag in ("allowed-origins", "max-body-size", "read-buffer-size")
            if flag in flags
        ]
        if "placement-host-address" in flags:
            kept.append(f"--placement-host-address={placement}")
        has_config = (directory / "config.yaml").exists()
        live_app_port = None
        if "app-port" in flags:
            live_app_port = closed_port if "nothing listens" in (context.get("note") or "") else app.port
        self.daprd = Daprd(
            "golden", *kept, env=context["env"], app_port=live_app_port, resources=directory / "resources",
            config=directory / "config.yaml" if has_config else None,
        )  # fmt: skip
        self.ports: dict[str, int] = {}
        for flag, live in (
            ("dapr-http-port", self.daprd.http_port), ("dapr-grpc-port", self.daprd.grpc_port),
            ("dapr-internal-grpc-port", self.daprd.internal_port), ("metrics-port", self.daprd.metrics_port),
            ("dapr-public-port", self.daprd.public_port), ("app-port", live_app_port or 0),
        ):  # fmt: skip
            if flag in flags:
                self.words.pairs[flags[flag]] = str(live)
                self.ports[flags[flag]] = live
        self.flags = flags

    def port_for(self, entry: dict[str, Any]) -> int:
        host = next((line for line in entry["request"].get("headers", []) if line.lower().startswith("host:")), "")
        recorded = host.rpartition(":")[2].strip()
        return self.ports.get(recorded, self.daprd.http_port)


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_recorded_answer_of_a_built_block_is_equal_or_differs_on_purpose(
    context: str, tmp_path: Path, record_property: Any
) -> None:
    tally = Tally(ON_PURPOSE)
    waiting = sum(not is_built(entry) for entry in entries_of(context))
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(redis_server(options=("--notify-keyspace-events", "KEA")))
        address = ""
        if any("--placement-host-address" in flag for flag in RECORDED["contexts"][context]["flags"]):
            app = stack.enter_context(actor_app("Room"))
            address = stack.enter_context(placement()).address
        else:
            app = stack.enter_context(echo_app())
        stage = Stage(context, tmp_path, app, redis, closed_port=_closed_port(), placement=address)
        try:
            if address:
                wake_actor(stage)
            stage.daprd.wait_ready("/v1.0/healthz" if context != "app not listening" else "/v1.0/healthz/outbound")
            for entry in filter(is_built, entries_of(context)):
                tally.add(f"{context}: {entry['name']}", compare(entry, stage, app))
        finally:
            stage.daprd.terminate()
    tally.close(record_property, f"http-api: {context}", waiting)


def wake_actor(stage: Stage) -> None:
    """The recorded sidecars had an actor at work before the first entry."""
    stage.daprd.wait_ready()
    assert raw_status(stage.daprd.http_port, "PUT", "/v1.0/actors/Room/1/method/go") == 200


def raw_status(port: int, method: str, target: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request(method, target, b"x")
        return connection.getresponse().status


def compare(entry: dict[str, Any], stage: Stage, app: EchoApp) -> list[str]:
    """How one entry differs today; empty when it is equal."""
    if "exit_code" in entry:
        try:
            code = stage.daprd.popen.wait(15)
        except subprocess.TimeoutExpired:
            return ["the process did not end"]
        return [] if code == entry["exit_code"] else [f"exit code {entry['exit_code']} != {code}"]
    if "app_received" in entry:
        last = stage.words.to_live(entry["app_received"][-1]["line"])
        app.wait_for(lambda request: request.line == last)
        return received_differences(entry["app_received"], app, stage.words)
    try:
        answer = recordings.play(entry, stage.port_for(entry), stage.words)
    except (OSError, ValueError, IndexError) as error:
        expected = entry["response"].get("connect_error") or ("timeout" if "timeout_s" in entry["response"] else None)
        return [] if expected == type(error).__name__ else [f"{expected} != {error!r}"]
    if "status" not in entry["response"]:
        return [f"{entry['response']} != {answer.status}"]
    if entry["response"]["body"] == "(the exposition, see metrics.txt)":
        return [] if answer.status == entry["response"]["status"] else [f"{answer.status}"]
    recordings.learn(entry, answer, stage.words)
    return recordings.differences(entry, answer, stage.words)


def received_differences(recorded: list[dict[str, Any]], app: EchoApp, words: recordings.Translation) -> list[str]:
    """The last requests the application got, against the recorded ones: line, headers in order, body."""
    found: list[str] = []
    for want, got in zip(recorded, app.received[-len(recorded) :], strict=True):
        want_headers = [recordings.neutral(line) for line in want["headers"]]
        got_headers = [recordings.neutral(words.to_recorded(line)) for line in got.headers]
        if want["line"] != got.line:
            found.append(f"line: {want['line']} != {got.line}")
        if want_headers != got_headers:
            found.append(f"headers: {want_headers} != {got_headers}")
        if recordings.body_of(want["body"]) != got.body:
            found.append(f"body: {want['body']} != {got.body!r}")
    return found


def _closed_port() -> int:
    from support.ports import free_port

    return free_port()
