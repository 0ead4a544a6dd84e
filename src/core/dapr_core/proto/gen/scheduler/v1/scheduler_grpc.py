"""Typed services and stubs. Generated from dapr/proto/scheduler/v1/scheduler.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dapr_core.proto.gen.scheduler.v1 import scheduler_pb2 as _scheduler_v1_scheduler_pb2
from dapr_core.rpc.grpc.stub import StreamStream, UnaryStream, UnaryUnary, Channel
from dapr_core.rpc.grpc.service import Method, ServerContext, Service, unimplemented


class SchedulerBase(Service):
    """Serves dapr.proto.scheduler.v1.Scheduler; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "dapr.proto.scheduler.v1.Scheduler"

    async def schedule_job(self, request: _scheduler_v1_scheduler_pb2.ScheduleJobRequest, context: ServerContext) -> _scheduler_v1_scheduler_pb2.ScheduleJobResponse:
        raise unimplemented("ScheduleJob")

    async def get_job(self, request: _scheduler_v1_scheduler_pb2.GetJobRequest, context: ServerContext) -> _scheduler_v1_scheduler_pb2.GetJobResponse:
        raise unimplemented("GetJob")

    async def delete_job(self, request: _scheduler_v1_scheduler_pb2.DeleteJobRequest, context: ServerContext) -> _scheduler_v1_scheduler_pb2.DeleteJobResponse:
        raise unimplemented("DeleteJob")

    def watch_jobs(self, requests: AsyncIterator[_scheduler_v1_scheduler_pb2.WatchJobsRequest], context: ServerContext) -> AsyncIterator[_scheduler_v1_scheduler_pb2.WatchJobsResponse]:
        raise unimplemented("WatchJobs")

    async def list_jobs(self, request: _scheduler_v1_scheduler_pb2.ListJobsRequest, context: ServerContext) -> _scheduler_v1_scheduler_pb2.ListJobsResponse:
        raise unimplemented("ListJobs")

    def watch_hosts(self, request: _scheduler_v1_scheduler_pb2.WatchHostsRequest, context: ServerContext) -> AsyncIterator[_scheduler_v1_scheduler_pb2.WatchHostsResponse]:
        raise unimplemented("WatchHosts")

    async def delete_by_metadata(self, request: _scheduler_v1_scheduler_pb2.DeleteByMetadataRequest, context: ServerContext) -> _scheduler_v1_scheduler_pb2.DeleteByMetadataResponse:
        raise unimplemented("DeleteByMetadata")

    async def delete_by_name_prefix(self, request: _scheduler_v1_scheduler_pb2.DeleteByNamePrefixRequest, context: ServerContext) -> _scheduler_v1_scheduler_pb2.DeleteByNamePrefixResponse:
        raise unimplemented("DeleteByNamePrefix")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("ScheduleJob", self.schedule_job, _scheduler_v1_scheduler_pb2.ScheduleJobRequest, _scheduler_v1_scheduler_pb2.ScheduleJobResponse, False, False),
            Method("GetJob", self.get_job, _scheduler_v1_scheduler_pb2.GetJobRequest, _scheduler_v1_scheduler_pb2.GetJobResponse, False, False),
            Method("DeleteJob", self.delete_job, _scheduler_v1_scheduler_pb2.DeleteJobRequest, _scheduler_v1_scheduler_pb2.DeleteJobResponse, False, False),
            Method("WatchJobs", self.watch_jobs, _scheduler_v1_scheduler_pb2.WatchJobsRequest, _scheduler_v1_scheduler_pb2.WatchJobsResponse, True, True),
            Method("ListJobs", self.list_jobs, _scheduler_v1_scheduler_pb2.ListJobsRequest, _scheduler_v1_scheduler_pb2.ListJobsResponse, False, False),
            Method("WatchHosts", self.watch_hosts, _scheduler_v1_scheduler_pb2.WatchHostsRequest, _scheduler_v1_scheduler_pb2.WatchHostsResponse, False, True),
            Method("DeleteByMetadata", self.delete_by_metadata, _scheduler_v1_scheduler_pb2.DeleteByMetadataRequest, _scheduler_v1_scheduler_pb2.DeleteByMetadataResponse, False, False),
            Method("DeleteByNamePrefix", self.delete_by_name_prefix, _scheduler_v1_scheduler_pb2.DeleteByNamePrefixRequest, _scheduler_v1_scheduler_pb2.DeleteByNamePrefixResponse, False, False),
        )


class SchedulerStub:
    """Calls dapr.proto.scheduler.v1.Scheduler on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.schedule_job: UnaryUnary[_scheduler_v1_scheduler_pb2.ScheduleJobRequest, _scheduler_v1_scheduler_pb2.ScheduleJobResponse] = UnaryUnary(
            channel, "/dapr.proto.scheduler.v1.Scheduler/ScheduleJob", _scheduler_v1_scheduler_pb2.ScheduleJobResponse
        )
        self.get_job: UnaryUnary[_scheduler_v1_scheduler_pb2.GetJobRequest, _scheduler_v1_scheduler_pb2.GetJobResponse] = UnaryUnary(
            channel, "/dapr.proto.scheduler.v1.Scheduler/GetJob", _scheduler_v1_scheduler_pb2.GetJobResponse
        )
        self.delete_job: UnaryUnary[_scheduler_v1_scheduler_pb2.DeleteJobRequest, _scheduler_v1_scheduler_pb2.DeleteJobResponse] = UnaryUnary(
            channel, "/dapr.proto.scheduler.v1.Scheduler/DeleteJob", _scheduler_v1_scheduler_pb2.DeleteJobResponse
        )
        self.watch_jobs: StreamStream[_scheduler_v1_scheduler_pb2.WatchJobsRequest, _scheduler_v1_scheduler_pb2.WatchJobsResponse] = StreamStream(
            channel, "/dapr.proto.scheduler.v1.Scheduler/WatchJobs", _scheduler_v1_scheduler_pb2.WatchJobsResponse
        )
        self.list_jobs: UnaryUnary[_scheduler_v1_scheduler_pb2.ListJobsRequest, _scheduler_v1_scheduler_pb2.ListJobsResponse] = UnaryUnary(
            channel, "/dapr.proto.scheduler.v1.Scheduler/ListJobs", _scheduler_v1_scheduler_pb2.ListJobsResponse
        )
        self.watch_hosts: UnaryStream[_scheduler_v1_scheduler_pb2.WatchHostsRequest, _scheduler_v1_scheduler_pb2.WatchHostsResponse] = UnaryStream(
            channel, "/dapr.proto.scheduler.v1.Scheduler/WatchHosts", _scheduler_v1_scheduler_pb2.WatchHostsResponse
        )
        self.delete_by_metadata: UnaryUnary[_scheduler_v1_scheduler_pb2.DeleteByMetadataRequest, _scheduler_v1_scheduler_pb2.DeleteByMetadataResponse] = UnaryUnary(
            channel, "/dapr.proto.scheduler.v1.Scheduler/DeleteByMetadata", _scheduler_v1_scheduler_pb2.DeleteByMetadataResponse
        )
        self.delete_by_name_prefix: UnaryUnary[_scheduler_v1_scheduler_pb2.DeleteByNamePrefixRequest, _scheduler_v1_scheduler_pb2.DeleteByNamePrefixResponse] = UnaryUnary(
            channel, "/dapr.proto.scheduler.v1.Scheduler/DeleteByNamePrefix", _scheduler_v1_scheduler_pb2.DeleteByNamePrefixResponse
        )
