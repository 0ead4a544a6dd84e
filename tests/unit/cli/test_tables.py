"""How listings look."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from dapr_cli.tables import age_text, created_text, render_json, render_table, render_yaml, shortened


def test_a_table_aligns_left_and_leaves_blank_columns_out() -> None:
    table = render_table(["app id", "LOG_PATH", "PORT"], [["one", "", "1"], ["a  long\n id", "", "22"]])
    assert table == "APP ID     PORT\none        1\na long id  22\n"


def test_a_table_of_blanks_keeps_its_columns() -> None:
    assert render_table(["A", "B"], [["", ""]]).splitlines()[0] == "A  B"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59.9, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (86399, "23h"), (86400, "1d"), (-1, "0s")],
)
def test_an_age_is_told_in_its_largest_unit(seconds: float, text: str) -> None:
    assert age_text(seconds) == text


def test_the_moment_of_creation_has_a_dot_before_the_seconds() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d\.\d\d", created_text(0))


def test_long_commands_are_cut_with_dots() -> None:
    assert shortened("python3 application.py", 20) == "python3 applicati..."
    assert shortened("x" * 20, 20) == "x" * 20


def test_json_and_yaml_keep_the_order_of_keys() -> None:
    records = [{"b": 1, "a": "x"}]
    assert render_json(records) == '[\n  {\n    "b": 1,\n    "a": "x"\n  }\n]'
    assert json.loads(render_json([])) == []
    assert render_yaml(records) == "- b: 1\n  a: x\n"
    assert yaml.safe_load(render_yaml(records)) == records
