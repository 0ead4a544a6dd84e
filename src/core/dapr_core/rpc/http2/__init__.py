"""HTTP over HTTP/2 (RFC 9113 §8): requests and responses of ``dapr_core.rpc.messages`` on the streams of ``rpc.h2``.

Admission rule: what turns streams into ``Request`` and ``Response`` values and back. Frames, windows and header blocks
are ``rpc.h2``'s; gRPC is ``rpc.grpc``'s.
"""
