"""Typed services and stubs. Generated from dapr/proto/operator/v1/operator.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dapr_core.proto.gen.google.protobuf import empty_pb2 as _google_protobuf_empty_pb2
from dapr_core.proto.gen.operator.v1 import operator_pb2 as _operator_v1_operator_pb2
from dapr_core.rpc.grpc.stub import UnaryStream, UnaryUnary, Channel
from dapr_core.rpc.grpc.service import Method, ServerContext, Service, unimplemented


class OperatorBase(Service):
    """Serves dapr.proto.operator.v1.Operator; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "dapr.proto.operator.v1.Operator"

    def component_update(self, request: _operator_v1_operator_pb2.ComponentUpdateRequest, context: ServerContext) -> AsyncIterator[_operator_v1_operator_pb2.ComponentUpdateEvent]:
        raise unimplemented("ComponentUpdate")

    async def list_components(self, request: _operator_v1_operator_pb2.ListComponentsRequest, context: ServerContext) -> _operator_v1_operator_pb2.ListComponentResponse:
        raise unimplemented("ListComponents")

    async def get_configuration(self, request: _operator_v1_operator_pb2.GetConfigurationRequest, context: ServerContext) -> _operator_v1_operator_pb2.GetConfigurationResponse:
        raise unimplemented("GetConfiguration")

    async def list_subscriptions(self, request: _google_protobuf_empty_pb2.Empty, context: ServerContext) -> _operator_v1_operator_pb2.ListSubscriptionsResponse:
        raise unimplemented("ListSubscriptions")

    async def get_resiliency(self, request: _operator_v1_operator_pb2.GetResiliencyRequest, context: ServerContext) -> _operator_v1_operator_pb2.GetResiliencyResponse:
        raise unimplemented("GetResiliency")

    async def list_resiliency(self, request: _operator_v1_operator_pb2.ListResiliencyRequest, context: ServerContext) -> _operator_v1_operator_pb2.ListResiliencyResponse:
        raise unimplemented("ListResiliency")

    async def list_subscriptions_v2(self, request: _operator_v1_operator_pb2.ListSubscriptionsRequest, context: ServerContext) -> _operator_v1_operator_pb2.ListSubscriptionsResponse:
        raise unimplemented("ListSubscriptionsV2")

    def subscription_update(self, request: _operator_v1_operator_pb2.SubscriptionUpdateRequest, context: ServerContext) -> AsyncIterator[_operator_v1_operator_pb2.SubscriptionUpdateEvent]:
        raise unimplemented("SubscriptionUpdate")

    async def list_http_endpoints(self, request: _operator_v1_operator_pb2.ListHTTPEndpointsRequest, context: ServerContext) -> _operator_v1_operator_pb2.ListHTTPEndpointsResponse:
        raise unimplemented("ListHTTPEndpoints")

    def http_endpoint_update(self, request: _operator_v1_operator_pb2.HTTPEndpointUpdateRequest, context: ServerContext) -> AsyncIterator[_operator_v1_operator_pb2.HTTPEndpointUpdateEvent]:
        raise unimplemented("HTTPEndpointUpdate")

    async def list_mcp_servers(self, request: _operator_v1_operator_pb2.ListMCPServersRequest, context: ServerContext) -> _operator_v1_operator_pb2.ListMCPServersResponse:
        raise unimplemented("ListMCPServers")

    def mcp_server_update(self, request: _operator_v1_operator_pb2.MCPServerUpdateRequest, context: ServerContext) -> AsyncIterator[_operator_v1_operator_pb2.MCPServerUpdateEvent]:
        raise unimplemented("MCPServerUpdate")

    def configuration_update(self, request: _operator_v1_operator_pb2.ConfigurationUpdateRequest, context: ServerContext) -> AsyncIterator[_operator_v1_operator_pb2.ConfigurationUpdateEvent]:
        raise unimplemented("ConfigurationUpdate")

    def resiliency_update(self, request: _operator_v1_operator_pb2.ResiliencyUpdateRequest, context: ServerContext) -> AsyncIterator[_operator_v1_operator_pb2.ResiliencyUpdateEvent]:
        raise unimplemented("ResiliencyUpdate")

    async def list_workflow_access_policy(self, request: _operator_v1_operator_pb2.ListWorkflowAccessPolicyRequest, context: ServerContext) -> _operator_v1_operator_pb2.ListWorkflowAccessPolicyResponse:
        raise unimplemented("ListWorkflowAccessPolicy")

    def workflow_access_policy_update(self, request: _operator_v1_operator_pb2.WorkflowAccessPolicyUpdateRequest, context: ServerContext) -> AsyncIterator[_operator_v1_operator_pb2.WorkflowAccessPolicyUpdateEvent]:
        raise unimplemented("WorkflowAccessPolicyUpdate")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("ComponentUpdate", self.component_update, _operator_v1_operator_pb2.ComponentUpdateRequest, _operator_v1_operator_pb2.ComponentUpdateEvent, False, True),
            Method("ListComponents", self.list_components, _operator_v1_operator_pb2.ListComponentsRequest, _operator_v1_operator_pb2.ListComponentResponse, False, False),
            Method("GetConfiguration", self.get_configuration, _operator_v1_operator_pb2.GetConfigurationRequest, _operator_v1_operator_pb2.GetConfigurationResponse, False, False),
            Method("ListSubscriptions", self.list_subscriptions, _google_protobuf_empty_pb2.Empty, _operator_v1_operator_pb2.ListSubscriptionsResponse, False, False),
            Method("GetResiliency", self.get_resiliency, _operator_v1_operator_pb2.GetResiliencyRequest, _operator_v1_operator_pb2.GetResiliencyResponse, False, False),
            Method("ListResiliency", self.list_resiliency, _operator_v1_operator_pb2.ListResiliencyRequest, _operator_v1_operator_pb2.ListResiliencyResponse, False, False),
            Method("ListSubscriptionsV2", self.list_subscriptions_v2, _operator_v1_operator_pb2.ListSubscriptionsRequest, _operator_v1_operator_pb2.ListSubscriptionsResponse, False, False),
            Method("SubscriptionUpdate", self.subscription_update, _operator_v1_operator_pb2.SubscriptionUpdateRequest, _operator_v1_operator_pb2.SubscriptionUpdateEvent, False, True),
            Method("ListHTTPEndpoints", self.list_http_endpoints, _operator_v1_operator_pb2.ListHTTPEndpointsRequest, _operator_v1_operator_pb2.ListHTTPEndpointsResponse, False, False),
            Method("HTTPEndpointUpdate", self.http_endpoint_update, _operator_v1_operator_pb2.HTTPEndpointUpdateRequest, _operator_v1_operator_pb2.HTTPEndpointUpdateEvent, False, True),
            Method("ListMCPServers", self.list_mcp_servers, _operator_v1_operator_pb2.ListMCPServersRequest, _operator_v1_operator_pb2.ListMCPServersResponse, False, False),
            Method("MCPServerUpdate", self.mcp_server_update, _operator_v1_operator_pb2.MCPServerUpdateRequest, _operator_v1_operator_pb2.MCPServerUpdateEvent, False, True),
            Method("ConfigurationUpdate", self.configuration_update, _operator_v1_operator_pb2.ConfigurationUpdateRequest, _operator_v1_operator_pb2.ConfigurationUpdateEvent, False, True),
            Method("ResiliencyUpdate", self.resiliency_update, _operator_v1_operator_pb2.ResiliencyUpdateRequest, _operator_v1_operator_pb2.ResiliencyUpdateEvent, False, True),
            Method("ListWorkflowAccessPolicy", self.list_workflow_access_policy, _operator_v1_operator_pb2.ListWorkflowAccessPolicyRequest, _operator_v1_operator_pb2.ListWorkflowAccessPolicyResponse, False, False),
            Method("WorkflowAccessPolicyUpdate", self.workflow_access_policy_update, _operator_v1_operator_pb2.WorkflowAccessPolicyUpdateRequest, _operator_v1_operator_pb2.WorkflowAccessPolicyUpdateEvent, False, True),
        )


