"""Which processes are sidecars, and what their command lines say."""

from __future__ import annotations

import pytest

from dapr_cli.instances import Instance, from_process, parse_arguments, running
from dapr_cli.processes import Process


def process(*argv: str, name: str = "daprd", pid: int = 7, started: float = 1000.0) -> Process:
    return Process(pid, name, list(argv), started)


def public_cli_arguments(argv: list[str]) -> dict[str, str]:
    """How the public CLI reads a sidecar's command line (cli-dashboard.md §8): words in pairs, from the second on."""
    found: dict[str, str] = {}
    place = 1
    while place < len(argv) - 1:
        if argv[place + 1].startswith("--"):
            found[argv[place]] = ""
            place += 1
        else:
            found[argv[place]] = argv[place + 1]
            place += 2
    return found


@pytest.mark.parametrize(
    "argv",
    [
        ["--app-id", "x", "--dapr-http-port", "3501"],
        ["--app-id=x", "--dapr-http-port=3501"],
        ["-app-id", "x", "-dapr-http-port=3501"],
        ["--enable-profiling", "--app-id", "x", "--enable-metrics=false", "--dapr-http-port", "3501"],
    ],
    ids=" ".join,
)
def test_flags_are_read_in_all_forms_of_go(argv: list[str]) -> None:
    flags = parse_arguments(argv)
    assert (flags["app-id"], flags["dapr-http-port"]) == ("x", "3501")


def test_a_sidecar_of_the_original_is_found() -> None:
    found = from_process(process("/home/x/.dapr/bin/daprd", "--app-id", "orders", "--app-port", "5000"))
    assert found == Instance("orders", 3500, 50001, 5000, True, "", 7, 1000.0)


def test_a_sidecar_of_ours_is_found_before_it_has_taken_its_name() -> None:
    found = from_process(process("/venv/bin/python", "-m", "daprd.main", "--app-id", "orders", name="python"))
    assert found is not None
    assert found.app_id == "orders"


def test_the_public_cli_reads_our_command_line() -> None:
    argv = ["/venv/bin/python", "-m", "daprd.main", "--enable-profiling", "--app-id", "a", "--dapr-http-port", "3501"]
    flags = public_cli_arguments(argv)
    assert (flags["--app-id"], flags["--dapr-http-port"], flags["--enable-profiling"]) == ("a", "3501", "")


@pytest.mark.parametrize(
    "other",
    [
        process("daprd"),
        process("daprd", "--version"),
        process("daprd", "--app-id", ""),
        process("vim", "daprd", "--app-id", "x", name="vim"),
        process("grep", "-m", "daprd", "--app-id", "x", name="grep"),
        process(),
    ],
    ids=["no arguments", "no app id", "empty app id", "an editor", "grep", "a kernel thread"],
)
def test_other_processes_are_no_sidecars(other: Process) -> None:
    assert from_process(other) is None


def test_unreadable_numbers_fall_back_to_the_defaults() -> None:
    found = from_process(process("daprd", "--app-id", "x", "--dapr-http-port", "abc", "--metrics-port", "9090"))
    assert found is not None
    assert found.http_port == 3500


def test_metrics_can_be_off() -> None:
    found = from_process(process("daprd", "--app-id", "x", "--enable-metrics=false"))
    assert found is not None
    assert not found.metrics_enabled


def test_instances_come_in_the_order_of_their_start() -> None:
    table = [
        process("daprd", "--app-id", "young", started=2000.0),
        process("bash", name="bash"),
        process("daprd", "--app-id", "old", started=1000.0),
    ]
    assert [one.app_id for one in running(table)] == ["old", "young"]
