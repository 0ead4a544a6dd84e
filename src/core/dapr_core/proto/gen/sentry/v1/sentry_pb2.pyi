"""Types of the messages. Generated from dapr/proto/sentry/v1/sentry.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.google.protobuf import timestamp_pb2 as _google_protobuf_timestamp_pb2
from dapr_core.proto.gen.google.protobuf import wrappers_pb2 as _google_protobuf_wrappers_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class SignCertificateRequest(_Message):
    class _TokenValidator(_EnumValues):
        UNKNOWN: _b.int
        INSECURE: _b.int
        KUBERNETES: _b.int
        JWKS: _b.int

    TokenValidator: _ClassVar[_TokenValidator]
    UNKNOWN: _ClassVar[_b.int]
    INSECURE: _ClassVar[_b.int]
    KUBERNETES: _ClassVar[_b.int]
    JWKS: _ClassVar[_b.int]

    id: _b.str
    token: _b.str
    trust_domain: _b.str
    namespace: _b.str
    certificate_signing_request: _b.bytes
    token_validator: _b.int
    @property
    def jwt_audiences(self) -> _c.RepeatedScalarFieldContainer[_b.str]: ...
    def __init__(
        self,
        *,
        id: _b.str | None = None,
        token: _b.str | None = None,
        trust_domain: _b.str | None = None,
        namespace: _b.str | None = None,
        certificate_signing_request: _b.bytes | None = None,
        token_validator: _b.int | None = None,
        jwt_audiences: _Iterable[_b.str] | None = None,
    ) -> None: ...

class SignCertificateResponse(_Message):
    workload_certificate: _b.bytes
    @property
    def trust_chain_certificates(self) -> _c.RepeatedScalarFieldContainer[_b.bytes]: ...
    @property
    def valid_until(self) -> _google_protobuf_timestamp_pb2.Timestamp: ...
    @property
    def jwt(self) -> _google_protobuf_wrappers_pb2.StringValue: ...
    @property
    def per_audience_jwts(self) -> _c.MessageMap[_b.str, _google_protobuf_wrappers_pb2.StringValue]: ...
    def __init__(
        self,
        *,
        workload_certificate: _b.bytes | None = None,
        trust_chain_certificates: _Iterable[_b.bytes] | None = None,
        valid_until: _google_protobuf_timestamp_pb2.Timestamp | None = None,
        jwt: _google_protobuf_wrappers_pb2.StringValue | None = None,
        per_audience_jwts: _Mapping[_b.str, _google_protobuf_wrappers_pb2.StringValue] | None = None,
    ) -> None: ...
