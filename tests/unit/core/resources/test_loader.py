"""What a sidecar loads from directories of YAML, in which order, and what it says of the rest."""

from __future__ import annotations

import copy
import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dapr_core.resources import LoadedResources, ResourceError, load_paths
from dapr_core.resources.documents import DocumentError, parse
from dapr_core.resources.loader import read_document

COMPONENT = """\
apiVersion: dapr.io/v1alpha1
kind: Component
metadata:
  name: {name}
{more}spec:
  type: {type}
  version: v1
  metadata: []
"""


def component(name: str, type_: str = "state.in-memory", *, namespace: str = "", scopes: str = "") -> str:
    more = f"  namespace: {namespace}\n" if namespace else ""
    more += f"scopes: {scopes}\n" if scopes else ""
    return COMPONENT.format(name=name, type=type_, more=more)


def load(*paths: Path, namespace: str = "", app_id: str = "app") -> LoadedResources:
    return load_paths([str(path) for path in paths], namespace=namespace, app_id=app_id)


def write(directory: Path, name: str, *documents: str) -> Path:
    directory.mkdir(exist_ok=True)
    (directory / name).write_text("\n---\n".join(documents))
    return directory


def test_directories_files_and_documents_load_in_their_order(tmp_path: Path) -> None:
    first = write(tmp_path / "z", "b.yaml", component("three"), component("four"))
    write(first, "a.yml", component("one"), component("two"))
    second = write(tmp_path / "a", "a.YAML", component("five"))
    loaded = load(first, second)
    assert [each.name for each in loaded.components] == ["one", "two", "three", "four", "five"]
    assert loaded.problems == ()


def test_a_component_reads_with_all_its_fields(tmp_path: Path) -> None:
    write(
        tmp_path,
        "c.yaml",
        """
apiVersion: dapr.io/v1alpha1
kind: Component
metadata: {name: store, namespace: prod}
auth: {secretStore: vault}
scopes: [app, other]
spec:
  type: state.redis
  version: v1
  ignoreErrors: true
  initTimeout: 20s
  metadata:
  - {name: host, value: localhost:6379}
  - {name: password, secretKeyRef: {name: redis, key: pw}}
  - {name: user, envRef: REDIS_USER}
""",
    )
    (store,) = load(tmp_path).components
    assert store.log_name == "store (state.redis/v1)"
    assert (store.category, store.init_timeout, store.spec.ignore_errors) == ("state", 20.0, True)
    assert (store.auth.secret_store, store.scopes) == ("vault", ("app", "other"))
    host, password, user = store.spec.metadata
    assert host.text == "localhost:6379"
    assert password.secret_key_ref is not None
    assert (password.secret_key_ref.name, password.secret_key_ref.key, password.has_value) == ("redis", "pw", False)
    assert user.env_ref == "REDIS_USER"


@pytest.mark.parametrize("text", ["", "soon", "-1s", "0s"])
def test_an_init_timeout_that_is_none_is_five_seconds(tmp_path: Path, text: str) -> None:
    write(tmp_path, "c.yaml", component("x").replace("version: v1", f'version: v1\n  initTimeout: "{text}"'))
    assert load(tmp_path).components[0].init_timeout == 5.0


def test_keys_are_compared_without_case_and_unknown_keys_are_ignored(tmp_path: Path) -> None:
    write(
        tmp_path,
        "c.yaml",
        "apiversion: dapr.io/v1alpha1\nKIND: Component\nMetadata: {Name: x, colour: red}\n"
        "auth: {secretstore: vault}\nspec: {Type: state.redis, future: [1, 2]}\nstatus: {}\n",
    )
    loaded = load(tmp_path)
    assert (loaded.components[0].name, loaded.components[0].auth.secret_store) == ("x", "vault")
    assert loaded.components[0].spec.type == "state.redis"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("text", "text"),
        ('"quoted"', "quoted"),
        ("12", "12"),
        ("1.50", "1.5"),
        ("1.0", "1"),
        ("0x10", "16"),
        ("true", "true"),
        ("yes", "true"),
        ("2020-01-02", "2020-01-02"),
        ("12:30:45", "12:30:45"),
        ("1e3", "1000"),
        ("{b: [1, null, '<'], a: {x: 1.0}}", '{"a":{"x":1},"b":[1,null,"\\u003c"]}'),
        ("{2: a, true: b}", '{"2":"a","true":"b"}'),
        ("[]", "[]"),
    ],
)
def test_any_value_reaches_the_component_as_text(tmp_path: Path, written: str, text: str) -> None:
    write(tmp_path, "c.yaml", component("x").replace("metadata: []", f"metadata: [{{name: v, value: {written}}}]"))
    loaded = load(tmp_path)
    assert loaded.problems == ()
    assert loaded.components[0].spec.metadata[0].text == text


