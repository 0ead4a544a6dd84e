"""The gRPC services of the sidecar: the internal one between sidecars now, the public API with its issue."""
