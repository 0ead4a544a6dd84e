"""Which operation of a policy a path falls under (crds-helm-config.md §2.10)."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daprd.policy.operations import OperationTree


def tree(*patterns: str) -> OperationTree[str]:
    """A tree in which each pattern is its own value."""
    made: OperationTree[str] = OperationTree()
    for pattern in patterns:
        made.put(pattern, pattern)
    return made


@pytest.mark.parametrize(
    ("pattern", "matched", "others"),
    [
        pytest.param("/op", ["/op"], ["/", "/o", "/opp", "/x/op", "/OP"], id="a literal"),
        pytest.param("/op", ["/op/a", "/op/a/b", "/op/"], [], id="a literal, and what is below it"),
        pytest.param("/op*", ["/op", "/op1", "/opop", "/op1/a"], ["/xop", "/o"], id="any end of a segment"),
        pytest.param("/*op", ["/op", "/xop"], ["/opx"], id="any beginning of a segment"),
        pytest.param("/a*b*c", ["/abc", "/axbxc", "/abbcc"], ["/ab", "/acb", "/abcx"], id="any middles of a segment"),
        pytest.param("/aa*aa", ["/aaaa", "/aaxaa"], ["/aaa", "/aa"], id="literal parts do not overlap"),
        pytest.param("/op/*", ["/op/a", "/op", "/op/"], ["/op/a/b", "/o", "/"], id="one last segment, or none"),
        pytest.param("/op/*/b", [], ["/op/a/b", "/op/b", "/op/a", "/op/a/c"], id="one segment in the middle: nothing"),
        pytest.param("/op/**", ["/op", "/op/a", "/op/a/b/c"], ["/o", "/opx"], id="all below"),
        pytest.param("/op/**/b", ["/op/a/b", "/op/a/b/c"], ["/op/b", "/op/a", "/op/a/c/b"], id="one in the middle"),
        pytest.param("/*", ["/a", "/"], ["/a/b"], id="one segment at the root"),
        pytest.param("/**", ["/a", "/", "/a/b"], [], id="everything"),
        pytest.param("/", ["/"], ["/a"], id="the root itself"),
        pytest.param("/p.S/M", ["/p.S/M"], ["/p.S/m", "/p.S/N", "/p.S"], id="a method of gRPC"),
        pytest.param("/a.c", ["/a.c"], ["/abc"], id="a dot is a dot"),
        pytest.param("/a[b]?", ["/a[b]?"], ["/ab", "/abx"], id="only the star is special"),
    ],
)
def test_one_pattern(pattern: str, matched: list[str], others: list[str]) -> None:
    found = tree(pattern)
    assert [path for path in matched if found.find(path) != pattern] == []
    assert [path for path in others if found.find(path) is not None] == []


@pytest.mark.parametrize(
    ("patterns", "path", "found"),
    [
        pytest.param(["/a", "/a/b"], "/a/b", "/a", id="a pattern that ends on the way decides"),
        pytest.param(["/a/b", "/a"], "/a/b", "/a", id="in whatever order"),
        pytest.param(["/a*", "/ab"], "/ab", "/a*", id="the first that fits"),
        pytest.param(["/ab", "/a*"], "/ab", "/ab", id="the first that fits, turned round"),
        pytest.param(["/*", "/a"], "/a", "/*", id="a wildcard is no second choice"),
        pytest.param(["/*", "/a/b"], "/a/b", "/a/b", id="a single wildcard takes last segments only"),
        pytest.param(["/a*/x", "/ab/y"], "/ab/y", None, id="no way back from the first that fits"),
        pytest.param(["/a/b/*", "/a/b/c/d"], "/a/b/c/d", "/a/b/c/d", id="deeper than a single wildcard"),
        pytest.param(["/a/b/*", "/a/b/c/d"], "/a/b/c", "/a/b/*", id="as deep as a single wildcard"),
        pytest.param(["/a/b/c/d", "/a/b/*"], "/a/b/c", None, id="a literal on the way hides a later wildcard"),
        pytest.param(["/a/**", "/a/b"], "/a/b", "/a/**", id="all below comes first"),
        pytest.param(["/a/**/x", "/a/**"], "/a/b", "/a/**", id="a wildcard that ends and goes on ends"),
        pytest.param(["/a/**", "/a/b"], "/a", "/a/**", id="no segment at all"),
    ],
)
def test_several_patterns(patterns: list[str], path: str, found: str | None) -> None:
    assert tree(*patterns).find(path) == found


def test_a_literal_star_in_a_path_opens_no_way_past_a_single_wildcard() -> None:
    assert tree("/a/*").find("/a/*/b") is None
    assert tree("/a/*").find("/a/*") == "/a/*"


segments = st.sampled_from(["a", "b", "ab", "ba", "aab"])
paths = st.lists(segments, min_size=1, max_size=4).map(lambda found: "/" + "/".join(found))
patterns = st.lists(st.one_of(segments, st.sampled_from(["a*", "*b", "*a*", "*", "**"])), min_size=1, max_size=4).map(
    lambda found: "/" + "/".join(found)
)


def matches(pattern: str, path: str) -> bool:
    """The table of the sheet, told for a single pattern."""
    *way, end = pattern.split("/")[1:]
    given_ = path.split("/")[1:]
    if len(given_) < len(way):
        return False
    if "*" in way and not (way.index("*") == len(way) - 1 == len(given_) - 1 and end in ("*", "**")):
        return False  # but as the path's last segment, where the pattern's end stands for nothing
    if not all(fnmatch.fnmatchcase(segment, part) for segment, part in zip(given_, way, strict=False)):
        return False
    rest = given_[len(way) :]
    if end == "**":
        return True
    if end == "*":
        return len(rest) < 2
    return bool(rest) and fnmatch.fnmatchcase(rest[0], end)


@given(pattern=patterns, path=paths)
def test_a_single_pattern_matches_what_the_table_says(pattern: str, path: str) -> None:
    assert (tree(pattern).find(path) is not None) is matches(pattern, path)


@given(declared=st.lists(patterns, max_size=6), path=paths)
def test_what_is_found_is_declared_and_matches_by_itself(declared: list[str], path: str) -> None:
    found = tree(*declared).find(path)
    assert found is None or (found in declared and matches(found, path))


@given(declared=st.lists(patterns, max_size=6), path=paths, data=st.data())
def test_a_pattern_that_is_declared_again_changes_nothing(declared: list[str], path: str, data: st.DataObject) -> None:
    again = data.draw(st.permutations(declared))
    made = tree(*declared)
    for pattern in again:
        made.put(pattern, "later")
    assert made.find(path) == tree(*declared).find(path)
