"""``dapr run``: read the flags, check them against what runs already, and hand over to the launcher."""

from __future__ import annotations

import os
import random
from pathlib import Path

from dapr_cli import instances
from dapr_cli.cluster.flags import check_place
from dapr_cli.command import Context, Failure
from dapr_cli.flags import Parsed, UsageError
from dapr_cli.instances import Instance
from dapr_cli.launch import membership, prepare
from dapr_cli.launch.runfile import RunFile
from dapr_cli.launch.spec import AppSpec
from dapr_cli.launch.written import default_resources
from dapr_cli.paths import Root
from dapr_cli.services import Services
from dapr_core.process.name import take_name

FLAGS_BESIDE_RUN_FILE = frozenset(
    {"run-file", "help", "runtime-path", "log-as-json", "kubernetes", "kubeconfig", "context"}
)


def run(context: Context) -> int:
    """Run one application, or the applications of a run file; returns the status to exit with."""
    take_name("dapr")
    if check_place(context.flags, cluster=("kubeconfig", "context")):
        return _run_file_in_cluster(context)
    if "run-file" in context.flags.given:
        return _run_file(context)
    from dapr_cli.launch.single import SingleRun

    running = running_instances()
    spec = spec_from_flags(context.flags, context.root, running)
    prepare.check_id(spec.app_id, running)
    prepare.check_resources(spec.resources_paths)
    services = wake_services(context)
    spec = prepare.near_services(membership.joined(spec, services.sentry, os.environ), services.placement)
    return SingleRun(prepare.stay_on_loopback(prepare.choose_ports(spec, running)), context.console).run()


def running_instances() -> list[Instance]:
    """What runs already. Raises Failure where the process table cannot be read."""
    try:
        return instances.running()
    except OSError as error:
        raise Failure(f"could not read the process table: {error}") from error


def wake_services(context: Context) -> Services:
    """Start again what ``dapr init`` had started and what does not run, as after a reboot."""
    services = Services.of(context.root)
    for service in services:
        try:
            if service.ensure_running():
                context.console.info(f"Started the {service.title[0].lower() + service.title[1:]} again")
        except Failure as failure:
            context.console.warning(str(failure))
    return services


def spec_from_flags(flags: Parsed, root: Root, running: list[Instance]) -> AppSpec:
    """One application as the flags describe it."""
    _check_choices(flags)
    given_paths = [Path(path) for path in flags.items("resources-path")]
    return AppSpec(
        app_id=flags.text("app-id") or prepare.invented_id((one.app_id for one in running), random.Random()),
        command=tuple(flags.args),
        app_port=flags.number("app-port"),
        app_protocol=flags.text("app-protocol"),
        app_channel_address=flags.text("app-channel-address"),
        app_max_concurrency=flags.number("app-max-concurrency"),
        app_ssl=flags.switch("app-ssl"),
        config=_config(flags, root),
        resources_paths=given_paths or default_resources(root),
        dapr_http_port=flags.number("dapr-http-port"),
        dapr_grpc_port=flags.number("dapr-grpc-port"),
        dapr_internal_grpc_port=flags.number("dapr-internal-grpc-port"),
        metrics_port=flags.number("metrics-port"),
        profile_port=flags.number("profile-port"),
        enable_profiling=flags.switch("enable-profiling"),
        log_level=flags.text("log-level"),
        placement_host_address=flags.text("placement-host-address"),
        scheduler_host_address=flags.text("scheduler-host-address"),
        max_body_size=flags.text("max-body-size"),
        read_buffer_size=flags.text("read-buffer-size"),
        unix_domain_socket=flags.text("unix-domain-socket"),
        enable_app_health_check=flags.switch("enable-app-health-check"),
        app_health_check_path=flags.text("app-health-check-path"),
        app_health_probe_interval=flags.number("app-health-probe-interval"),
        app_health_probe_timeout=flags.number("app-health-probe-timeout"),
        app_health_threshold=flags.number("app-health-threshold"),
        enable_api_logging=flags.switch("enable-api-logging"),
        dapr_listen_addresses=flags.text("dapr-listen-addresses"),
        metrics_listen_address=flags.text("metrics-listen-address"),
    )


def _check_choices(flags: Parsed) -> None:
    from dapr_cli.launch.table import APP_PROTOCOLS, LOG_LEVELS

    for name, choices in (("app-protocol", APP_PROTOCOLS), ("log-level", (*LOG_LEVELS, "warning"))):
        if flags.text(name).lower() not in choices:
            raise UsageError(f'invalid --{name} "{flags.text(name)}": it takes {", ".join(choices)}')


def _config(flags: Parsed, root: Root) -> Path | None:
    if not flags.text("config"):
        return root.config if root.config.exists() else None
    path = Path(flags.text("config"))
    if not path.is_file():
        raise Failure(f"the Configuration file {path} does not exist")
    return path


def _run_file_in_cluster(context: Context) -> int:
    from dapr_cli.cluster.connection import Cluster
    from dapr_cli.deploying.watching import ClusterRun

    if "run-file" not in context.flags.given:
        raise UsageError("-k is for run files: give one with -f; to start a sidecar beside a pod see `dapr annotate`")
    run_file = _loaded(context)
    with Cluster.of(context.flags) as cluster:
        return cluster.run(ClusterRun(run_file, cluster.client, context.console).run())


def _loaded(context: Context) -> RunFile:
    from dapr_cli.launch.runfile import load_run_file

    beside = sorted(context.flags.given - FLAGS_BESIDE_RUN_FILE)
    if beside or context.args:
        ignored = [f"--{name}" for name in beside] + (["the command"] if context.args else [])
        context.console.warning(f"Beside a run file these are ignored: {', '.join(ignored)}")
    return load_run_file(context.flags.text("run-file"), context.root)


def _run_file(context: Context) -> int:
    from dapr_cli.launch.multi import MultiRun

    run_file = _loaded(context)
    return MultiRun(run_file, context.console, os.environ, wake_services(context)).run()
