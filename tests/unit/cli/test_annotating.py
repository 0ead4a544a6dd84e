"""`dapr annotate`: one workload of a manifest gets its annotations, and the text stays as it is everywhere else."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dapr_cli.annotating.manifest import Annotated, ManifestError, annotate
from dapr_cli.annotating.workloads import Workload

WANTED = {"dapr.io/enabled": "true", "dapr.io/app-id": "orders"}
ENABLED = {"dapr.io/enabled": "true"}


def any_one(_: Workload) -> bool:
    return True


def changed(text: str, annotations: dict[str, str] = WANTED) -> str:
    result = annotate(text, annotations, any_one)
    assert result.kept, "the comments were lost"
    return result.text


def workload(kind: str = "Deployment", template: str = "spec:\n  template:\n", inner: str = "") -> str:
    return f"apiVersion: apps/v1\nkind: {kind}\nmetadata:\n  name: web\n{template}{inner}"


def lines_added(before: str, after: str) -> list[str]:
    """The lines that came in; fails when another one changed."""
    old, added = iter(before.splitlines()), []
    expected = next(old, None)
    for line in after.splitlines():
        if line == expected:
            expected = next(old, None)
        else:
            added.append(line)
    assert expected is None, f"the line {expected!r} is gone"
    return added


COMMENTED = """\
# the shop
apiVersion: apps/v1   # of the apps
kind: Deployment
metadata: {name: web, labels: {app: "web"}}
spec:
    replicas:   2
    template:
        metadata:
            # for the dashboards
            annotations:
                # scraped
                prometheus.io/scrape: 'yes'   # by us
            # labels come here
            labels: {app: web}
        spec:
            containers:
            - name: web    # the one
              image: "web:1.0"
