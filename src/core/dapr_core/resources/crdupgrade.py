"""Brings the definitions in a cluster to those of this version: ``python -m dapr_core.resources.crdupgrade``.

Helm installs definitions once and leaves them alone for ever after, so the chart runs this before an upgrade. It takes
the definitions of an older version and of the public project alike; the resources themselves are not touched. Where
the operator has written how the conversion webhook is reached, that stays, so that Subscriptions are converted all the
while.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any, Final

from dapr_core.kube import ConflictError, KubeClient, KubeError, NotFoundError, Object, load_config
from dapr_core.kube.kinds import CRD
from dapr_core.process.run import run
from dapr_core.process.shutdown import ExitCode
from dapr_core.process.version import package_version
from dapr_core.resources.crds import UNSET_NAMESPACE, documents

ATTEMPTS: Final = 5
"""Times that somebody else, such as an operator, may change a definition between our reading and our writing."""


async def upgrade(client: KubeClient) -> list[str]:
    """Make or replace every definition that is not as it should be; gives the names of those.

    Raises:
        KubeError: the cluster refuses one (it may hold objects of a version that is no longer defined), or cannot be
            asked. Those before it are upgraded.
    """
    changed = []
    for _, wanted in documents():
        if await _upgrade_one(client, wanted):
            changed.append(str(wanted["metadata"]["name"]))
    return changed


def merged(present: Object, wanted: Mapping[str, Any]) -> Object:
    """The definition to write over one that is there: ours, with what the cluster and the operator put into it."""
    labels = {**present["metadata"].get("labels", {}), **wanted["metadata"]["labels"]}
    spec = dict(wanted["spec"])
    reached = _webhook(present)
    if "conversion" in spec and reached.get("service", {}).get("namespace", UNSET_NAMESPACE) != UNSET_NAMESPACE:
        conversion = spec["conversion"]
        spec["conversion"] = {**conversion, "webhook": {**conversion["webhook"], "clientConfig": reached}}
    return {**present, "metadata": {**present["metadata"], "labels": labels}, "spec": spec}


async def _upgrade_one(client: KubeClient, wanted: Mapping[str, Any]) -> bool:
    name = str(wanted["metadata"]["name"])
    for _ in range(ATTEMPTS):
        try:
            present = await client.get(CRD, name)
        except NotFoundError:
            await client.create(CRD, wanted)
            return True
        try:
            written = await client.update(CRD, merged(present, wanted))
        except ConflictError:
            continue
        return bool(written["metadata"]["resourceVersion"] != present["metadata"]["resourceVersion"])
    raise KubeError(f"others changed the definition {name} {ATTEMPTS} times in a row; try again")


def _webhook(definition: Object) -> Mapping[str, Any]:
    conversion = definition["spec"].get("conversion") or {}
    config = (conversion.get("webhook") or {}).get("clientConfig") or {}
    return config if isinstance(config, dict) else {}


async def _main() -> int:
    try:
        config = load_config(os.environ)
        async with KubeClient(config, user_agent=f"dapr-crds/{package_version()}") as client:
            changed = await upgrade(client)
    except KubeError as error:
        sys.stderr.write(f"the definitions could not be upgraded: {error}\n")
        return ExitCode.FAILURE
    sys.stdout.write(f"upgraded: {', '.join(changed) or 'nothing, all are current'}\n")
    return ExitCode.OK


if __name__ == "__main__":
    run(_main)
