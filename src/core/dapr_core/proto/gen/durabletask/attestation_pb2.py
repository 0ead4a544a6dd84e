"""Messages. Generated from durabletask/attestation.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n\x1ddurabletask/attestation.proto"\xba\x02\n!ChildCompletionAttestationPa'
    b'yload\x12*\n\x10parentInstanceId\x18\x01 \x01(\tR\x10parentInstanceId\x124\n\x15parentTaskS'
    b'cheduledId\x18\x02 \x01(\x05R\x15parentTaskScheduledId\x12\x1a\n\x08ioDigest\x18\x03 \x01(\x0cR\x08ioDig'
    b'est\x12*\n\x10signerCertDigest\x18\x04 \x01(\x0cR\x10signerCertDigest\x127\n\x0eterminalStatu'
    b's\x18\x05 \x01(\x0e2\x0f.TerminalStatusR\x0eterminalStatus\x122\n\x14canonicalSpecVersion'
    b'\x18\x06 \x01(\rR\x14canonicalSpecVersion"T\n\x1aChildCompletionAttestation\x12\x18\n\x07pa'
    b'yload\x18\x01 \x01(\x0cR\x07payload\x12\x1c\n\tsignature\x18\x02 \x01(\x0cR\tsignature"\xe9\x02\n$ActivityC'
    b'ompletionAttestationPayload\x12*\n\x10parentInstanceId\x18\x01 \x01(\tR\x10parentIns'
    b'tanceId\x124\n\x15parentTaskScheduledId\x18\x02 \x01(\x05R\x15parentTaskScheduledId\x12"\n'
    b'\x0cactivityName\x18\x03 \x01(\tR\x0cactivityName\x12\x1a\n\x08ioDigest\x18\x04 \x01(\x0cR\x08ioDigest\x12*\n'
    b'\x10signerCertDigest\x18\x05 \x01(\x0cR\x10signerCertDigest\x12?\n\x0eterminalStatus\x18\x06 \x01('
    b'\x0e2\x17.ActivityTerminalStatusR\x0eterminalStatus\x122\n\x14canonicalSpecVersi'
    b'on\x18\x07 \x01(\rR\x14canonicalSpecVersion"W\n\x1dActivityCompletionAttestation\x12'
    b'\x18\n\x07payload\x18\x01 \x01(\x0cR\x07payload\x12\x1c\n\tsignature\x18\x02 \x01(\x0cR\tsignature"V\n\x1aExter'
    b'nalSigningCertificate\x12\x16\n\x06digest\x18\x01 \x01(\x0cR\x06digest\x12 \n\x0bcertificate\x18\x02 \x01'
    b'(\x0cR\x0bcertificate*l\n\x0eTerminalStatus\x12\x1f\n\x1bTERMINAL_STATUS_UNSPECIFIED'
    b'\x10\x00\x12\x1d\n\x19TERMINAL_STATUS_COMPLETED\x10\x01\x12\x1a\n\x16TERMINAL_STATUS_FAILED\x10\x02*\x8f\x01'
    b'\n\x16ActivityTerminalStatus\x12(\n$ACTIVITY_TERMINAL_STATUS_UNSPECIFIED'
    b'\x10\x00\x12&\n"ACTIVITY_TERMINAL_STATUS_COMPLETED\x10\x01\x12#\n\x1fACTIVITY_TERMINAL_'
    b'STATUS_FAILED\x10\x02b\x06proto3'
)
