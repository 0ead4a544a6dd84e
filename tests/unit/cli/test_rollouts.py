"""When a service of the control plane counts as restarted."""

from __future__ import annotations

from typing import Any

import pytest

from dapr_cli.cluster.rollouts import is_rolled_out


def service(generation: int = 2, wanted: int | None = 2, **status: int) -> dict[str, Any]:
    spec = {} if wanted is None else {"replicas": wanted}
    return {"metadata": {"generation": generation}, "spec": spec, "status": status}


DONE = {"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2}


@pytest.mark.parametrize(
    ("thing", "expected"),
    [
        pytest.param(service(**DONE), True, id="all new and ready"),
        pytest.param(service(3, **DONE), False, id="not noticed yet"),
        pytest.param(service(**{**DONE, "updatedReplicas": 1}), False, id="one is old"),
        pytest.param(service(**{**DONE, "readyReplicas": 1}), False, id="one is not ready"),
        pytest.param(service(**{**DONE, "replicas": 3}), False, id="an old one is left"),
        pytest.param(service(), False, id="nobody looks after it"),
        pytest.param(service(wanted=0, observedGeneration=2), True, id="none is wanted"),
        pytest.param(service(wanted=None, observedGeneration=2), False, id="one is wanted by default"),
    ],
)
def test_a_service_is_restarted_when_all_of_it_is_new_and_ready(thing: dict[str, Any], expected: bool) -> None:
    assert is_rolled_out(thing) is expected