@pytest.mark.parametrize("written", [".inf", ".nan", "{a: [.inf]}"])
def test_a_value_that_json_cannot_hold_is_a_problem(tmp_path: Path, written: str) -> None:
    write(tmp_path, "c.yaml", component("x").replace("metadata: []", f"metadata: [{{name: v, value: {written}}}]"))
    (problem,) = load(tmp_path).problems
    assert problem.path == "spec.metadata[0].value"


def test_one_bad_document_does_not_hide_its_neighbours(tmp_path: Path) -> None:
    write(tmp_path, "c.yaml", component("before"), "a: [unclosed", component("after"))
    loaded = load(tmp_path)
    assert [each.name for each in loaded.components] == ["before", "after"]
    (problem,) = loaded.problems
    assert (problem.severity, problem.file, problem.document) == ("warning", str(tmp_path / "c.yaml"), 2)
    assert "error when parsing manifests yaml resource in" in str(problem)


def test_every_field_that_does_not_fit_is_named_with_its_path_and_remedy(tmp_path: Path) -> None:
    write(
        tmp_path,
        "c.yaml",
        "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {name: x}\n"
        "spec: {type: [a], ignoreErrors: 'yes', metadata: [{name: n}, 3]}\nscopes: app\n",
    )
    loaded = load(tmp_path)
    assert loaded.components == ()
    assert [each.path for each in loaded.problems] == ["spec.type", "spec.ignoreErrors", "spec.metadata[1]", "scopes"]
    assert all(each.remedy and each.document == 1 for each in loaded.problems)


def test_a_problem_never_shows_a_value(tmp_path: Path) -> None:
    write(tmp_path, "c.yaml", component("x").replace("version: v1", "ignoreErrors: hunter2"))
    assert "hunter2" not in str(load(tmp_path).problems[0])


def test_files_that_are_no_yaml_are_warned_of_and_directories_are_not_entered(tmp_path: Path) -> None:
    write(tmp_path, "c.yaml", component("x"))
    (tmp_path / "notes.txt").write_text("hello")
    write(tmp_path / "deeper", "d.yaml", component("y"))
    loaded = load(tmp_path)
    assert [each.name for each in loaded.components] == ["x"]
    assert [str(each) for each in loaded.problems] == [
        "A non-YAML resource file notes.txt was detected, it will not be loaded"
    ]


def test_a_directory_that_cannot_be_read_is_fatal(tmp_path: Path) -> None:
    loaded = load(tmp_path / "missing")
    assert loaded.problems[0].severity == "fatal"
    with pytest.raises(ResourceError, match=r"failed to load resources from .*missing"):
        loaded.raise_fatal()


def test_a_name_defined_twice_is_fatal_across_component_types(tmp_path: Path) -> None:
    write(tmp_path, "c.yaml", component("foo", "secretstores.local.file"), component("foo"))
    with pytest.raises(ResourceError) as caught:
        load(tmp_path).raise_fatal()
    assert str(caught.value) == (
        "duplicate definition of Component name foo (state.in-memory/v1) with existing foo (secretstores.local.file/v1)"
    )


def test_the_same_name_in_two_kinds_is_no_duplicate(tmp_path: Path) -> None:
    endpoint = "apiVersion: dapr.io/v1alpha1\nkind: HTTPEndpoint\nmetadata: {name: foo}\nspec: {baseUrl: http://x}\n"
    write(tmp_path, "c.yaml", component("foo"), endpoint)
    loaded = load(tmp_path)
    assert loaded.problems == ()
    assert loaded.endpoints[0].spec.base_url == "http://x"


