"""Which Configuration an application was given by an annotation of its pods (control-plane.md §4.5)."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dapr_core.kube import Key
from dapr_core.kube.cache import Cache, Entry
from dapr_operator.serving.assigned import AnnotatedPod, Named, annotated


def pod(**annotations: str) -> dict[str, Any]:
    named = {f"dapr.io/{name.replace('_', '-')}": value for name, value in annotations.items()}
    return {"metadata": {"name": "p", "namespace": "ns", "annotations": named}}


def test_what_is_kept_of_a_pod() -> None:
    assert annotated(pod()) is None
    assert annotated(pod(enabled="false", app_id="web")) is None
    assert annotated(pod(enabled="yes", app_id="web", config="c")) == AnnotatedPod("web", "c")
    assert annotated(pod(enabled="true")) == AnnotatedPod("p", ""), "without an id the application is the pod"


keys = st.builds(Key, st.sampled_from(["a", "b"]), st.sampled_from(["p1", "p2", "p3"]))
pods = st.builds(AnnotatedPod, st.sampled_from(["web", "shop"]), st.sampled_from(["", "c1", "c2"]))


@given(st.lists(st.tuples(keys, pods | st.none()), max_size=40))
def test_it_is_that_of_the_first_pod_that_names_one_whatever_came_before(news: list[tuple[Key, Any]]) -> None:
    cache: Cache[AnnotatedPod] = Cache()
    named = Named()
    for version, (key, value) in enumerate(news):
        change = cache.remove(key) if value is None else cache.put(key, Entry(str(version), value))
        if change is not None:
            named.changed(change)
        for namespace in ("a", "b"):
            for app_id in ("web", "shop"):
                found = [
                    each.configuration
                    for own, each in sorted(cache.items())
                    if own.namespace == namespace and each.app_id == app_id and each.configuration
                ]
                assert named.configuration_of(namespace, app_id) == (found[0] if found else "")
