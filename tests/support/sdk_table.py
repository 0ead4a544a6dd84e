"""What each official SDK does with this sidecar, use by use.

A use works, or it comes with a block that is not in service yet, or the SDK has it over another transport only. The
tests of ``tests/sdk`` hold every row: they use what works, and what comes later must be refused as its row says, so
that no row outlives its reason. When a block comes, its rows move to ``works``; ``docs/sdks.md`` is this table for
readers, written by ``python -m support.sdk_page`` in ``tests``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Later(NamedTuple):
    """A use that a block brings, and a part of what the SDK's user is told until then."""

    block: str
    refusal: str


@dataclass(frozen=True)
class Sdk:
    """One part of one SDK over one transport.

    ``silent`` are uses that come later and of whose refusal the SDK tells its user nothing, with their blocks.
    ``elsewhere`` are uses that the SDK itself refuses over this transport, with its words.
    """

    package: str
    works: frozenset[str]
    later: Mapping[str, Later] = field(default_factory=dict)
    silent: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    @property
    def uses(self) -> set[str]:
        """Every use that has a row."""
        return {*self.works, *self.later, *self.silent, *self.elsewhere}


def unlike(wanted: Mapping[str, Later], refused: Mapping[str, str]) -> dict[str, str]:
    """What was not refused as its row says; empty when all is as it stands here."""
    found = {use: said for use, said in refused.items() if use not in wanted or wanted[use].refusal not in said}
    return found | {use: "was not tried" for use in wanted if use not in refused}


def _all(block: str, refusal: str, *names: str, of: str = "") -> dict[str, Later]:
    return {f"{of}.{name}" if of else name: Later(block, refusal) for name in " ".join(names).split()}


def _names(*lines: str, of: str = "") -> frozenset[str]:
    return frozenset(f"{of}.{name}" if of else name for name in " ".join(lines).split())


REMINDERS, JOBS, WORKFLOWS, LOCKS = "reminders of actors", "jobs", "workflows", "distributed locks"
CONFIGURATION, CRYPTOGRAPHY, CONVERSATION = "configuration", "cryptography", "conversation"

_NO_ROUTE = "404"
_NO_SERVICE = "cannot proxy request: missing dapr-callee-app-id or dapr-app-id metadata"
_NO_SCHEDULER = "scheduler clients are disabled"
_NO_STORES = "configuration stores not configured"
_NO_SUBSCRIPTION = "subscription does not exist"
_NO_LOCKS = "lock store is not configured"
_NO_PROVIDERS = "crypto providers not configured"
_NO_MODEL = "failed finding conversation component llm"

PYTHON = Sdk(
    "dapr",
    _names(
        "close delete_state execute_state_transaction get_bulk_secret get_bulk_state get_metadata get_secret get_state",
        "invoke_binding invoke_method invoke_method_async publish_event publish_events query_state save_bulk_state",
        "save_state set_metadata shutdown subscribe subscribe_with_handler wait ActorProxy.invoke_method",
    )
    | _names(
        "get_state invoke_method register_timer save_state_transactionally unregister_timer", of="DaprActorHttpClient"
    ),
    {
        **_all(CONFIGURATION, _NO_STORES, "get_configuration"),
        **_all(CONFIGURATION, "it gave False", "unsubscribe_configuration"),
        **_all(LOCKS, _NO_LOCKS, "try_lock unlock"),
        **_all(CRYPTOGRAPHY, _NO_PROVIDERS, "encrypt decrypt"),
        **_all(JOBS, _NO_SCHEDULER, "schedule_job get_job delete_job"),
        **_all(JOBS, _NO_SCHEDULER, "schedule_job_alpha1 get_job_alpha1 delete_job_alpha1"),
        **_all(CONVERSATION, _NO_MODEL, "converse_alpha1 converse_alpha2"),
        **_all(REMINDERS, _NO_SCHEDULER, "register_reminder unregister_reminder", of="DaprActorHttpClient"),
        **_all(
            WORKFLOWS, _NO_SERVICE, "schedule_new_workflow get_workflow_state get_workflow_history pause_workflow",
            "resume_workflow purge_workflow raise_workflow_event rerun_workflow_from_event terminate_workflow",
            "wait_for_workflow_start wait_for_workflow_completion list_workflow_instance_ids",
            "iter_workflow_instance_ids", of="DaprWorkflowClient",
        ),
    },
    silent={"subscribe_configuration": CONFIGURATION, "WorkflowRuntime": WORKFLOWS},
)  # fmt: skip

