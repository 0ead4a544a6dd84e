"""Play a recorded HTTP exchange against a sidecar of ours, and say where the answers differ.

A recording holds ports, a directory and ids of the day it was made. Outgoing requests get today's values in their
place; answers get the recorded ones back, and what no two runs share (dates, UUIDs, times) becomes a name, so that
everything else is compared to the byte.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.rawhttp import RawAnswer, exchange, request_bytes

DATA = Path(__file__).parent.parent / "golden" / "data"

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-0[01]")
VOLATILE_HEADERS = frozenset({"date"})

NOT_YET = (
    "/v1.0/jobs", "/v1.0-alpha1/jobs", "/v1.0-alpha1/crypto", "/v1.0-alpha1/subtlecrypto",
    "/v1.0/configuration", "/v1.0-alpha1/configuration", "/v1.0-alpha1/lock", "/v1.0-alpha1/unlock",
    "/v1.0/workflows", "/v1.0-beta1/workflows", "/v1.0-alpha1/conversation", "/v1.0-alpha2/conversation",
)  # fmt: skip
"""Routes of blocks that this build does not have; their recordings wait."""

NOT_YET_TYPES = ("configuration.", "crypto.", "conversation.", "lock.")


@dataclass
class Result:
    """What became of one recorded entry."""

    name: str
    differences: list[str] = field(default_factory=list)


@dataclass
class Translation:
    """Recorded values and today's, both ways. ``learned`` grows while etags and ids come by."""

    pairs: dict[str, str]
    learned: dict[str, str] = field(default_factory=dict)

    def to_live(self, text: str) -> str:
        for recorded, live in {**self.pairs, **self.learned}.items():
            text = text.replace(recorded, live)
        return text

    def to_recorded(self, text: str) -> str:
        for recorded, live in self.pairs.items():
            text = text.replace(live, recorded)
        return text


def load(name: str) -> dict[str, Any]:
    """One file of recordings."""
    loaded: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text())
    return loaded


def body_of(recorded: Any) -> bytes:
    """The bytes of a recorded body, also of one kept as length and digest when its filling can be told."""
    if recorded is None:
        return b""
    if isinstance(recorded, str):
        return recorded.encode()
    if "base64" in recorded:
        return base64.b64decode(recorded["base64"])
    first, length = recorded["first"], recorded["length"]
    opening = first[: len(first) - len(re.search(r"(.)\1*$", first)[0])]  # type: ignore[index]
    for closing in ("", '"', '"}]', '"}'):
        candidate = (opening + first[-1] * (length - len(opening) - len(closing)) + closing).encode()
        if hashlib.sha256(candidate).hexdigest() == recorded["sha256"]:
            return candidate
    raise AssertionError(f"cannot rebuild a body that starts {first!r}")


def play(entry: dict[str, Any], port: int, words: Translation) -> RawAnswer:
    """Send the recorded request, translated, to ``port``."""
    request = entry["request"]
    if "raw" in request:
        return exchange(port, words.to_live(request["raw"]).encode())
    headers = [words.to_live(line) for line in request["headers"]]
    chunks = [words.to_live(chunk).encode() for chunk in request["chunks"]] if "chunks" in request else None
    body = body_of(request.get("body"))
    if len(body) < 6000:
        try:
            body = words.to_live(body.decode()).encode()
        except UnicodeDecodeError:
            pass
    if chunks is None:
        headers = [
            f"Content-Length: {len(body)}" if line.lower().startswith("content-length:") else line for line in headers
        ]
    target = words.to_live(request["target"])
    raw = request_bytes(request["method"], target, headers, body, chunks)
    if entry["response"].get("status", "").startswith("HTTP/1.0"):
        raw = raw.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", 1)
    return exchange(port, raw, head=request["method"] == "HEAD")


def learn(entry: dict[str, Any], answer: RawAnswer, words: Translation) -> None:
    """Remember which live etag stands for which recorded one, so that later requests can name it."""
    recorded = [line.partition(": ")[2] for line in entry["response"].get("headers", []) if line.startswith("Etag: ")]
    live = answer.header("etag")
    if recorded and live and recorded[0] != live and len(recorded[0]) > 8:
        words.learned[recorded[0]] = live


def differences(entry: dict[str, Any], answer: RawAnswer, words: Translation) -> list[str]:
    """Every way in which the answer differs from the recorded one; empty when they are equal."""
    recorded = entry["response"]
    found: list[str] = []
    if recorded["status"] != answer.status:
        found.append(f"status: {recorded['status']!r} != {answer.status!r}")
    want_body, got_body = (
        _neutral_body(body_of(recorded["body"])),
        _neutral_body(
            words.to_recorded(answer.body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        ),
    )
    same_length = len(body_of(recorded["body"])) == len(answer.body)
    want = _neutral_headers([tuple(line.split(": ", 1)) for line in recorded["headers"]], drop_length=not same_length)
    got = _neutral_headers(
        [(name, words.to_recorded(value)) for name, value in answer.headers], drop_length=not same_length
    )
    if want != got:
        found.append(f"headers: {sorted(set(want) - set(got))} != {sorted(set(got) - set(want))}")
    if want_body != got_body:
        start = max(next((i for i, (a, b) in enumerate(zip(want_body, got_body, strict=False)) if a != b), 0) - 40, 0)
        found.append(f"body from {start}: {want_body[start : start + 400]!r} != {got_body[start : start + 400]!r}")
    if recorded["framing"] != answer.framing:
        found.append(f"framing: {recorded['framing']} != {answer.framing}")
    if recorded.get("interim", []) != answer.interim:
        found.append(f"interim: {recorded.get('interim', [])} != {answer.interim}")
    return found


def _neutral_headers(headers: list[Any], *, drop_length: bool) -> list[tuple[str, str]]:
    """Without volatile ones; a length is compared only where the bodies have one length."""
    kept = []
    for item in headers:
        name, value = item[0].rstrip(":"), item[1] if len(item) > 1 else ""
        if name.lower() in VOLATILE_HEADERS or (drop_length and name == "Content-Length"):
            continue
        kept.append((name, neutral(value)))
    return sorted(kept)


def neutral(text: str) -> str:
    """Name what no two runs share."""
    return TRACEPARENT.sub("<traceparent>", TIME.sub("<time>", UUID.sub("<uuid>", text)))


def _neutral_body(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    if text.startswith('["/') and text.endswith('"]'):
        text = json.dumps(sorted(json.loads(neutral(text))))  # a listing of files, in which an id has no place
    if '"runtimeVersion"' in text:
        text = _neutral_metadata(text)
    return neutral(text)


def _neutral_metadata(text: str) -> str:
    """The metadata answer without what differs by build: features in random order, blocks not there yet, versions."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    value["enabledFeatures"] = sorted(value.get("enabledFeatures", []))
    value["components"] = [
        component for component in value.get("components", []) if not component["type"].startswith(NOT_YET_TYPES)
    ]
    value["runtimeVersion"] = "<version>"
    value.get("extended", {})["daprRuntimeVersion"] = "<version>"
    return json.dumps(value)
