"""Messages. Generated from dapr/proto/runtime/v1/workflow.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.google.protobuf import timestamp_pb2 as _google_protobuf_timestamp_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n$dapr/proto/runtime/v1/workflow.proto\x12\x15dapr.proto.runtime.v1\x1a\x1fg'
    b'oogle/protobuf/timestamp.proto"\x8b\x01\n\x12GetWorkflowRequest\x12\x1f\n\x0binstanc'
    b'e_id\x18\x01 \x01(\tR\ninstanceID\x12-\n\x12workflow_component\x18\x02 \x01(\tR\x11workflowComp'
    b'onent\x12\x1a\n\x06app_id\x18\x03 \x01(\tH\x00R\x05appID\x88\x01\x01B\t\n\x07_app_id"\x9c\x03\n\x13GetWorkflowResp'
    b'onse\x12\x1f\n\x0binstance_id\x18\x01 \x01(\tR\ninstanceID\x12#\n\rworkflow_name\x18\x02 \x01(\tR\x0cwo'
    b'rkflowName\x129\n\ncreated_at\x18\x03 \x01(\x0b2\x1a.google.protobuf.TimestampR\tcrea'
    b'tedAt\x12B\n\x0flast_updated_at\x18\x04 \x01(\x0b2\x1a.google.protobuf.TimestampR\rlast'
    b'UpdatedAt\x12%\n\x0eruntime_status\x18\x05 \x01(\tR\rruntimeStatus\x12Z\n\nproperties\x18\x06'
    b' \x03(\x0b2:.dapr.proto.runtime.v1.GetWorkflowResponse.PropertiesEntry'
    b'R\nproperties\x1a=\n\x0fPropertiesEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\t'
    b'R\x05value:\x028\x01"\xd8\x02\n\x14StartWorkflowRequest\x12\x1f\n\x0binstance_id\x18\x01 \x01(\tR\ninsta'
    b'nceID\x12-\n\x12workflow_component\x18\x02 \x01(\tR\x11workflowComponent\x12#\n\rworkflow'
    b'_name\x18\x03 \x01(\tR\x0cworkflowName\x12R\n\x07options\x18\x04 \x03(\x0b28.dapr.proto.runtime.'
    b'v1.StartWorkflowRequest.OptionsEntryR\x07options\x12\x14\n\x05input\x18\x05 \x01(\x0cR\x05in'
    b'put\x12\x1a\n\x06app_id\x18\x06 \x01(\tH\x00R\x05appID\x88\x01\x01\x1a:\n\x0cOptionsEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03ke'
    b'y\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01B\t\n\x07_app_id"8\n\x15StartWorkflowResponse\x12'
    b'\x1f\n\x0binstance_id\x18\x01 \x01(\tR\ninstanceID"\x91\x01\n\x18TerminateWorkflowRequest\x12\x1f\n'
    b'\x0binstance_id\x18\x01 \x01(\tR\ninstanceID\x12-\n\x12workflow_component\x18\x02 \x01(\tR\x11work'
    b'flowComponent\x12\x1a\n\x06app_id\x18\x03 \x01(\tH\x00R\x05appID\x88\x01\x01B\t\n\x07_app_id"\x8d\x01\n\x14PauseWo'
    b'rkflowRequest\x12\x1f\n\x0binstance_id\x18\x01 \x01(\tR\ninstanceID\x12-\n\x12workflow_compo'
    b'nent\x18\x02 \x01(\tR\x11workflowComponent\x12\x1a\n\x06app_id\x18\x03 \x01(\tH\x00R\x05appID\x88\x01\x01B\t\n\x07_ap'
    b'p_id"\x8e\x01\n\x15ResumeWorkflowRequest\x12\x1f\n\x0binstance_id\x18\x01 \x01(\tR\ninstanceID\x12'
    b'-\n\x12workflow_component\x18\x02 \x01(\tR\x11workflowComponent\x12\x1a\n\x06app_id\x18\x03 \x01(\tH\x00'
    b'R\x05appID\x88\x01\x01B\t\n\x07_app_id"\xd0\x01\n\x19RaiseEventWorkflowRequest\x12\x1f\n\x0binstance_'
    b'id\x18\x01 \x01(\tR\ninstanceID\x12-\n\x12workflow_component\x18\x02 \x01(\tR\x11workflowCompon'
    b'ent\x12\x1d\n\nevent_name\x18\x03 \x01(\tR\teventName\x12\x1d\n\nevent_data\x18\x04 \x01(\x0cR\teventDat'
    b'a\x12\x1a\n\x06app_id\x18\x05 \x01(\tH\x00R\x05appID\x88\x01\x01B\t\n\x07_app_id"\x8d\x01\n\x14PurgeWorkflowReques'
    b't\x12\x1f\n\x0binstance_id\x18\x01 \x01(\tR\ninstanceID\x12-\n\x12workflow_component\x18\x02 \x01(\tR\x11'
    b'workflowComponent\x12\x1a\n\x06app_id\x18\x03 \x01(\tH\x00R\x05appID\x88\x01\x01B\t\n\x07_app_idb\x06proto3'
)
