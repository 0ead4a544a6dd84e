"""Messages. Generated from durabletask/runtime_state.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.durabletask import history_events_pb2 as _durabletask_history_events_pb2
from dapr_core.proto.gen.durabletask import orchestration_pb2 as _durabletask_orchestration_pb2
from dapr_core.proto.gen.google.protobuf import timestamp_pb2 as _google_protobuf_timestamp_pb2
from dapr_core.proto.gen.google.protobuf import wrappers_pb2 as _google_protobuf_wrappers_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n\x1fdurabletask/runtime_state.proto\x12\x1ddurabletask.protos.backend.v1'
    b'\x1a durabletask/history_events.proto\x1a\x1fdurabletask/orchestration.pr'
    b'oto\x1a\x1fgoogle/protobuf/timestamp.proto\x1a\x1egoogle/protobuf/wrappers.p'
    b'roto"t\n\x13RuntimeStateStalled\x12&\n\x06reason\x18\x01 \x01(\x0e2\x0e.StalledReasonR\x06rea'
    b'son\x12%\n\x0bdescription\x18\x02 \x01(\tH\x00R\x0bdescription\x88\x01\x01B\x0e\n\x0c_description"\x89\x07\n\x14W'
    b'orkflowRuntimeState\x12\x1e\n\ninstanceId\x18\x01 \x01(\tR\ninstanceId\x12+\n\tnewEvents'
    b'\x18\x02 \x03(\x0b2\r.HistoryEventR\tnewEvents\x12+\n\toldEvents\x18\x03 \x03(\x0b2\r.HistoryEve'
    b'ntR\toldEvents\x121\n\x0cpendingTasks\x18\x04 \x03(\x0b2\r.HistoryEventR\x0cpendingTasks'
    b'\x123\n\rpendingTimers\x18\x05 \x03(\x0b2\r.HistoryEventR\rpendingTimers\x12d\n\x0fpending'
    b'Messages\x18\x06 \x03(\x0b2:.durabletask.protos.backend.v1.WorkflowRuntimeSt'
    b'ateMessageR\x0fpendingMessages\x126\n\nstartEvent\x18\x07 \x01(\x0b2\x16.ExecutionStart'
    b'edEventR\nstartEvent\x12@\n\x0ecompletedEvent\x18\x08 \x01(\x0b2\x18.ExecutionCompleted'
    b'EventR\x0ecompletedEvent\x12<\n\x0bcreatedTime\x18\t \x01(\x0b2\x1a.google.protobuf.Tim'
    b'estampR\x0bcreatedTime\x12D\n\x0flastUpdatedTime\x18\n \x01(\x0b2\x1a.google.protobuf.T'
    b'imestampR\x0flastUpdatedTime\x12@\n\rcompletedTime\x18\x0b \x01(\x0b2\x1a.google.protob'
    b'uf.TimestampR\rcompletedTime\x12&\n\x0econtinuedAsNew\x18\x0c \x01(\x08R\x0econtinuedAs'
    b'New\x12 \n\x0bisSuspended\x18\r \x01(\x08R\x0bisSuspended\x12@\n\x0ccustomStatus\x18\x0e \x01(\x0b2\x1c.go'
    b'ogle.protobuf.StringValueR\x0ccustomStatus\x12Q\n\x07stalled\x18\x0f \x01(\x0b22.durab'
    b'letask.protos.backend.v1.RuntimeStateStalledH\x00R\x07stalled\x88\x01\x01B\n\n\x08_s'
    b'talled"\xd9\x01\n\x1bWorkflowRuntimeStateMessage\x121\n\x0chistoryEvent\x18\x01 \x01(\x0b2\r.H'
    b'istoryEventR\x0chistoryEvent\x12*\n\x10targetInstanceId\x18\x02 \x01(\tR\x10targetInsta'
    b'nceId\x12E\n\x11propagatedHistory\x18\x03 \x01(\x0b2\x12.PropagatedHistoryH\x00R\x11propagat'
    b'edHistory\x88\x01\x01B\x14\n\x12_propagatedHistoryb\x06proto3'
)
