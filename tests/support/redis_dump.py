"""Everything a Redis server holds, in the shape of the recordings, and the same without what no two runs share."""

from __future__ import annotations

import base64
import json
from typing import Any

import redis

from support import recordings

CIPHERTEXT_OVERHEAD = 12 + 16
"""Nonce and tag of AES-GCM, which a ciphertext is longer by."""


def dump(client: redis.Redis) -> dict[str, Any]:
    """Each key with its type, expiry (seconds), encoding and content."""
    keys = sorted(key.decode() for key in client.scan_iter(count=1000))
    return {key: _value(client, key) for key in keys}


def _value(client: redis.Redis, key: str) -> dict[str, Any]:
    kind = client.type(key).decode()
    found: dict[str, Any] = {
        "type": kind, "ttl_s": client.ttl(key), "encoding": client.object("encoding", key).decode(),
    }  # fmt: skip
    if kind == "hash":
        return found | {"fields": _text(client.hgetall(key))}
    if kind == "string":
        return found | {"value": client.get(key).decode()}
    if kind == "stream":
        return found | _stream(client, key)
    raise AssertionError(f"{key} is a {kind}, which nothing here writes")


def _stream(client: redis.Redis, key: str) -> dict[str, Any]:
    info = client.xinfo_stream(key)
    names = ("length", "last-generated-id", "max-deleted-entry-id", "entries-added", "groups")
    return {
        "entries": [[entry.decode(), _text(fields)] for entry, fields in client.xrange(key)],
        "info": {name: _plain(info[name]) for name in names},
        "groups": [_group(client, key, group) for group in client.xinfo_groups(key)],
    }


def _group(client: redis.Redis, key: str, group: dict[str, Any]) -> dict[str, Any]:
    consumers = client.xinfo_consumers(key, group["name"])
    return {
        "name": _plain(group["name"]),
        "consumers": [{"name": _plain(each["name"]), "pending": each["pending"]} for each in consumers],
        "pending": group["pending"],
        "last-delivered-id": _plain(group["last-delivered-id"]),
        "entries-read": group["entries-read"],
        "lag": group["lag"],
        "pending_list": [
            {name: _plain(value) for name, value in each.items()}
            for each in client.xpending_range(key, group["name"], "-", "+", 100)
        ],
    }


def _text(fields: dict[bytes, bytes]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in fields.items()}


def _plain(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value


def neutral(found: dict[str, Any]) -> dict[str, Any]:
    """Whether a key expires; ids of stream entries as positions; UUIDs, times and ciphertexts as names.

    The entries themselves come sorted, since a bulk publish has no order.
    """
    ids: dict[str, str] = {}
    for value in found.values():
        for number, (entry, _fields) in enumerate(value.get("entries", [])):
            ids[entry] = f"<entry {number}>"
    told = {}
    for key, value in found.items():
        text = recordings.neutral(json.dumps(value, sort_keys=True))
        for entry, name in ids.items():
            text = text.replace(entry, name)
        plain = json.loads(text)
        plain["ttl_s"] = plain["ttl_s"] >= 0
        if "entries" in plain:
            plain["entries"] = sorted((fields for _entry, fields in plain["entries"]), key=json.dumps)
        if plain["type"] == "hash":
            plain["fields"] = {name: _without_cipher(field) for name, field in plain["fields"].items()}
        told[key] = plain
    return told


def _without_cipher(field: str) -> str:
    """An encrypted value as the length of its plaintext and the name of its key."""
    cipher, bars, name = field.rpartition("||")
    if not bars:
        return field
    return f"<encrypted {len(base64.b64decode(cipher)) - CIPHERTEXT_OVERHEAD}>||{name}"
