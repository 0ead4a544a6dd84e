"""Key and topic schemes that sidecars share in stores and brokers; pure functions of names.

``state``: the key prefix of a state store (building-blocks.md §3.1). ``lock``: keys of lock stores (§5.2).
``topics``: consumer ids and namespaced topics of pub/sub (§1.7). Actor state has its own scheme and is kept apart.
"""

from __future__ import annotations

from dapr_core.keys.lock import LockKeys
from dapr_core.keys.scheme import SEPARATOR, IllegalKeyError, check_part
from dapr_core.keys.state import StateKeys
from dapr_core.keys.topics import consumer_id, is_namespaced, with_namespace, without_namespace

__all__ = [
    "SEPARATOR",
    "IllegalKeyError",
    "LockKeys",
    "StateKeys",
    "check_part",
    "consumer_id",
    "is_namespaced",
    "with_namespace",
    "without_namespace",
]
