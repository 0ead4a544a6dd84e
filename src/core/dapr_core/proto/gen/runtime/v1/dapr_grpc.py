"""Typed services and stubs. Generated from dapr/proto/runtime/v1/dapr.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dapr_core.proto.gen.common.v1 import common_pb2 as _common_v1_common_pb2
from dapr_core.proto.gen.google.protobuf import empty_pb2 as _google_protobuf_empty_pb2
from dapr_core.proto.gen.runtime.v1 import actors_pb2 as _runtime_v1_actors_pb2
from dapr_core.proto.gen.runtime.v1 import ai_pb2 as _runtime_v1_ai_pb2
from dapr_core.proto.gen.runtime.v1 import binding_pb2 as _runtime_v1_binding_pb2
from dapr_core.proto.gen.runtime.v1 import configuration_pb2 as _runtime_v1_configuration_pb2
from dapr_core.proto.gen.runtime.v1 import crypto_pb2 as _runtime_v1_crypto_pb2
from dapr_core.proto.gen.runtime.v1 import dapr_pb2 as _runtime_v1_dapr_pb2
from dapr_core.proto.gen.runtime.v1 import invoke_pb2 as _runtime_v1_invoke_pb2
from dapr_core.proto.gen.runtime.v1 import jobs_pb2 as _runtime_v1_jobs_pb2
from dapr_core.proto.gen.runtime.v1 import lock_pb2 as _runtime_v1_lock_pb2
from dapr_core.proto.gen.runtime.v1 import metadata_pb2 as _runtime_v1_metadata_pb2
from dapr_core.proto.gen.runtime.v1 import pubsub_pb2 as _runtime_v1_pubsub_pb2
from dapr_core.proto.gen.runtime.v1 import secret_pb2 as _runtime_v1_secret_pb2
from dapr_core.proto.gen.runtime.v1 import state_pb2 as _runtime_v1_state_pb2
from dapr_core.proto.gen.runtime.v1 import workflow_pb2 as _runtime_v1_workflow_pb2
from dapr_core.rpc.grpc.stub import StreamStream, UnaryStream, UnaryUnary, Channel
from dapr_core.rpc.grpc.service import Method, ServerContext, Service, unimplemented


class DaprBase(Service):
    """Serves dapr.proto.runtime.v1.Dapr; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "dapr.proto.runtime.v1.Dapr"

    async def invoke_service(self, request: _runtime_v1_invoke_pb2.InvokeServiceRequest, context: ServerContext) -> _common_v1_common_pb2.InvokeResponse:
        raise unimplemented("InvokeService")

    async def get_state(self, request: _runtime_v1_state_pb2.GetStateRequest, context: ServerContext) -> _runtime_v1_state_pb2.GetStateResponse:
        raise unimplemented("GetState")

    async def get_bulk_state(self, request: _runtime_v1_state_pb2.GetBulkStateRequest, context: ServerContext) -> _runtime_v1_state_pb2.GetBulkStateResponse:
        raise unimplemented("GetBulkState")

    async def save_state(self, request: _runtime_v1_state_pb2.SaveStateRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("SaveState")

    async def query_state_alpha1(self, request: _runtime_v1_state_pb2.QueryStateRequest, context: ServerContext) -> _runtime_v1_state_pb2.QueryStateResponse:
        raise unimplemented("QueryStateAlpha1")

    async def delete_state(self, request: _runtime_v1_state_pb2.DeleteStateRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("DeleteState")

    async def delete_bulk_state(self, request: _runtime_v1_state_pb2.DeleteBulkStateRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("DeleteBulkState")

    async def execute_state_transaction(self, request: _runtime_v1_state_pb2.ExecuteStateTransactionRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("ExecuteStateTransaction")

    async def publish_event(self, request: _runtime_v1_pubsub_pb2.PublishEventRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("PublishEvent")

    async def bulk_publish_event_alpha1(self, request: _runtime_v1_pubsub_pb2.BulkPublishRequest, context: ServerContext) -> _runtime_v1_pubsub_pb2.BulkPublishResponse:
        raise unimplemented("BulkPublishEventAlpha1")

    async def bulk_publish_event(self, request: _runtime_v1_pubsub_pb2.BulkPublishRequest, context: ServerContext) -> _runtime_v1_pubsub_pb2.BulkPublishResponse:
        raise unimplemented("BulkPublishEvent")

    def subscribe_topic_events_alpha1(self, requests: AsyncIterator[_runtime_v1_pubsub_pb2.SubscribeTopicEventsRequestAlpha1], context: ServerContext) -> AsyncIterator[_runtime_v1_pubsub_pb2.SubscribeTopicEventsResponseAlpha1]:
        raise unimplemented("SubscribeTopicEventsAlpha1")

    async def invoke_binding(self, request: _runtime_v1_binding_pb2.InvokeBindingRequest, context: ServerContext) -> _runtime_v1_binding_pb2.InvokeBindingResponse:
        raise unimplemented("InvokeBinding")

    async def get_secret(self, request: _runtime_v1_secret_pb2.GetSecretRequest, context: ServerContext) -> _runtime_v1_secret_pb2.GetSecretResponse:
        raise unimplemented("GetSecret")

    async def get_bulk_secret(self, request: _runtime_v1_secret_pb2.GetBulkSecretRequest, context: ServerContext) -> _runtime_v1_secret_pb2.GetBulkSecretResponse:
        raise unimplemented("GetBulkSecret")

    async def register_actor_timer(self, request: _runtime_v1_actors_pb2.RegisterActorTimerRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("RegisterActorTimer")

    async def unregister_actor_timer(self, request: _runtime_v1_actors_pb2.UnregisterActorTimerRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("UnregisterActorTimer")

    async def register_actor_reminder(self, request: _runtime_v1_actors_pb2.RegisterActorReminderRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("RegisterActorReminder")

    async def unregister_actor_reminder(self, request: _runtime_v1_actors_pb2.UnregisterActorReminderRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("UnregisterActorReminder")

    async def unregister_actor_reminders_by_type(self, request: _runtime_v1_actors_pb2.UnregisterActorRemindersByTypeRequest, context: ServerContext) -> _runtime_v1_actors_pb2.UnregisterActorRemindersByTypeResponse:
        raise unimplemented("UnregisterActorRemindersByType")

    async def list_actor_reminders(self, request: _runtime_v1_actors_pb2.ListActorRemindersRequest, context: ServerContext) -> _runtime_v1_actors_pb2.ListActorRemindersResponse:
        raise unimplemented("ListActorReminders")

    async def get_actor_state(self, request: _runtime_v1_actors_pb2.GetActorStateRequest, context: ServerContext) -> _runtime_v1_actors_pb2.GetActorStateResponse:
        raise unimplemented("GetActorState")

    async def get_actor_reminder(self, request: _runtime_v1_actors_pb2.GetActorReminderRequest, context: ServerContext) -> _runtime_v1_actors_pb2.GetActorReminderResponse:
        raise unimplemented("GetActorReminder")

    async def execute_actor_state_transaction(self, request: _runtime_v1_actors_pb2.ExecuteActorStateTransactionRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("ExecuteActorStateTransaction")

    async def invoke_actor(self, request: _runtime_v1_actors_pb2.InvokeActorRequest, context: ServerContext) -> _runtime_v1_actors_pb2.InvokeActorResponse:
        raise unimplemented("InvokeActor")

    def subscribe_actor_events_alpha1(self, requests: AsyncIterator[_runtime_v1_actors_pb2.SubscribeActorEventsRequestAlpha1], context: ServerContext) -> AsyncIterator[_runtime_v1_actors_pb2.SubscribeActorEventsResponseAlpha1]:
        raise unimplemented("SubscribeActorEventsAlpha1")

    async def get_configuration_alpha1(self, request: _runtime_v1_configuration_pb2.GetConfigurationRequest, context: ServerContext) -> _runtime_v1_configuration_pb2.GetConfigurationResponse:
        raise unimplemented("GetConfigurationAlpha1")

    async def get_configuration(self, request: _runtime_v1_configuration_pb2.GetConfigurationRequest, context: ServerContext) -> _runtime_v1_configuration_pb2.GetConfigurationResponse:
        raise unimplemented("GetConfiguration")

    def subscribe_configuration_alpha1(self, request: _runtime_v1_configuration_pb2.SubscribeConfigurationRequest, context: ServerContext) -> AsyncIterator[_runtime_v1_configuration_pb2.SubscribeConfigurationResponse]:
        raise unimplemented("SubscribeConfigurationAlpha1")

    def subscribe_configuration(self, request: _runtime_v1_configuration_pb2.SubscribeConfigurationRequest, context: ServerContext) -> AsyncIterator[_runtime_v1_configuration_pb2.SubscribeConfigurationResponse]:
        raise unimplemented("SubscribeConfiguration")

    async def unsubscribe_configuration_alpha1(self, request: _runtime_v1_configuration_pb2.UnsubscribeConfigurationRequest, context: ServerContext) -> _runtime_v1_configuration_pb2.UnsubscribeConfigurationResponse:
        raise unimplemented("UnsubscribeConfigurationAlpha1")

    async def unsubscribe_configuration(self, request: _runtime_v1_configuration_pb2.UnsubscribeConfigurationRequest, context: ServerContext) -> _runtime_v1_configuration_pb2.UnsubscribeConfigurationResponse:
        raise unimplemented("UnsubscribeConfiguration")

    async def try_lock_alpha1(self, request: _runtime_v1_lock_pb2.TryLockRequest, context: ServerContext) -> _runtime_v1_lock_pb2.TryLockResponse:
        raise unimplemented("TryLockAlpha1")

    async def unlock_alpha1(self, request: _runtime_v1_lock_pb2.UnlockRequest, context: ServerContext) -> _runtime_v1_lock_pb2.UnlockResponse:
        raise unimplemented("UnlockAlpha1")

    def encrypt_alpha1(self, requests: AsyncIterator[_runtime_v1_crypto_pb2.EncryptRequest], context: ServerContext) -> AsyncIterator[_runtime_v1_crypto_pb2.EncryptResponse]:
        raise unimplemented("EncryptAlpha1")

    def decrypt_alpha1(self, requests: AsyncIterator[_runtime_v1_crypto_pb2.DecryptRequest], context: ServerContext) -> AsyncIterator[_runtime_v1_crypto_pb2.DecryptResponse]:
        raise unimplemented("DecryptAlpha1")

    async def get_metadata(self, request: _runtime_v1_metadata_pb2.GetMetadataRequest, context: ServerContext) -> _runtime_v1_metadata_pb2.GetMetadataResponse:
        raise unimplemented("GetMetadata")

    async def set_metadata(self, request: _runtime_v1_metadata_pb2.SetMetadataRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("SetMetadata")

    async def subtle_get_key_alpha1(self, request: _runtime_v1_crypto_pb2.SubtleGetKeyRequest, context: ServerContext) -> _runtime_v1_crypto_pb2.SubtleGetKeyResponse:
        raise unimplemented("SubtleGetKeyAlpha1")

    async def subtle_encrypt_alpha1(self, request: _runtime_v1_crypto_pb2.SubtleEncryptRequest, context: ServerContext) -> _runtime_v1_crypto_pb2.SubtleEncryptResponse:
        raise unimplemented("SubtleEncryptAlpha1")

    async def subtle_decrypt_alpha1(self, request: _runtime_v1_crypto_pb2.SubtleDecryptRequest, context: ServerContext) -> _runtime_v1_crypto_pb2.SubtleDecryptResponse:
        raise unimplemented("SubtleDecryptAlpha1")

    async def subtle_wrap_key_alpha1(self, request: _runtime_v1_crypto_pb2.SubtleWrapKeyRequest, context: ServerContext) -> _runtime_v1_crypto_pb2.SubtleWrapKeyResponse:
        raise unimplemented("SubtleWrapKeyAlpha1")

    async def subtle_unwrap_key_alpha1(self, request: _runtime_v1_crypto_pb2.SubtleUnwrapKeyRequest, context: ServerContext) -> _runtime_v1_crypto_pb2.SubtleUnwrapKeyResponse:
        raise unimplemented("SubtleUnwrapKeyAlpha1")

    async def subtle_sign_alpha1(self, request: _runtime_v1_crypto_pb2.SubtleSignRequest, context: ServerContext) -> _runtime_v1_crypto_pb2.SubtleSignResponse:
        raise unimplemented("SubtleSignAlpha1")

    async def subtle_verify_alpha1(self, request: _runtime_v1_crypto_pb2.SubtleVerifyRequest, context: ServerContext) -> _runtime_v1_crypto_pb2.SubtleVerifyResponse:
        raise unimplemented("SubtleVerifyAlpha1")

    async def start_workflow_alpha1(self, request: _runtime_v1_workflow_pb2.StartWorkflowRequest, context: ServerContext) -> _runtime_v1_workflow_pb2.StartWorkflowResponse:
        raise unimplemented("StartWorkflowAlpha1")

    async def get_workflow_alpha1(self, request: _runtime_v1_workflow_pb2.GetWorkflowRequest, context: ServerContext) -> _runtime_v1_workflow_pb2.GetWorkflowResponse:
        raise unimplemented("GetWorkflowAlpha1")

    async def purge_workflow_alpha1(self, request: _runtime_v1_workflow_pb2.PurgeWorkflowRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("PurgeWorkflowAlpha1")

    async def terminate_workflow_alpha1(self, request: _runtime_v1_workflow_pb2.TerminateWorkflowRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("TerminateWorkflowAlpha1")

    async def pause_workflow_alpha1(self, request: _runtime_v1_workflow_pb2.PauseWorkflowRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("PauseWorkflowAlpha1")

    async def resume_workflow_alpha1(self, request: _runtime_v1_workflow_pb2.ResumeWorkflowRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("ResumeWorkflowAlpha1")

    async def raise_event_workflow_alpha1(self, request: _runtime_v1_workflow_pb2.RaiseEventWorkflowRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("RaiseEventWorkflowAlpha1")

    async def start_workflow_beta1(self, request: _runtime_v1_workflow_pb2.StartWorkflowRequest, context: ServerContext) -> _runtime_v1_workflow_pb2.StartWorkflowResponse:
        raise unimplemented("StartWorkflowBeta1")

    async def get_workflow_beta1(self, request: _runtime_v1_workflow_pb2.GetWorkflowRequest, context: ServerContext) -> _runtime_v1_workflow_pb2.GetWorkflowResponse:
        raise unimplemented("GetWorkflowBeta1")

    async def purge_workflow_beta1(self, request: _runtime_v1_workflow_pb2.PurgeWorkflowRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("PurgeWorkflowBeta1")

    async def terminate_workflow_beta1(self, request: _runtime_v1_workflow_pb2.TerminateWorkflowRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("TerminateWorkflowBeta1")

    async def pause_workflow_beta1(self, request: _runtime_v1_workflow_pb2.PauseWorkflowRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("PauseWorkflowBeta1")

    async def resume_workflow_beta1(self, request: _runtime_v1_workflow_pb2.ResumeWorkflowRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("ResumeWorkflowBeta1")

    async def raise_event_workflow_beta1(self, request: _runtime_v1_workflow_pb2.RaiseEventWorkflowRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("RaiseEventWorkflowBeta1")

    async def shutdown(self, request: _runtime_v1_dapr_pb2.ShutdownRequest, context: ServerContext) -> _google_protobuf_empty_pb2.Empty:
        raise unimplemented("Shutdown")

    async def schedule_job_alpha1(self, request: _runtime_v1_jobs_pb2.ScheduleJobRequest, context: ServerContext) -> _runtime_v1_jobs_pb2.ScheduleJobResponse:
        raise unimplemented("ScheduleJobAlpha1")

    async def schedule_job(self, request: _runtime_v1_jobs_pb2.ScheduleJobRequest, context: ServerContext) -> _runtime_v1_jobs_pb2.ScheduleJobResponse:
        raise unimplemented("ScheduleJob")

    async def get_job_alpha1(self, request: _runtime_v1_jobs_pb2.GetJobRequest, context: ServerContext) -> _runtime_v1_jobs_pb2.GetJobResponse:
        raise unimplemented("GetJobAlpha1")

    async def get_job(self, request: _runtime_v1_jobs_pb2.GetJobRequest, context: ServerContext) -> _runtime_v1_jobs_pb2.GetJobResponse:
        raise unimplemented("GetJob")

    async def delete_job_alpha1(self, request: _runtime_v1_jobs_pb2.DeleteJobRequest, context: ServerContext) -> _runtime_v1_jobs_pb2.DeleteJobResponse:
        raise unimplemented("DeleteJobAlpha1")

    async def delete_job(self, request: _runtime_v1_jobs_pb2.DeleteJobRequest, context: ServerContext) -> _runtime_v1_jobs_pb2.DeleteJobResponse:
        raise unimplemented("DeleteJob")

    async def delete_jobs_by_prefix_alpha1(self, request: _runtime_v1_jobs_pb2.DeleteJobsByPrefixRequestAlpha1, context: ServerContext) -> _runtime_v1_jobs_pb2.DeleteJobsByPrefixResponseAlpha1:
        raise unimplemented("DeleteJobsByPrefixAlpha1")

    async def delete_jobs_by_prefix(self, request: _runtime_v1_jobs_pb2.DeleteJobsByPrefixRequest, context: ServerContext) -> _runtime_v1_jobs_pb2.DeleteJobsByPrefixResponse:
        raise unimplemented("DeleteJobsByPrefix")

    async def list_jobs_alpha1(self, request: _runtime_v1_jobs_pb2.ListJobsRequestAlpha1, context: ServerContext) -> _runtime_v1_jobs_pb2.ListJobsResponseAlpha1:
        raise unimplemented("ListJobsAlpha1")

    async def list_jobs(self, request: _runtime_v1_jobs_pb2.ListJobsRequest, context: ServerContext) -> _runtime_v1_jobs_pb2.ListJobsResponse:
        raise unimplemented("ListJobs")

    async def converse_alpha1(self, request: _runtime_v1_ai_pb2.ConversationRequest, context: ServerContext) -> _runtime_v1_ai_pb2.ConversationResponse:
        raise unimplemented("ConverseAlpha1")

    async def converse_alpha2(self, request: _runtime_v1_ai_pb2.ConversationRequestAlpha2, context: ServerContext) -> _runtime_v1_ai_pb2.ConversationResponseAlpha2:
        raise unimplemented("ConverseAlpha2")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("InvokeService", self.invoke_service, _runtime_v1_invoke_pb2.InvokeServiceRequest, _common_v1_common_pb2.InvokeResponse, False, False),
            Method("GetState", self.get_state, _runtime_v1_state_pb2.GetStateRequest, _runtime_v1_state_pb2.GetStateResponse, False, False),
            Method("GetBulkState", self.get_bulk_state, _runtime_v1_state_pb2.GetBulkStateRequest, _runtime_v1_state_pb2.GetBulkStateResponse, False, False),
            Method("SaveState", self.save_state, _runtime_v1_state_pb2.SaveStateRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("QueryStateAlpha1", self.query_state_alpha1, _runtime_v1_state_pb2.QueryStateRequest, _runtime_v1_state_pb2.QueryStateResponse, False, False),
            Method("DeleteState", self.delete_state, _runtime_v1_state_pb2.DeleteStateRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("DeleteBulkState", self.delete_bulk_state, _runtime_v1_state_pb2.DeleteBulkStateRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("ExecuteStateTransaction", self.execute_state_transaction, _runtime_v1_state_pb2.ExecuteStateTransactionRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("PublishEvent", self.publish_event, _runtime_v1_pubsub_pb2.PublishEventRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("BulkPublishEventAlpha1", self.bulk_publish_event_alpha1, _runtime_v1_pubsub_pb2.BulkPublishRequest, _runtime_v1_pubsub_pb2.BulkPublishResponse, False, False),
            Method("BulkPublishEvent", self.bulk_publish_event, _runtime_v1_pubsub_pb2.BulkPublishRequest, _runtime_v1_pubsub_pb2.BulkPublishResponse, False, False),
            Method("SubscribeTopicEventsAlpha1", self.subscribe_topic_events_alpha1, _runtime_v1_pubsub_pb2.SubscribeTopicEventsRequestAlpha1, _runtime_v1_pubsub_pb2.SubscribeTopicEventsResponseAlpha1, True, True),
            Method("InvokeBinding", self.invoke_binding, _runtime_v1_binding_pb2.InvokeBindingRequest, _runtime_v1_binding_pb2.InvokeBindingResponse, False, False),
            Method("GetSecret", self.get_secret, _runtime_v1_secret_pb2.GetSecretRequest, _runtime_v1_secret_pb2.GetSecretResponse, False, False),
            Method("GetBulkSecret", self.get_bulk_secret, _runtime_v1_secret_pb2.GetBulkSecretRequest, _runtime_v1_secret_pb2.GetBulkSecretResponse, False, False),
            Method("RegisterActorTimer", self.register_actor_timer, _runtime_v1_actors_pb2.RegisterActorTimerRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("UnregisterActorTimer", self.unregister_actor_timer, _runtime_v1_actors_pb2.UnregisterActorTimerRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("RegisterActorReminder", self.register_actor_reminder, _runtime_v1_actors_pb2.RegisterActorReminderRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("UnregisterActorReminder", self.unregister_actor_reminder, _runtime_v1_actors_pb2.UnregisterActorReminderRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("UnregisterActorRemindersByType", self.unregister_actor_reminders_by_type, _runtime_v1_actors_pb2.UnregisterActorRemindersByTypeRequest, _runtime_v1_actors_pb2.UnregisterActorRemindersByTypeResponse, False, False),
            Method("ListActorReminders", self.list_actor_reminders, _runtime_v1_actors_pb2.ListActorRemindersRequest, _runtime_v1_actors_pb2.ListActorRemindersResponse, False, False),
            Method("GetActorState", self.get_actor_state, _runtime_v1_actors_pb2.GetActorStateRequest, _runtime_v1_actors_pb2.GetActorStateResponse, False, False),
            Method("GetActorReminder", self.get_actor_reminder, _runtime_v1_actors_pb2.GetActorReminderRequest, _runtime_v1_actors_pb2.GetActorReminderResponse, False, False),
            Method("ExecuteActorStateTransaction", self.execute_actor_state_transaction, _runtime_v1_actors_pb2.ExecuteActorStateTransactionRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("InvokeActor", self.invoke_actor, _runtime_v1_actors_pb2.InvokeActorRequest, _runtime_v1_actors_pb2.InvokeActorResponse, False, False),
            Method("SubscribeActorEventsAlpha1", self.subscribe_actor_events_alpha1, _runtime_v1_actors_pb2.SubscribeActorEventsRequestAlpha1, _runtime_v1_actors_pb2.SubscribeActorEventsResponseAlpha1, True, True),
            Method("GetConfigurationAlpha1", self.get_configuration_alpha1, _runtime_v1_configuration_pb2.GetConfigurationRequest, _runtime_v1_configuration_pb2.GetConfigurationResponse, False, False),
            Method("GetConfiguration", self.get_configuration, _runtime_v1_configuration_pb2.GetConfigurationRequest, _runtime_v1_configuration_pb2.GetConfigurationResponse, False, False),
            Method("SubscribeConfigurationAlpha1", self.subscribe_configuration_alpha1, _runtime_v1_configuration_pb2.SubscribeConfigurationRequest, _runtime_v1_configuration_pb2.SubscribeConfigurationResponse, False, True),
            Method("SubscribeConfiguration", self.subscribe_configuration, _runtime_v1_configuration_pb2.SubscribeConfigurationRequest, _runtime_v1_configuration_pb2.SubscribeConfigurationResponse, False, True),
            Method("UnsubscribeConfigurationAlpha1", self.unsubscribe_configuration_alpha1, _runtime_v1_configuration_pb2.UnsubscribeConfigurationRequest, _runtime_v1_configuration_pb2.UnsubscribeConfigurationResponse, False, False),
            Method("UnsubscribeConfiguration", self.unsubscribe_configuration, _runtime_v1_configuration_pb2.UnsubscribeConfigurationRequest, _runtime_v1_configuration_pb2.UnsubscribeConfigurationResponse, False, False),
            Method("TryLockAlpha1", self.try_lock_alpha1, _runtime_v1_lock_pb2.TryLockRequest, _runtime_v1_lock_pb2.TryLockResponse, False, False),
            Method("UnlockAlpha1", self.unlock_alpha1, _runtime_v1_lock_pb2.UnlockRequest, _runtime_v1_lock_pb2.UnlockResponse, False, False),
            Method("EncryptAlpha1", self.encrypt_alpha1, _runtime_v1_crypto_pb2.EncryptRequest, _runtime_v1_crypto_pb2.EncryptResponse, True, True),
            Method("DecryptAlpha1", self.decrypt_alpha1, _runtime_v1_crypto_pb2.DecryptRequest, _runtime_v1_crypto_pb2.DecryptResponse, True, True),
            Method("GetMetadata", self.get_metadata, _runtime_v1_metadata_pb2.GetMetadataRequest, _runtime_v1_metadata_pb2.GetMetadataResponse, False, False),
            Method("SetMetadata", self.set_metadata, _runtime_v1_metadata_pb2.SetMetadataRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("SubtleGetKeyAlpha1", self.subtle_get_key_alpha1, _runtime_v1_crypto_pb2.SubtleGetKeyRequest, _runtime_v1_crypto_pb2.SubtleGetKeyResponse, False, False),
            Method("SubtleEncryptAlpha1", self.subtle_encrypt_alpha1, _runtime_v1_crypto_pb2.SubtleEncryptRequest, _runtime_v1_crypto_pb2.SubtleEncryptResponse, False, False),
            Method("SubtleDecryptAlpha1", self.subtle_decrypt_alpha1, _runtime_v1_crypto_pb2.SubtleDecryptRequest, _runtime_v1_crypto_pb2.SubtleDecryptResponse, False, False),
            Method("SubtleWrapKeyAlpha1", self.subtle_wrap_key_alpha1, _runtime_v1_crypto_pb2.SubtleWrapKeyRequest, _runtime_v1_crypto_pb2.SubtleWrapKeyResponse, False, False),
            Method("SubtleUnwrapKeyAlpha1", self.subtle_unwrap_key_alpha1, _runtime_v1_crypto_pb2.SubtleUnwrapKeyRequest, _runtime_v1_crypto_pb2.SubtleUnwrapKeyResponse, False, False),
            Method("SubtleSignAlpha1", self.subtle_sign_alpha1, _runtime_v1_crypto_pb2.SubtleSignRequest, _runtime_v1_crypto_pb2.SubtleSignResponse, False, False),
            Method("SubtleVerifyAlpha1", self.subtle_verify_alpha1, _runtime_v1_crypto_pb2.SubtleVerifyRequest, _runtime_v1_crypto_pb2.SubtleVerifyResponse, False, False),
            Method("StartWorkflowAlpha1", self.start_workflow_alpha1, _runtime_v1_workflow_pb2.StartWorkflowRequest, _runtime_v1_workflow_pb2.StartWorkflowResponse, False, False),
            Method("GetWorkflowAlpha1", self.get_workflow_alpha1, _runtime_v1_workflow_pb2.GetWorkflowRequest, _runtime_v1_workflow_pb2.GetWorkflowResponse, False, False),
            Method("PurgeWorkflowAlpha1", self.purge_workflow_alpha1, _runtime_v1_workflow_pb2.PurgeWorkflowRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("TerminateWorkflowAlpha1", self.terminate_workflow_alpha1, _runtime_v1_workflow_pb2.TerminateWorkflowRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("PauseWorkflowAlpha1", self.pause_workflow_alpha1, _runtime_v1_workflow_pb2.PauseWorkflowRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("ResumeWorkflowAlpha1", self.resume_workflow_alpha1, _runtime_v1_workflow_pb2.ResumeWorkflowRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("RaiseEventWorkflowAlpha1", self.raise_event_workflow_alpha1, _runtime_v1_workflow_pb2.RaiseEventWorkflowRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("StartWorkflowBeta1", self.start_workflow_beta1, _runtime_v1_workflow_pb2.StartWorkflowRequest, _runtime_v1_workflow_pb2.StartWorkflowResponse, False, False),
            Method("GetWorkflowBeta1", self.get_workflow_beta1, _runtime_v1_workflow_pb2.GetWorkflowRequest, _runtime_v1_workflow_pb2.GetWorkflowResponse, False, False),
            Method("PurgeWorkflowBeta1", self.purge_workflow_beta1, _runtime_v1_workflow_pb2.PurgeWorkflowRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("TerminateWorkflowBeta1", self.terminate_workflow_beta1, _runtime_v1_workflow_pb2.TerminateWorkflowRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("PauseWorkflowBeta1", self.pause_workflow_beta1, _runtime_v1_workflow_pb2.PauseWorkflowRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("ResumeWorkflowBeta1", self.resume_workflow_beta1, _runtime_v1_workflow_pb2.ResumeWorkflowRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("RaiseEventWorkflowBeta1", self.raise_event_workflow_beta1, _runtime_v1_workflow_pb2.RaiseEventWorkflowRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("Shutdown", self.shutdown, _runtime_v1_dapr_pb2.ShutdownRequest, _google_protobuf_empty_pb2.Empty, False, False),
            Method("ScheduleJobAlpha1", self.schedule_job_alpha1, _runtime_v1_jobs_pb2.ScheduleJobRequest, _runtime_v1_jobs_pb2.ScheduleJobResponse, False, False),
            Method("ScheduleJob", self.schedule_job, _runtime_v1_jobs_pb2.ScheduleJobRequest, _runtime_v1_jobs_pb2.ScheduleJobResponse, False, False),
            Method("GetJobAlpha1", self.get_job_alpha1, _runtime_v1_jobs_pb2.GetJobRequest, _runtime_v1_jobs_pb2.GetJobResponse, False, False),
            Method("GetJob", self.get_job, _runtime_v1_jobs_pb2.GetJobRequest, _runtime_v1_jobs_pb2.GetJobResponse, False, False),
            Method("DeleteJobAlpha1", self.delete_job_alpha1, _runtime_v1_jobs_pb2.DeleteJobRequest, _runtime_v1_jobs_pb2.DeleteJobResponse, False, False),
            Method("DeleteJob", self.delete_job, _runtime_v1_jobs_pb2.DeleteJobRequest, _runtime_v1_jobs_pb2.DeleteJobResponse, False, False),
            Method("DeleteJobsByPrefixAlpha1", self.delete_jobs_by_prefix_alpha1, _runtime_v1_jobs_pb2.DeleteJobsByPrefixRequestAlpha1, _runtime_v1_jobs_pb2.DeleteJobsByPrefixResponseAlpha1, False, False),
            Method("DeleteJobsByPrefix", self.delete_jobs_by_prefix, _runtime_v1_jobs_pb2.DeleteJobsByPrefixRequest, _runtime_v1_jobs_pb2.DeleteJobsByPrefixResponse, False, False),
            Method("ListJobsAlpha1", self.list_jobs_alpha1, _runtime_v1_jobs_pb2.ListJobsRequestAlpha1, _runtime_v1_jobs_pb2.ListJobsResponseAlpha1, False, False),
            Method("ListJobs", self.list_jobs, _runtime_v1_jobs_pb2.ListJobsRequest, _runtime_v1_jobs_pb2.ListJobsResponse, False, False),
            Method("ConverseAlpha1", self.converse_alpha1, _runtime_v1_ai_pb2.ConversationRequest, _runtime_v1_ai_pb2.ConversationResponse, False, False),
            Method("ConverseAlpha2", self.converse_alpha2, _runtime_v1_ai_pb2.ConversationRequestAlpha2, _runtime_v1_ai_pb2.ConversationResponseAlpha2, False, False),
        )


class DaprStub:
    """Calls dapr.proto.runtime.v1.Dapr on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.invoke_service: UnaryUnary[_runtime_v1_invoke_pb2.InvokeServiceRequest, _common_v1_common_pb2.InvokeResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/InvokeService", _common_v1_common_pb2.InvokeResponse
        )
        self.get_state: UnaryUnary[_runtime_v1_state_pb2.GetStateRequest, _runtime_v1_state_pb2.GetStateResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/GetState", _runtime_v1_state_pb2.GetStateResponse
        )
        self.get_bulk_state: UnaryUnary[_runtime_v1_state_pb2.GetBulkStateRequest, _runtime_v1_state_pb2.GetBulkStateResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/GetBulkState", _runtime_v1_state_pb2.GetBulkStateResponse
        )
        self.save_state: UnaryUnary[_runtime_v1_state_pb2.SaveStateRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/SaveState", _google_protobuf_empty_pb2.Empty
        )
        self.query_state_alpha1: UnaryUnary[_runtime_v1_state_pb2.QueryStateRequest, _runtime_v1_state_pb2.QueryStateResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/QueryStateAlpha1", _runtime_v1_state_pb2.QueryStateResponse
        )
        self.delete_state: UnaryUnary[_runtime_v1_state_pb2.DeleteStateRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/DeleteState", _google_protobuf_empty_pb2.Empty
        )
        self.delete_bulk_state: UnaryUnary[_runtime_v1_state_pb2.DeleteBulkStateRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/DeleteBulkState", _google_protobuf_empty_pb2.Empty
        )
        self.execute_state_transaction: UnaryUnary[_runtime_v1_state_pb2.ExecuteStateTransactionRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/ExecuteStateTransaction", _google_protobuf_empty_pb2.Empty
        )
        self.publish_event: UnaryUnary[_runtime_v1_pubsub_pb2.PublishEventRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/PublishEvent", _google_protobuf_empty_pb2.Empty
        )
        self.bulk_publish_event_alpha1: UnaryUnary[_runtime_v1_pubsub_pb2.BulkPublishRequest, _runtime_v1_pubsub_pb2.BulkPublishResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/BulkPublishEventAlpha1", _runtime_v1_pubsub_pb2.BulkPublishResponse
        )
        self.bulk_publish_event: UnaryUnary[_runtime_v1_pubsub_pb2.BulkPublishRequest, _runtime_v1_pubsub_pb2.BulkPublishResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/BulkPublishEvent", _runtime_v1_pubsub_pb2.BulkPublishResponse
        )
        self.subscribe_topic_events_alpha1: StreamStream[_runtime_v1_pubsub_pb2.SubscribeTopicEventsRequestAlpha1, _runtime_v1_pubsub_pb2.SubscribeTopicEventsResponseAlpha1] = StreamStream(
            channel, "/dapr.proto.runtime.v1.Dapr/SubscribeTopicEventsAlpha1", _runtime_v1_pubsub_pb2.SubscribeTopicEventsResponseAlpha1
        )
        self.invoke_binding: UnaryUnary[_runtime_v1_binding_pb2.InvokeBindingRequest, _runtime_v1_binding_pb2.InvokeBindingResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/InvokeBinding", _runtime_v1_binding_pb2.InvokeBindingResponse
        )
        self.get_secret: UnaryUnary[_runtime_v1_secret_pb2.GetSecretRequest, _runtime_v1_secret_pb2.GetSecretResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/GetSecret", _runtime_v1_secret_pb2.GetSecretResponse
        )
        self.get_bulk_secret: UnaryUnary[_runtime_v1_secret_pb2.GetBulkSecretRequest, _runtime_v1_secret_pb2.GetBulkSecretResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/GetBulkSecret", _runtime_v1_secret_pb2.GetBulkSecretResponse
        )
        self.register_actor_timer: UnaryUnary[_runtime_v1_actors_pb2.RegisterActorTimerRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/RegisterActorTimer", _google_protobuf_empty_pb2.Empty
        )
        self.unregister_actor_timer: UnaryUnary[_runtime_v1_actors_pb2.UnregisterActorTimerRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/UnregisterActorTimer", _google_protobuf_empty_pb2.Empty
        )
        self.register_actor_reminder: UnaryUnary[_runtime_v1_actors_pb2.RegisterActorReminderRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/RegisterActorReminder", _google_protobuf_empty_pb2.Empty
        )
        self.unregister_actor_reminder: UnaryUnary[_runtime_v1_actors_pb2.UnregisterActorReminderRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/UnregisterActorReminder", _google_protobuf_empty_pb2.Empty
        )
        self.unregister_actor_reminders_by_type: UnaryUnary[_runtime_v1_actors_pb2.UnregisterActorRemindersByTypeRequest, _runtime_v1_actors_pb2.UnregisterActorRemindersByTypeResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/UnregisterActorRemindersByType", _runtime_v1_actors_pb2.UnregisterActorRemindersByTypeResponse
        )
        self.list_actor_reminders: UnaryUnary[_runtime_v1_actors_pb2.ListActorRemindersRequest, _runtime_v1_actors_pb2.ListActorRemindersResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/ListActorReminders", _runtime_v1_actors_pb2.ListActorRemindersResponse
        )
        self.get_actor_state: UnaryUnary[_runtime_v1_actors_pb2.GetActorStateRequest, _runtime_v1_actors_pb2.GetActorStateResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/GetActorState", _runtime_v1_actors_pb2.GetActorStateResponse
        )
        self.get_actor_reminder: UnaryUnary[_runtime_v1_actors_pb2.GetActorReminderRequest, _runtime_v1_actors_pb2.GetActorReminderResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/GetActorReminder", _runtime_v1_actors_pb2.GetActorReminderResponse
        )
        self.execute_actor_state_transaction: UnaryUnary[_runtime_v1_actors_pb2.ExecuteActorStateTransactionRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/ExecuteActorStateTransaction", _google_protobuf_empty_pb2.Empty
        )
        self.invoke_actor: UnaryUnary[_runtime_v1_actors_pb2.InvokeActorRequest, _runtime_v1_actors_pb2.InvokeActorResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/InvokeActor", _runtime_v1_actors_pb2.InvokeActorResponse
        )
        self.subscribe_actor_events_alpha1: StreamStream[_runtime_v1_actors_pb2.SubscribeActorEventsRequestAlpha1, _runtime_v1_actors_pb2.SubscribeActorEventsResponseAlpha1] = StreamStream(
            channel, "/dapr.proto.runtime.v1.Dapr/SubscribeActorEventsAlpha1", _runtime_v1_actors_pb2.SubscribeActorEventsResponseAlpha1
        )
        self.get_configuration_alpha1: UnaryUnary[_runtime_v1_configuration_pb2.GetConfigurationRequest, _runtime_v1_configuration_pb2.GetConfigurationResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/GetConfigurationAlpha1", _runtime_v1_configuration_pb2.GetConfigurationResponse
        )
        self.get_configuration: UnaryUnary[_runtime_v1_configuration_pb2.GetConfigurationRequest, _runtime_v1_configuration_pb2.GetConfigurationResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/GetConfiguration", _runtime_v1_configuration_pb2.GetConfigurationResponse
        )
        self.subscribe_configuration_alpha1: UnaryStream[_runtime_v1_configuration_pb2.SubscribeConfigurationRequest, _runtime_v1_configuration_pb2.SubscribeConfigurationResponse] = UnaryStream(
            channel, "/dapr.proto.runtime.v1.Dapr/SubscribeConfigurationAlpha1", _runtime_v1_configuration_pb2.SubscribeConfigurationResponse
        )
        self.subscribe_configuration: UnaryStream[_runtime_v1_configuration_pb2.SubscribeConfigurationRequest, _runtime_v1_configuration_pb2.SubscribeConfigurationResponse] = UnaryStream(
            channel, "/dapr.proto.runtime.v1.Dapr/SubscribeConfiguration", _runtime_v1_configuration_pb2.SubscribeConfigurationResponse
        )
        self.unsubscribe_configuration_alpha1: UnaryUnary[_runtime_v1_configuration_pb2.UnsubscribeConfigurationRequest, _runtime_v1_configuration_pb2.UnsubscribeConfigurationResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/UnsubscribeConfigurationAlpha1", _runtime_v1_configuration_pb2.UnsubscribeConfigurationResponse
        )
        self.unsubscribe_configuration: UnaryUnary[_runtime_v1_configuration_pb2.UnsubscribeConfigurationRequest, _runtime_v1_configuration_pb2.UnsubscribeConfigurationResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/UnsubscribeConfiguration", _runtime_v1_configuration_pb2.UnsubscribeConfigurationResponse
        )
        self.try_lock_alpha1: UnaryUnary[_runtime_v1_lock_pb2.TryLockRequest, _runtime_v1_lock_pb2.TryLockResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/TryLockAlpha1", _runtime_v1_lock_pb2.TryLockResponse
        )
        self.unlock_alpha1: UnaryUnary[_runtime_v1_lock_pb2.UnlockRequest, _runtime_v1_lock_pb2.UnlockResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/UnlockAlpha1", _runtime_v1_lock_pb2.UnlockResponse
        )
        self.encrypt_alpha1: StreamStream[_runtime_v1_crypto_pb2.EncryptRequest, _runtime_v1_crypto_pb2.EncryptResponse] = StreamStream(
            channel, "/dapr.proto.runtime.v1.Dapr/EncryptAlpha1", _runtime_v1_crypto_pb2.EncryptResponse
        )
        self.decrypt_alpha1: StreamStream[_runtime_v1_crypto_pb2.DecryptRequest, _runtime_v1_crypto_pb2.DecryptResponse] = StreamStream(
            channel, "/dapr.proto.runtime.v1.Dapr/DecryptAlpha1", _runtime_v1_crypto_pb2.DecryptResponse
        )
        self.get_metadata: UnaryUnary[_runtime_v1_metadata_pb2.GetMetadataRequest, _runtime_v1_metadata_pb2.GetMetadataResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/GetMetadata", _runtime_v1_metadata_pb2.GetMetadataResponse
        )
        self.set_metadata: UnaryUnary[_runtime_v1_metadata_pb2.SetMetadataRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/SetMetadata", _google_protobuf_empty_pb2.Empty
        )
        self.subtle_get_key_alpha1: UnaryUnary[_runtime_v1_crypto_pb2.SubtleGetKeyRequest, _runtime_v1_crypto_pb2.SubtleGetKeyResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/SubtleGetKeyAlpha1", _runtime_v1_crypto_pb2.SubtleGetKeyResponse
        )
        self.subtle_encrypt_alpha1: UnaryUnary[_runtime_v1_crypto_pb2.SubtleEncryptRequest, _runtime_v1_crypto_pb2.SubtleEncryptResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/SubtleEncryptAlpha1", _runtime_v1_crypto_pb2.SubtleEncryptResponse
        )
        self.subtle_decrypt_alpha1: UnaryUnary[_runtime_v1_crypto_pb2.SubtleDecryptRequest, _runtime_v1_crypto_pb2.SubtleDecryptResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/SubtleDecryptAlpha1", _runtime_v1_crypto_pb2.SubtleDecryptResponse
        )
        self.subtle_wrap_key_alpha1: UnaryUnary[_runtime_v1_crypto_pb2.SubtleWrapKeyRequest, _runtime_v1_crypto_pb2.SubtleWrapKeyResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/SubtleWrapKeyAlpha1", _runtime_v1_crypto_pb2.SubtleWrapKeyResponse
        )
        self.subtle_unwrap_key_alpha1: UnaryUnary[_runtime_v1_crypto_pb2.SubtleUnwrapKeyRequest, _runtime_v1_crypto_pb2.SubtleUnwrapKeyResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/SubtleUnwrapKeyAlpha1", _runtime_v1_crypto_pb2.SubtleUnwrapKeyResponse
        )
        self.subtle_sign_alpha1: UnaryUnary[_runtime_v1_crypto_pb2.SubtleSignRequest, _runtime_v1_crypto_pb2.SubtleSignResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/SubtleSignAlpha1", _runtime_v1_crypto_pb2.SubtleSignResponse
        )
        self.subtle_verify_alpha1: UnaryUnary[_runtime_v1_crypto_pb2.SubtleVerifyRequest, _runtime_v1_crypto_pb2.SubtleVerifyResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/SubtleVerifyAlpha1", _runtime_v1_crypto_pb2.SubtleVerifyResponse
        )
        self.start_workflow_alpha1: UnaryUnary[_runtime_v1_workflow_pb2.StartWorkflowRequest, _runtime_v1_workflow_pb2.StartWorkflowResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/StartWorkflowAlpha1", _runtime_v1_workflow_pb2.StartWorkflowResponse
        )
        self.get_workflow_alpha1: UnaryUnary[_runtime_v1_workflow_pb2.GetWorkflowRequest, _runtime_v1_workflow_pb2.GetWorkflowResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/GetWorkflowAlpha1", _runtime_v1_workflow_pb2.GetWorkflowResponse
        )
        self.purge_workflow_alpha1: UnaryUnary[_runtime_v1_workflow_pb2.PurgeWorkflowRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/PurgeWorkflowAlpha1", _google_protobuf_empty_pb2.Empty
        )
        self.terminate_workflow_alpha1: UnaryUnary[_runtime_v1_workflow_pb2.TerminateWorkflowRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/TerminateWorkflowAlpha1", _google_protobuf_empty_pb2.Empty
        )
        self.pause_workflow_alpha1: UnaryUnary[_runtime_v1_workflow_pb2.PauseWorkflowRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/PauseWorkflowAlpha1", _google_protobuf_empty_pb2.Empty
        )
        self.resume_workflow_alpha1: UnaryUnary[_runtime_v1_workflow_pb2.ResumeWorkflowRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/ResumeWorkflowAlpha1", _google_protobuf_empty_pb2.Empty
        )
        self.raise_event_workflow_alpha1: UnaryUnary[_runtime_v1_workflow_pb2.RaiseEventWorkflowRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/RaiseEventWorkflowAlpha1", _google_protobuf_empty_pb2.Empty
        )
        self.start_workflow_beta1: UnaryUnary[_runtime_v1_workflow_pb2.StartWorkflowRequest, _runtime_v1_workflow_pb2.StartWorkflowResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/StartWorkflowBeta1", _runtime_v1_workflow_pb2.StartWorkflowResponse
        )
        self.get_workflow_beta1: UnaryUnary[_runtime_v1_workflow_pb2.GetWorkflowRequest, _runtime_v1_workflow_pb2.GetWorkflowResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/GetWorkflowBeta1", _runtime_v1_workflow_pb2.GetWorkflowResponse
        )
        self.purge_workflow_beta1: UnaryUnary[_runtime_v1_workflow_pb2.PurgeWorkflowRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/PurgeWorkflowBeta1", _google_protobuf_empty_pb2.Empty
        )
        self.terminate_workflow_beta1: UnaryUnary[_runtime_v1_workflow_pb2.TerminateWorkflowRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/TerminateWorkflowBeta1", _google_protobuf_empty_pb2.Empty
        )
        self.pause_workflow_beta1: UnaryUnary[_runtime_v1_workflow_pb2.PauseWorkflowRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/PauseWorkflowBeta1", _google_protobuf_empty_pb2.Empty
        )
        self.resume_workflow_beta1: UnaryUnary[_runtime_v1_workflow_pb2.ResumeWorkflowRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/ResumeWorkflowBeta1", _google_protobuf_empty_pb2.Empty
        )
        self.raise_event_workflow_beta1: UnaryUnary[_runtime_v1_workflow_pb2.RaiseEventWorkflowRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/RaiseEventWorkflowBeta1", _google_protobuf_empty_pb2.Empty
        )
        self.shutdown: UnaryUnary[_runtime_v1_dapr_pb2.ShutdownRequest, _google_protobuf_empty_pb2.Empty] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/Shutdown", _google_protobuf_empty_pb2.Empty
        )
        self.schedule_job_alpha1: UnaryUnary[_runtime_v1_jobs_pb2.ScheduleJobRequest, _runtime_v1_jobs_pb2.ScheduleJobResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/ScheduleJobAlpha1", _runtime_v1_jobs_pb2.ScheduleJobResponse
        )
        self.schedule_job: UnaryUnary[_runtime_v1_jobs_pb2.ScheduleJobRequest, _runtime_v1_jobs_pb2.ScheduleJobResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/ScheduleJob", _runtime_v1_jobs_pb2.ScheduleJobResponse
        )
        self.get_job_alpha1: UnaryUnary[_runtime_v1_jobs_pb2.GetJobRequest, _runtime_v1_jobs_pb2.GetJobResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/GetJobAlpha1", _runtime_v1_jobs_pb2.GetJobResponse
        )
        self.get_job: UnaryUnary[_runtime_v1_jobs_pb2.GetJobRequest, _runtime_v1_jobs_pb2.GetJobResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/GetJob", _runtime_v1_jobs_pb2.GetJobResponse
        )
        self.delete_job_alpha1: UnaryUnary[_runtime_v1_jobs_pb2.DeleteJobRequest, _runtime_v1_jobs_pb2.DeleteJobResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/DeleteJobAlpha1", _runtime_v1_jobs_pb2.DeleteJobResponse
        )
        self.delete_job: UnaryUnary[_runtime_v1_jobs_pb2.DeleteJobRequest, _runtime_v1_jobs_pb2.DeleteJobResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/DeleteJob", _runtime_v1_jobs_pb2.DeleteJobResponse
        )
        self.delete_jobs_by_prefix_alpha1: UnaryUnary[_runtime_v1_jobs_pb2.DeleteJobsByPrefixRequestAlpha1, _runtime_v1_jobs_pb2.DeleteJobsByPrefixResponseAlpha1] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/DeleteJobsByPrefixAlpha1", _runtime_v1_jobs_pb2.DeleteJobsByPrefixResponseAlpha1
        )
        self.delete_jobs_by_prefix: UnaryUnary[_runtime_v1_jobs_pb2.DeleteJobsByPrefixRequest, _runtime_v1_jobs_pb2.DeleteJobsByPrefixResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/DeleteJobsByPrefix", _runtime_v1_jobs_pb2.DeleteJobsByPrefixResponse
        )
        self.list_jobs_alpha1: UnaryUnary[_runtime_v1_jobs_pb2.ListJobsRequestAlpha1, _runtime_v1_jobs_pb2.ListJobsResponseAlpha1] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/ListJobsAlpha1", _runtime_v1_jobs_pb2.ListJobsResponseAlpha1
        )
        self.list_jobs: UnaryUnary[_runtime_v1_jobs_pb2.ListJobsRequest, _runtime_v1_jobs_pb2.ListJobsResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/ListJobs", _runtime_v1_jobs_pb2.ListJobsResponse
        )
        self.converse_alpha1: UnaryUnary[_runtime_v1_ai_pb2.ConversationRequest, _runtime_v1_ai_pb2.ConversationResponse] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/ConverseAlpha1", _runtime_v1_ai_pb2.ConversationResponse
        )
        self.converse_alpha2: UnaryUnary[_runtime_v1_ai_pb2.ConversationRequestAlpha2, _runtime_v1_ai_pb2.ConversationResponseAlpha2] = UnaryUnary(
            channel, "/dapr.proto.runtime.v1.Dapr/ConverseAlpha2", _runtime_v1_ai_pb2.ConversationResponseAlpha2
        )
