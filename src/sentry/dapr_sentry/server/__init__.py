"""What sentry listens with: the gRPC service of the authority, and the HTTP server of OIDC discovery."""
