"""Typed services and stubs. Generated from durabletask/orchestrator_service.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dapr_core.proto.gen.durabletask import orchestrator_service_pb2 as _durabletask_orchestrator_service_pb2
from dapr_core.proto.gen.google.protobuf import empty_pb2 as _google_protobuf_empty_pb2
from dapr_core.rpc.grpc.stub import UnaryStream, UnaryUnary, Channel
from dapr_core.rpc.grpc.service import Method, ServerContext, Service, unimplemented


class TaskHubSidecarServiceBase(Service):
    """Serves TaskHubSidecarService; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "TaskHubSidecarService"

    async def hello(self, request: _google_protobuf_empty_pb2.Empty, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("Hello")

    async def start_instance(self, request: _durabletask_orchestrator_service_pb2.CreateInstanceRequest, context: ServerContext) -> _durabletask_orchestrator_service_pb2.CreateInstanceResponse:
        raise unimplemented("StartInstance")

    async def get_instance(self, request: _durabletask_orchestrator_service_pb2.GetInstanceRequest, context: ServerContext) -> _durabletask_orchestrator_service_pb2.GetInstanceResponse:
        raise unimplemented("GetInstance")

    async def wait_for_instance_start(self, request: _durabletask_orchestrator_service_pb2.GetInstanceRequest, context: ServerContext) -> _durabletask_orchestrator_service_pb2.GetInstanceResponse:
        raise unimplemented("WaitForInstanceStart")

    async def wait_for_instance_completion(self, request: _durabletask_orchestrator_service_pb2.GetInstanceRequest, context: ServerContext) -> _durabletask_orchestrator_service_pb2.GetInstanceResponse:
        raise unimplemented("WaitForInstanceCompletion")

    async def raise_event(self, request: _durabletask_orchestrator_service_pb2.RaiseEventRequest, context: ServerContext) -> _durabletask_orchestrator_service_pb2.RaiseEventResponse:
        raise unimplemented("RaiseEvent")

    async def terminate_instance(self, request: _durabletask_orchestrator_service_pb2.TerminateRequest, context: ServerContext) -> _durabletask_orchestrator_service_pb2.TerminateResponse:
        raise unimplemented("TerminateInstance")

    async def suspend_instance(self, request: _durabletask_orchestrator_service_pb2.SuspendRequest, context: ServerContext) -> _durabletask_orchestrator_service_pb2.SuspendResponse:
        raise unimplemented("SuspendInstance")

    async def resume_instance(self, request: _durabletask_orchestrator_service_pb2.ResumeRequest, context: ServerContext) -> _durabletask_orchestrator_service_pb2.ResumeResponse:
        raise unimplemented("ResumeInstance")

    async def purge_instances(self, request: _durabletask_orchestrator_service_pb2.PurgeInstancesRequest, context: ServerContext) -> _durabletask_orchestrator_service_pb2.PurgeInstancesResponse:
        raise unimplemented("PurgeInstances")

    def get_work_items(self, request: _durabletask_orchestrator_service_pb2.GetWorkItemsRequest, context: ServerContext) -> AsyncIterator[_durabletask_orchestrator_service_pb2.WorkItem]:
        raise unimplemented("GetWorkItems")

    async def complete_activity_task(self, request: _durabletask_orchestrator_service_pb2.ActivityResponse, context: ServerContext) -> _durabletask_orchestrator_service_pb2.CompleteTaskResponse:
        raise unimplemented("CompleteActivityTask")

    async def complete_orchestrator_task(self, request: _durabletask_orchestrator_service_pb2.WorkflowResponse, context: ServerContext) -> _durabletask_orchestrator_service_pb2.CompleteTaskResponse:
        raise unimplemented("CompleteOrchestratorTask")

    async def complete_workflow_task(self, request: _durabletask_orchestrator_service_pb2.WorkflowResponse, context: ServerContext) -> _durabletask_orchestrator_service_pb2.CompleteTaskResponse:
        raise unimplemented("CompleteWorkflowTask")

    async def rerun_workflow_from_event(self, request: _durabletask_orchestrator_service_pb2.RerunWorkflowFromEventRequest, context: ServerContext) -> _durabletask_orchestrator_service_pb2.RerunWorkflowFromEventResponse:
        raise unimplemented("RerunWorkflowFromEvent")

    async def list_instance_ids(self, request: _durabletask_orchestrator_service_pb2.ListInstanceIDsRequest, context: ServerContext) -> _durabletask_orchestrator_service_pb2.ListInstanceIDsResponse:
        raise unimplemented("ListInstanceIDs")

    async def get_instance_history(self, request: _durabletask_orchestrator_service_pb2.GetInstanceHistoryRequest, context: ServerContext) -> _durabletask_orchestrator_service_pb2.GetInstanceHistoryResponse:
        raise unimplemented("GetInstanceHistory")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("Hello", self.hello, _google_protobuf_empty_pb2.Empty, _google_protobuf_empty_pb2.Empty, False, False),
            Method("StartInstance", self.start_instance, _durabletask_orchestrator_service_pb2.CreateInstanceRequest, _durabletask_orchestrator_service_pb2.CreateInstanceResponse, False, False),
            Method("GetInstance", self.get_instance, _durabletask_orchestrator_service_pb2.GetInstanceRequest, _durabletask_orchestrator_service_pb2.GetInstanceResponse, False, False),
            Method("WaitForInstanceStart", self.wait_for_instance_start, _durabletask_orchestrator_service_pb2.GetInstanceRequest, _durabletask_orchestrator_service_pb2.GetInstanceResponse, False, False),
            Method("WaitForInstanceCompletion", self.wait_for_instance_completion, _durabletask_orchestrator_service_pb2.GetInstanceRequest, _durabletask_orchestrator_service_pb2.GetInstanceResponse, False, False),
            Method("RaiseEvent", self.raise_event, _durabletask_orchestrator_service_pb2.RaiseEventRequest, _durabletask_orchestrator_service_pb2.RaiseEventResponse, False, False),
            Method("TerminateInstance", self.terminate_instance, _durabletask_orchestrator_service_pb2.TerminateRequest, _durabletask_orchestrator_service_pb2.TerminateResponse, False, False),
            Method("SuspendInstance", self.suspend_instance, _durabletask_orchestrator_service_pb2.SuspendRequest, _durabletask_orchestrator_service_pb2.SuspendResponse, False, False),
            Method("ResumeInstance", self.resume_instance, _durabletask_orchestrator_service_pb2.ResumeRequest, _durabletask_orchestrator_service_pb2.ResumeResponse, False, False),
            Method("PurgeInstances", self.purge_instances, _durabletask_orchestrator_service_pb2.PurgeInstancesRequest, _durabletask_orchestrator_service_pb2.PurgeInstancesResponse, False, False),
            Method("GetWorkItems", self.get_work_items, _durabletask_orchestrator_service_pb2.GetWorkItemsRequest, _durabletask_orchestrator_service_pb2.WorkItem, False, True),
            Method("CompleteActivityTask", self.complete_activity_task, _durabletask_orchestrator_service_pb2.ActivityResponse, _durabletask_orchestrator_service_pb2.CompleteTaskResponse, False, False),
            Method("CompleteOrchestratorTask", self.complete_orchestrator_task, _durabletask_orchestrator_service_pb2.WorkflowResponse, _durabletask_orchestrator_service_pb2.CompleteTaskResponse, False, False),
            Method("CompleteWorkflowTask", self.complete_workflow_task, _durabletask_orchestrator_service_pb2.WorkflowResponse, _durabletask_orchestrator_service_pb2.CompleteTaskResponse, False, False),
            Method("RerunWorkflowFromEvent", self.rerun_workflow_from_event, _durabletask_orchestrator_service_pb2.RerunWorkflowFromEventRequest, _durabletask_orchestrator_service_pb2.RerunWorkflowFromEventResponse, False, False),
            Method("ListInstanceIDs", self.list_instance_ids, _durabletask_orchestrator_service_pb2.ListInstanceIDsRequest, _durabletask_orchestrator_service_pb2.ListInstanceIDsResponse, False, False),
            Method("GetInstanceHistory", self.get_instance_history, _durabletask_orchestrator_service_pb2.GetInstanceHistoryRequest, _durabletask_orchestrator_service_pb2.GetInstanceHistoryResponse, False, False),
        )


