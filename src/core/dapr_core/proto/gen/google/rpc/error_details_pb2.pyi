"""Types of the messages. Generated from google/rpc/error_details.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.google.protobuf import duration_pb2 as _google_protobuf_duration_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class ErrorInfo(_Message):
    reason: _b.str
    domain: _b.str
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    def __init__(
        self,
        *,
        reason: _b.str | None = None,
        domain: _b.str | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
    ) -> None: ...

class RetryInfo(_Message):
    @property
    def retry_delay(self) -> _google_protobuf_duration_pb2.Duration: ...
    def __init__(
        self,
        *,
        retry_delay: _google_protobuf_duration_pb2.Duration | None = None,
    ) -> None: ...

class DebugInfo(_Message):
    @property
    def stack_entries(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    detail: _b.str
    def __init__(
        self,
        *,
        stack_entries: _Iterable[_b.str] | None = None,
        detail: _b.str | None = None,
    ) -> None: ...

class QuotaFailure(_Message):
    class Violation(_Message):
        subject: _b.str
        description: _b.str
        api_service: _b.str
        quota_metric: _b.str
        quota_id: _b.str
        @property
        def quota_dimensions(self) -> _c.ScalarMap[_b.str, _b.str]: ...
        quota_value: _b.int
        future_quota_value: _b.int
        def __init__(
            self,
            *,
            subject: _b.str | None = None,
            description: _b.str | None = None,
            api_service: _b.str | None = None,
            quota_metric: _b.str | None = None,
            quota_id: _b.str | None = None,
            quota_dimensions: _Mapping[_b.str, _b.str] | None = None,
            quota_value: _b.int | None = None,
            future_quota_value: _b.int | None = None,
        ) -> None: ...

    @property
    def violations(self) -> _c.RepeatedCompositeFieldContainer[QuotaFailure.Violation]: ...
    def __init__(
        self,
        *,
        violations: _Iterable[QuotaFailure.Violation] | None = None,
    ) -> None: ...

class PreconditionFailure(_Message):
    class Violation(_Message):
        type: _b.str
        subject: _b.str
        description: _b.str
        def __init__(
            self,
            *,
            type: _b.str | None = None,
            subject: _b.str | None = None,
            description: _b.str | None = None,
        ) -> None: ...

    @property
    def violations(self) -> _c.RepeatedCompositeFieldContainer[PreconditionFailure.Violation]: ...
    def __init__(
        self,
        *,
        violations: _Iterable[PreconditionFailure.Violation] | None = None,
    ) -> None: ...

class BadRequest(_Message):
    class FieldViolation(_Message):
        field: _b.str
        description: _b.str
        reason: _b.str
        @property
        def localized_message(self) -> LocalizedMessage: ...
        def __init__(
            self,
            *,
            field: _b.str | None = None,
            description: _b.str | None = None,
            reason: _b.str | None = None,
            localized_message: LocalizedMessage | None = None,
        ) -> None: ...

    @property
    def field_violations(self) -> _c.RepeatedCompositeFieldContainer[BadRequest.FieldViolation]: ...
    def __init__(
        self,
        *,
        field_violations: _Iterable[BadRequest.FieldViolation] | None = None,
    ) -> None: ...

class RequestInfo(_Message):
    request_id: _b.str
    serving_data: _b.str
    def __init__(
        self,
        *,
        request_id: _b.str | None = None,
        serving_data: _b.str | None = None,
    ) -> None: ...

class ResourceInfo(_Message):
    resource_type: _b.str
    resource_name: _b.str
    owner: _b.str
    description: _b.str
    def __init__(
        self,
        *,
        resource_type: _b.str | None = None,
        resource_name: _b.str | None = None,
        owner: _b.str | None = None,
        description: _b.str | None = None,
    ) -> None: ...

class Help(_Message):
    class Link(_Message):
        description: _b.str
        url: _b.str
        def __init__(
            self,
            *,
            description: _b.str | None = None,
            url: _b.str | None = None,
        ) -> None: ...

    @property
    def links(self) -> _c.RepeatedCompositeFieldContainer[Help.Link]: ...
    def __init__(
        self,
        *,
        links: _Iterable[Help.Link] | None = None,
    ) -> None: ...

class LocalizedMessage(_Message):
    locale: _b.str
    message: _b.str
    def __init__(
        self,
        *,
        locale: _b.str | None = None,
        message: _b.str | None = None,
    ) -> None: ...
