"""Every method of ``dapr.proto.runtime.v1.Dapr``: the module that serves it and the group that lists name it by.

The groups are those of ``spec.api`` (api.md §6.4). A module is loaded with the first call of one of its methods.
"""

from __future__ import annotations

from typing import Final

SERVICE: Final = "/dapr.proto.runtime.v1.Dapr/"

_TABLE: Final = """
invoke     invoke.v1             InvokeService
state      state.v1              GetState GetBulkState SaveState DeleteState DeleteBulkState ExecuteStateTransaction
state      state.v1alpha1        QueryStateAlpha1
pubsub     publish.v1            PublishEvent BulkPublishEvent
pubsub     publish.v1alpha1      BulkPublishEventAlpha1
streams    subscribe.v1alpha1    SubscribeTopicEventsAlpha1
bindings   bindings.v1           InvokeBinding
secrets    secrets.v1            GetSecret GetBulkSecret
about      metadata.v1           GetMetadata SetMetadata
about      shutdown.v1           Shutdown
actors     actors.v1             RegisterActorTimer UnregisterActorTimer RegisterActorReminder UnregisterActorReminder
actors     actors.v1             UnregisterActorRemindersByType ListActorReminders GetActorReminder GetActorState
actors     actors.v1             ExecuteActorStateTransaction InvokeActor
actorstream actors.v1alpha1      SubscribeActorEventsAlpha1
absent     configuration.v1      GetConfiguration SubscribeConfiguration UnsubscribeConfiguration
absent     configuration.v1alpha1 GetConfigurationAlpha1 SubscribeConfigurationAlpha1 UnsubscribeConfigurationAlpha1
absent     lock.v1alpha1         TryLockAlpha1
absent     unlock.v1alpha1       UnlockAlpha1
absent     crypto.v1alpha1       EncryptAlpha1 DecryptAlpha1
absent     subtlecrypto.v1alpha1 SubtleGetKeyAlpha1 SubtleEncryptAlpha1 SubtleDecryptAlpha1 SubtleWrapKeyAlpha1
absent     subtlecrypto.v1alpha1 SubtleUnwrapKeyAlpha1 SubtleSignAlpha1 SubtleVerifyAlpha1
absent     workflows.v1alpha1    StartWorkflowAlpha1 GetWorkflowAlpha1 PurgeWorkflowAlpha1 TerminateWorkflowAlpha1
absent     workflows.v1alpha1    PauseWorkflowAlpha1 ResumeWorkflowAlpha1 RaiseEventWorkflowAlpha1
absent     workflows.v1beta1     StartWorkflowBeta1 GetWorkflowBeta1 PurgeWorkflowBeta1 TerminateWorkflowBeta1
absent     workflows.v1beta1     PauseWorkflowBeta1 ResumeWorkflowBeta1 RaiseEventWorkflowBeta1
absent     jobs.v1               ScheduleJob GetJob DeleteJob DeleteJobsByPrefix ListJobs
absent     jobs.v1alpha1         ScheduleJobAlpha1 GetJobAlpha1 DeleteJobAlpha1 DeleteJobsByPrefixAlpha1 ListJobsAlpha1
absent     conversation.v1alpha1 ConverseAlpha1
absent     conversation.v1alpha2 ConverseAlpha2
"""


SERVICE_2020: Final = "/dapr.Dapr/"
METHODS_2020: Final = {
    "PublishEvent": "publish.v1",
    "InvokeService": "invoke.v1",
    "InvokeBinding": "bindings.v1",
    "GetState": "state.v1",
    "SaveState": "state.v1",
    "DeleteState": "state.v1",
}
"""Methods of the API of 2020, all in ``edition2020``, and the groups whose lists they obey."""


def _parse() -> dict[str, tuple[str, str]]:
    rows = (line.split() for line in _TABLE.strip().splitlines())
    return {name: (module, group) for module, group, *names in rows for name in names}


METHODS: Final = _parse()
"""Module and group by the name of a method."""
