"""Messages. Generated from durabletask/backend_service.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.durabletask import history_events_pb2 as _durabletask_history_events_pb2
from dapr_core.proto.gen.durabletask import orchestration_pb2 as _durabletask_orchestration_pb2
from dapr_core.proto.gen.google.protobuf import timestamp_pb2 as _google_protobuf_timestamp_pb2
from dapr_core.proto.gen.google.protobuf import wrappers_pb2 as _google_protobuf_wrappers_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n!durabletask/backend_service.proto\x12\x1ddurabletask.protos.backend.'
    b'v1\x1a durabletask/history_events.proto\x1a\x1fdurabletask/orchestration.'
    b'proto\x1a\x1fgoogle/protobuf/timestamp.proto\x1a\x1egoogle/protobuf/wrappers'
    b'.proto"e\n\x0fAddEventRequest\x12-\n\x08instance\x18\x01 \x01(\x0b2\x11.WorkflowInstanceR\x08'
    b'instance\x12#\n\x05event\x18\x02 \x01(\x0b2\r.HistoryEventR\x05event"\x12\n\x10AddEventRespons'
    b'e"\x80\x01\n\x1fCompleteActivityWorkItemRequest\x12(\n\x0fcompletionToken\x18\x01 \x01(\tR\x0f'
    b'completionToken\x123\n\rresponseEvent\x18\x02 \x01(\x0b2\r.HistoryEventR\rresponseE'
    b'vent""\n CompleteActivityWorkItemResponse"\x9e\x04\n\x1fCompleteWorkflowWor'
    b'kItemRequest\x12(\n\x0fcompletionToken\x18\x01 \x01(\tR\x0fcompletionToken\x12-\n\x08instan'
    b'ce\x18\x02 \x01(\x0b2\x11.WorkflowInstanceR\x08instance\x12:\n\rruntimeStatus\x18\x03 \x01(\x0e2\x14.O'
    b'rchestrationStatusR\rruntimeStatus\x12@\n\x0ccustomStatus\x18\x04 \x01(\x0b2\x1c.google'
    b'.protobuf.StringValueR\x0ccustomStatus\x12-\n\nnewHistory\x18\x05 \x03(\x0b2\r.Histor'
    b'yEventR\nnewHistory\x12)\n\x08newTasks\x18\x06 \x03(\x0b2\r.HistoryEventR\x08newTasks\x12+\n'
    b'\tnewTimers\x18\x07 \x03(\x0b2\r.HistoryEventR\tnewTimers\x12P\n\x0bnewMessages\x18\x08 \x03(\x0b2'
    b'..durabletask.protos.backend.v1.WorkflowMessageR\x0bnewMessages\x12K\n\x12'
    b'numEventsProcessed\x18\t \x01(\x0b2\x1b.google.protobuf.Int32ValueR\x12numEvents'
    b'Processed""\n CompleteWorkflowWorkItemResponse"e\n\x0fWorkflowMessage'
    b'\x12-\n\x08instance\x18\x01 \x01(\x0b2\x11.WorkflowInstanceR\x08instance\x12#\n\x05event\x18\x02 \x01(\x0b2\r'
    b'.HistoryEventR\x05event"\xc6\x01\n\x14BackendWorkflowState\x12#\n\x05inbox\x18\x01 \x03(\x0b2\r.H'
    b"istoryEventR\x05inbox\x12'\n\x07history\x18\x02 \x03(\x0b2\r.HistoryEventR\x07history\x12@\n\x0cc"
    b'ustomStatus\x18\x03 \x01(\x0b2\x1c.google.protobuf.StringValueR\x0ccustomStatus\x12\x1e\n'
    b'\ngeneration\x18\x04 \x01(\x04R\ngeneration"\xa4\x01\n\x12ActivityInvocation\x121\n\x0chistoryE'
    b'vent\x18\x01 \x01(\x0b2\r.HistoryEventR\x0chistoryEvent\x12E\n\x11propagatedHistory\x18\x02 \x01'
    b'(\x0b2\x12.PropagatedHistoryH\x00R\x11propagatedHistory\x88\x01\x01B\x14\n\x12_propagatedHis'
    b'tory"\xb1\x01\n\x1dCreateWorkflowInstanceRequest\x12-\n\nstartEvent\x18\x01 \x01(\x0b2\r.His'
    b'toryEventR\nstartEvent\x12E\n\x11propagatedHistory\x18\x03 \x01(\x0b2\x12.PropagatedHis'
    b'toryH\x00R\x11propagatedHistory\x88\x01\x01B\x14\n\x12_propagatedHistoryJ\x04\x08\x02\x10\x03"\xbc\x06\n\x10Wor'
    b'kflowMetadata\x12\x1e\n\ninstanceId\x18\x01 \x01(\tR\ninstanceId\x12\x12\n\x04name\x18\x02 \x01(\tR\x04nam'
    b'e\x12:\n\rruntimeStatus\x18\x03 \x01(\x0e2\x14.OrchestrationStatusR\rruntimeStatus\x128\n'
    b'\tcreatedAt\x18\x04 \x01(\x0b2\x1a.google.protobuf.TimestampR\tcreatedAt\x12@\n\rlastU'
    b'pdatedAt\x18\x05 \x01(\x0b2\x1a.google.protobuf.TimestampR\rlastUpdatedAt\x122\n\x05inp'
    b'ut\x18\x06 \x01(\x0b2\x1c.google.protobuf.StringValueR\x05input\x124\n\x06output\x18\x07 \x01(\x0b2\x1c.'
    b'google.protobuf.StringValueR\x06output\x12@\n\x0ccustomStatus\x18\x08 \x01(\x0b2\x1c.goog'
    b'le.protobuf.StringValueR\x0ccustomStatus\x12;\n\x0efailureDetails\x18\t \x01(\x0b2\x13.'
    b'TaskFailureDetailsR\x0efailureDetails\x12<\n\x0bcompletedAt\x18\n \x01(\x0b2\x1a.google'
    b'.protobuf.TimestampR\x0bcompletedAt\x12*\n\x10parentInstanceId\x18\x0b \x01(\tR\x10pare'
    b'ntInstanceId\x12;\n\x07version\x18\x0c \x01(\x0b2\x1c.google.protobuf.StringValueH\x00R\x07v'
    b'ersion\x88\x01\x01\x12C\n\x0bparentAppId\x18\r \x01(\x0b2\x1c.google.protobuf.StringValueH\x01R\x0b'
    b'parentAppId\x88\x01\x01\x12=\n\tstartedAt\x18\x0e \x01(\x0b2\x1a.google.protobuf.TimestampH\x02R'
    b'\tstartedAt\x88\x01\x01B\n\n\x08_versionB\x0e\n\x0c_parentAppIdB\x0c\n\n_startedAt"\xb8\x02\n\x1cBack'
    b'endWorkflowStateMetadata\x12 \n\x0binboxLength\x18\x01 \x01(\x04R\x0binboxLength\x12$\n\rhi'
    b'storyLength\x18\x02 \x01(\x04R\rhistoryLength\x12\x1e\n\ngeneration\x18\x03 \x01(\x04R\ngeneration'
    b'\x12(\n\x0fsignatureLength\x18\x04 \x01(\x04R\x0fsignatureLength\x12:\n\x18signingCertificate'
    b'Length\x18\x05 \x01(\x04R\x18signingCertificateLength\x12J\n externalSigningCertifi'
    b'cateLength\x18\x06 \x01(\x04R externalSigningCertificateLength"6\n\x12SigningCer'
    b'tificate\x12 \n\x0bcertificate\x18\x01 \x01(\x0cR\x0bcertificate"\xa5\x02\n\x10HistorySignature\x12'
    b'(\n\x0fstartEventIndex\x18\x01 \x01(\x04R\x0fstartEventIndex\x12\x1e\n\neventCount\x18\x02 \x01(\x04R\ne'
    b'ventCount\x12=\n\x17previousSignatureDigest\x18\x03 \x01(\x0cH\x00R\x17previousSignatureD'
    b'igest\x88\x01\x01\x12"\n\x0ceventsDigest\x18\x04 \x01(\x0cR\x0ceventsDigest\x12*\n\x10certificateIndex'
    b'\x18\x05 \x01(\x04R\x10certificateIndex\x12\x1c\n\tsignature\x18\x06 \x01(\x0cR\tsignatureB\x1a\n\x18_previ'
    b'ousSignatureDigest"]\n\x0cDurableTimer\x12-\n\ntimerEvent\x18\x01 \x01(\x0b2\r.History'
    b'EventR\ntimerEvent\x12\x1e\n\ngeneration\x18\x02 \x01(\x04R\ngenerationb\x06proto3'
)