_JAVASCRIPT_WORKS = _names(
    "binding.send health.isHealthy invoker.invoke metadata.get metadata.set pubsub.publish pubsub.publishBulk",
    "secret.get secret.getBulk sidecar.shutdown state.delete state.get state.getBulk state.query state.save",
    "state.transaction actor.create ActorProxyBuilder ActorClient.stateGet ActorClient.stateTransaction",
    "ActorClient.registerActorTimer ActorClient.unregisterActorTimer",
)  # fmt: skip
_JAVASCRIPT_SILENT = dict.fromkeys(
    _names("subscribe subscribeWithKeys subscribeWithMetadata", of="configuration"), CONFIGURATION
)
_JAVASCRIPT_REMINDERS = "ActorClient.registerActorReminder ActorClient.unregisterActorReminder"
_JAVASCRIPT_WORKFLOWS = (
    "workflow.get workflow.getWorkflowState workflow.pause workflow.purge workflow.raise workflow.raiseEvent",
    "workflow.resume workflow.scheduleNewWorkflow workflow.start workflow.terminate",
)

JAVASCRIPT = {
    "http": Sdk(
        "@dapr/dapr",
        _JAVASCRIPT_WORKS,
        {
            **_all(REMINDERS, _NO_SCHEDULER, _JAVASCRIPT_REMINDERS),
            **_all(WORKFLOWS, _NO_ROUTE, *_JAVASCRIPT_WORKFLOWS),
            **_all(LOCKS, _NO_ROUTE, "lock.lock lock.unlock"),
        },
        _JAVASCRIPT_SILENT,
        {
            "configuration.get": "HTTP is currently not supported",
            "crypto.decrypt": "not available using the HTTP APIs",
            "crypto.encrypt": "not available using the HTTP APIs",
            "proxy.create": "HTTP is currently not supported",
        },
    ),
    "grpc": Sdk(
        "@dapr/dapr",
        _JAVASCRIPT_WORKS,
        {
            **_all(REMINDERS, _NO_SCHEDULER, _JAVASCRIPT_REMINDERS),
            **_all(
                WORKFLOWS, _NO_SERVICE, "getWorkflowState purgeWorkflow raiseEvent resumeWorkflow scheduleNewWorkflow",
                "suspendWorkflow terminateWorkflow", of="DaprWorkflowClient",
            ),
            **_all(CONFIGURATION, _NO_STORES, "configuration.get"),
            **_all(CRYPTOGRAPHY, _NO_PROVIDERS, "crypto.encrypt crypto.decrypt"),
            **_all(LOCKS, _NO_LOCKS, "lock.lock lock.unlock"),
        },
        _JAVASCRIPT_SILENT,
        {
            **dict.fromkeys(_names(*_JAVASCRIPT_WORKFLOWS), "GRPC is currently not supported"),
            "proxy.create": "GRPCClientProxy is not supported",
        },
    ),
}  # fmt: skip
"""The SDK of this version has no client for jobs and for conversation."""

GO = Sdk(
    "github.com/dapr/go-sdk",
    _names(
        "Close DeleteBulkState DeleteBulkStateItems DeleteState DeleteStateWithETag ExecuteStateTransaction",
        "GetBulkSecret GetBulkState GetMetadata GetSecret GetState GetStateWithConsistency GrpcClient GrpcClientConn",
        "InvokeBinding InvokeMethod InvokeMethodWithContent InvokeMethodWithCustomContent InvokeOutputBinding",
        "PublishEvent PublishEvents PublishEventfromCustomContent QueryStateAlpha1 SaveBulkState SaveState",
        "SaveStateWithETag SetMetadata Shutdown Subscribe SubscribeWithHandler Wait WithAuthToken WithTraceID",
        "GetActorState ImplActorClientStub InvokeActor RegisterActorTimer SaveStateTransactionally",
        "SubscribeActorEvents UnregisterActorTimer",
    ),
    {
        **_all(REMINDERS, _NO_SCHEDULER, "RegisterActorReminder UnregisterActorReminder"),
        **_all(JOBS, _NO_SCHEDULER, "DeleteJob GetJob ScheduleJob DeleteJobAlpha1 GetJobAlpha1 ScheduleJobAlpha1"),
        **_all(CONFIGURATION, _NO_STORES, "GetConfigurationItem GetConfigurationItems SubscribeConfigurationItems"),
        **_all(CONFIGURATION, _NO_SUBSCRIPTION, "UnsubscribeConfigurationItems"),
        **_all(LOCKS, _NO_LOCKS, "TryLockAlpha1 UnlockAlpha1"),
        **_all(CRYPTOGRAPHY, _NO_PROVIDERS, "Encrypt Decrypt"),
        **_all(CONVERSATION, _NO_MODEL, "ConverseAlpha1 ConverseAlpha2"),
        **_all(
            WORKFLOWS, _NO_SERVICE, "FetchWorkflowMetadata GetInstanceHistory ListInstanceIDs PurgeWorkflowState",
            "RaiseEvent RerunWorkflowFromEvent ResumeWorkflow ScheduleWorkflow StartWorker SuspendWorkflow",
            "TerminateWorkflow", of="workflow",
        ),
        # The SDK repeats these until its caller's patience ends.
        **_all(
            WORKFLOWS, "context deadline exceeded", "WaitForWorkflowCompletion WaitForWorkflowStart", of="workflow"
        ),
    },
)  # fmt: skip

