"""Name resolution: from an application id to the internal address of its sidecar."""
