"""``dapr publish``: put a message on a topic through a running application's sidecar (cli-dashboard.md §11)."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

from dapr_cli import instances
from dapr_cli.command import Context, Failure
from dapr_cli.commands.payload import read_payload
from dapr_cli.sidecar_client import SidecarClient, SidecarUnreachable, socket_path

TIMEOUT = 60.0
CLOUD_EVENT_FIELDS = frozenset({"id", "source", "specversion", "type", "data"})
CLOUD_EVENT_TYPE, JSON_TYPE = "application/cloudevents+json", "application/json"
SOCKET_NOTE = "Unix domain sockets are currently a preview feature"


def publish(context: Context) -> int:
    """Publish the message; the sidecar's answer decides about success."""
    flags = context.flags
    pubsub, topic, folder = flags.text("pubsub"), flags.text("topic"), flags.text("unix-domain-socket")
    body = read_payload(flags, "publish")
    target = publish_target(pubsub, topic, parse_metadata(flags.text("metadata")))
    if folder:
        context.console.warning(SOCKET_NOTE)
    client = _client(flags.text("publish-app-id"), topic, folder)
    try:
        answer = client.call("POST", target, body, content_type_of(body))
    except SidecarUnreachable as error:
        raise Failure(f"Error publishing topic {topic}: {error}") from error
    if answer.status >= 300:
        told = answer.body.decode(errors="replace").strip()
        refused = f"unexpected status code {answer.status} on publishing to {topic} in {pubsub}"
        raise Failure(f"Error publishing topic {topic}: {refused}" + (f"\n{told}" if told else ""))
    context.console.success("Event published successfully")
    return 0


def parse_metadata(text: str) -> dict[str, str]:
    """The message's metadata from a JSON object. Raises Failure when it is none."""
    if not text:
        return {}
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Failure(f"Error parsing metadata as JSON. Error: {error}") from error
    if not isinstance(value, dict):
        raise Failure('Error parsing metadata as JSON. Error: it must be an object such as {"ttlInSeconds": "60"}')
    return {str(key): one if isinstance(one, str) else json.dumps(one) for key, one in value.items()}


def publish_target(pubsub: str, topic: str, metadata: dict[str, str]) -> str:
    """The path and query of the publishing request."""
    query = urlencode([(f"metadata.{key}", value) for key, value in metadata.items()])
    path = f"/v1.0/publish/{quote(pubsub, safe='')}/{quote(topic, safe='/')}"
    return f"{path}?{query}" if query else path


def content_type_of(body: bytes) -> str:
    """A body that has all fields of a CloudEvent is sent as one, anything else as plain JSON."""
    try:
        value = json.loads(body)
    except ValueError:
        return JSON_TYPE
    return CLOUD_EVENT_TYPE if isinstance(value, dict) and value.keys() >= CLOUD_EVENT_FIELDS else JSON_TYPE


def _client(app_id: str, topic: str, folder: str) -> SidecarClient:
    if folder:
        return SidecarClient(0, socket=socket_path(folder, app_id), timeout=TIMEOUT)
    instance = instances.find(app_id)
    if instance is None:
        raise Failure(
            f"Error publishing topic {topic}: couldn't find a running Dapr instance with app id {app_id}; "
            "`dapr list` shows what runs"
        )
    return instance.client(TIMEOUT)