@pytest.mark.parametrize(
    ("namespace", "names", "fatal"),
    [("prod", ["foo", "free"], False), ("other", ["free"], False), ("", ["foo", "free"], True)],
    ids=["own namespace", "foreign namespaces", "namespaces ignored"],
)
def test_namespaces_count_only_when_the_process_has_one(
    tmp_path: Path, namespace: str, names: list[str], fatal: bool
) -> None:
    write(
        tmp_path,
        "c.yaml",
        component("foo", namespace="prod"),
        component("foo", namespace="test"),
        component("free"),
    )
    loaded = load(tmp_path, namespace=namespace)
    assert [each.name for each in loaded.components] == names
    assert any(each.severity == "fatal" for each in loaded.problems) is fatal


def test_scopes_leave_out_what_names_other_applications(tmp_path: Path) -> None:
    write(tmp_path, "c.yaml", component("mine", scopes="[app]"), component("theirs", scopes="[b]"), component("all"))
    assert [each.name for each in load(tmp_path).components] == ["mine", "all"]


@pytest.mark.parametrize("name", [".", "..", "a/b", "100%"])
def test_a_name_that_cannot_stand_in_a_path_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, "c.yaml", component(f'"{name}"'))
    loaded = load(tmp_path)
    assert loaded.components == ()
    assert f'invalid name "{name}" for "Component"' in str(loaded.problems[0])


@pytest.mark.parametrize("name", ["with space", "ünïcode", "dapr", 'quo"te'])
def test_other_names_are_valid(tmp_path: Path, name: str) -> None:
    quoted = name.replace('"', '\\"')
    write(tmp_path, "c.yaml", component(f'"{quoted}"'))
    assert load(tmp_path).components[0].name == name


def test_both_versions_of_a_subscription_read_into_one_form_in_loading_order(tmp_path: Path) -> None:
    old = (
        "apiVersion: dapr.io/v1alpha1\nkind: Subscription\nmetadata: {name: old}\nscopes: [app]\nspec:\n"
        "  pubsubname: bus\n  topic: t\n  route: /orders\n  deadLetterTopic: dead\n  metadata: {rawPayload: 'true'}\n"
        "  bulkSubscribe: {enabled: true, maxMessagesCount: 5}\n"
    )
    new = (
        "apiVersion: dapr.io/v2alpha1\nkind: Subscription\nmetadata: {name: new}\nspec:\n  pubsubname: bus\n"
        "  topic: t\n  routes:\n    default: /other\n    rules: [{match: event.type == 'x', path: /x}]\n"
    )
    write(tmp_path, "s.yaml", old, new, old)
    first, second, third = load(tmp_path).subscriptions
    assert (first.spec.routes.default, first.spec.routes.rules, first.spec.dead_letter_topic) == ("/orders", (), "dead")
    assert first.spec.bulk_subscribe.enabled
    assert first.spec.bulk_subscribe.max_messages_count == 5
    assert [(rule.match, rule.path) for rule in second.spec.routes.rules] == [("event.type == 'x'", "/x")]
    assert third == first


def test_a_resiliency_reads_with_policies_and_targets(tmp_path: Path) -> None:
    write(
        tmp_path,
        "r.yaml",
        "apiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata: {name: r}\nspec:\n  policies:\n"
        "    timeouts: {fast: 500ms}\n    retries: {twice: {policy: constant, maxRetries: 2, matching: "
        "{httpStatusCodes: '429,500-599'}}}\n    circuitBreakers: {cb: {trip: consecutiveFailures > 3}}\n"
        "  targets:\n    apps: {b: {timeout: fast}}\n    components: {store: {outbound: {retry: twice}}}\n",
    )
    (loaded,) = load(tmp_path).resiliencies
    assert loaded.spec.policies.timeouts == {"fast": "500ms"}
    twice = loaded.spec.policies.retries["twice"]
    assert twice.max_retries == 2
    assert twice.matching is not None
    assert twice.matching.http_status_codes == "429,500-599"
    assert loaded.spec.targets.components["store"].outbound.retry == "twice"


