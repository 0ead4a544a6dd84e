"""The one door to other sidecars: name resolution, and the internal gRPC wire in and out."""