class OperatorStub:
    """Calls dapr.proto.operator.v1.Operator on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.component_update: UnaryStream[_operator_v1_operator_pb2.ComponentUpdateRequest, _operator_v1_operator_pb2.ComponentUpdateEvent] = UnaryStream(
            channel, "/dapr.proto.operator.v1.Operator/ComponentUpdate", _operator_v1_operator_pb2.ComponentUpdateEvent
        )
        self.list_components: UnaryUnary[_operator_v1_operator_pb2.ListComponentsRequest, _operator_v1_operator_pb2.ListComponentResponse] = UnaryUnary(
            channel, "/dapr.proto.operator.v1.Operator/ListComponents", _operator_v1_operator_pb2.ListComponentResponse
        )
        self.get_configuration: UnaryUnary[_operator_v1_operator_pb2.GetConfigurationRequest, _operator_v1_operator_pb2.GetConfigurationResponse] = UnaryUnary(
            channel, "/dapr.proto.operator.v1.Operator/GetConfiguration", _operator_v1_operator_pb2.GetConfigurationResponse
        )
        self.list_subscriptions: UnaryUnary[_google_protobuf_empty_pb2.Empty, _operator_v1_operator_pb2.ListSubscriptionsResponse] = UnaryUnary(
            channel, "/dapr.proto.operator.v1.Operator/ListSubscriptions", _operator_v1_operator_pb2.ListSubscriptionsResponse
        )
        self.get_resiliency: UnaryUnary[_operator_v1_operator_pb2.GetResiliencyRequest, _operator_v1_operator_pb2.GetResiliencyResponse] = UnaryUnary(
            channel, "/dapr.proto.operator.v1.Operator/GetResiliency", _operator_v1_operator_pb2.GetResiliencyResponse
        )
        self.list_resiliency: UnaryUnary[_operator_v1_operator_pb2.ListResiliencyRequest, _operator_v1_operator_pb2.ListResiliencyResponse] = UnaryUnary(
            channel, "/dapr.proto.operator.v1.Operator/ListResiliency", _operator_v1_operator_pb2.ListResiliencyResponse
        )
        self.list_subscriptions_v2: UnaryUnary[_operator_v1_operator_pb2.ListSubscriptionsRequest, _operator_v1_operator_pb2.ListSubscriptionsResponse] = UnaryUnary(
            channel, "/dapr.proto.operator.v1.Operator/ListSubscriptionsV2", _operator_v1_operator_pb2.ListSubscriptionsResponse
        )
        self.subscription_update: UnaryStream[_operator_v1_operator_pb2.SubscriptionUpdateRequest, _operator_v1_operator_pb2.SubscriptionUpdateEvent] = UnaryStream(
            channel, "/dapr.proto.operator.v1.Operator/SubscriptionUpdate", _operator_v1_operator_pb2.SubscriptionUpdateEvent
        )
        self.list_http_endpoints: UnaryUnary[_operator_v1_operator_pb2.ListHTTPEndpointsRequest, _operator_v1_operator_pb2.ListHTTPEndpointsResponse] = UnaryUnary(
            channel, "/dapr.proto.operator.v1.Operator/ListHTTPEndpoints", _operator_v1_operator_pb2.ListHTTPEndpointsResponse
        )
        self.http_endpoint_update: UnaryStream[_operator_v1_operator_pb2.HTTPEndpointUpdateRequest, _operator_v1_operator_pb2.HTTPEndpointUpdateEvent] = UnaryStream(
            channel, "/dapr.proto.operator.v1.Operator/HTTPEndpointUpdate", _operator_v1_operator_pb2.HTTPEndpointUpdateEvent
        )
        self.list_mcp_servers: UnaryUnary[_operator_v1_operator_pb2.ListMCPServersRequest, _operator_v1_operator_pb2.ListMCPServersResponse] = UnaryUnary(
            channel, "/dapr.proto.operator.v1.Operator/ListMCPServers", _operator_v1_operator_pb2.ListMCPServersResponse
        )
        self.mcp_server_update: UnaryStream[_operator_v1_operator_pb2.MCPServerUpdateRequest, _operator_v1_operator_pb2.MCPServerUpdateEvent] = UnaryStream(
            channel, "/dapr.proto.operator.v1.Operator/MCPServerUpdate", _operator_v1_operator_pb2.MCPServerUpdateEvent
        )
        self.configuration_update: UnaryStream[_operator_v1_operator_pb2.ConfigurationUpdateRequest, _operator_v1_operator_pb2.ConfigurationUpdateEvent] = UnaryStream(
            channel, "/dapr.proto.operator.v1.Operator/ConfigurationUpdate", _operator_v1_operator_pb2.ConfigurationUpdateEvent
        )
        self.resiliency_update: UnaryStream[_operator_v1_operator_pb2.ResiliencyUpdateRequest, _operator_v1_operator_pb2.ResiliencyUpdateEvent] = UnaryStream(
            channel, "/dapr.proto.operator.v1.Operator/ResiliencyUpdate", _operator_v1_operator_pb2.ResiliencyUpdateEvent
        )
        self.list_workflow_access_policy: UnaryUnary[_operator_v1_operator_pb2.ListWorkflowAccessPolicyRequest, _operator_v1_operator_pb2.ListWorkflowAccessPolicyResponse] = UnaryUnary(
            channel, "/dapr.proto.operator.v1.Operator/ListWorkflowAccessPolicy", _operator_v1_operator_pb2.ListWorkflowAccessPolicyResponse
        )
        self.workflow_access_policy_update: UnaryStream[_operator_v1_operator_pb2.WorkflowAccessPolicyUpdateRequest, _operator_v1_operator_pb2.WorkflowAccessPolicyUpdateEvent] = UnaryStream(
            channel, "/dapr.proto.operator.v1.Operator/WorkflowAccessPolicyUpdate", _operator_v1_operator_pb2.WorkflowAccessPolicyUpdateEvent
        )
