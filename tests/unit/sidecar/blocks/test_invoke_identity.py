"""Under mutual TLS an application is told who its caller has proved to be, not who it says it is."""

from __future__ import annotations

import pytest

from daprd.blocks.invoke.headers import CALLEE_APP_ID, CALLER_APP_ID, CALLER_NAMESPACE
from daprd.blocks.invoke.inbound import proven

CALLER = "spiffe://public/ns/shop/cart"
CALLEE = (CALLEE_APP_ID, (b"stock",), CALLEE_APP_ID)


def own(app_id: bytes, namespace: bytes = b"shop") -> list[tuple[bytes, tuple[bytes, ...], bytes]]:
    """The entries that a sidecar writes."""
    return [(CALLER_APP_ID, (app_id,), CALLER_APP_ID), (CALLER_NAMESPACE, (namespace,), CALLER_NAMESPACE)]


def test_the_truth_stays() -> None:
    assert proven([*own(b"cart"), CALLEE], CALLER) == [*own(b"cart"), CALLEE]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(own(b"admin"), id="another app"),
        pytest.param(own(b"cart", b"prod"), id="another namespace"),
        pytest.param([(CALLER_APP_ID, (b"admin", b"cart"), CALLER_APP_ID)], id="two at once"),
        pytest.param([*own(b"cart"), *own(b"admin")], id="twice"),
        pytest.param([], id="nothing"),
    ],
)
def test_whatever_else_a_sidecar_says_of_itself_is_replaced(said: list[tuple[bytes, tuple[bytes, ...], bytes]]) -> None:
    shown = {name: values for name, values, _ in reversed(proven([CALLEE, *said], CALLER)) if values}
    assert shown == {CALLER_APP_ID: (b"cart",), CALLER_NAMESPACE: (b"shop",), CALLEE_APP_ID: (b"stock",)}


def test_what_a_client_put_under_these_names_stays_where_it_is_dropped_later() -> None:
    client = (CALLER_APP_ID, (b"admin",), b"Dapr-Caller-App-Id")
    assert proven([client], CALLER) == [client, *own(b"cart")]


@pytest.mark.parametrize("identity", ["spiffe://public", "spiffe://public/dapr", "nonsense"])
def test_an_id_that_is_none_of_a_workload_names_nobody(identity: str) -> None:
    assert [values for _, values, _ in proven([*own(b"cart"), CALLEE], identity)] == [(), (), (b"stock",)]
