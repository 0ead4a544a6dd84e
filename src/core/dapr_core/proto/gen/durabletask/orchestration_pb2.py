"""Messages. Generated from durabletask/orchestration.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.google.protobuf import timestamp_pb2 as _google_protobuf_timestamp_pb2
from dapr_core.proto.gen.google.protobuf import wrappers_pb2 as _google_protobuf_wrappers_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n\x1fdurabletask/orchestration.proto\x1a\x1fgoogle/protobuf/timestamp.pro'
    b'to\x1a\x1egoogle/protobuf/wrappers.proto"\xb1\x01\n\nTaskRouter\x12 \n\x0bsourceAppID'
    b'\x18\x01 \x01(\tR\x0bsourceAppID\x12%\n\x0btargetAppID\x18\x02 \x01(\tH\x00R\x0btargetAppID\x88\x01\x01\x123\n\x12ta'
    b'rgetAppNamespace\x18\x03 \x01(\tH\x01R\x12targetAppNamespace\x88\x01\x01B\x0e\n\x0c_targetAppIDB'
    b'\x15\n\x13_targetAppNamespace"M\n\x0fWorkflowVersion\x12\x18\n\x07patches\x18\x01 \x03(\tR\x07patc'
    b'hes\x12\x17\n\x04name\x18\x02 \x01(\tH\x00R\x04name\x88\x01\x01B\x07\n\x05_name"r\n\x10WorkflowInstance\x12\x1e\n\nins'
    b'tanceId\x18\x01 \x01(\tR\ninstanceId\x12>\n\x0bexecutionId\x18\x02 \x01(\x0b2\x1c.google.protobuf'
    b'.StringValueR\x0bexecutionId"\xf5\x01\n\x12TaskFailureDetails\x12\x1c\n\terrorType\x18\x01 '
    b'\x01(\tR\terrorType\x12"\n\x0cerrorMessage\x18\x02 \x01(\tR\x0cerrorMessage\x12<\n\nstackTrace'
    b'\x18\x03 \x01(\x0b2\x1c.google.protobuf.StringValueR\nstackTrace\x127\n\x0cinnerFailure'
    b'\x18\x04 \x01(\x0b2\x13.TaskFailureDetailsR\x0cinnerFailure\x12&\n\x0eisNonRetriable\x18\x05 \x01('
    b'\x08R\x0eisNonRetriable"\xc6\x02\n\x12ParentInstanceInfo\x12(\n\x0ftaskScheduledId\x18\x01 \x01('
    b'\x05R\x0ftaskScheduledId\x120\n\x04name\x18\x02 \x01(\x0b2\x1c.google.protobuf.StringValueR\x04'
    b'name\x126\n\x07version\x18\x03 \x01(\x0b2\x1c.google.protobuf.StringValueR\x07version\x12=\n\x10'
    b'workflowInstance\x18\x04 \x01(\x0b2\x11.WorkflowInstanceR\x10workflowInstance\x12\x19\n\x05a'
    b"ppID\x18\x05 \x01(\tH\x00R\x05appID\x88\x01\x01\x12'\n\x0cappNamespace\x18\x06 \x01(\tH\x01R\x0cappNamespace\x88\x01\x01B"
    b'\x08\n\x06_appIDB\x0f\n\r_appNamespace"9\n\x17RerunParentInstanceInfo\x12\x1e\n\ninstanc'
    b'eID\x18\x01 \x01(\tR\ninstanceID"9\n\x17RetryParentInstanceInfo\x12\x1e\n\ninstanceID\x18\x01'
    b' \x01(\tR\ninstanceID"\x8a\x01\n\x0cTraceContext\x12 \n\x0btraceParent\x18\x01 \x01(\tR\x0btracePar'
    b'ent\x12\x1a\n\x06spanID\x18\x02 \x01(\tB\x02\x18\x01R\x06spanID\x12<\n\ntraceState\x18\x03 \x01(\x0b2\x1c.google.pro'
    b'tobuf.StringValueR\ntraceState"\xda\x08\n\rWorkflowState\x12\x1e\n\ninstanceId\x18\x01 '
    b'\x01(\tR\ninstanceId\x12\x12\n\x04name\x18\x02 \x01(\tR\x04name\x126\n\x07version\x18\x03 \x01(\x0b2\x1c.google.pr'
    b'otobuf.StringValueR\x07version\x12<\n\x0eworkflowStatus\x18\x04 \x01(\x0e2\x14.Orchestrat'
    b'ionStatusR\x0eworkflowStatus\x12T\n\x17scheduledStartTimestamp\x18\x05 \x01(\x0b2\x1a.goo'
    b'gle.protobuf.TimestampR\x17scheduledStartTimestamp\x12F\n\x10createdTimest'
    b'amp\x18\x06 \x01(\x0b2\x1a.google.protobuf.TimestampR\x10createdTimestamp\x12N\n\x14lastU'
    b'pdatedTimestamp\x18\x07 \x01(\x0b2\x1a.google.protobuf.TimestampR\x14lastUpdatedTi'
    b'mestamp\x122\n\x05input\x18\x08 \x01(\x0b2\x1c.google.protobuf.StringValueR\x05input\x124\n\x06o'
    b'utput\x18\t \x01(\x0b2\x1c.google.protobuf.StringValueR\x06output\x12@\n\x0ccustomStatu'
    b's\x18\n \x01(\x0b2\x1c.google.protobuf.StringValueR\x0ccustomStatus\x12;\n\x0efailureDe'
    b'tails\x18\x0b \x01(\x0b2\x13.TaskFailureDetailsR\x0efailureDetails\x12>\n\x0bexecutionId\x18'
    b'\x0c \x01(\x0b2\x1c.google.protobuf.StringValueR\x0bexecutionId\x12J\n\x12completedTim'
    b'estamp\x18\r \x01(\x0b2\x1a.google.protobuf.TimestampR\x12completedTimestamp\x12H\n\x10'
    b'parentInstanceId\x18\x0e \x01(\x0b2\x1c.google.protobuf.StringValueR\x10parentInst'
    b'anceId\x12,\n\x04tags\x18\x0f \x03(\x0b2\x18.WorkflowState.TagsEntryR\x04tags\x12>\n\x0bparentAp'
    b'pId\x18\x10 \x01(\x0b2\x1c.google.protobuf.StringValueR\x0bparentAppId\x12=\n\tstartedA'
    b't\x18\x11 \x01(\x0b2\x1a.google.protobuf.TimestampH\x00R\tstartedAt\x88\x01\x01\x1a7\n\tTagsEntry'
    b'\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01B\x0c\n\n_startedAt*Y\n\rSt'
    b'alledReason\x12\x12\n\x0ePATCH_MISMATCH\x10\x00\x12\x19\n\x15VERSION_NOT_AVAILABLE\x10\x01\x12\x19\n\x15PA'
    b'YLOAD_SIZE_EXCEEDED\x10\x02*\xd7\x02\n\x13OrchestrationStatus\x12 \n\x1cORCHESTRATION_S'
    b'TATUS_RUNNING\x10\x00\x12"\n\x1eORCHESTRATION_STATUS_COMPLETED\x10\x01\x12)\n%ORCHESTRA'
    b'TION_STATUS_CONTINUED_AS_NEW\x10\x02\x12\x1f\n\x1bORCHESTRATION_STATUS_FAILED\x10\x03\x12'
    b'!\n\x1dORCHESTRATION_STATUS_CANCELED\x10\x04\x12#\n\x1fORCHESTRATION_STATUS_TERMI'
    b'NATED\x10\x05\x12 \n\x1cORCHESTRATION_STATUS_PENDING\x10\x06\x12"\n\x1eORCHESTRATION_STATU'
    b'S_SUSPENDED\x10\x07\x12 \n\x1cORCHESTRATION_STATUS_STALLED\x10\x08*\x8f\x01\n\x17HistoryPropa'
    b'gationScope\x12"\n\x1eHISTORY_PROPAGATION_SCOPE_NONE\x10\x00\x12)\n%HISTORY_PROPA'
    b'GATION_SCOPE_OWN_HISTORY\x10\x01\x12%\n!HISTORY_PROPAGATION_SCOPE_LINEAGE\x10'
    b'\x02b\x06proto3'
)
