"""A user's program: uses every block of its sidecar with the official SDK, and prints what it got.

The SDK chooses the transport. One JSON object goes to standard output, an entry for each thing done.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from dapr.clients import DaprClient
from dapr.clients.grpc._request import TransactionalStateOperation, TransactionOperationType
from dapr.clients.grpc._state import Concurrency, Consistency, StateItem, StateOptions

STORE, BUS, TOPIC = "statestore", "pubsub", "orders"


def state(client: DaprClient) -> dict[str, Any]:
    client.save_state(STORE, "sdk", json.dumps({"a": 1}))
    first = client.get_state(STORE, "sdk")
    options = StateOptions(consistency=Consistency.strong, concurrency=Concurrency.first_write)
    client.save_state(STORE, "sdk", "second", etag=first.etag, options=options)
    try:
        client.save_state(STORE, "sdk", "late", etag=first.etag, options=options)
    except Exception as error:
        conflict = str(error.code()).rpartition(".")[2]  # type: ignore[attr-defined]
    client.save_bulk_state(STORE, [StateItem("bulk-1", "one"), StateItem("bulk-2", "two")])
    bulk = client.get_bulk_state(STORE, ["bulk-1", "bulk-2", "bulk-none"])
    client.execute_state_transaction(
        STORE,
        [
            TransactionalStateOperation(key="bulk-1", operation_type=TransactionOperationType.delete),
            TransactionalStateOperation(key="tx", data="done"),
        ],
    )
    client.delete_state(STORE, "sdk")
    return {
        "first": [first.text(), first.etag],
        "conflict": conflict,
        "bulk": {item.key: item.text() for item in bulk.items},
        "after the transaction": [client.get_state(STORE, key).text() for key in ("bulk-1", "tx")],
        "deleted": client.get_state(STORE, "sdk").text(),
    }


def publish(client: DaprClient) -> dict[str, Any]:
    client.publish_event(BUS, TOPIC, json.dumps({"sdk": 1}), data_content_type="application/json")
    several = client.publish_events(BUS, TOPIC, ["sdk a", "sdk b"], data_content_type="text/plain")
    return {"failed entries": len(several.failed_entries)}


def rest(client: DaprClient) -> dict[str, Any]:
    client.invoke_binding("files", "create", "from the sdk", {"fileName": "sdk.txt"})
    client.set_metadata("set-by", "the sdk")
    about = client.get_metadata()
    return {
        "secret": dict(client.get_secret("secrets", "mysecret").secret),
        "secrets": {name: dict(parts) for name, parts in client.get_bulk_secret("secrets").secrets.items()},
        "file": client.invoke_binding("files", "get", "", {"fileName": "sdk.txt"}).text(),
        "id": about.application_id,
        "extended": about.extended_metadata.get("set-by"),
        "components": sorted(each.name for each in about.registered_components),
    }


if __name__ == "__main__":
    with DaprClient() as client:
        results = {"state": state(client), "publish": publish(client), "rest": rest(client)}
    json.dump(results, sys.stdout)
