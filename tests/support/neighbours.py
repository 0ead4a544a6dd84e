"""Two sidecars as clients meet them: a caller beside them, an application behind the second, every block in service.

``near`` is the sidecar that a client talks to; it asks for no token and has no application. ``far`` has the
application, and asks its clients for ``TOKEN``. Both know the same components over one Redis.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.cli import unique_id
from support.echo_app import Answer, EchoApp, Received, echo_app
from support.manifests import component, folder
from support.processes import Daprd, daprd
from support.redis_server import RedisServer, redis_server

TOKEN = "swordfish-of-the-far-side"
TOPIC = "orders"
SECRETS = {"mysecret": "value", "other": "thing"}


@dataclass(frozen=True)
class Neighbours:
    """Both sidecars, the application of the far one, and the Redis that they share."""

    near: Daprd
    far: Daprd
    app: EchoApp
    redis: RedisServer
    files: Path

    @property
    def near_url(self) -> str:
        return f"http://127.0.0.1:{self.near.http_port}"

    @property
    def far_url(self) -> str:
        return f"http://127.0.0.1:{self.far.http_port}"

    def invoke_url(self, method: str) -> str:
        """Where the near sidecar takes calls of a method of the application."""
        return f"{self.near_url}/v1.0/invoke/{self.far.app_id}/method/{method}"


def wants_orders(request: Received) -> Answer | None:
    """The application's subscription; everything else is the echo's."""
    if request.target == "/dapr/subscribe":
        wanted = [{"pubsubname": "pubsub", "topic": TOPIC, "route": f"/{TOPIC}"}]
        return Answer(body=json.dumps(wanted).encode(), headers=[("Content-Type", "application/json")])
    if request.target == f"/{TOPIC}" and (request.header("content-type") or "").startswith("application/cloudevents"):
        return Answer(200)
    return None


@contextlib.contextmanager
def neighbours(home: Path) -> Iterator[Neighbours]:
    """Both, running, with their files below ``home``."""
    (home / "secrets.json").write_text(json.dumps(SECRETS))
    (home / "files").mkdir()
    with redis_server() as redis, echo_app(wants_orders) as app:
        resources = folder(
            home / "components",
            component("statestore", "state.redis", redisHost=redis.address),
            component("pubsub", "pubsub.redis", redisHost=redis.address),
            component("secrets", "secretstores.local.file", secretsFile=str(home / "secrets.json")),
            component("files", "bindings.localstorage", rootPath=str(home / "files")),
        )
        token = {"DAPR_API_TOKEN": TOKEN}
        with (
            daprd(unique_id("near"), resources=resources, ready=None) as near,
            daprd(unique_id("far"), resources=resources, app_port=app.port, env=token) as far,
        ):
            near.wait_ready()
            yield Neighbours(near, far, app, redis, home / "files")
