"""The sidecar's command line and the environments of sidecar and application (cli-dashboard.md §6).

Nothing listens beyond loopback unless a flag asks for it: API, metrics and the port for other sidecars are bound to
127.0.0.1, and the sidecar announces that address to its peers. ``DAPR_HOST_IP`` in the environment moves the port for
other sidecars to that address, so that sidecars of other machines reach it.
"""

from __future__ import annotations

from collections.abc import Mapping

from dapr_cli.command import Failure

from .quantity import size_in_bytes
from .spec import DEFAULT_PLACEMENT_PORT, DEFAULT_SCHEDULER_PORT, LOOPBACK, AppSpec

HOST_IP = "DAPR_HOST_IP"
TRUST_ANCHORS = "DAPR_TRUST_ANCHORS"
TRUST_ANCHORS_FILE = "DAPR_TRUST_ANCHORS_FILE"
PROTOCOLS = frozenset({"http", "https", "grpc", "grpcs", "h2c"})


def sidecar_arguments(spec: AppSpec, env: Mapping[str, str], *, log_as_json: bool) -> list[str]:
    """The flags of the sidecar; ports must be chosen already. Raises Failure on a size that is none."""
    arguments = _Arguments()
    if spec.config is not None:
        arguments.text("config", str(spec.config))
    arguments.text("app-protocol", spec.app_protocol)
    arguments.text("dapr-listen-addresses", spec.dapr_listen_addresses or LOOPBACK)
    arguments.text("metrics-listen-address", spec.metrics_listen_address or LOOPBACK)
    arguments.text("dapr-internal-grpc-listen-address", env.get(HOST_IP, "") or LOOPBACK)
    arguments.switch("enable-profiling", spec.enable_profiling)
    arguments.text("log-level", spec.log_level)
    arguments.number("app-max-concurrency", spec.app_max_concurrency if spec.app_max_concurrency >= 1 else -1)
    arguments.text("placement-host-address", with_port(spec.placement_host_address, DEFAULT_PLACEMENT_PORT))
    for path in spec.resources_paths:
        arguments.text("resources-path", str(path))
    arguments.switch("app-ssl", spec.app_ssl)
    arguments.number("max-body-size", _size("max-body-size", spec.max_body_size))
    arguments.number("read-buffer-size", _size("read-buffer-size", spec.read_buffer_size))
    _health_arguments(arguments, spec)
    arguments.switch("enable-api-logging", spec.enable_api_logging)
    arguments.text("scheduler-host-address", with_port(spec.scheduler_host_address, DEFAULT_SCHEDULER_PORT))
    _address_arguments(arguments, spec)
    arguments.switch("enable-mtls", bool(spec.sentry_address))
    arguments.text("sentry-address", spec.sentry_address)
    arguments.switch("log-as-json", log_as_json)
    return arguments.words


def _health_arguments(arguments: _Arguments, spec: AppSpec) -> None:
    arguments.switch("enable-app-health-check", spec.enable_app_health_check)
    arguments.text("app-health-check-path", spec.app_health_check_path)
    for name, value in (
        ("app-health-probe-interval", spec.app_health_probe_interval),
        ("app-health-probe-timeout", spec.app_health_probe_timeout),
        ("app-health-threshold", spec.app_health_threshold),
    ):
        if value != 0:
            arguments.number(name, value)


def _address_arguments(arguments: _Arguments, spec: AppSpec) -> None:
    arguments.text("app-id", spec.app_id)
    if spec.app_channel_address != LOOPBACK:
        arguments.text("app-channel-address", spec.app_channel_address)
    arguments.number("app-port", max(0, spec.app_port))
    arguments.number("dapr-http-port", spec.dapr_http_port)
    arguments.number("dapr-grpc-port", spec.dapr_grpc_port)
    arguments.number("profile-port", spec.profile_port)
    arguments.number("metrics-port", spec.metrics_port)
    arguments.text("unix-domain-socket", spec.unix_domain_socket)
    arguments.number("dapr-internal-grpc-port", spec.dapr_internal_grpc_port)


class _Arguments:
    """Collects argv words: flag and value apart, empty texts left out, switches bare and only when on."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def text(self, name: str, value: str) -> None:
        if value:
            self.words += [f"--{name}", value]

    def number(self, name: str, value: int) -> None:
        self.words += [f"--{name}", str(value)]

    def switch(self, name: str, value: bool) -> None:
        if value:
            self.words.append(f"--{name}")


def with_port(address: str, port: int) -> str:
    """``address`` with the default port where it names none; an empty one stays empty and turns the service off."""
    address = address.strip()
    if not address or address.endswith("]") or ":" not in address:
        return f"{address}:{port}" if address else ""
    return address


def _size(flag: str, text: str) -> int:
    try:
        return size_in_bytes(text)
    except ValueError as error:
        raise Failure(f"invalid --{flag}: {error}") from error


def sidecar_environment(env: Mapping[str, str], spec: AppSpec) -> dict[str, str]:
    """The sidecar's environment: ours, the address it announces to its peers, and whom it trusts."""
    told = {**env, HOST_IP: env.get(HOST_IP, "") or LOOPBACK}
    if spec.trust_anchors is not None:
        told.pop(TRUST_ANCHORS, None)
        told[TRUST_ANCHORS_FILE] = str(spec.trust_anchors)
    return told


def app_environment(spec: AppSpec, env: Mapping[str, str]) -> dict[str, str]:
    """The application's environment: ours, where its sidecar is, and the run file's own variables last.

    Its output comes to us through a pipe, for which Python programs would hold their lines back; they are asked not to.
    """
    told = {
        "PYTHONUNBUFFERED": env.get("PYTHONUNBUFFERED", "1"),
        "APP_ID": spec.app_id,
        "APP_CHANNEL_ADDRESS": spec.app_channel_address,
        "DAPR_HTTP_PORT": str(spec.dapr_http_port),
        "DAPR_GRPC_PORT": str(spec.dapr_grpc_port),
        "DAPR_METRICS_PORT": str(spec.metrics_port),
    }
    if spec.app_port > 0:
        told["APP_PORT"] = str(spec.app_port)
    if spec.effective_protocol in PROTOCOLS:
        told["APP_PROTOCOL"] = spec.effective_protocol
    return {**env, **told, **spec.env}
