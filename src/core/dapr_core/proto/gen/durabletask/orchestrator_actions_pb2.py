"""Messages. Generated from durabletask/orchestrator_actions.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.durabletask import history_events_pb2 as _durabletask_history_events_pb2
from dapr_core.proto.gen.durabletask import orchestration_pb2 as _durabletask_orchestration_pb2
from dapr_core.proto.gen.google.protobuf import timestamp_pb2 as _google_protobuf_timestamp_pb2
from dapr_core.proto.gen.google.protobuf import wrappers_pb2 as _google_protobuf_wrappers_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n&durabletask/orchestrator_actions.proto\x1a durabletask/history_ev'
    b'ents.proto\x1a\x1fdurabletask/orchestration.proto\x1a\x1fgoogle/protobuf/tim'
    b'estamp.proto\x1a\x1egoogle/protobuf/wrappers.proto"\xb9\x02\n\x12ScheduleTaskAct'
    b'ion\x12\x12\n\x04name\x18\x01 \x01(\tR\x04name\x126\n\x07version\x18\x02 \x01(\x0b2\x1c.google.protobuf.Strin'
    b'gValueR\x07version\x122\n\x05input\x18\x03 \x01(\x0b2\x1c.google.protobuf.StringValueR\x05in'
    b'put\x12(\n\x0ftaskExecutionId\x18\x05 \x01(\tR\x0ftaskExecutionId\x12W\n\x17historyPropagat'
    b'ionScope\x18\x06 \x01(\x0e2\x18.HistoryPropagationScopeH\x00R\x17historyPropagationSc'
    b'ope\x88\x01\x01B\x1a\n\x18_historyPropagationScopeJ\x04\x08\x04\x10\x05"\xab\x03\n\x19CreateChildWorkflow'
    b'Action\x12\x1e\n\ninstanceId\x18\x01 \x01(\tR\ninstanceId\x12\x12\n\x04name\x18\x02 \x01(\tR\x04name\x126\n\x07ve'
    b'rsion\x18\x03 \x01(\x0b2\x1c.google.protobuf.StringValueR\x07version\x122\n\x05input\x18\x04 \x01('
    b'\x0b2\x1c.google.protobuf.StringValueR\x05input\x12W\n\x17historyPropagationScop'
    b'e\x18\x06 \x01(\x0e2\x18.HistoryPropagationScopeH\x00R\x17historyPropagationScope\x88\x01\x01\x12'
    b'W\n\x17retryParentInstanceInfo\x18\x07 \x01(\x0b2\x18.RetryParentInstanceInfoH\x01R\x17re'
    b'tryParentInstanceInfo\x88\x01\x01B\x1a\n\x18_historyPropagationScopeB\x1a\n\x18_retryPa'
    b'rentInstanceInfoJ\x04\x08\x05\x10\x06"\xcc\x04\n\x1cCreateDetachedWorkflowAction\x12\x1e\n\ninsta'
    b'nceId\x18\x01 \x01(\tR\ninstanceId\x12\x12\n\x04name\x18\x02 \x01(\tR\x04name\x126\n\x07version\x18\x03 \x01(\x0b2\x1c.g'
    b'oogle.protobuf.StringValueR\x07version\x122\n\x05input\x18\x04 \x01(\x0b2\x1c.google.prot'
    b'obuf.StringValueR\x05input\x12Y\n\x17scheduledStartTimestamp\x18\x05 \x01(\x0b2\x1a.googl'
    b'e.protobuf.TimestampH\x00R\x17scheduledStartTimestamp\x88\x01\x01\x12>\n\x0bexecutionI'
    b'd\x18\x06 \x01(\x0b2\x1c.google.protobuf.StringValueR\x0bexecutionId\x12;\n\x04tags\x18\x07 \x03(\x0b'
    b"2'.CreateDetachedWorkflowAction.TagsEntryR\x04tags\x12B\n\x12parentTraceCo"
    b'ntext\x18\x08 \x01(\x0b2\r.TraceContextH\x01R\x12parentTraceContext\x88\x01\x01\x1a7\n\tTagsEntry'
    b'\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01B\x1a\n\x18_scheduledStartT'
    b'imestampB\x15\n\x13_parentTraceContextJ\x04\x08\t\x10\n"\x88\x03\n\x11CreateTimerAction\x122\n\x06f'
    b'ireAt\x18\x01 \x01(\x0b2\x1a.google.protobuf.TimestampR\x06fireAt\x12\x17\n\x04name\x18\x02 \x01(\tH\x01R'
    b'\x04name\x88\x01\x01\x12;\n\x0bcreateTimer\x18\x03 \x01(\x0b2\x17.TimerOriginCreateTimerH\x00R\x0bcreate'
    b'Timer\x12A\n\rexternalEvent\x18\x04 \x01(\x0b2\x19.TimerOriginExternalEventH\x00R\rexter'
    b'nalEvent\x12A\n\ractivityRetry\x18\x05 \x01(\x0b2\x19.TimerOriginActivityRetryH\x00R\rac'
    b'tivityRetry\x12P\n\x12childWorkflowRetry\x18\x06 \x01(\x0b2\x1e.TimerOriginChildWorkfl'
    b'owRetryH\x00R\x12childWorkflowRetryB\x08\n\x06originB\x07\n\x05_name"\x86\x01\n\x0fSendEventAc'
    b'tion\x12-\n\x08instance\x18\x01 \x01(\x0b2\x11.WorkflowInstanceR\x08instance\x12\x12\n\x04name\x18\x02 \x01('
    b'\tR\x04name\x120\n\x04data\x18\x03 \x01(\x0b2\x1c.google.protobuf.StringValueR\x04data"\xf8\x02\n\x16Co'
    b'mpleteWorkflowAction\x12<\n\x0eworkflowStatus\x18\x01 \x01(\x0e2\x14.OrchestrationStat'
    b'usR\x0eworkflowStatus\x124\n\x06result\x18\x02 \x01(\x0b2\x1c.google.protobuf.StringValue'
    b'R\x06result\x126\n\x07details\x18\x03 \x01(\x0b2\x1c.google.protobuf.StringValueR\x07details'
    b'\x12<\n\nnewVersion\x18\x04 \x01(\x0b2\x1c.google.protobuf.StringValueR\nnewVersion\x127'
    b'\n\x0fcarryoverEvents\x18\x05 \x03(\x0b2\r.HistoryEventR\x0fcarryoverEvents\x12;\n\x0efailu'
    b'reDetails\x18\x06 \x01(\x0b2\x13.TaskFailureDetailsR\x0efailureDetails"\x89\x01\n\x17Termina'
    b'teWorkflowAction\x12\x1e\n\ninstanceId\x18\x01 \x01(\tR\ninstanceId\x124\n\x06reason\x18\x02 \x01(\x0b'
    b'2\x1c.google.protobuf.StringValueR\x06reason\x12\x18\n\x07recurse\x18\x03 \x01(\x08R\x07recurse'
    b'"#\n!WorkflowVersionNotAvailableAction"\xb8\x05\n\x0eWorkflowAction\x12\x0e\n\x02id\x18\x01'
    b' \x01(\x05R\x02id\x129\n\x0cscheduleTask\x18\x02 \x01(\x0b2\x13.ScheduleTaskActionH\x00R\x0cscheduleT'
    b'ask\x12N\n\x13createChildWorkflow\x18\x03 \x01(\x0b2\x1a.CreateChildWorkflowActionH\x00R\x13'
    b'createChildWorkflow\x126\n\x0bcreateTimer\x18\x04 \x01(\x0b2\x12.CreateTimerActionH\x00R\x0b'
    b'createTimer\x120\n\tsendEvent\x18\x05 \x01(\x0b2\x10.SendEventActionH\x00R\tsendEvent\x12E\n'
    b'\x10completeWorkflow\x18\x06 \x01(\x0b2\x17.CompleteWorkflowActionH\x00R\x10completeWork'
    b'flow\x12H\n\x11terminateWorkflow\x18\x07 \x01(\x0b2\x18.TerminateWorkflowActionH\x00R\x11ter'
    b'minateWorkflow\x12f\n\x1bworkflowVersionNotAvailable\x18\n \x01(\x0b2".WorkflowVe'
    b'rsionNotAvailableActionH\x00R\x1bworkflowVersionNotAvailable\x12W\n\x16create'
    b'DetachedWorkflow\x18\x0b \x01(\x0b2\x1d.CreateDetachedWorkflowActionH\x00R\x16createD'
    b'etachedWorkflow\x12(\n\x06router\x18\t \x01(\x0b2\x0b.TaskRouterH\x01R\x06router\x88\x01\x01B\x14\n\x12wor'
    b'kflowActionTypeB\t\n\x07_routerJ\x04\x08\x08\x10\tb\x06proto3'
)
