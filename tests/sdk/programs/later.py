"""A user's program: tries what the official SDK offers beyond the blocks that are in service, and prints the refusals.

One JSON object goes to standard output: for each thing tried the code or the status of what the SDK raised.
"""

from __future__ import annotations

import asyncio
import json
import sys
import warnings
from collections.abc import Callable
from typing import Any

from dapr.clients import DaprActorHttpClient, DaprClient, Job
from dapr.clients.grpc._crypto import EncryptOptions
from dapr.clients.grpc.conversation import ConversationInput
from dapr.ext.workflow import DaprWorkflowClient
from dapr.serializers import DefaultJSONSerializer


def over_grpc(client: DaprClient) -> dict[str, Callable[[], Any]]:
    sealing = EncryptOptions(component_name="vault", key_name="key", key_wrap_algorithm="RSA")
    return {
        "get_configuration": lambda: client.get_configuration("settings", ["a"]),
        "try_lock": lambda: client.try_lock("locks", "resource", "owner", 5),
        "unlock": lambda: client.unlock("locks", "resource", "owner"),
        "encrypt": lambda: client.encrypt(b"x", sealing).read(),
        "schedule_job": lambda: client.schedule_job(Job(name="job", due_time="1s")),
        "get_job": lambda: client.get_job("job"),
        "converse": lambda: client.converse_alpha1("llm", [ConversationInput(content="hi")]),
        "get_workflow_state": lambda: DaprWorkflowClient().get_workflow_state("instance"),
    }


def over_http(actors: DaprActorHttpClient) -> dict[str, Callable[[], Any]]:
    return {
        "invoke_method": lambda: asyncio.run(actors.invoke_method("Cat", "50", "meow", b"1")),
        "get_state": lambda: asyncio.run(actors.get_state("Cat", "50", "meal")),
        "save_state_transactionally": lambda: asyncio.run(actors.save_state_transactionally("Cat", "50", b"[]")),
        "register_timer": lambda: asyncio.run(actors.register_timer("Cat", "50", "nap", b"{}")),
        "register_reminder": lambda: asyncio.run(actors.register_reminder("Cat", "50", "nap", b"{}")),
    }


def refusal(call: Callable[[], Any]) -> str:
    try:
        call()
    except Exception as error:
        status = getattr(error, "_status_code", None)
        return str(error.code() if status is None else status).rpartition(".")[2]  # type: ignore[attr-defined]
    return "none: it works"


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # the SDK says which of its methods are alpha
    tried = over_http(DaprActorHttpClient(DefaultJSONSerializer()))
    with DaprClient() as client:
        results = {name: refusal(call) for name, call in {**tried, **over_grpc(client)}.items()}
    json.dump(results, sys.stdout)