---
# another
kind: Service
spec: {ports: [ {port: 080} ]}
"""


def test_comments_order_quotes_and_other_documents_stay_as_they_are() -> None:
    after = changed(COMMENTED)
    assert lines_added(COMMENTED, after) == [
        '                dapr.io/enabled: "true"',
        '                dapr.io/app-id: "orders"',
    ]
    assert after.index("prometheus.io/scrape: 'yes'   # by us\n") < after.index("dapr.io/enabled")
    assert after.index("dapr.io/app-id") < after.index("# labels come here")


@pytest.mark.parametrize(
    ("inner", "added"),
    [
        ("    metadata:\n      labels: {a: b}\n    spec: {}\n", 3),
        ("    metadata:\n      labels:\n        a: b\n    spec: {}\n", 3),
        ("    spec: {}\n", 4),
        ("    metadata:\n      annotations:\n    spec: {}\n", 2),
        ("    metadata:\n    spec: {}\n", 3),
        ("    metadata:\n      annotations:\n        a: |\n          one\n\n          two\n    spec: {}\n", 2),
        ("    metadata:\n      annotations:\n        a: >-\n          one\n          two\n", 2),
        ("    metadata:\n      annotations:\n        a: plain\n          goes on\n    spec: {}\n", 2),
        ("    metadata:\n      annotations:\n        a: b", 2),
        ("    metadata:\n      annotations:\n        a: b  # end", 2),
        ("    metadata:\n      annotations:\n        a: b\n\n\n    # the pod\n    spec: {}\n", 2),
    ],
    ids=[
        "no annotations", "labels in a block", "no metadata", "empty annotations", "empty metadata", "a literal block",
        "a folded block", "a text of two lines", "no last line end", "a comment at the end", "a gap behind",
    ],
)  # fmt: skip
def test_whatever_is_missing_is_added_as_lines(inner: str, added: int) -> None:
    before = workload(inner=inner)
    after = changed(before)
    assert len(lines_added(before, after)) == added
    assert yaml.safe_load(after)["spec"]["template"]["metadata"]["annotations"].items() >= WANTED.items()


@pytest.mark.parametrize(
    "inner",
    [
        "    metadata: {annotations: {a: b}}\n",
        "    metadata: {annotations: {}}\n",
        "    metadata: {}\n",
        "    metadata: {annotations: }\n",
        "    metadata:\n      annotations: {}\n",
        "    metadata:\n      annotations: null\n",
        "    metadata:\n      annotations: ~  # none\n",
        "    metadata: ~\n",
        "    metadata: {annotations:\n      {a: b,\n       c: d}}\n",
    ],
)
def test_braces_are_filled_where_they_are(inner: str) -> None:
    after = changed(workload(inner=inner))
    assert yaml.safe_load(after)["spec"]["template"]["metadata"]["annotations"].items() >= WANTED.items()


@pytest.mark.parametrize("value", ['"false"', "'false'", "false", "", "!!str false", "|\n          false", "&x false"])
def test_a_value_that_is_there_is_replaced(value: str) -> None:
    inner = f"    metadata:\n      annotations:\n        dapr.io/enabled: {value}\n        z: last\n"
    after = changed(workload(inner=inner))
    assert yaml.safe_load(after)["spec"]["template"]["metadata"]["annotations"] == {**WANTED, "z": "last"}


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("Pod", ()),
        ("Deployment", ("spec", "template")),
        ("replicaset", ("spec", "template")),
        ("StatefulSet", ("spec", "template")),
        ("DaemonSet", ("spec", "template")),
        ("Job", ("spec", "template")),
        ("CronJob", ("spec", "jobTemplate", "spec", "template")),
    ],
)
def test_every_kind_has_its_place(kind: str, path: tuple[str, ...]) -> None:
    thing: Any = {"spec": {"containers": []}}
    for key in reversed(path):
        thing = {key: thing}
    thing |= {"apiVersion": "batch/v1" if "Job" in kind else "apps/v1", "kind": kind, "metadata": {"name": "x"}}
    found = yaml.safe_load(changed(yaml.safe_dump(thing)))
    for key in path:
        found = found[key]
    assert found["metadata"]["annotations"] == WANTED


@pytest.mark.parametrize(
    "other",
    [
        "kind: Service\nspec: {template: {}}\n",
        "apiVersion: batch.volcano.sh/v1alpha1\nkind: Job\nspec: {template: {}}\n",
        "kind: List\nitems: []\n",
        "kind: List\n",
        "just text\n",
        "- a\n- list\n",
        "",
        "---\n---\n# nothing\n",
        "{}",
    ],
)
def test_what_is_no_workload_stays_as_it_is(other: str) -> None:
    assert annotate(other, WANTED, any_one) == Annotated(other, None)


def test_only_the_first_workload_is_annotated() -> None:
    text = "---\n".join(["kind: ConfigMap\n", workload(inner="    spec: {}\n"), workload(inner="    spec: {}\n")])
    kept, first, second = yaml.safe_load_all(changed(text))
    assert kept == {"kind": "ConfigMap"}
    assert first["spec"]["template"]["metadata"]["annotations"] == WANTED
    assert second == yaml.safe_load(workload(inner="    spec: {}\n"))


def of(name: str, namespace: str = "") -> str:
    meta = f"name: {name}" + (f", namespace: {namespace}" if namespace else "")
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{{meta}}}\n"


@pytest.mark.parametrize(
    ("name", "namespace", "place"),
    [("b", "", 1), ("B", "", 1), ("b", "shop", 2), ("b", "default", 1), ("b", "nowhere", None), ("x", "", None)],
)
def test_a_workload_is_named_by_name_and_namespace(name: str, namespace: str, place: int | None) -> None:
    text = "---\n".join([of("a"), of("b"), of("b", "shop")])
    result = annotate(text, WANTED, lambda each: each.is_called(name, namespace))
    found = [number for number, each in enumerate(yaml.safe_load_all(result.text)) if "annotations" in each["metadata"]]
    assert found == ([] if place is None else [place])
    assert (result.workload is None) is (place is None)


@pytest.mark.parametrize("nested", [False, True])
def test_an_item_of_a_list_is_annotated_and_the_list_stays(nested: bool) -> None:
    text = """\
apiVersion: v1
kind: List
metadata: {resourceVersion: ""}   # from kubectl
items:
- apiVersion: v1
  kind: Service
  metadata: {name: web}
- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: web
  spec:
    template:
      metadata:
        labels: {app: web}
      spec: {}
