"""Types of the messages. Generated from durabletask/attestation.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class _TerminalStatus(_EnumValues):
    TERMINAL_STATUS_UNSPECIFIED: _b.int
    TERMINAL_STATUS_COMPLETED: _b.int
    TERMINAL_STATUS_FAILED: _b.int

TerminalStatus: _TerminalStatus
TERMINAL_STATUS_UNSPECIFIED: _b.int
TERMINAL_STATUS_COMPLETED: _b.int
TERMINAL_STATUS_FAILED: _b.int

class _ActivityTerminalStatus(_EnumValues):
    ACTIVITY_TERMINAL_STATUS_UNSPECIFIED: _b.int
    ACTIVITY_TERMINAL_STATUS_COMPLETED: _b.int
    ACTIVITY_TERMINAL_STATUS_FAILED: _b.int

ActivityTerminalStatus: _ActivityTerminalStatus
ACTIVITY_TERMINAL_STATUS_UNSPECIFIED: _b.int
ACTIVITY_TERMINAL_STATUS_COMPLETED: _b.int
ACTIVITY_TERMINAL_STATUS_FAILED: _b.int

class ChildCompletionAttestationPayload(_Message):
    parentInstanceId: _b.str
    parentTaskScheduledId: _b.int
    ioDigest: _b.bytes
    signerCertDigest: _b.bytes
    terminalStatus: _b.int
    canonicalSpecVersion: _b.int
    def __init__(
        self,
        *,
        parentInstanceId: _b.str | None = None,
        parentTaskScheduledId: _b.int | None = None,
        ioDigest: _b.bytes | None = None,
        signerCertDigest: _b.bytes | None = None,
        terminalStatus: _b.int | None = None,
        canonicalSpecVersion: _b.int | None = None,
    ) -> None: ...

class ChildCompletionAttestation(_Message):
    payload: _b.bytes
    signature: _b.bytes
    def __init__(
        self,
        *,
        payload: _b.bytes | None = None,
        signature: _b.bytes | None = None,
    ) -> None: ...

class ActivityCompletionAttestationPayload(_Message):
    parentInstanceId: _b.str
    parentTaskScheduledId: _b.int
    activityName: _b.str
    ioDigest: _b.bytes
    signerCertDigest: _b.bytes
    terminalStatus: _b.int
    canonicalSpecVersion: _b.int
    def __init__(
        self,
        *,
        parentInstanceId: _b.str | None = None,
        parentTaskScheduledId: _b.int | None = None,
        activityName: _b.str | None = None,
        ioDigest: _b.bytes | None = None,
        signerCertDigest: _b.bytes | None = None,
        terminalStatus: _b.int | None = None,
        canonicalSpecVersion: _b.int | None = None,
    ) -> None: ...

class ActivityCompletionAttestation(_Message):
    payload: _b.bytes
    signature: _b.bytes
    def __init__(
        self,
        *,
        payload: _b.bytes | None = None,
        signature: _b.bytes | None = None,
    ) -> None: ...

class ExternalSigningCertificate(_Message):
    digest: _b.bytes
    certificate: _b.bytes
    def __init__(
        self,
        *,
        digest: _b.bytes | None = None,
        certificate: _b.bytes | None = None,
    ) -> None: ...
