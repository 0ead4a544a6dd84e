"""The recorded answers of the secrets API, replayed on the routes with real stores behind them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from support import recordings
from support.component_policies import NoPolicies

from dapr_components.contract import ComponentContext, Metadata
from dapr_components.secretstores.local_env import LocalEnvSecretStore
from dapr_components.secretstores.local_file import LocalFileSecretStore
from dapr_core.errors import DaprError
from dapr_core.resources.configuration import SecretsScope
from dapr_core.rpc.messages import Request, Response
from daprd.api.http.render import error_response
from daprd.api.http.router import Router
from daprd.api.http.secrets import routes
from daprd.blocks.secrets import SecretsBlock

TREE = {"one": "first", "nested": {"a": "1", "b": {"c": "2"}}, "multi": {"x": "y"}, "hidden": "not you"}
ENVIRONMENT = {"GOLDEN_SECRET": "from env", "GOLDEN_OTHER": "two", "HOME": "x"}


def entries(context: str) -> list[Any]:
    return [
        entry
        for entry in recordings.load("http-api")["entries"]
        if entry["context"] == context
        and entry.get("request", {}).get("target", "").startswith("/v1.0/secrets/")
        and "ERR_DIRECT_INVOKE" not in json.dumps(entry["response"])
    ]


async def answers(directory: Path, context: str, played: list[Any]) -> list[tuple[int, str]]:
    scopes = {"sf": SecretsScope("sf", "allow", (), ("hidden",))} if context == "full" else {}
    block = SecretsBlock(policies=NoPolicies(), scopes=scopes)
    if context != "bare":
        path = directory / "secrets.json"
        path.write_text(json.dumps(TREE))
        file = LocalFileSecretStore(ComponentContext(name="sf", type="t", version="v1", app_id="golden"))
        await file.init(Metadata({"secretsFile": str(path), "nestedSeparator": ":"}))
        env = LocalEnvSecretStore(ComponentContext(name="senv", type="t", version="v1", app_id="golden"), ENVIRONMENT)
        await env.init(Metadata({"prefix": "GOLDEN_"}))
        await block.add("sf", file)
        await block.add("senv", env)
    router, got = Router(routes(block)), list[tuple[int, str]]()
    for entry in played:
        target = entry["request"]["target"].encode()
        found = router.find("GET", target)
        assert found is not None
        try:
            answer = found[0].endpoint(Request("GET", target), found[1])
            response = answer if isinstance(answer, Response) else await answer
        except DaprError as error:
            response = error_response(error)
        got.append((response.status, (await response.read()).decode()))
    return got


@pytest.mark.parametrize("context", ["full", "bare", "noapp"])
def test_every_recorded_answer_is_equal(tmp_path: Path, context: str) -> None:
    played = entries(context)
    assert played
    got = asyncio.run(answers(tmp_path, context, played))
    want = [(int(entry["response"]["status"].split()[1]), entry["response"]["body"]) for entry in played]
    assert got == want
