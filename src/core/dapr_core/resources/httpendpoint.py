"""HTTPEndpoint: an HTTP service outside Dapr that applications invoke by name (crds-helm-config.md §1.2)."""

from __future__ import annotations

from typing import Any, ClassVar

from dapr_core.resources.metadata import Auth, NameValuePair, ObjectMeta, SecretKeyRef, json_text
from dapr_core.resources.modelling import model
from dapr_core.resources.schema import ANY, STRING, attr, list_of


@model
class TLSDocument:
    """A PEM text, written out or in a secret."""

    value: Any = attr("value", ANY, "The PEM text itself.")
    secret_key_ref: SecretKeyRef | None = attr(
        "secretKeyRef", SecretKeyRef, "Secret that holds the PEM text.", optional=True
    )

    @property
    def text(self) -> str:
        """The PEM text written in the manifest; empty when there is none."""
        return json_text(self.value) if self.value is not None else ""

    def __repr__(self) -> str:  # the text may be a private key
        return "TLSDocument(...)" if self.value is not None else f"TLSDocument({self.secret_key_ref!r})"


@model
class ClientTLS:
    """How to speak TLS to the endpoint."""

    root_ca: TLSDocument | None = attr("rootCA", TLSDocument, "Certificates to trust.", optional=True)
    certificate: TLSDocument | None = attr("certificate", TLSDocument, "Certificate to show.", optional=True)
    private_key: TLSDocument | None = attr("privateKey", TLSDocument, "Key of the certificate.", optional=True)
    renegotiation: str = attr(
        "renegotiation",
        STRING,
        "Whether the server may ask for renegotiation.",
        default="Never",
        enum=("Never", "OnceAsClient", "FreelyAsClient"),
    )


@model
class HTTPEndpointSpec:
    """The endpoint's address and what to send with each call."""

    base_url: str = attr("baseUrl", STRING, "Base URL, http:// or https://.", required=True)
    headers: tuple[NameValuePair, ...] = attr("headers", list_of(NameValuePair), "Headers added to each call.")
    client_tls: ClientTLS | None = attr("clientTLS", ClientTLS, "TLS settings of the client.", optional=True)


@model
class HTTPEndpoint:
    """An HTTP service outside Dapr, invoked by its resource name."""

    KIND: ClassVar[str] = "HTTPEndpoint"
    API_VERSIONS: ClassVar[tuple[str, ...]] = ("dapr.io/v1alpha1",)

    metadata: ObjectMeta = attr("metadata", ObjectMeta, "Standard object metadata.")
    spec: HTTPEndpointSpec = attr("spec", HTTPEndpointSpec, "Where the endpoint is and how to call it.")
    auth: Auth = attr("auth", Auth, "Which secret store resolves secretKeyRef.")
    scopes: tuple[str, ...] = attr("scopes", list_of(STRING), "App ids that may use it; empty means every app.")

    @property
    def name(self) -> str:
        """The name by which applications invoke it."""
        return self.metadata.name