class TaskHubSidecarServiceStub:
    """Calls TaskHubSidecarService on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.hello: UnaryUnary[_google_protobuf_empty_pb2.Empty, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/TaskHubSidecarService/Hello", _google_protobuf_empty_pb2.Empty
        )
        self.start_instance: UnaryUnary[_durabletask_orchestrator_service_pb2.CreateInstanceRequest, _durabletask_orchestrator_service_pb2.CreateInstanceResponse] = UnaryUnary(
            channel, "/TaskHubSidecarService/StartInstance", _durabletask_orchestrator_service_pb2.CreateInstanceResponse
        )
        self.get_instance: UnaryUnary[_durabletask_orchestrator_service_pb2.GetInstanceRequest, _durabletask_orchestrator_service_pb2.GetInstanceResponse] = UnaryUnary(
            channel, "/TaskHubSidecarService/GetInstance", _durabletask_orchestrator_service_pb2.GetInstanceResponse
        )
        self.wait_for_instance_start: UnaryUnary[_durabletask_orchestrator_service_pb2.GetInstanceRequest, _durabletask_orchestrator_service_pb2.GetInstanceResponse] = UnaryUnary(
            channel, "/TaskHubSidecarService/WaitForInstanceStart", _durabletask_orchestrator_service_pb2.GetInstanceResponse
        )
        self.wait_for_instance_completion: UnaryUnary[_durabletask_orchestrator_service_pb2.GetInstanceRequest, _durabletask_orchestrator_service_pb2.GetInstanceResponse] = UnaryUnary(
            channel, "/TaskHubSidecarService/WaitForInstanceCompletion", _durabletask_orchestrator_service_pb2.GetInstanceResponse
        )
        self.raise_event: UnaryUnary[_durabletask_orchestrator_service_pb2.RaiseEventRequest, _durabletask_orchestrator_service_pb2.RaiseEventResponse] = UnaryUnary(
            channel, "/TaskHubSidecarService/RaiseEvent", _durabletask_orchestrator_service_pb2.RaiseEventResponse
        )
        self.terminate_instance: UnaryUnary[_durabletask_orchestrator_service_pb2.TerminateRequest, _durabletask_orchestrator_service_pb2.TerminateResponse] = UnaryUnary(
            channel, "/TaskHubSidecarService/TerminateInstance", _durabletask_orchestrator_service_pb2.TerminateResponse
        )
        self.suspend_instance: UnaryUnary[_durabletask_orchestrator_service_pb2.SuspendRequest, _durabletask_orchestrator_service_pb2.SuspendResponse] = UnaryUnary(
            channel, "/TaskHubSidecarService/SuspendInstance", _durabletask_orchestrator_service_pb2.SuspendResponse
        )
        self.resume_instance: UnaryUnary[_durabletask_orchestrator_service_pb2.ResumeRequest, _durabletask_orchestrator_service_pb2.ResumeResponse] = UnaryUnary(
            channel, "/TaskHubSidecarService/ResumeInstance", _durabletask_orchestrator_service_pb2.ResumeResponse
        )
        self.purge_instances: UnaryUnary[_durabletask_orchestrator_service_pb2.PurgeInstancesRequest, _durabletask_orchestrator_service_pb2.PurgeInstancesResponse] = UnaryUnary(
            channel, "/TaskHubSidecarService/PurgeInstances", _durabletask_orchestrator_service_pb2.PurgeInstancesResponse
        )
        self.get_work_items: UnaryStream[_durabletask_orchestrator_service_pb2.GetWorkItemsRequest, _durabletask_orchestrator_service_pb2.WorkItem] = UnaryStream(
            channel, "/TaskHubSidecarService/GetWorkItems", _durabletask_orchestrator_service_pb2.WorkItem
        )
        self.complete_activity_task: UnaryUnary[_durabletask_orchestrator_service_pb2.ActivityResponse, _durabletask_orchestrator_service_pb2.CompleteTaskResponse] = UnaryUnary(
            channel, "/TaskHubSidecarService/CompleteActivityTask", _durabletask_orchestrator_service_pb2.CompleteTaskResponse
        )
        self.complete_orchestrator_task: UnaryUnary[_durabletask_orchestrator_service_pb2.WorkflowResponse, _durabletask_orchestrator_service_pb2.CompleteTaskResponse] = UnaryUnary(
            channel, "/TaskHubSidecarService/CompleteOrchestratorTask", _durabletask_orchestrator_service_pb2.CompleteTaskResponse
        )
        self.complete_workflow_task: UnaryUnary[_durabletask_orchestrator_service_pb2.WorkflowResponse, _durabletask_orchestrator_service_pb2.CompleteTaskResponse] = UnaryUnary(
            channel, "/TaskHubSidecarService/CompleteWorkflowTask", _durabletask_orchestrator_service_pb2.CompleteTaskResponse
        )
        self.rerun_workflow_from_event: UnaryUnary[_durabletask_orchestrator_service_pb2.RerunWorkflowFromEventRequest, _durabletask_orchestrator_service_pb2.RerunWorkflowFromEventResponse] = UnaryUnary(
            channel, "/TaskHubSidecarService/RerunWorkflowFromEvent", _durabletask_orchestrator_service_pb2.RerunWorkflowFromEventResponse
        )
        self.list_instance_ids: UnaryUnary[_durabletask_orchestrator_service_pb2.ListInstanceIDsRequest, _durabletask_orchestrator_service_pb2.ListInstanceIDsResponse] = UnaryUnary(
            channel, "/TaskHubSidecarService/ListInstanceIDs", _durabletask_orchestrator_service_pb2.ListInstanceIDsResponse
        )
        self.get_instance_history: UnaryUnary[_durabletask_orchestrator_service_pb2.GetInstanceHistoryRequest, _durabletask_orchestrator_service_pb2.GetInstanceHistoryResponse] = UnaryUnary(
            channel, "/TaskHubSidecarService/GetInstanceHistory", _durabletask_orchestrator_service_pb2.GetInstanceHistoryResponse
        )