"""
    if nested:
        indented = "".join(f"  {line}\n" for line in text.splitlines())
        text = f"apiVersion: v1\nkind: List\nitems:\n- {indented.lstrip()}"
    after = changed(text)
    assert len(lines_added(text, after)) == 3
    found = yaml.safe_load(after)
    items = found["items"][0]["items"] if nested else found["items"]
    assert items[1]["spec"]["template"]["metadata"]["annotations"] == WANTED


@pytest.mark.parametrize("indent", [None, 2, 4, "\t"])
def test_json_stays_json(indent: int | str | None) -> None:
    thing = {
        "kind": "List",
        "items": [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "annotations": {"a": "b"}}}],
    }
    after = json.loads(changed(json.dumps(thing, indent=indent)))
    assert after["items"][0]["metadata"]["annotations"] == {"a": "b", **WANTED}


def test_line_ends_of_windows_stay() -> None:
    before = workload(inner="    metadata:\n      annotations:\n        a: b\n").replace("\n", "\r\n")
    after = changed(before)
    assert after.count("\n") == after.count("\r\n")


@pytest.mark.parametrize(
    ("text", "app_id"),
    [
        (of("web"), "default-pod-web"),
        (of("web", "shop"), "shop-pod-web"),
        (workload(inner="    spec: {}\n"), "default-deployment-web"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {generateName: web-}\n", "default-pod-web"),
    ],
)
def test_an_application_without_an_id_is_given_one(text: str, app_id: str) -> None:
    found = yaml.safe_load(changed(text, ENABLED))
    pod = found if found["kind"] == "Pod" else found["spec"]["template"]
    assert pod["metadata"]["annotations"]["dapr.io/app-id"] == app_id


def test_an_id_that_is_there_stays() -> None:
    text = workload(inner="    metadata: {annotations: {dapr.io/app-id: mine}}\n")
    found = yaml.safe_load(changed(text, ENABLED))
    assert found["spec"]["template"]["metadata"]["annotations"]["dapr.io/app-id"] == "mine"


def test_an_anchor_that_is_used_elsewhere_changes_nothing_there() -> None:
    text = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: &shared   # both
    team: shop
spec:
  template:
    metadata:
      annotations: *shared
"""
    result = annotate(text, WANTED, any_one)
    found = yaml.safe_load(result.text)
    assert found["metadata"]["annotations"] == {"team": "shop"}
    assert found["spec"]["template"]["metadata"]["annotations"] == {"team": "shop", **WANTED}
    assert not result.kept


def test_the_document_that_is_written_anew_is_the_only_one() -> None:
    pod_text = "spec: &s {template: {metadata: &m {}, also: *m}}\nkind: Pod\nmetadata: *m\n"
    text = f"# first\nkind: A\n---\n{pod_text}---\n# last\nkind: B\n"
    result = annotate(text, WANTED, any_one)
    first, pod, last = yaml.safe_load_all(result.text)
    assert (first, last) == ({"kind": "A"}, {"kind": "B"})
    assert pod["metadata"] == {"annotations": {**WANTED}}
    assert pod["spec"]["template"] == {"metadata": {}, "also": {}}
    assert result.text.startswith("# first\n")


def test_merged_annotations_are_kept_beside_the_new_ones() -> None:
    text = "x: &x {team: shop}\n" + workload(inner="    metadata:\n      annotations:\n        <<: *x\n        a: b\n")
    found = yaml.safe_load(changed(text))
    assert found["spec"]["template"]["metadata"]["annotations"] == {"team": "shop", "a": "b", **WANTED}


MANY_ALIASES = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind: [Pod\n", "it is no YAML"),
        ("a: b\n\tc: d\n", "it is no YAML"),
        ("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n", "the deployment web has no spec.template"),
        (workload(template="spec: {template: [a]}\n"), "has no spec.template"),
        ("apiVersion: v1\nkind: Pod\nspec: {}\n", "give --app-id"),
        ("a: &a [*a]\n", "holds the alias"),
        (MANY_ALIASES, "parts"),
    ],
    ids=["broken", "a tab", "no template", "an odd template", "no name", "an endless alias", "many aliases"],
)  # fmt: skip
def test_what_cannot_be_annotated_is_told(text: str, said: str) -> None:
    with pytest.raises(ManifestError, match=said):
        annotate(text, ENABLED, any_one)


def test_a_duplicated_key_is_changed_where_it_counts() -> None:
    inner = '    metadata:\n      annotations:\n        dapr.io/enabled: "a"\n        dapr.io/enabled: "b"\n'
    found = yaml.safe_load(changed(workload(inner=inner)))
    assert found["spec"]["template"]["metadata"]["annotations"] == WANTED


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
keys = st.text("abcxyz./-", min_size=1, max_size=8)
scalars = st.one_of(words, st.booleans(), st.none(), st.integers(-99, 99))
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=2), max_leaves=5
)


@st.composite
def pods(draw: st.DrawFn) -> dict[str, Any]:
    annotations = draw(st.none() | st.dictionaries(keys | st.sampled_from(list(WANTED)), words, max_size=4))
    meta = draw(st.dictionaries(st.sampled_from(["labels", "finalizers", "ownerReferences"]), values, max_size=3))
    if draw(st.booleans()):
        meta = {"annotations": annotations, **meta} if draw(st.booleans()) else {**meta, "annotations": annotations}
    pod: dict[str, Any] = {"spec": draw(values)}
    return {"metadata": meta, **pod} if draw(st.booleans()) else {**pod, "metadata": draw(st.just(meta) | st.none())}