JAVA = Sdk(
    "io.dapr:dapr-sdk",
    _names(
        "close deleteState executeStateTransaction getBulkSecret getBulkState getMetadata getSecret getState",
        "invokeBinding invokeMethod newGrpcStub publishEvent publishEvents queryState saveBulkState saveState shutdown",
        "subscribeToEvents subscribeToTopic waitForSidecar ActorProxy.invokeMethod",
    ),
    {
        **_all(JOBS, _NO_SCHEDULER, "deleteJob getJob scheduleJob"),
        **_all(CONFIGURATION, _NO_STORES, "getConfiguration subscribeConfiguration"),
        **_all(CONFIGURATION, _NO_SUBSCRIPTION, "unsubscribeConfiguration"),
        **_all(LOCKS, _NO_LOCKS, "tryLock unlock"),
        **_all(CRYPTOGRAPHY, _NO_PROVIDERS, "encrypt decrypt"),
        **_all(CONVERSATION, _NO_MODEL, "converse converseAlpha2"),
        **_all(
            WORKFLOWS, _NO_SERVICE, "getInstanceState getWorkflowState purgeInstance purgeWorkflow raiseEvent",
            "resumeWorkflow scheduleNewWorkflow suspendWorkflow terminateWorkflow waitForInstanceCompletion",
            "waitForInstanceStart waitForWorkflowCompletion waitForWorkflowStart", of="DaprWorkflowClient",
        ),
    },
    silent={"WorkflowRuntime": WORKFLOWS},
)  # fmt: skip

CLIENTS = {
    "Python": PYTHON,
    "JavaScript, HTTP": JAVASCRIPT["http"],
    "JavaScript, gRPC": JAVASCRIPT["grpc"],
    "Go": GO,
    "Java": JAVA,
}

_SERVES = frozenset({"calls", "events", "raw payloads", "retries", "dead letters", "input bindings", "health"})
_ROUTES = _SERVES | {"rules"}
_ALL = _ROUTES | {"bulk"}
_PYTHON_REMINDERS = "Actor.register_reminder Actor.unregister_reminder"
_GO_REMINDERS = "RegisterActorReminder UnregisterActorReminder"
_NO_WORDS = "the SDK has no way to ask for it"


def _application(package: str, works: frozenset[str], jobs: str = "", reminders: str = "") -> Sdk:
    """An application's side. What it would do with ``jobs`` nobody asks of it until they come.

    ``reminders`` are what its actors set and drop reminders with, in that order.
    """
    later = {**_all(JOBS, _NO_ROUTE, jobs), **_all(REMINDERS, _NO_SCHEDULER, reminders)}
    return Sdk(package, works, later, elsewhere=dict.fromkeys(_ALL - works - {"actors"}, _NO_WORDS))


APPLICATIONS = {
    "Python, FastAPI": _application("dapr[fastapi]", _SERVES | {"actors"}, reminders=_PYTHON_REMINDERS),
    "Python, Flask": _application("dapr[flask]", _SERVES | {"actors"}, reminders=_PYTHON_REMINDERS),
    "Python, gRPC": _application("dapr[grpc]", _ROUTES | {"actors"}, "App.job_event", reminders=_PYTHON_REMINDERS),
    "JavaScript, HTTP": _application(
        "@dapr/dapr",
        _ALL | {"actors"},
        reminders="AbstractActor.registerActorReminder AbstractActor.unregisterActorReminder",
    ),
    "JavaScript, gRPC": Sdk("@dapr/dapr", _ALL, elsewhere={"actors": "GRPC is currently not supported"}),
    "Go, HTTP": _application("github.com/dapr/go-sdk", _ROUTES | {"actors"}, reminders=_GO_REMINDERS),
    "Go, gRPC": _application(
        "github.com/dapr/go-sdk", _ROUTES | {"actors"}, "AddJobEventHandler", reminders=_GO_REMINDERS
    ),
    "Java, Spring Boot": _application(
        "io.dapr:dapr-sdk-springboot",
        _ALL | {"actors"},
        reminders="AbstractActor.registerReminder AbstractActor.unregisterReminder",
    ),
    "Java, gRPC": _application("io.dapr:dapr-sdk", _ALL, "onJobEventAlpha1"),
}

NOT_RUN = {
    "C#": "it comes from NuGet alone; the tests install from PyPI, npm, Maven Central, the Go module proxy and Debian",
}
"""Official SDKs that no test runs, and why."""
