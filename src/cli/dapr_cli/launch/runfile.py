"""Run files: several applications in one YAML document, with a common section that each may override.

Paths of the common section start at the file's folder, those of an application at its ``appDirPath``; every path must
exist. An application's field is taken from the common section when it is absent or has its zero value
(cli-dashboard.md §7).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

from dapr_cli.command import Failure
from dapr_cli.paths import Root

from .spec import DESTINATIONS, AppSpec

RUN_FILE_NAME = "dapr.yaml"
STANDARD_INPUT = "-"
YAML_SUFFIXES = (".yaml", ".yml")
APP_RESOURCES, APP_CONFIG = Path(".dapr/resources"), Path(".dapr/config.yaml")

Kind: TypeAlias = Literal["str", "int", "bool", "list", "map"]
KIND_TYPES: Mapping[Kind, type] = {"str": str, "int": int, "bool": bool, "list": list, "map": dict}
KIND_WORDS: Mapping[Kind, str] = {
    "str": "a text", "int": "a whole number", "bool": "true or false", "list": "a list of texts",
    "map": "a map of texts",
}  # fmt: skip


class Field(NamedTuple):
    """A field of a run file: its kind, the attribute of AppSpec it fills (empty for those with rules of their own)."""

    kind: Kind
    attribute: str = ""


SHARED_FIELDS: Mapping[str, Field] = {
    "configFilePath": Field("str"),
    "appProtocol": Field("str", "app_protocol"),
    "apiListenAddresses": Field("str", "dapr_listen_addresses"),
    "enableProfiling": Field("bool", "enable_profiling"),
    "logLevel": Field("str", "log_level"),
    "appMaxConcurrency": Field("int", "app_max_concurrency"),
    "placementHostAddress": Field("str", "placement_host_address"),
    "schedulerHostAddress": Field("str", "scheduler_host_address"),
    "resourcesPath": Field("str"),
    "resourcesPaths": Field("list"),
    "appSSL": Field("bool", "app_ssl"),
    "maxBodySize": Field("str", "max_body_size"),
    "readBufferSize": Field("str", "read_buffer_size"),
    "enableAppHealthCheck": Field("bool", "enable_app_health_check"),
    "appHealthCheckPath": Field("str", "app_health_check_path"),
    "appHealthProbeInterval": Field("int", "app_health_probe_interval"),
    "appHealthProbeTimeout": Field("int", "app_health_probe_timeout"),
    "appHealthThreshold": Field("int", "app_health_threshold"),
    "enableApiLogging": Field("bool", "enable_api_logging"),
    "runtimePath": Field("str"),
    "env": Field("map"),
    "daprdLogDestination": Field("str"),
    "appLogDestination": Field("str"),
}
APP_FIELDS: Mapping[str, Field] = {
    **SHARED_FIELDS,
    "appID": Field("str"),
    "appDirPath": Field("str"),
    "appChannelAddress": Field("str", "app_channel_address"),
    "unixDomainSocket": Field("str", "unix_domain_socket"),
    "appPort": Field("int", "app_port"),
    "daprHTTPPort": Field("int", "dapr_http_port"),
    "daprGRPCPort": Field("int", "dapr_grpc_port"),
    "daprInternalGRPCPort": Field("int", "dapr_internal_grpc_port"),
    "metricsPort": Field("int", "metrics_port"),
    "profilePort": Field("int", "profile_port"),
    "command": Field("list"),
    "containerImage": Field("str", "container_image"),
    "containerImagePullPolicy": Field("str", "image_pull_policy"),
    "createService": Field("bool", "create_service"),
}
SWITCHED_OFF_BY_EMPTY = ("placementHostAddress", "schedulerHostAddress")
"""Fields whose empty text is a choice of its own, not a missing one."""


@dataclass(frozen=True, slots=True)
class RunFile:
    """A run file that was read: where it is, its name, and its applications in order."""

    path: Path
    name: str
    apps: tuple[AppSpec, ...]


def load_run_file(text: str, root: Root) -> RunFile:
    """Read the run file that ``text`` names: a file, a folder that holds ``dapr.yaml``, or ``-`` for standard input.

    Raises Failure that names what is wrong with it.
    """
    try:
        path, content = _read(text)
    except OSError as error:
        reason = f"{error.strerror or error}: {error.filename or text}"
        raise Failure(f"Error getting apps from config file: {reason}") from error
    try:
        return parse_run_file(content, path, root)
    except ValueError as error:
        raise Failure(f"Error getting apps from config file: {error}") from error


def _read(text: str) -> tuple[Path, str]:
    if text == STANDARD_INPUT:
        return Path.cwd() / STANDARD_INPUT, sys.stdin.read()
    path = Path(os.path.abspath(os.path.expanduser(text)))
    if path.is_dir():
        path /= RUN_FILE_NAME
    if path.suffix not in YAML_SUFFIXES:
        raise Failure(f'Error getting apps from config file: file "{path}" is not a YAML file')
    return path, path.read_text(encoding="utf-8")


def parse_run_file(content: str, path: Path, root: Root) -> RunFile:
    """The applications of a run file's text. Raises ValueError (or Failure for an empty list of applications)."""
    import yaml

    try:
        document = yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise ValueError(f"{path.name} is no YAML: {error}") from error
    document = _mapping(document, path.name)
    if not isinstance(document.get("version"), int) or not document["version"]:
        raise ValueError("required field 'version' not found in the provided run template file")
    common = _checked(_mapping(document.get("common"), "common"), SHARED_FIELDS, "common")
    entries = document.get("apps")
    if not entries:
        raise Failure("No apps to run")
    if not isinstance(entries, list):
        raise ValueError("'apps' takes a list")
    apps = tuple(_app(entry, place, common, path.parent, root) for place, entry in enumerate(entries, 1))
    _check_distinct(apps)
    return RunFile(path, str(document.get("name") or ""), apps)


