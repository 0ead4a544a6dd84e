"""Messages. Generated from dapr/proto/sentry/v1/sentry.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.google.protobuf import timestamp_pb2 as _google_protobuf_timestamp_pb2
from dapr_core.proto.gen.google.protobuf import wrappers_pb2 as _google_protobuf_wrappers_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n!dapr/proto/sentry/v1/sentry.proto\x12\x14dapr.proto.sentry.v1\x1a\x1fgoogl'
    b'e/protobuf/timestamp.proto\x1a\x1egoogle/protobuf/wrappers.proto"\x91\x03\n\x16S'
    b'ignCertificateRequest\x12\x0e\n\x02id\x18\x01 \x01(\tR\x02id\x12\x14\n\x05token\x18\x02 \x01(\tR\x05token\x12!\n\x0ct'
    b'rust_domain\x18\x03 \x01(\tR\x0btrustDomain\x12\x1c\n\tnamespace\x18\x04 \x01(\tR\tnamespace\x12>\n\x1b'
    b'certificate_signing_request\x18\x05 \x01(\x0cR\x19certificateSigningRequest\x12d\n\x0f'
    b'token_validator\x18\x06 \x01(\x0e2;.dapr.proto.sentry.v1.SignCertificateRequ'
    b'est.TokenValidatorR\x0etokenValidator\x12#\n\rjwt_audiences\x18\x07 \x03(\tR\x0cjwtAu'
    b'diences"E\n\x0eTokenValidator\x12\x0b\n\x07UNKNOWN\x10\x00\x12\x0c\n\x08INSECURE\x10\x01\x12\x0e\n\nKUBERNET'
    b'ES\x10\x02\x12\x08\n\x04JWKS\x10\x03"\xd2\x03\n\x17SignCertificateResponse\x121\n\x14workload_certifica'
    b'te\x18\x01 \x01(\x0cR\x13workloadCertificate\x128\n\x18trust_chain_certificates\x18\x02 \x03(\x0cR'
    b'\x16trustChainCertificates\x12;\n\x0bvalid_until\x18\x03 \x01(\x0b2\x1a.google.protobuf.T'
    b'imestampR\nvalidUntil\x123\n\x03jwt\x18\x04 \x01(\x0b2\x1c.google.protobuf.StringValueH'
    b'\x00R\x03jwt\x88\x01\x01\x12n\n\x11per_audience_jwts\x18\x05 \x03(\x0b2B.dapr.proto.sentry.v1.Sign'
    b'CertificateResponse.PerAudienceJwtsEntryR\x0fperAudienceJwts\x1a`\n\x14Per'
    b'AudienceJwtsEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x122\n\x05value\x18\x02 \x01(\x0b2\x1c.google.prot'
    b'obuf.StringValueR\x05value:\x028\x01B\x06\n\x04_jwt2t\n\x02CA\x12n\n\x0fSignCertificate\x12,.d'
    b'apr.proto.sentry.v1.SignCertificateRequest\x1a-.dapr.proto.sentry.v'
    b'1.SignCertificateResponseb\x06proto3'
)
