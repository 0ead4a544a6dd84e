"""HTTPEndpoint resources as invocation needs them."""

from __future__ import annotations

from dapr_core.resources.httpendpoint import ClientTLS, HTTPEndpoint, HTTPEndpointSpec, TLSDocument
from dapr_core.resources.metadata import Auth, ObjectMeta
from daprd.runtime.doors import endpoint_of, tls_documents

PEM = {"rootCA": "the root", "certificate": "the certificate", "privateKey": "the key"}


def resource(tls: ClientTLS | None = None) -> HTTPEndpoint:
    spec = HTTPEndpointSpec(base_url="https://host", headers=(), client_tls=tls)
    return HTTPEndpoint(metadata=ObjectMeta(name="ext"), spec=spec, auth=Auth(), scopes=())


def test_headers_pem_and_the_limit_of_calls_reach_invocation() -> None:
    endpoint = endpoint_of(resource(), {"X-Key": "k"}, PEM, 7)
    assert (endpoint.name, endpoint.base_url, endpoint.headers) == ("ext", "https://host", [(b"x-key", b"k")])
    assert (endpoint.root_ca, endpoint.certificate, endpoint.private_key) == tuple(PEM.values())
    assert endpoint.max_concurrency == 7


def test_only_the_documents_that_a_resource_names_are_looked_up() -> None:
    root = TLSDocument(value="the root")
    assert tls_documents(resource()) == {}
    assert tls_documents(resource(ClientTLS(root_ca=root))) == {"rootCA": root}