def _check_distinct(apps: tuple[AppSpec, ...]) -> None:
    seen: set[str] = set()
    for app in apps:
        if app.app_id in seen:
            raise ValueError(f"two apps have the id '{app.app_id}'; give each an appID of its own")
        seen.add(app.app_id)


def _mapping(value: Any, where: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"'{where}' takes fields with values")
    return value


def _checked(values: dict[str, Any], fields: Mapping[str, Field], where: str) -> dict[str, Any]:
    """The values that are set, each of its field's kind; unknown fields are refused by name."""
    known: dict[str, Any] = {}
    for name, value in values.items():
        field = fields.get(name)
        if field is None:
            import difflib

            near = difflib.get_close_matches(str(name), fields, n=1)
            raise ValueError(f"unknown field '{name}' in {where}" + (f"; did you mean '{near[0]}'?" if near else ""))
        if value is not None:
            known[name] = _value(name, value, field.kind, where)
    return known


def _value(name: str, value: Any, kind: Kind, where: str) -> Any:
    if kind == "str" and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)  # maxBodySize: 1024
    if not isinstance(value, KIND_TYPES[kind]) or (kind == "int" and isinstance(value, bool)):
        raise ValueError(f"field '{name}' in {where} takes {KIND_WORDS[kind]}, not {value!r}")
    if isinstance(value, list):
        return [_scalar(name, item, where) for item in value]
    if isinstance(value, dict):
        return {str(key): _scalar(name, item, where) for key, item in value.items()}
    return value


def _scalar(name: str, value: Any, where: str) -> str:
    if value is None or isinstance(value, dict | list):
        raise ValueError(f"field '{name}' in {where} holds texts only, not {value!r}")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _app(entry: Any, place: int, common: dict[str, Any], base: Path, root: Root) -> AppSpec:
    where = f"app {place}"
    own = _checked(_mapping(entry, where), APP_FIELDS, where)
    if not own.get("appDirPath"):
        raise ValueError(f"required field 'appDirPath' not found in the provided app config file ({where})")
    folder = _existing(own["appDirPath"], base, where)
    merged = common | {name: value for name, value in own.items() if value or name in SWITCHED_OFF_BY_EMPTY}
    home = _root_of(own, common, folder, base, root)
    simple = {field.attribute: merged[name] for name, field in APP_FIELDS.items() if field.attribute and name in merged}
    return AppSpec(
        app_id=own.get("appID") or folder.name,
        command=tuple(own.get("command", ())),
        folder=folder,
        env={**common.get("env", {}), **own.get("env", {})},
        resources_paths=_resources(own, common, folder, base, home, where),
        config=_config(own, common, folder, base, home, where),
        daprd_log_destination=_destination(merged.get("daprdLogDestination", "file")),
        app_log_destination=_destination(merged.get("appLogDestination", "fileAndConsole")),
        **simple,
    )


def _root_of(own: dict[str, Any], common: dict[str, Any], folder: Path, base: Path, root: Root) -> Root:
    for values, start in ((own, folder), (common, base)):
        if values.get("runtimePath"):
            return Root.locate(str(_existing(values["runtimePath"], start, "runtimePath")), {})
    return root


def _resources(
    own: dict[str, Any], common: dict[str, Any], folder: Path, base: Path, root: Root, where: str
) -> list[Path]:
    if paths := _listed(own):
        return [_existing(path, folder, where) for path in paths]
    if (folder / APP_RESOURCES).is_dir():
        return [folder / APP_RESOURCES]
    if paths := _listed(common):
        return [_existing(path, base, "common") for path in paths]
    return [root.components] if root.components.is_dir() else []


def _listed(values: dict[str, Any]) -> list[str]:
    return [path for path in (*values.get("resourcesPaths", ()), values.get("resourcesPath", "")) if path]


def _config(
    own: dict[str, Any], common: dict[str, Any], folder: Path, base: Path, root: Root, where: str
) -> Path | None:
    if own.get("configFilePath"):
        return _existing(own["configFilePath"], folder, where)
    if (folder / APP_CONFIG).is_file():
        return folder / APP_CONFIG
    if common.get("configFilePath"):
        return _existing(common["configFilePath"], base, "common")
    return root.config if root.config.is_file() else None


def _existing(text: str, start: Path, where: str) -> Path:
    path = Path(os.path.normpath(start / Path(text).expanduser()))
    if not path.exists():
        raise ValueError(f"the path {path} of {where} does not exist")
    return path


def _destination(text: str) -> Any:
    if text not in DESTINATIONS:
        raise ValueError(f"invalid log destination type: {text}; it takes {', '.join(DESTINATIONS)}")
    return text
