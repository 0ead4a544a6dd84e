"""The `.proto` sources of every Dapr service, and the modules generated from them.

``dapr/``, ``google/``, ``grpc/``, ``durabletask/`` and ``v0/`` hold the sources; ``gen/`` holds what
``tools/generate_protos.py`` makes of them: for ``dapr/proto/common/v1/common.proto`` the messages in
``dapr_core.proto.gen.common.v1.common_pb2`` (the leading ``dapr/proto/`` is dropped) and, where a file declares
services, typed server bases and client stubs in ``..._grpc``. All of it lives in a descriptor pool of our own
(``pool``), so that Dapr's official SDK, which claims the same names in protobuf's default pool, can share the process.
"""
