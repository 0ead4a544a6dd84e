"""The service: lists, single objects and streams of changes (control-plane.md §4.1, §4.3, §4.5)."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TypeVar

from dapr_core.identity.spiffe import Workload
from dapr_core.kube import Kind
from dapr_core.kube.kinds import COMPONENT, CONFIGURATION
from dapr_core.proto.gen.google.protobuf.empty_pb2 import Empty
from dapr_core.proto.gen.operator.v1 import operator_pb2 as pb
from dapr_core.proto.gen.operator.v1.operator_grpc import OperatorBase
from dapr_core.rpc.grpc import Code, GrpcError
from dapr_core.rpc.grpc.service import ServerContext
from dapr_operator.kinds import HTTP_ENDPOINT, MCP_SERVER, RESILIENCY, SUBSCRIPTION, WORKFLOW_POLICY
from dapr_operator.resources.changes import Event
from dapr_operator.resources.resource import Resource
from dapr_operator.resources.shelf import Shelf
from dapr_operator.serving.assigned import Assignments
from dapr_operator.serving.callers import authorised
from dapr_operator.serving.secretcache import Secrets

log = logging.getLogger("dapr.operator.api")

M = TypeVar("M")
Make = Callable[[bytes, int], M]


class OperatorApi(OperatorBase):
    """Serves resources to the sidecars of their namespaces.

    Args:
        shelves: the objects by kind.
        secrets: puts in what they take from Secrets.
        assignments: which Configuration an application was given.
    """

    def __init__(self, shelves: Mapping[Kind, Shelf], secrets: Secrets, assignments: Assignments) -> None:
        self._shelves = shelves
        self._secrets = secrets
        self._assignments = assignments
        self._closing = False

    def close(self) -> None:
        """End all streams and begin none."""
        self._closing = True
        for shelf in self._shelves.values():
            shelf.close()

    # --- Lists

    async def list_components(
        self, request: pb.ListComponentsRequest, context: ServerContext
    ) -> pb.ListComponentResponse:
        caller = authorised(context, request.namespace)
        mine = [r for r in self._shelves[COMPONENT].of_namespace(caller.namespace) if r.is_for(caller.app_id)]
        return pb.ListComponentResponse(components=await self._secrets.encoded(COMPONENT, mine))

    async def list_subscriptions(self, request: Empty, context: ServerContext) -> pb.ListSubscriptionsResponse:
        authorised(context, "")
        raise AssertionError("a request without namespace is never authorised")

    async def list_subscriptions_v2(
        self, request: pb.ListSubscriptionsRequest, context: ServerContext
    ) -> pb.ListSubscriptionsResponse:
        return pb.ListSubscriptionsResponse(subscriptions=await self._all(SUBSCRIPTION, request.namespace, context))

    async def list_resiliency(
        self, request: pb.ListResiliencyRequest, context: ServerContext
    ) -> pb.ListResiliencyResponse:
        return pb.ListResiliencyResponse(resiliencies=await self._all(RESILIENCY, request.namespace, context))

    async def list_http_endpoints(
        self, request: pb.ListHTTPEndpointsRequest, context: ServerContext
    ) -> pb.ListHTTPEndpointsResponse:
        return pb.ListHTTPEndpointsResponse(http_endpoints=await self._all(HTTP_ENDPOINT, request.namespace, context))

    async def list_mcp_servers(
        self, request: pb.ListMCPServersRequest, context: ServerContext
    ) -> pb.ListMCPServersResponse:
        return pb.ListMCPServersResponse(mcp_servers=await self._all(MCP_SERVER, request.namespace, context))

    async def list_workflow_access_policy(
        self, request: pb.ListWorkflowAccessPolicyRequest, context: ServerContext
    ) -> pb.ListWorkflowAccessPolicyResponse:
        return pb.ListWorkflowAccessPolicyResponse(
            policies=await self._all(WORKFLOW_POLICY, request.namespace, context)
        )

    # --- Single objects

    async def get_configuration(
        self, request: pb.GetConfigurationRequest, context: ServerContext
    ) -> pb.GetConfigurationResponse:
        caller = authorised(context, request.namespace)
        found = self._shelves[CONFIGURATION].get(caller.namespace, request.name)
        if found is None:
            where = f"{caller.namespace}/{request.name[:253]}"
            raise GrpcError(Code.UNKNOWN, f"error getting configuration {where}: there is no such Configuration")
        return pb.GetConfigurationResponse(configuration=await self._secrets.one(CONFIGURATION, found))

    async def get_resiliency(
        self, request: pb.GetResiliencyRequest, context: ServerContext
    ) -> pb.GetResiliencyResponse:
        caller = authorised(context, request.namespace)
        found = self._shelves[RESILIENCY].get(caller.namespace, request.name)
        if found is None:
            raise GrpcError(Code.UNKNOWN, f"error getting resiliency: there is no Resiliency {request.name[:253]}")
        return pb.GetResiliencyResponse(resiliency=await self._secrets.one(RESILIENCY, found))

    # --- Streams

    def component_update(
        self, request: pb.ComponentUpdateRequest, context: ServerContext
    ) -> AsyncIterator[pb.ComponentUpdateEvent]:
        return self._stream(
            COMPONENT, "component updates", request.namespace, context,
            lambda data, event: pb.ComponentUpdateEvent(component=data, type=event),
        )  # fmt: skip

    def subscription_update(
        self, request: pb.SubscriptionUpdateRequest, context: ServerContext
    ) -> AsyncIterator[pb.SubscriptionUpdateEvent]:
        return self._stream(
            SUBSCRIPTION, "subscription updates", request.namespace, context,
            lambda data, event: pb.SubscriptionUpdateEvent(subscription=data, type=event),
        )  # fmt: skip

    def resiliency_update(
        self, request: pb.ResiliencyUpdateRequest, context: ServerContext
    ) -> AsyncIterator[pb.ResiliencyUpdateEvent]:
        return self._stream(
            RESILIENCY, "resiliency updates", request.namespace, context,
            lambda data, event: pb.ResiliencyUpdateEvent(resiliency=data, type=event),
        )  # fmt: skip

    def http_endpoint_update(
        self, request: pb.HTTPEndpointUpdateRequest, context: ServerContext
    ) -> AsyncIterator[pb.HTTPEndpointUpdateEvent]:
        return self._stream(
            HTTP_ENDPOINT, "http endpoint updates", request.namespace, context,
            lambda data, event: pb.HTTPEndpointUpdateEvent(http_endpoints=data, type=event),
        )  # fmt: skip

    def mcp_server_update(
        self, request: pb.MCPServerUpdateRequest, context: ServerContext
    ) -> AsyncIterator[pb.MCPServerUpdateEvent]:
        return self._stream(
            MCP_SERVER, "mcp server updates", request.namespace, context,
            lambda data, event: pb.MCPServerUpdateEvent(mcp_server=data, type=event),
        )  # fmt: skip

    def workflow_access_policy_update(
        self, request: pb.WorkflowAccessPolicyUpdateRequest, context: ServerContext
    ) -> AsyncIterator[pb.WorkflowAccessPolicyUpdateEvent]:
        return self._stream(
            WORKFLOW_POLICY, "workflow access policy updates", request.namespace, context,
            lambda data, event: pb.WorkflowAccessPolicyUpdateEvent(policy=data, type=event),
        )  # fmt: skip

    def configuration_update(
        self, request: pb.ConfigurationUpdateRequest, context: ServerContext
    ) -> AsyncIterator[pb.ConfigurationUpdateEvent]:
        try:
            caller = authorised(context, request.namespace)
        except GrpcError as error:
            text = f"failed to authorize configuration update request: {error.message}"
            raise GrpcError(error.code, text) from None
        assigned = self._assignments.configuration_of(caller.namespace, caller.app_id)
        return self._changes(
            CONFIGURATION, "configuration updates", caller,
            lambda resource: bool(assigned) and resource.key.name == assigned,
            lambda data, event: pb.ConfigurationUpdateEvent(configuration=data, type=event),
        )  # fmt: skip

    # --- What they have in common

    async def _all(self, kind: Kind, namespace: str, context: ServerContext) -> list[bytes]:
        caller = authorised(context, namespace)
        return await self._secrets.encoded(kind, self._shelves[kind].of_namespace(caller.namespace))

    def _stream(self, kind: Kind, what: str, namespace: str, context: ServerContext, make: Make[M]) -> AsyncIterator[M]:
        caller = authorised(context, namespace)
        return self._changes(kind, what, caller, lambda resource: resource.is_for(caller.app_id), make)

    async def _changes(
        self, kind: Kind, what: str, caller: Workload, visible: Callable[[Resource], bool], make: Make[M]
    ) -> AsyncIterator[M]:
        if self._closing:
            raise GrpcError(Code.UNAVAILABLE, "operator is shutting down")
        log.info("sidecar connected for %s: %s/%s", what, caller.namespace, caller.app_id)
        with self._shelves[kind].subscribed(caller.namespace, visible) as changes:
            async for change in changes:
                gone = change.event is Event.DELETED
                data = change.resource.encoded if gone else await self._secrets.one(kind, change.resource)
                yield make(data, int(change.event))