def test_kinds_of_others_and_empty_documents_are_ignored(tmp_path: Path) -> None:
    write(tmp_path, "c.yaml", "", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n", "# only a comment", "kind: X")
    assert load(tmp_path) == LoadedResources()


def test_values_written_out_never_show_in_a_repr(tmp_path: Path) -> None:
    write(tmp_path, "c.yaml", component("x").replace("metadata: []", "metadata: [{name: pw, value: hunter2}]"))
    assert "hunter2" not in repr(load(tmp_path).components)


@pytest.mark.parametrize(
    "text",
    [
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b"&a [*a]",
        b"a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\n" * 1,
        b"!!python/object/apply:os.system [echo]",
        b"!!int abc",
        b"? [a]\n: b",
        b"\x00",
        b"%YAML 9.9\n---\na",
    ],
)
def test_hostile_documents_are_refused_or_read_and_never_break(text: bytes) -> None:
    try:
        read_document(text)
    except (DocumentError, ValueError):
        return


def test_aliases_that_explode_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(DocumentError, match="aliases"):
        parse("\n".join(lines))


KEYS = st.sampled_from(["apiVersion", "kind", "metadata", "name", "spec", "type", "scopes", "value", "x"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["Component", "dapr.io/v1alpha1"])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | VALUES.map(lambda value: repr(value).encode()))
def test_any_bytes_load_or_become_typed_problems(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    directory = tmp_path_factory.mktemp("any")
    (directory / "a.yaml").write_bytes(data)
    head = b"apiVersion: dapr.io/v1alpha1\nkind: Component\nspec: "
    (directory / "b.yaml").write_bytes(head + data.replace(b"\n", b" "))
    for problem in load(directory).problems:
        assert problem.severity == "warning"
        assert problem.file


def test_an_endpoint_reads_with_headers_and_tls(tmp_path: Path) -> None:
    endpoint = (
        "apiVersion: dapr.io/v1alpha1\nkind: HTTPEndpoint\nmetadata: {name: e}\nspec:\n  baseUrl: https://x\n"
        "  headers: [{name: a, value: 1}]\n  clientTLS: {rootCA: {secretKeyRef: {name: ca}}, renegotiation: %s}\n"
    )
    write(tmp_path, "e.yaml", endpoint % "OnceAsClient")
    (loaded,) = load(tmp_path).endpoints
    assert [(each.name, each.text) for each in loaded.spec.headers] == [("a", "1")]
    tls = loaded.spec.client_tls
    assert tls is not None
    assert tls.root_ca is not None
    assert tls.root_ca.secret_key_ref is not None
    assert (tls.root_ca.secret_key_ref.name, tls.renegotiation, tls.certificate) == ("ca", "OnceAsClient", None)


@pytest.mark.parametrize("written", ["Always", "[Never]"])
def test_a_value_outside_an_enumeration_is_one_problem_that_lists_it(tmp_path: Path, written: str) -> None:
    write(
        tmp_path,
        "e.yaml",
        "apiVersion: dapr.io/v1alpha1\nkind: HTTPEndpoint\nmetadata: {name: e}\n"
        f"spec: {{baseUrl: https://x, clientTLS: {{renegotiation: {written}}}}}\n",
    )
    (problem,) = load(tmp_path).problems
    assert problem.path == "spec.clientTLS.renegotiation"


def test_models_can_be_replaced_copied_and_kept_in_sets(tmp_path: Path) -> None:
    write(tmp_path, "c.yaml", component("x"))
    (one,) = load(tmp_path).components
    other = dataclasses.replace(one, scopes=("a",))
    assert (other.scopes, other.spec, one.scopes) == (("a",), one.spec, ())
    assert copy.deepcopy(one) == one
    assert len({one.spec, copy.copy(one.spec)}) == 1
    with pytest.raises(TypeError, match="has no field colour"):
        type(one)(colour="red")
