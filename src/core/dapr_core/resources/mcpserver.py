"""MCPServer: a server of the Model Context Protocol and how to reach it (crds-helm-config.md §1.5)."""

from __future__ import annotations

from typing import ClassVar, Final

from dapr_core.resources.limits import Limits, Rule
from dapr_core.resources.metadata import NameValuePair, ObjectMeta, SecretKeyRef
from dapr_core.resources.modelling import model
from dapr_core.resources.schema import BOOL, DURATION, STRING, attr, list_of, map_of

_WRITTEN: Final = Limits(min_length=1)


@model
class OAuth2:
    """Client credentials at an authorization server (RFC 6749 §4.4)."""

    issuer: str = attr("issuer", STRING, "Token endpoint of the server.", required=True, limits=_WRITTEN)
    client_id: str = attr("clientID", STRING, "Id of the client.")
    audience: str = attr("audience", STRING, "Audience to ask a token for.")
    scopes: tuple[str, ...] = attr("scopes", list_of(STRING), "Scopes to ask for.")
    secret_key_ref: SecretKeyRef | None = attr(
        "secretKeyRef", SecretKeyRef, "Client secret, read when a connection is made.", optional=True
    )


@model
class SpiffeJWT:
    """A JWT-SVID sent in a header."""

    header: str = attr("header", STRING, "Header that carries the token.", required=True, limits=_WRITTEN)
    header_value_prefix: str = attr("headerValuePrefix", STRING, "Text before the token, for example 'Bearer '.")
    audience: str = attr("audience", STRING, "Audience of the token.", required=True, limits=_WRITTEN)


@model
class Spiffe:
    """The sidecar's own identity as credential."""

    jwt: SpiffeJWT | None = attr("jwt", SpiffeJWT, "A JWT-SVID sent in a header.", optional=True)


@model
class MCPAuth:
    """How the sidecar proves itself to the server."""

    secret_store: str = attr("secretStore", STRING, "Secret store of secretKeyRef; kubernetes when absent.")
    oauth2: OAuth2 | None = attr("oauth2", OAuth2, "Client credentials by OAuth 2.0.", optional=True)
    spiffe: Spiffe | None = attr("spiffe", Spiffe, "The sidecar's own identity.", optional=True)


@model
class MCPHTTPTransport:
    """A server reached by HTTP."""

    url: str = attr("url", STRING, "Endpoint, http:// or https://.", required=True, limits=_WRITTEN)
    protocol_version: str = attr("protocolVersion", STRING, "Protocol version to insist on; negotiated when absent.")
    timeout: str = attr("timeout", DURATION, "Time one call may take.")
    headers: tuple[NameValuePair, ...] = attr("headers", list_of(NameValuePair), "Headers added to each request.")
    auth: MCPAuth | None = attr("auth", MCPAuth, "How the sidecar proves itself.", optional=True)


@model
class MCPStdioTransport:
    """A server started as a child process; standalone only."""

    command: str = attr("command", STRING, "Executable to run.", required=True, limits=_WRITTEN)
    args: tuple[str, ...] = attr("args", list_of(STRING), "Its arguments.")
    env: tuple[NameValuePair, ...] = attr("env", list_of(NameValuePair), "Environment variables it gets.")


def _one_transport(endpoint: MCPEndpoint) -> bool:
    return [endpoint.streamable_http, endpoint.sse, endpoint.stdio].count(None) == 2


@model
class MCPEndpoint:
    """The transport: exactly one of them."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "[has(self.streamableHTTP), has(self.sse), has(self.stdio)].filter(given, given).size() == 1",
            "name exactly one transport: streamableHTTP, sse or stdio",
            _one_transport,
        ),
    )

    streamable_http: MCPHTTPTransport | None = attr(
        "streamableHTTP", MCPHTTPTransport, "The protocol's HTTP transport.", optional=True
    )
    sse: MCPHTTPTransport | None = attr("sse", MCPHTTPTransport, "The older HTTP transport.", optional=True)
    stdio: MCPStdioTransport | None = attr("stdio", MCPStdioTransport, "A child process.", optional=True)


@model
class HookWorkflow:
    """A workflow run as a hook."""

    workflow_name: str = attr("workflowName", STRING, "Name of the workflow.", required=True, limits=_WRITTEN)
    app_id: str = attr("appID", STRING, "Application that has it; this one when absent.")


@model
class Hook:
    """A hook that only observes."""

    workflow: HookWorkflow | None = attr("workflow", HookWorkflow, "Workflow to run.", required=True, optional=True)


@model
class MutatingHook:
    """A hook that may also replace what passes it."""

    workflow: HookWorkflow | None = attr("workflow", HookWorkflow, "Workflow to run.", required=True, optional=True)
    mutate: bool = attr("mutate", BOOL, "Whether its output replaces the arguments or the result.")


@model
class MCPMiddleware:
    """Hooks around the operations, run in order."""

    before_call_tool: tuple[MutatingHook, ...] = attr(
        "beforeCallTool", list_of(MutatingHook), "Before a tool is called; an error ends the call."
    )
    after_call_tool: tuple[MutatingHook, ...] = attr(
        "afterCallTool", list_of(MutatingHook), "After a tool was called; an error fails the workflow."
    )
    before_list_tools: tuple[Hook, ...] = attr(
        "beforeListTools", list_of(Hook), "Before tools are listed; an error ends the call."
    )
    after_list_tools: tuple[MutatingHook, ...] = attr(
        "afterListTools", list_of(MutatingHook), "After tools were listed; an error is only logged."
    )


@model
class CatalogOwner:
    """Who answers for the server."""

    team: str = attr("team", STRING, "Name of the team.")
    contact: str = attr("contact", STRING, "How to reach it.")


@model
class MCPCatalog:
    """Facts for people; of no effect."""

    display_name: str = attr("displayName", STRING, "Name to show.")
    description: str = attr("description", STRING, "What the server is for.")
    owner: CatalogOwner | None = attr("owner", CatalogOwner, "Who answers for it.", optional=True)
    tags: tuple[str, ...] = attr("tags", list_of(STRING), "Words to find it by.")
    links: dict[str, str] = attr("links", map_of(STRING), "Named URLs.")


@model
class MCPServerSpec:
    """How to reach the server and what surrounds its calls."""

    endpoint: MCPEndpoint | None = attr("endpoint", MCPEndpoint, "The transport.", required=True, optional=True)
    ignore_errors: bool = attr("ignoreErrors", BOOL, "Keep the sidecar running when the server cannot be used.")
    middleware: MCPMiddleware | None = attr("middleware", MCPMiddleware, "Hooks around operations.", optional=True)
    catalog: MCPCatalog | None = attr("catalog", MCPCatalog, "Facts for people.", optional=True)


@model
class MCPServer:
    """A server of the Model Context Protocol whose tools run as durable workflows."""

    KIND: ClassVar[str] = "MCPServer"
    API_VERSIONS: ClassVar[tuple[str, ...]] = ("dapr.io/v1alpha1",)

    metadata: ObjectMeta = attr("metadata", ObjectMeta, "Standard object metadata.")
    spec: MCPServerSpec = attr("spec", MCPServerSpec, "How to reach the server and what surrounds its calls.")
    scopes: tuple[str, ...] = attr("scopes", list_of(STRING), "App ids that may use it; empty means every app.")

    @property
    def name(self) -> str:
        """The resource's name, part of its workflows' names."""
        return self.metadata.name
