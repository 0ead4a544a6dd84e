"""HTTPEndpoint resources with TLS: whom they trust, who they are, and what is refused with which words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from support import manifests
from support.calls import call
from support.identities import Authority, key_pem, new_key, pem
from support.processes import Daprd, daprd
from support.tls_app import TlsApp, server_context, tls_app


class World(NamedTuple):
    """``open`` serves everybody, ``strict`` only clients of the authority; ``sidecar`` knows many ways to both."""

    open: TlsApp
    strict: TlsApp
    serial: str
    sidecar: Daprd
    key: str


def issued(authority: Authority, name: str) -> tuple[bytes, Any, str]:
    certificate, key = authority.issue(dns=[name], key=new_key("ecdsa"))
    return pem(certificate), key, f"{certificate.serial_number:X}"


def value(text: bytes) -> dict[str, str]:
    return {"value": text.decode()}


def secret(key: str) -> dict[str, Any]:
    return {"secretKeyRef": {"name": key, "key": key}}


def endpoint(name: str, url: str, **tls: Any) -> manifests.Document:
    made = manifests.resource("HTTPEndpoint", name, {"baseUrl": url, **({"clientTLS": tls} if tls else {})})
    return {**made, "auth": {"secretStore": "secrets"}}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("world")
    root, other = Authority("root", "ecdsa"), Authority("another", "ecdsa")
    middle = Authority("middle", "ecdsa", issuer=root)
    served, served_key, _ = issued(middle, "localhost")
    mine, my_key, serial = issued(root, "client.example")
    stranger, stranger_key, _ = issued(other, "stranger.example")
    trusted, key = value(pem(root.certificate)), key_pem(my_key)
    chain = served + pem(middle.certificate)
    (directory / "strict").mkdir()
    (directory / "secrets.json").write_text(
        json.dumps({"ca": trusted["value"], "cert": mine.decode(), "key": key.decode()})
    )
    with (
        tls_app(server_context(directory, chain, served_key)) as plain,
        tls_app(server_context(directory / "strict", chain, served_key, clients=pem(root.certificate))) as strict,
    ):
        url, checked = f"https://localhost:{plain.port}", f"https://localhost:{strict.port}"
        identity = {"certificate": value(mine), "privateKey": value(key)}
        folder = manifests.folder(
            directory / "resources",
            manifests.component("secrets", "secretstores.local.file", secretsFile=str(directory / "secrets.json")),
            endpoint("trusted", url, rootCA=trusted),
            endpoint("both", checked, rootCA=trusted, **identity),
            endpoint("secret", checked, rootCA=secret("ca"), certificate=secret("cert"), privateKey=secret("key")),
            endpoint("wrong-root", url, rootCA=value(pem(other.certificate))),
            endpoint("system-roots", url),
            endpoint("wrong-name", url.replace("localhost", "127.0.0.1"), rootCA=trusted),
            endpoint("no-identity", checked, rootCA=trusted),
            endpoint(
                "wrong-identity", checked,
                rootCA=trusted, certificate=value(stranger), privateKey=value(key_pem(stranger_key)),
            ),
            endpoint("half", checked, rootCA=trusted, certificate=value(mine)),
            endpoint("other-half", checked, privateKey=value(key)),
            endpoint("mismatched", checked, rootCA=trusted, certificate=value(stranger), privateKey=value(key)),
            endpoint("no-pem", url, rootCA={"value": "not a certificate"}),
        )  # fmt: skip
        with daprd("caller", resources=folder) as sidecar:
            yield World(plain, strict, serial, sidecar, key.decode())


def target(name: str) -> str:
    return f"/v1.0/invoke/{name}/method/things?q=1"


def test_an_endpoint_whose_root_is_given_is_trusted(world: World) -> None:
    answer = call(world.sidecar.http_port, "POST", target("trusted"), b"body")
    assert (answer.status, answer.body, answer.headers["x-line"]) == (200, b"body", "POST /things?q=1 HTTP/1.1")


@pytest.mark.parametrize("name", ["both", "secret"], ids=["in the manifest", "from a secret store"])
def test_an_endpoint_that_asks_who_calls_sees_the_certificate(world: World, name: str) -> None:
    before = len(world.strict.peers)
    answer = call(world.sidecar.http_port, "POST", target(name), b"body")
    assert (answer.status, answer.body) == (200, b"body")
    assert [int(each, 16) for each in world.strict.peers[before:]] == [int(world.serial, 16)]


UNTRUSTED = "certificate verify failed"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("wrong-root", UNTRUSTED),
        ("system-roots", UNTRUSTED),
        ("wrong-name", UNTRUSTED),
        ("no-identity", "remote error: tls: certificate required"),
        ("wrong-identity", "remote error: tls: unknown ca"),
        ("half", "a TLS client certificate needs its private key"),
        ("other-half", "and the key its certificate"),
        ("mismatched", "KEY_VALUES_MISMATCH"),
        ("no-pem", "the TLS certificate, key or authority cannot be used"),
    ],
)
def test_what_is_not_trusted_is_refused_as_documented_with_its_cause(world: World, name: str, says: str) -> None:
    got = len(world.open.received) + len(world.strict.received)
    answer = call(world.sidecar.http_port, "POST", target(name), b"body")
    assert answer.status == 500
    assert answer.json["errorCode"] == "ERR_DIRECT_INVOKE"
    message = answer.json["message"]
    assert message.startswith(f"failed to invoke, id: {name}, err: ")
    assert says in message
    assert len(world.open.received) + len(world.strict.received) == got, "nothing was sent"


def test_a_refusal_leaves_the_other_endpoints_alone(world: World) -> None:
    for name, status in (("wrong-root", 500), ("trusted", 200), ("no-identity", 500), ("both", 200)):
        assert call(world.sidecar.http_port, "GET", target(name)).status == status


def test_the_key_is_told_to_nobody(world: World) -> None:
    inside = world.key.splitlines()[1]
    told = call(world.sidecar.http_port, "GET", "/v1.0/metadata").text
    errors = "".join(call(world.sidecar.http_port, "GET", target(name)).text for name in ("half", "mismatched"))
    assert inside not in world.sidecar.output + told + errors


def test_a_url_as_target_is_checked_against_the_systems_roots(world: World) -> None:
    answer = call(world.sidecar.http_port, "GET", f"/v1.0/invoke/https://localhost:{world.open.port}/method/things")
    assert (answer.status, answer.json["errorCode"]) == (500, "ERR_DIRECT_INVOKE")
    assert UNTRUSTED in answer.json["message"]