@st.composite
def manifests(draw: st.DrawFn) -> tuple[list[Any], int]:
    """Documents, and which of them is the workload."""
    before = draw(st.lists(st.dictionaries(keys, values, max_size=3), max_size=2))
    after = draw(st.lists(st.dictionaries(keys, values, max_size=3), max_size=2))
    head = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}
    return [*before, {**head, "spec": {"template": draw(pods())}}, *after], len(before)


def written(documents: list[Any], *, flow: bool | None, indent: int, breaks: str) -> str:
    text: str = yaml.safe_dump_all(
        documents, default_flow_style=flow, indent=indent, sort_keys=False, allow_unicode=True, explicit_start=True
    )
    return text.replace("\n", breaks)


ENDS_WITH_LINES = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "annotations": {"a": "x\n\n"}}}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(manifests(), st.sampled_from([True, False, None]), st.integers(2, 6), words)
@example(
    ([{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "annotations": {"a": "x\n\n"}}}], 0), False, 2, ""
)
def test_any_manifest_gets_the_annotations_and_nothing_else_changes(
    manifest: tuple[list[Any], int], flow: bool | None, indent: int, value: str
) -> None:
    documents, place = manifest
    wanted = {**WANTED, "dapr.io/config": value}
    text = written(documents, flow=flow, indent=indent, breaks="\n")
    documents = list(yaml.safe_load_all(text))  # not all that it writes it reads as it was
    result = annotate(text, wanted, any_one)
    found = list(yaml.safe_load_all(result.text))
    thing = documents[place]
    pod = thing["spec"]["template"] if "spec" in thing else thing
    meta = pod.get("metadata") or {}
    pod["metadata"] = {**meta, "annotations": {**(meta.get("annotations") or {}), **wanted}}
    assert found == documents


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(manifests(), st.sampled_from(["# one\n", "", "   # three\n", "\n"]), st.integers(2, 6))
def test_every_line_of_a_commented_block_manifest_survives(
    manifest: tuple[list[Any], int], comment: str, indent: int
) -> None:
    documents, _ = manifest
    plain = written(documents, flow=False, indent=indent, breaks="\n")
    commented = comment + plain + comment
    result = annotate(commented, WANTED, any_one)
    again = annotate(result.text, WANTED, any_one)
    assert again.text == result.text, "a second time changes nothing"
    assert result.text.startswith(comment)
    assert result.text.endswith(comment)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(manifests(), st.integers(2, 6), st.randoms(use_true_random=False))
def test_comments_anywhere_between_the_lines_survive_with_every_line(
    manifest: tuple[list[Any], int], indent: int, random: Random
) -> None:
    documents, place = manifest
    documents[place]["spec"]["template"]["spec"] = {"nodeName": "here"}
    plain = written(_on_single_lines(documents), flow=False, indent=indent, breaks="\n")
    lines = []
    for line in plain.splitlines():
        lines += [f"{' ' * random.randrange(8)}# note {len(lines)}"] if random.random() < 0.3 else []
        lines.append(f"{line}  # aside" if random.random() < 0.2 else line)
    commented = "\n".join(lines) + random.choice(["\n", "", "\n# end\n"])
    added = lines_added(commented, changed(commented))
    assert 0 < len(added) <= 4


def _on_single_lines(value: Any) -> Any:
    """The same without texts that would take several lines, or be in the way of the annotations' own."""
    if isinstance(value, dict):
        kept = {key: _on_single_lines(each) for key, each in value.items()}
        present = kept.get("annotations")
        if isinstance(present, dict):
            kept["annotations"] = {key: each for key, each in present.items() if key not in WANTED}
        # What is empty is written in braces, and so are ours then.
        return {key: each for key, each in kept.items() if each not in ({}, None)}
    if isinstance(value, list):
        return [_on_single_lines(each) for each in value]
    return "text" if isinstance(value, str) and not re.fullmatch(r"[a-zA-Z/.0-9]+", value) else value


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text("ab:-{}[]&*#'\"|> \n\t,!%@?", max_size=60))
def test_noise_is_refused_or_kept_but_never_breaks(text: str) -> None:
    manifest = f"{text}\n---\n{of('web')}"
    try:
        result = annotate(manifest, WANTED, any_one)
    except ManifestError:
        return
    assert result.text.startswith(text)
