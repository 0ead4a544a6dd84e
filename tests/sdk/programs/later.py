"""A user's program: tries what the official SDK offers beyond the blocks that are in service, and prints the refusals.

One JSON object goes to standard output: what the SDK raised for each thing tried, with its clients of threads and with
those of asyncio.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import grpc
from dapr.aio.clients import DaprClient as AsyncDaprClient
from dapr.clients import DaprClient, Job
from dapr.clients.grpc._crypto import DecryptOptions, EncryptOptions
from dapr.clients.grpc.conversation import (
    ConversationInput,
    ConversationInputAlpha2,
    ConversationMessage,
    ConversationMessageContent,
    ConversationMessageOfUser,
)
from dapr.ext.workflow import DaprWorkflowClient
from dapr.ext.workflow.aio import DaprWorkflowClient as AsyncDaprWorkflowClient

Attempts = Mapping[str, Callable[[], Any]]


async def sealed(stream: Any) -> bytes:
    """What encrypting or decrypting gives, with either client."""
    opened = await stream if inspect.isawaitable(stream) else stream
    read = opened.read()
    return bytes(await read if inspect.isawaitable(read) else read)


def blocks(client: Any) -> Attempts:
    sealing = EncryptOptions(component_name="vault", key_name="key", key_wrap_algorithm="RSA")
    opening = DecryptOptions(component_name="vault", key_name="key")
    job = Job(name="job", due_time="1s")
    hello = ConversationMessage(of_user=ConversationMessageOfUser(content=[ConversationMessageContent(text="hi")]))
    return {
        "get_configuration": lambda: client.get_configuration("settings", ["a"]),
        "unsubscribe_configuration": lambda: client.unsubscribe_configuration("settings", "id"),
        "try_lock": lambda: client.try_lock("locks", "resource", "owner", 5),
        "unlock": lambda: client.unlock("locks", "resource", "owner"),
        "encrypt": lambda: sealed(client.encrypt(b"x", sealing)),
        "decrypt": lambda: sealed(client.decrypt(b"x", opening)),
        "schedule_job": lambda: client.schedule_job(job),
        "schedule_job_alpha1": lambda: client.schedule_job_alpha1(job),
        "get_job": lambda: client.get_job("job"),
        "get_job_alpha1": lambda: client.get_job_alpha1("job"),
        "delete_job": lambda: client.delete_job("job"),
        "delete_job_alpha1": lambda: client.delete_job_alpha1("job"),
        "converse_alpha1": lambda: client.converse_alpha1("llm", [ConversationInput(content="hi")]),
        "converse_alpha2": lambda: client.converse_alpha2("llm", [ConversationInputAlpha2(messages=[hello])]),
    }


def workflows(client: Any) -> Attempts:
    tried: Attempts = {
        "schedule_new_workflow": lambda: client.schedule_new_workflow("Order"),
        "get_workflow_state": lambda: client.get_workflow_state("one"),
        "get_workflow_history": lambda: client.get_workflow_history("one"),
        "list_workflow_instance_ids": lambda: client.list_workflow_instance_ids(),
        "pause_workflow": lambda: client.pause_workflow("one"),
        "resume_workflow": lambda: client.resume_workflow("one"),
        "purge_workflow": lambda: client.purge_workflow("one"),
        "raise_workflow_event": lambda: client.raise_workflow_event("one", "paid"),
        "rerun_workflow_from_event": lambda: client.rerun_workflow_from_event("one", 1),
        "terminate_workflow": lambda: client.terminate_workflow("one"),
        "wait_for_workflow_start": lambda: client.wait_for_workflow_start("one", timeout_in_seconds=30),
        "wait_for_workflow_completion": lambda: client.wait_for_workflow_completion("one", timeout_in_seconds=30),
        "iter_workflow_instance_ids": lambda: everything(client.iter_workflow_instance_ids()),
    }
    return {f"DaprWorkflowClient.{name}": call for name, call in tried.items()}


async def everything(items: Any) -> list[str]:
    """All that either client's iterator gives."""
    return [item async for item in items] if hasattr(items, "__aiter__") else list(items)


async def refusals(attempts: Attempts) -> dict[str, str]:
    return {name: await refusal(call) for name, call in attempts.items()}


async def refusal(call: Callable[[], Any]) -> str:
    try:
        result = call()
        if inspect.isawaitable(result):
            result = await result
    except Exception as error:
        if isinstance(error, grpc.RpcError):
            return f"{error.code().name} {error.details()}"  # type: ignore[attr-defined]
        return f"HTTP {error._status_code} {error}"  # type: ignore[attr-defined]
    return f"it gave {result}"


async def with_asyncio() -> dict[str, str]:
    async with AsyncDaprClient() as client:
        return await refusals({**blocks(client), **workflows(AsyncDaprWorkflowClient())})


def with_threads() -> dict[str, str]:
    with DaprClient() as client:
        return asyncio.run(refusals({**blocks(client), **workflows(DaprWorkflowClient())}))


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # the SDK says which of its methods are alpha
    json.dump({"threads": with_threads(), "asyncio": asyncio.run(with_asyncio())}, sys.stdout)
