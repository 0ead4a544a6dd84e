"""Command lines in Go's forms."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.process.flags import FlagError, HelpRequested, Parsed, flag, help_text, parse, parse_or_exit
from dapr_core.process.flagtypes import BOOL, DURATION, INT, LIST, PORT, QUANTITY, STRING, UINT


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    text: str = flag("text", STRING, "Some text.", group="First", default="")
    on: bool = flag("on", BOOL, "A switch.", group="First", default=False)
    maybe: bool | None = flag("maybe", BOOL, "A switch with three states.", group="First")
    number: int = flag("number", INT, "A number.", group="Second", default=-1)
    count: int = flag("count", UINT, "A count.", group="Second", default=3)
    port: int = flag("port", PORT, "A port.", group="Second", default=9090)
    wait: float = flag("wait", DURATION, "A time.", group="Second", default=30.0)
    size: int | None = flag("size", QUANTITY, "A size.", group="Second")
    items: tuple[str, ...] = flag("items", LIST, "Some items.", group="Second", default=())
    place: str = flag("place", STRING, "A place.", group="Second", default="here", env="PLACE")
    old: str = flag("old", STRING, "Old.", group="Second", default="", deprecated="use --text")
    secret: str = flag("secret-flag", STRING, "Hidden.", group="Second", default="", hidden=True)


def read(*arguments: str, environment: Mapping[str, str] | None = None) -> Parsed[Settings]:
    return parse(Settings, arguments, environment or {})


def test_absent_flags_have_their_defaults() -> None:
    assert read() == Parsed(Settings(), frozenset(), (), ())


@pytest.mark.parametrize("form", [["--text", "v"], ["--text=v"], ["-text", "v"], ["-text=v"]], ids=" ".join)
def test_a_value_follows_in_any_of_four_forms(form: list[str]) -> None:
    assert read(*form).settings.text == "v"


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("--on", True),
        ("-on", True),
        ("--on=true", True),
        ("--on=T", True),
        ("--on=1", True),
        ("--on=F", False),
        ("--on=0", False),
        ("--on=False", False),
    ],
)
def test_a_boolean_takes_its_value_only_after_an_equals_sign(argument: str, value: bool) -> None:
    parsed = read(argument, "false")
    assert (parsed.settings.on, parsed.arguments) == (value, ("false",))


def test_a_switch_without_default_tells_absence_from_false() -> None:
    assert [read(*each).settings.maybe for each in ([], ["--maybe"], ["--maybe=false"])] == [None, True, False]


def test_values_may_look_like_flags_and_hold_equals_signs() -> None:
    parsed = read("--number", "-10", "--text", "--on", "--place=a=b")
    assert (parsed.settings.number, parsed.settings.text, parsed.settings.place) == (-10, "--on", "a=b")


@pytest.mark.parametrize(
    ("arguments", "items"),
    [
        (["--items", "a,b"], ("a", "b")),
        (["--items=a", "--items", "b,c"], ("a", "b", "c")),
        (["--items="], ()),
        (['--items="a,b",c'], ("a,b", "c")),
    ],
)
def test_lists_split_at_commas_and_add_up(arguments: list[str], items: tuple[str, ...]) -> None:
    assert read(*arguments).settings.items == items


@pytest.mark.parametrize(
    ("argument", "attribute", "value"),
    [
        ("--number=0x10", "number", 16),
        ("--number=010", "number", 8),
        ("--number=0", "number", 0),
        ("--count=7", "count", 7),
        ("--port=", "port", 0),
        ("--port=65535", "port", 65535),
        ("--wait=1m30s", "wait", 90.0),
        ("--size=4Mi", "size", 4 * 1024 * 1024),
        ("--size=-1", "size", -1),
    ],
)
def test_values_have_gos_notations(argument: str, attribute: str, value: object) -> None:
    assert getattr(read(argument).settings, attribute) == value


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["--nope"], "unknown flag: --nope"),
        (["--txt=1"], r"unknown flag: --txt; did you mean --text\?"),
        (["--text"], "flag needs an argument: --text string"),
        (["---text=1"], "bad flag syntax: ---text=1"),
        (["--=1"], "bad flag syntax: --=1"),
        (["--number=x"], 'invalid argument "x" for "--number" flag: write a whole number'),
        (["--number=1_0.5"], "write a whole number"),
        (["--number=99999999999999999999"], "64 bits"),
        (["--count=-1"], "0 or more"),
        (["--port=70000"], "write a port number between 0 and 65535"),
        (["--port=abc"], "write a port number"),
        (["--on=maybe"], "write true or false"),
        (["--wait=5"], "missing unit in duration"),
        (["--size=4MB"], "is no quantity"),
        (['--items="a'], "write values separated by commas"),
    ],
)
def test_a_wrong_command_line_is_refused_with_its_cause(arguments: list[str], cause: str) -> None:
    with pytest.raises(FlagError, match=cause):
        read(*arguments)


def test_two_dashes_end_the_flags() -> None:
    assert read("a", "--on", "--", "--text", "b").arguments == ("a", "--text", "b")


def test_the_environment_fills_a_flag_that_is_not_given() -> None:
    environment = {"PLACE": "there"}
    assert read(environment=environment).settings.place == "there"
    assert read("--place=x", environment=environment).settings.place == "x"
    assert read(environment={"PLACE": ""}).settings.place == "here"


def test_a_deprecated_flag_still_reads_and_says_what_to_use() -> None:
    parsed = read("--old", "x")
    assert parsed.settings.old == "x"
    assert parsed.notices == ("Flag --old has been deprecated, use --text",)


@pytest.mark.parametrize("argument", ["--help", "-help", "-h"])
def test_help_is_asked_for_in_three_ways(argument: str) -> None:
    with pytest.raises(HelpRequested):
        read(argument)


def test_the_help_groups_flags_and_shows_defaults_and_leaves_hidden_ones_out() -> None:
    text = help_text(Settings, program="tool", summary="Does things.")
    assert text.startswith("Does things.\n\nUsage:\n  tool [flags]\n\nFirst:\n  --text string\n      Some text.\n")
    assert "  --wait duration\n      A time. (default 30s)\n" in text
    assert "Environment: PLACE. (default here)" in text
    assert "Deprecated: use --text." in text
    assert "secret-flag" not in text
    assert max(map(len, text.splitlines())) <= 100


def exits(*arguments: str) -> tuple[object, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit) as caught:
        parse_or_exit(Settings, arguments, {}, program="tool", summary="Does things.", out=out, err=err)
    return caught.value.code, out.getvalue(), err.getvalue()


def test_help_goes_to_stdout_and_ends_well() -> None:
    code, out, err = exits("--help")
    assert (code, err) == (0, "")
    assert out.startswith("Does things.")


def test_an_error_shows_the_usage_and_the_cause_on_stderr_and_ends_with_two() -> None:
    code, out, err = exits("--nope")
    assert (code, out) == (2, "")
    assert "Usage:" in err
    assert err.splitlines()[-1].startswith("tool: unknown flag: --nope")


@given(st.lists(st.text(alphabet="-=,textonumbr 01\"'", max_size=12) | st.text(max_size=8), max_size=6))
def test_any_command_line_reads_or_is_refused(arguments: list[str]) -> None:
    try:
        read(*arguments)
    except (FlagError, HelpRequested):
        return
