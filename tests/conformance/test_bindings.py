"""What every output binding must do (components.md §2.4). Writing a vendor means adding it here and passing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.bindings import binding
from support.echo_app import EchoApp, echo_app
from support.pluggable_component import component_types
from support.redis_server import RedisServer, redis_server

from dapr_components.bindings.contract import InvokeRequest, OutputBinding
from dapr_components.contract import ComponentError


@dataclass(frozen=True)
class Vendor:
    """``works`` is a request that succeeds; ``stores``: ``create`` keeps data under a name that ``get`` reads."""

    type: str
    operations: set[str]
    works: InvokeRequest
    stores: bool = False
    names: dict[str, str] = field(default_factory=dict)


VENDORS = [
    Vendor(
        "bindings.http",
        {"create", "get", "head", "post", "put", "patch", "delete", "options", "trace"},
        InvokeRequest("get"),
    ),
    Vendor(
        "bindings.localstorage",
        {"create", "get", "list", "delete"},
        InvokeRequest("create", b"x", {"fileName": "f"}),
        stores=True,
        names={"fileName": "name"},
    ),
    Vendor(
        "bindings.redis",
        {"create", "get", "delete", "increment"},
        InvokeRequest("create", b"x", {"key": "k"}),
        stores=True,
        names={"key": "name"},
    ),
    Vendor(
        "bindings.shelf",
        {"create", "get", "delete", "acks", "inits"},
        InvokeRequest("create", b"x", {"name": "k"}),
        stores=True,
        names={"name": "name"},
    ),
]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture(scope="module")
def app() -> Iterator[EchoApp]:
    with echo_app() as running:
        yield running


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """``bindings.shelf``, a component in a process of its own."""
    with component_types(tmp_path_factory.mktemp("sockets") / "shelf.sock", "OutputBinding", "InputBinding"):
        yield


@pytest.fixture
def manifests(app: EchoApp, server: RedisServer, shelf: None, tmp_path: Path) -> dict[str, dict[str, str]]:
    server.command_line(b"FLUSHALL")
    return {
        "bindings.http": {"url": f"http://127.0.0.1:{app.port}/"},
        "bindings.localstorage": {"rootPath": str(tmp_path)},
        "bindings.redis": {"redisHost": server.address},
        "bindings.shelf": {"required": "here"},
    }


vendors = pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.type)
stores = pytest.mark.parametrize(
    "vendor", [vendor for vendor in VENDORS if vendor.stores], ids=lambda vendor: vendor.type
)


@vendors
def test_it_says_which_operations_it_knows(vendor: Vendor, manifests: dict[str, dict[str, str]]) -> None:
    async def main() -> None:
        async with binding(vendor.type, OutputBinding, manifests[vendor.type]) as output:  # type: ignore[type-abstract]
            assert set(output.operations()) == vendor.operations

    asyncio.run(main())


@vendors
def test_a_vendor_that_is_there_answers_a_ping(vendor: Vendor, manifests: dict[str, dict[str, str]]) -> None:
    async def main() -> None:
        async with binding(vendor.type, OutputBinding, manifests[vendor.type]) as output:  # type: ignore[type-abstract]
            await output.ping()

    asyncio.run(main())


@vendors
def test_an_unknown_operation_is_refused(vendor: Vendor, manifests: dict[str, dict[str, str]]) -> None:
    async def main() -> None:
        async with binding(vendor.type, OutputBinding, manifests[vendor.type]) as output:  # type: ignore[type-abstract]
            with pytest.raises(ComponentError, match="frobnicate"):
                await output.invoke(InvokeRequest("frobnicate", b"", vendor.works.metadata))

    asyncio.run(main())


@vendors
def test_many_calls_at_once_succeed(vendor: Vendor, manifests: dict[str, dict[str, str]]) -> None:
    async def main() -> None:
        async with binding(vendor.type, OutputBinding, manifests[vendor.type]) as output:  # type: ignore[type-abstract]
            await asyncio.gather(*(output.invoke(vendor.works) for _ in range(50)))

    asyncio.run(main())


@vendors
def test_a_manifest_without_its_required_field_is_refused_by_name(
    vendor: Vendor, manifests: dict[str, dict[str, str]]
) -> None:
    (required,) = manifests[vendor.type]

    async def main() -> None:
        with pytest.raises(ComponentError, match=required):
            async with binding(vendor.type, OutputBinding, {}):  # type: ignore[type-abstract]
                pass

    asyncio.run(main())


@stores
def test_what_create_stores_get_reads_and_delete_removes(vendor: Vendor, manifests: dict[str, dict[str, str]]) -> None:
    async def main() -> None:
        async with binding(vendor.type, OutputBinding, manifests[vendor.type]) as output:  # type: ignore[type-abstract]
            await output.invoke(InvokeRequest("create", b'{"n":1}', vendor.names))
            await output.invoke(InvokeRequest("create", b'{"n":2}', vendor.names))
            assert (await output.invoke(InvokeRequest("get", b"", vendor.names))).data == b'{"n":2}'
            assert (await output.invoke(InvokeRequest("delete", b"", vendor.names))).data is None

    asyncio.run(main())


@stores
def test_large_data_survive(vendor: Vendor, manifests: dict[str, dict[str, str]]) -> None:
    data = b'{"text":"' + b"x" * (4 * 1024 * 1024) + b'"}'

    async def main() -> None:
        async with binding(vendor.type, OutputBinding, manifests[vendor.type]) as output:  # type: ignore[type-abstract]
            await output.invoke(InvokeRequest("create", data, vendor.names))
            assert (await output.invoke(InvokeRequest("get", b"", vendor.names))).data == data

    asyncio.run(main())
