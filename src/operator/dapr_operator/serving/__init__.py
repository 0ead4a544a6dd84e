"""The gRPC service ``dapr.proto.operator.v1.Operator``: who may ask, what is answered, what is streamed."""
