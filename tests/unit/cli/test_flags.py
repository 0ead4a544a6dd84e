"""The grammar of the command line."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_cli.flags import Flag, Parsed, UsageError, check_required, parse

FLAGS = (
    Flag("app-id", "", short="a"),
    Flag("app-port", "", "int", "p", -1),
    Flag("kubernetes", "", "bool", "k", False),
    Flag("all", "", "bool", "A", False),
    Flag("resources-path", "", "list", default=[]),
    Flag("components-path", "", "list", "d", hidden=True, alias_of="resources-path"),
    Flag("port", "", "int", hidden=True, alias_of="app-port"),
)


@pytest.mark.parametrize(
    "argv",
    [["--app-id", "x"], ["--app-id=x"], ["-a", "x"], ["-ax"], ["-a=x"], ["--app-id", "old", "--app-id", "x"]],
    ids=" ".join,
)
def test_a_text_is_taken_in_every_form(argv: list[str]) -> None:
    parsed = parse(FLAGS, argv)
    assert parsed.text("app-id") == "x"
    assert parsed.given == {"app-id"}


@pytest.mark.parametrize("argv", [["--app-port", "-1"], ["-p-1"], ["--port=-1"]], ids=" ".join)
def test_a_negative_number_is_a_value_not_a_flag(argv: list[str]) -> None:
    assert parse(FLAGS, argv).number("app-port") == -1


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["-kA"], (True, True)),
        (["--kubernetes=false", "-A"], (False, True)),
        (["--all=T"], (False, True)),
        ([], (False, False)),
    ],
    ids=str,
)
def test_switches_stand_bare_joined_or_with_a_value(argv: list[str], expected: tuple[bool, bool]) -> None:
    parsed = parse(FLAGS, argv)
    assert (parsed.switch("kubernetes"), parsed.switch("all")) == expected


def test_lists_repeat_split_at_commas_and_take_their_old_name() -> None:
    parsed = parse(FLAGS, ["--resources-path", "a,b", "--resources-path=c", "-d", "d"])
    assert parsed.items("resources-path") == ["a", "b", "c", "d"]


def test_words_and_flags_mix_until_two_dashes() -> None:
    parsed = parse(FLAGS, ["one", "-k", "two", "--", "--app-id", "-k"])
    assert parsed.args == ["one", "two", "--app-id", "-k"]
    assert parsed.dashed == 2
    assert parsed.text("app-id") == ""


def test_the_first_word_ends_the_flags_of_the_root() -> None:
    parsed = parse(FLAGS, ["-k", "run", "--unknown"], words_end_flags=True)
    assert parsed.args == ["run", "--unknown"]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--app-di", "x"], "unknown flag: --app-di"),
        (["-zx"], "unknown shorthand flag: 'z' in -zx"),
        (["--app-id"], "flag needs an argument: --app-id"),
        (["-p"], "flag needs an argument: 'p' in -p"),
        (["-p", "abc"], 'invalid argument "abc" for "-p, --app-port" flag: it takes a whole number'),
        (["--all=perhaps"], 'invalid argument "perhaps" for "-A, --all" flag: it takes true or false'),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong_is_named(argv: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(FLAGS, argv)
    assert str(caught.value) == message


def test_a_mistyped_flag_gets_a_suggestion() -> None:
    with pytest.raises(UsageError) as caught:
        parse(FLAGS, ["--app-di", "x"])
    assert caught.value.hint == "Did you mean --app-id?"


def test_every_missing_required_flag_is_named() -> None:
    flags = (Flag("a", "", required=True), Flag("b", "", required=True), Flag("c", ""))
    with pytest.raises(UsageError, match=r'required flag\(s\) "a", "b" not set'):
        check_required(flags, parse(flags, []))


@given(st.lists(st.text(max_size=8), max_size=8))
def test_any_command_line_gives_values_or_a_usage_error(argv: list[str]) -> None:
    with contextlib.suppress(UsageError):
        parsed = parse(FLAGS, argv)
        assert isinstance(parsed, Parsed)
        assert all(word in argv for word in parsed.args)


@given(st.text(max_size=12), st.integers(-(10**6), 10**6), st.lists(st.text(max_size=5), max_size=4))
def test_what_is_written_is_read_back(text: str, number: int, words: list[str]) -> None:
    parsed = parse(FLAGS, [f"--app-id={text}", "-p", str(number), "--", *words])
    assert (parsed.text("app-id"), parsed.number("app-port"), parsed.args) == (text, number, words)
