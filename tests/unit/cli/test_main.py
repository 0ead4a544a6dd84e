"""From a command line to a command: help, unknown words, exit statuses, and the completeness of the table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dapr_cli import table
from dapr_cli.command import Command
from dapr_cli.flags import parse
from dapr_cli.main import USAGE_STATUS, run


def every_command(parent: Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Command]]:
    for command in parent.commands:
        yield (*path, command.name), command
        yield from every_command(command, (*path, command.name))


ALL = list(every_command(table.ROOT_COMMAND))
LEAVES = [(path, command) for path, command in ALL if command.handler]


@pytest.mark.parametrize(("path", "command"), LEAVES, ids=lambda value: " ".join(value) if type(value) is tuple else "")
def test_every_command_has_code_help_and_examples(
    path: tuple[str, ...], command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(command.load())
    assert run([*path, "--help"]) == 0
    page = capsys.readouterr().out
    assert page.startswith((command.description or command.summary).splitlines()[0])
    for part in ("Usage:", "Examples:", "Flags:", "Global Flags:", "--log-as-json", "--runtime-path"):
        assert part in page
    for flag in command.flags:
        assert flag.hidden or f"--{flag.name}" in page


@pytest.mark.parametrize(("path", "command"), ALL, ids=lambda value: " ".join(value) if type(value) is tuple else "")
def test_no_command_has_two_flags_of_one_name(path: tuple[str, ...], command: Command) -> None:
    flags = [*command.flags, *table.GLOBAL_FLAGS, table.HELP_FLAG]
    assert len({flag.name for flag in flags}) == len(flags)
    shorts = [flag.short for flag in flags if flag.short]
    assert len(set(shorts)) == len(shorts)


def test_the_flags_of_run_have_the_documented_names_and_defaults() -> None:
    parsed = parse(table.RUN.flags, [])
    for name in ("app-port", "dapr-http-port", "dapr-grpc-port", "metrics-port", "profile-port", "app-max-concurrency"):
        assert parsed.number(name) == -1
    assert parsed.text("app-protocol") == "http"
    assert parsed.text("log-level") == "info"
    assert parsed.text("max-body-size") == "4Mi"
    assert parsed.text("placement-host-address") == "localhost"


@pytest.mark.parametrize(
    ("old", "new"),
    [("--port", "dapr-http-port"), ("--grpc-port", "dapr-grpc-port"), ("--max-concurrency", "app-max-concurrency")],
)
def test_the_flags_of_2020_still_work(old: str, new: str) -> None:
    assert parse(table.RUN.flags, [old, "8089"]).number(new) == 8089


def test_without_words_the_root_prints_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    page = capsys.readouterr().out
    assert "The distributed application runtime" in page
    for command in table.COMMANDS:
        assert f"  {command.name} " in page


def test_help_of_a_command_is_its_help_page(capsys: pytest.CaptureFixture[str]) -> None:
    run(["help", "completion", "bash"])
    by_word = capsys.readouterr().out
    run(["completion", "bash", "--help"])
    assert capsys.readouterr().out == by_word


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["lst"], ['unknown command "lst" for "dapr"', "Did you mean this?\n\tlist", "Run 'dapr --help'"]),
        (["completion", "bsh"], ['unknown command "bsh" for "dapr completion"', "\tbash"]),
        (["list", "--ouput", "json"], ["unknown flag: --ouput", "Did you mean --output?", "Run 'dapr list --help'"]),
        (["list", "extra"], ['unknown argument "extra" for "dapr list"']),
        (["invoke"], ['required flag(s) "app-id", "method" not set', "Run 'dapr invoke --help'"]),
        (["stop"], ["no application to stop"]),
        (["run", "--app-protocol", "soap"], ['invalid --app-protocol "soap"', "h2c"]),
        (
            ["init", "--container-runtime", "podman"],
            ["unknown flag: --container-runtime", "Nothing runs in containers"],
        ),
        (["invoke", "-k"], ["unknown shorthand flag: 'k' in -k", "this machine only"]),
        (["run", "-k"], ["-k is for run files: give one with -f"]),
        (["stop", "-k", "orders"], ["-k stops the applications of a run file: give one with -f"]),
        (["stop", "-k", "-a", "orders"], ["--app-id is for this machine"]),
        (["list", "-A"], ["--all-namespaces is for a Kubernetes cluster; give -k too"]),
        (["status", "-n", "shop"], ["--namespace is for a Kubernetes cluster; give -k too"]),
        (["list", "-kA", "-n", "shop"], ["--namespace and --all-namespaces contradict each other"]),
        (["components"], ['required flag(s) "kubernetes" not set']),
        (["logs", "-k"], ['required flag(s) "app-id" not set']),
        (["logs", "-k", "-a", "orders", "--tail", "-2"], ["invalid --tail -2: it takes a number of lines"]),
        (["init", "--slim", "--redis-port", "1"], ["--slim sets up no Redis"]),
        (["init", "--redis-host", "somewhere"], ["it takes host:port"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) and len(value) < 5 else "",
)
def test_a_wrong_command_line_is_explained(
    argv: list[str], told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(argv) == USAGE_STATUS
    printed = capsys.readouterr()
    for text in told:
        assert text in printed.err
    assert printed.out == ""


def test_global_flags_may_stand_before_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--log-as-json", "list", "-o", "xml"]) == 1
    assert '"status": "failure"' in capsys.readouterr().err
