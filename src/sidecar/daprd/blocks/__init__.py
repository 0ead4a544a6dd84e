"""The building blocks: every rule of Dapr's APIs, on plain values; no HTTP, no gRPC, no vendor."""
