"""HTTP middleware: what may stand between a client and the API, or between the sidecar and its application."""
