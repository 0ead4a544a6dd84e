"""Messages. Generated from dapr/proto/runtime/v1/jobs.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.common.v1 import common_pb2 as _common_v1_common_pb2
from dapr_core.proto.gen.google.protobuf import any_pb2 as _google_protobuf_any_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n dapr/proto/runtime/v1/jobs.proto\x12\x15dapr.proto.runtime.v1\x1a!dapr/'
    b'proto/common/v1/common.proto\x1a\x19google/protobuf/any.proto"\xdd\x02\n\x03Job\x12'
    b'\x12\n\x04name\x18\x01 \x01(\tR\x04name\x12\x1f\n\x08schedule\x18\x02 \x01(\tH\x00R\x08schedule\x88\x01\x01\x12\x1d\n\x07repeats\x18'
    b'\x03 \x01(\rH\x01R\x07repeats\x88\x01\x01\x12\x1e\n\x08due_time\x18\x04 \x01(\tH\x02R\x07dueTime\x88\x01\x01\x12\x15\n\x03ttl\x18\x05 \x01(\t'
    b'H\x03R\x03ttl\x88\x01\x01\x12-\n\x04data\x18\x06 \x01(\x0b2\x14.google.protobuf.AnyH\x04R\x04data\x88\x01\x01\x12R\n\x0efai'
    b'lure_policy\x18\x07 \x01(\x0b2&.dapr.proto.common.v1.JobFailurePolicyH\x05R\rfai'
    b'lurePolicy\x88\x01\x01B\x0b\n\t_scheduleB\n\n\x08_repeatsB\x0b\n\t_due_timeB\x06\n\x04_ttlB\x07\n\x05_'
    b'dataB\x11\n\x0f_failure_policy"`\n\x12ScheduleJobRequest\x12,\n\x03job\x18\x01 \x01(\x0b2\x1a.dap'
    b'r.proto.runtime.v1.JobR\x03job\x12\x1c\n\toverwrite\x18\x02 \x01(\x08R\toverwrite"\x15\n\x13Sch'
    b'eduleJobResponse"#\n\rGetJobRequest\x12\x12\n\x04name\x18\x01 \x01(\tR\x04name">\n\x0eGetJobR'
    b'esponse\x12,\n\x03job\x18\x01 \x01(\x0b2\x1a.dapr.proto.runtime.v1.JobR\x03job"&\n\x10DeleteJ'
    b'obRequest\x12\x12\n\x04name\x18\x01 \x01(\tR\x04name"\x13\n\x11DeleteJobResponse"W\n\x1fDeleteJobs'
    b'ByPrefixRequestAlpha1\x12$\n\x0bname_prefix\x18\x01 \x01(\tH\x00R\nnamePrefix\x88\x01\x01B\x0e\n\x0c_'
    b'name_prefix""\n DeleteJobsByPrefixResponseAlpha1"Q\n\x19DeleteJobsByP'
    b'refixRequest\x12$\n\x0bname_prefix\x18\x01 \x01(\tH\x00R\nnamePrefix\x88\x01\x01B\x0e\n\x0c_name_pref'
    b'ix"\x1c\n\x1aDeleteJobsByPrefixResponse"\x17\n\x15ListJobsRequestAlpha1"H\n\x16Lis'
    b'tJobsResponseAlpha1\x12.\n\x04jobs\x18\x01 \x03(\x0b2\x1a.dapr.proto.runtime.v1.JobR\x04j'
    b'obs"\x11\n\x0fListJobsRequest"B\n\x10ListJobsResponse\x12.\n\x04jobs\x18\x01 \x03(\x0b2\x1a.dapr.'
    b'proto.runtime.v1.JobR\x04jobsb\x06proto3'
)
