"""An HTTP application with actors, which answers as the application of the recordings does."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from support.echo_app import Answer, EchoApp, Received, Rule


def hosting(*types: str, **settings: Any) -> Rule:
    """A rule that gives the application's configuration: types, and settings as ``/dapr/config`` spells them."""
    body = json.dumps({"entities": types, **settings}).encode()

    def configuration(request: Received) -> Answer | None:
        if request.target != "/dapr/config":
            return None
        return Answer(body=body, headers=[("Content-Type", "application/json")])

    return configuration


def actors(request: Received) -> Answer | None:
    """``boom`` fails, ``none`` is not there, ``errhdr`` says that it failed; anything else is an echo."""
    path = request.target.partition("?")[0]
    if not path.startswith("/actors/"):
        return None
    if request.method == "DELETE":
        return Answer()
    method = path.rpartition("/")[2]
    text = [("Content-Type", "text/plain"), ("X-App", "yes")]
    if method == "boom":
        return Answer(500, b"kaput", text)
    if method == "none":
        return Answer(404, b"", text)
    if method == "errhdr":
        return Answer(422, b'{"why": "header"}', [*text, ("X-Daprerrorresponseheader", "yes")])
    return Answer(200, request.body or b"actor says hi", text)


@contextlib.contextmanager
def actor_app(*types: str, rules: Sequence[Rule] = (), settings: Mapping[str, Any] | None = None) -> Iterator[EchoApp]:
    """An application that hosts these types; ``rules`` are asked first."""
    app = EchoApp(*rules, hosting(*types, **(settings or {})), actors)
    try:
        yield app
    finally:
        app.close()
