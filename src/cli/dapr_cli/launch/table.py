"""The command ``dapr run`` with its flags and words, a part of the command table (cli-dashboard.md §6)."""

from __future__ import annotations

from dapr_cli.cluster.flags import KUBERNETES, WHICH
from dapr_cli.command import Command
from dapr_cli.flags import Flag, old_name

LOG_LEVELS = ("debug", "info", "warn", "error", "fatal", "panic")
APP_PROTOCOLS = ("grpc", "grpcs", "http", "https", "h2c")

RUN = Command(
    name="run",
    summary="Run an application beside its sidecar, or several from a run file",
    handler="run:run",
    usage="dapr run [flags] [--] [command args...]",
    description="""\
Starts a sidecar and, when a command is given, the application beside it. Ctrl-C stops both, the application first.
Everything listens on loopback only unless a flag asks otherwise.
Put `--` before the command, so that its flags stay its own.""",
    examples="""\
  # A Python application that listens on port 5000
  dapr run --app-id orders --app-port 5000 -- python3 orders.py

  # Choose the ports of the sidecar
  dapr run --app-id orders --app-port 5000 --dapr-http-port 3500 --dapr-grpc-port 50001 -- node orders.js

  # A gRPC application
  dapr run --app-id ledger --app-port 5001 --app-protocol grpc -- ./ledger

  # Only the sidecar
  dapr run --app-id probe --dapr-http-port 3500

  # All applications of a run file, or of ./dapr.yaml
  dapr run -f dapr.yaml
  dapr run -f .

  # The same as pods of a Kubernetes cluster, from their containerImage
  dapr run -k -f dapr.yaml""",
    max_args=-1,
    args_complete="file",
    flags=(
        Flag("app-id", "The id of the application, by which others call it", short="a"),
        Flag("app-port", "The port on which the application listens", "int", "p", -1),
        Flag("config", "The Configuration file (default <root>/config.yaml)", short="c", completes="file"),
        Flag("dapr-http-port", "The sidecar's HTTP port; -1 takes a free one", "int", "H", -1),
        Flag("dapr-grpc-port", "The sidecar's gRPC port; -1 takes a free one", "int", "G", -1),
        Flag("dapr-internal-grpc-port", "The sidecar's port for other sidecars; -1 takes a free one", "int", "I", -1),
        Flag("metrics-port", "The sidecar's metrics port; -1 takes a free one", "int", "M", -1),
        Flag("profile-port", "The sidecar's profiling port; -1 takes a free one", "int", default=-1),
        Flag("enable-profiling", "Serve profiles on the profiling port", "bool", default=False),
        Flag("log-level", "How much the sidecar logs", default="info", choices=LOG_LEVELS),
        Flag("app-max-concurrency", "How many calls the application gets at once; -1 for no limit", "int", default=-1),
        Flag("app-protocol", "The protocol the application speaks", short="P", default="http", choices=APP_PROTOCOLS),
        Flag("resources-path", "A folder with resources; may be repeated (default <root>/components)", "list",
             default=[], completes="directory"),
        Flag("components-path", "Old name of --resources-path", "list", "d", hidden=True, alias_of="resources-path"),
        Flag("component-path", "Old name of --resources-path", "list", hidden=True, alias_of="resources-path"),
        Flag("placement-host-address", "Where the placement service listens; empty turns actors off, localhost means "
             "port 50005 if somebody listens there", default="localhost"),
        Flag("scheduler-host-address", "Where the scheduler service listens; empty turns jobs off, localhost means "
             "port 50006 if somebody listens there", default="localhost"),
        Flag("app-ssl", "Old form of --app-protocol https or grpcs", "bool", default=False, hidden=True),
        Flag("max-body-size", "The largest request body, as a quantity", default="4Mi"),
        Flag("read-buffer-size", "The largest request header, as a quantity", default="4Ki"),
        Flag("unix-domain-socket", "Serve the sidecar's API on sockets in this folder instead of ports", short="u",
             completes="directory"),
        Flag("enable-app-health-check", "Ask the application for its health", "bool", default=False),
        Flag("app-health-check-path", "The path of the health check (default /healthz)"),
        Flag("app-health-probe-interval", "Seconds between health checks (default 5)", "int", default=0),
        Flag("app-health-probe-timeout", "Milliseconds a health check may take (default 500)", "int", default=0),
        Flag("app-health-threshold", "Failures in a row before the application counts as unhealthy (default 3)", "int",
             default=0),
        Flag("enable-api-logging", "Log every call of the sidecar's API", "bool", default=False),
        Flag("dapr-listen-addresses", "Addresses of the sidecar's API (default 127.0.0.1 and ::1)"),
        Flag("metrics-listen-address", "Address of the sidecar's metrics (default 127.0.0.1)"),
        Flag("app-channel-address", "The address on which the application listens", default="127.0.0.1"),
        Flag("run-file", "Run the apps of this file, of <folder>/dapr.yaml, or of standard input (-)", short="f",
             completes="file"),
        KUBERNETES._replace(help="With a run file: start its applications as pods of a Kubernetes cluster"),
        *WHICH,
        old_name("port", "dapr-http-port", "int"),
        old_name("grpc-port", "dapr-grpc-port", "int"),
        old_name("protocol", "app-protocol"),
        old_name("max-concurrency", "app-max-concurrency", "int"),
    ),
)  # fmt: skip
