"""The HTTP API: routes, middlewares of the server, and one thin module per block."""
