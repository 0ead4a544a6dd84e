"""Other sidecars by their Services (components.md §2.12)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.nameresolution import kubernetes
from dapr_components.nameresolution.contract import Registration
from dapr_components.nameresolution.kubernetes import KubernetesResolver

CONTEXT = ComponentContext("nr", "kubernetes", "v1", "web", "shop")
US = Registration("web", "shop", "10.0.0.1", 50002, 3500, 50001)


class Dns:
    def __init__(self, *answers: list[str] | OSError) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str) -> list[str]:
        self.asked.append(host)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, OSError):
            raise answer
        return answer


def run(dns: Dns, use: Callable[[KubernetesResolver], Awaitable[Any]], **metadata: str) -> Any:
    async def main() -> Any:
        resolver = KubernetesResolver(CONTEXT, dns)
        await resolver.init(Metadata(metadata))
        await resolver.register(US)
        try:
            return await use(resolver)
        finally:
            await resolver.close()

    return asyncio.run(main())


def test_an_application_is_its_service_in_its_namespace() -> None:
    dns = Dns(["10.1.0.1", "10.1.0.2", "fd00::1"])
    found = run(dns, lambda resolver: resolver.resolve("orders", "shop"))
    assert found == ["10.1.0.1:50002", "10.1.0.2:50002", "[fd00::1]:50002"]
    assert dns.asked == ["orders-dapr.shop.svc.cluster.local"]


def test_the_domain_of_the_cluster_is_a_setting() -> None:
    dns = Dns(["10.1.0.1"])
    run(dns, lambda resolver: resolver.resolve("orders", "shop"), clusterDomain="my.net")
    assert dns.asked == ["orders-dapr.shop.svc.my.net"]


def test_the_whole_address_may_be_a_template() -> None:
    dns = Dns(["10.1.0.1"])
    template = "{{.ID}}.{{ .Namespace }}.mesh:{{.Port}}"
    assert run(dns, lambda resolver: resolver.resolve("orders", "shop"), template=template) == ["10.1.0.1:50002"]
    assert dns.asked == ["orders.shop.mesh"]


@pytest.mark.parametrize("template", ["{{.Data.region}}", "{{.Who}}", "{{if .ID}}x{{end}}", "{{"])
def test_a_template_that_cannot_be_filled_is_refused_at_the_start(template: str) -> None:
    with pytest.raises(ComponentError, match="template"):
        run(Dns([]), lambda resolver: resolver.resolve("a", "b"), template=template)


def test_nobody_there_names_who_was_looked_for() -> None:
    with pytest.raises(ComponentError, match=r"couldn't find service: orders.*orders-dapr\.shop"):
        run(Dns(OSError("no such name")), lambda resolver: resolver.resolve("orders", "shop"))


def test_addresses_are_kept_and_most_calls_wait_for_no_lookup() -> None:
    dns = Dns(["10.1.0.1"])

    async def use(resolver: KubernetesResolver) -> None:
        assert resolver.known("orders", "shop") == ()
        await resolver.resolve("orders", "shop")
        await resolver.resolve("orders", "shop")
        assert resolver.known("orders", "shop") == ("10.1.0.1:50002",)

    run(dns, use)
    assert len(dns.asked) == 1


def test_callers_at_one_time_share_a_lookup() -> None:
    dns = Dns(["10.1.0.1"])

    async def use(resolver: KubernetesResolver) -> None:
        await asyncio.gather(*(resolver.resolve("orders", "shop") for _ in range(5)))

    run(dns, use)
    assert len(dns.asked) == 1


def test_addresses_are_renewed_behind_the_callers_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes, "FRESH", 0.0)
    dns = Dns(["10.1.0.1"], ["10.1.0.2"])

    async def use(resolver: KubernetesResolver) -> None:
        await resolver.resolve("orders", "shop")
        assert resolver.known("orders", "shop") == ("10.1.0.1:50002",)
        while resolver.known("orders", "shop") != ("10.1.0.2:50002",):
            await asyncio.sleep(0.001)

    run(dns, use)


def test_a_name_server_that_is_away_takes_nobodys_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes, "FRESH", 0.0)
    dns = Dns(["10.1.0.1"], OSError("away"))

    async def use(resolver: KubernetesResolver) -> list[str]:
        await resolver.resolve("orders", "shop")
        return await resolver.resolve("orders", "shop")

    assert run(dns, use) == ["10.1.0.1:50002"]
    monkeypatch.setattr(kubernetes, "STALE", 0.0)
    with pytest.raises(ComponentError):
        run(Dns(["10.1.0.1"], OSError("away")), use)
