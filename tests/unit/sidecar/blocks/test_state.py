"""The state block: rules around a store (building-blocks.md §3)."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, ClassVar

import pytest
from support.component_policies import ComponentPolicies, NoPolicies, Refuse, Retry

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.state.contract import (
    BulkGetItem,
    DeleteRequest,
    ETagError,
    Feature,
    GetResult,
    Operation,
    SetRequest,
    StateStore,
)
from dapr_components.state.in_memory import InMemoryStateStore
from dapr_core.errors import DaprError
from daprd.blocks.state import DeleteItem, EncryptionKey, SaveItem, StateBlock, StateCipher
from daprd.blocks.state.insisting import RetryOption
from daprd.policy.contract import CircuitOpenError, Policies

KEY = "00112233445566778899aabbccddeeff"
CONTEXT = ComponentContext(name="store", type="state.test", version="v1", app_id="app")


class Recorder(StateStore):
    """Keeps what it is asked; fails where told."""

    features: ClassVar[frozenset[Feature]] = frozenset({Feature.ETAG, Feature.TRANSACTIONAL})

    def __init__(self) -> None:
        super().__init__(CONTEXT)
        self.asked: list[Any] = []
        self.failures: dict[str, list[ComponentError]] = {}
        self.limit = -1

    async def init(self, metadata: Metadata) -> None:
        return

    def _ask(self, key: str, request: Any) -> None:
        self.asked.append(request)
        if self.failures.get(key):
            raise self.failures[key].pop(0)

    async def get(self, key: str, *, metadata: Mapping[str, str], consistency: str = "") -> GetResult:
        self._ask(key, ("get", key, dict(metadata), consistency))
        return GetResult(b'"v"', "1")

    async def set(self, request: SetRequest) -> None:
        self._ask(request.key, request)

    async def delete(self, request: DeleteRequest) -> None:
        self._ask(request.key, request)

    async def bulk_get(
        self, keys: Sequence[str], *, metadata: Mapping[str, str], parallelism: int = 10
    ) -> list[BulkGetItem]:
        self._ask("bulk", ("bulk_get", list(keys), dict(metadata), parallelism))
        return [BulkGetItem(key, b"1") for key in keys]

    async def transact(self, operations: Sequence[Operation], *, metadata: Mapping[str, str]) -> None:
        self._ask("transact", (list(operations), dict(metadata)))

    def max_transaction_size(self, metadata: Mapping[str, str]) -> int:
        return self.limit


class Metrics:
    def __init__(self) -> None:
        self.told: list[tuple[str, str, bool]] = []

    def state(self, component: str, operation: str, success: bool, elapsed_ms: float) -> None:
        assert elapsed_ms >= 0
        self.told.append((component, operation, success))


def block_of(
    store: StateStore,
    metadata: Mapping[str, str] | None = None,
    *,
    policies: Policies | None = None,
    observer: Metrics | None = None,
    cipher: StateCipher | None = None,
    namespace: str = "",
) -> StateBlock:
    block = StateBlock("app", namespace=namespace, policies=policies or NoPolicies(), observer=observer)
    block.add("store", store, metadata or {}, cipher=cipher)
    return block


async def done(answer: Awaitable[Any] | Any) -> Any:
    return await answer if isinstance(answer, Awaitable) else answer


def refused(answer: Awaitable[Any] | Any) -> DaprError:
    async def main() -> DaprError:
        with pytest.raises(DaprError) as caught:
            await done(answer)
        return caught.value

    return asyncio.run(main())


# -- keys and metadata


@pytest.mark.parametrize(
    ("metadata", "namespace", "stored"),
    [
        ({}, "", "app||k"),
        ({"keyPrefix": "name"}, "", "store||k"),
        ({"KEYPREFIX": "None"}, "", "k"),
        ({"keyPrefix": "namespace"}, "prod", "prod.app||k"),
        ({"keyPrefix": "namespace"}, "", "app||k"),
        ({"keyPrefix": "Shared"}, "", "shared||k"),
    ],
)
def test_a_key_is_stored_under_the_prefix_of_its_strategy(
    metadata: dict[str, str], namespace: str, stored: str
) -> None:
    store = Recorder()
    block = block_of(store, metadata, namespace=namespace)
    asyncio.run(done(block.save("store", [SaveItem("k", 1)])))
    asyncio.run(done(block.get("store", "k")))
    asyncio.run(done(block.delete("store", DeleteItem("k"))))
    assert [store.asked[0].key, store.asked[1][1], store.asked[2].key] == [stored] * 3


def test_an_illegal_prefix_keeps_the_store_out() -> None:
    with pytest.raises(ComponentError, match=r"'keyPrefix': input key/keyPrefix 'a\|\|b' can't contain"):
        block_of(Recorder(), {"keyPrefix": "a||b"})


def test_request_metadata_overrides_that_of_items() -> None:
    store = Recorder()
    item = SaveItem("k", 1, metadata={"a": "item", "b": "item"})
    asyncio.run(done(block_of(store).save("store", [item], metadata={"a": "request"})))
    assert store.asked[0].metadata == {"a": "request", "b": "item"}


def test_options_and_etags_reach_the_store() -> None:
    store = Recorder()
    item = SaveItem("k", 1, etag="7", concurrency="first-write", consistency="strong", content_type="x/y")
    asyncio.run(done(block_of(store).save("store", [item])))
    assert store.asked[0] == SetRequest("app||k", b"1", "7", {}, "first-write", "strong", "x/y", is_json=True)


# -- values


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("v", b'"v"'),
        ({"b": "<", "a": 1}, b'{"a":1,"b":"\\u003c"}'),
        (None, b"null"),
        ([], b"[]"),
        (b"\x00raw", b"\x00raw"),
    ],
)
def test_values_become_bytes_as_go_writes_them(value: Any, stored: bytes) -> None:
    store = Recorder()
    asyncio.run(done(block_of(store).save("store", [SaveItem("k", value)])))
    assert (store.asked[0].value, store.asked[0].is_json) == (stored, not isinstance(value, bytes))


def test_a_plain_store_keeps_order_and_does_not_escape() -> None:
    class Plain(Recorder):
        plain_json: ClassVar[bool] = True

    store = Plain()
    asyncio.run(done(block_of(store).save("store", [SaveItem("k", {"b": "<é\u2028", "a": 1})])))
    assert store.asked[0].value == '{"b":"<é\u2028","a":1}'.encode()


# -- what is refused before a store is asked


def test_an_empty_key_is_refused() -> None:
    error = refused_save(SaveItem("", 1))
    assert (error.row.http_status, error.message("http"), error.message("grpc")) == (
        400,
        '"key" is a required field',
        "state key cannot be empty",
    )


def refused_save(item: SaveItem) -> DaprError:
    with pytest.raises(DaprError) as caught:
        block_of(Recorder()).save("store", [item])
    return caught.value


def test_one_illegal_key_keeps_all_from_being_written() -> None:
    store = Recorder()
    with pytest.raises(DaprError, match=r"a\|\|b"):
        block_of(store).save("store", [SaveItem("k", 1), SaveItem("a||b", 1)])
    assert store.asked == []


def test_a_store_without_transactions_is_refused() -> None:
    class Simple(Recorder):
        features: ClassVar[frozenset[Feature]] = frozenset({Feature.ETAG})

    error = refused(block_of(Simple()).transact("store", [SaveItem("k", 1)]))
    assert (error.row.tag, error.row.http_status, error.row.grpc_code) == ("ERR_STATE_STORE_NOT_SUPPORTED", 500, 12)
    assert [detail["@type"].rpartition(".")[2] for detail in error.details("http")] == [
        "Help",
        "ResourceInfo",
        "ErrorInfo",
    ]


def test_more_operations_than_the_store_takes_are_refused() -> None:
    store = Recorder()
    store.limit = 1
    error = refused(block_of(store).transact("store", [SaveItem("a", 1), DeleteItem("b")]))
    assert error.message("http") == (
        "the transaction contains 2 operations, which is more than what the state store supports: 1"
    )
    assert error.details("http")[1]["metadata"] == {"currentOpsTransaction": "2", "maxOpsPerTransaction": "1"}
    assert store.asked == []


def test_a_transaction_carries_metadata_for_items_and_for_itself() -> None:
    store = Recorder()
    asyncio.run(
        block_of(store).transact(
            "store",
            [SaveItem("a", 1, metadata={"x": "item"}), DeleteItem("b")],
            item_metadata={"x": "query"},
            metadata={"partitionKey": "p"},
        )
    )
    operations, metadata = store.asked[0]
    assert [operation.key for operation in operations] == ["app||a", "app||b"]
    assert [operation.metadata for operation in operations] == [{"x": "query"}, {"x": "query"}]
    assert metadata == {"partitionKey": "p"}


# -- failures of a store


@pytest.mark.parametrize(
    ("failure", "status", "code", "text"),
    [
        (ComponentError("down"), 500, 13, "down"),
        (ETagError(mismatch=True), 409, 10, "possible etag mismatch. error from state store"),
        (ETagError(mismatch=False, cause="x"), 400, 3, "invalid etag value: x"),
    ],
    ids=["plain", "mismatch", "invalid"],
)
def test_failures_become_the_documented_errors(failure: ComponentError, status: int, code: int, text: str) -> None:
    store = Recorder()
    store.failures = {"app||k": [failure] * 3}
    block = block_of(store)
    saved = refused(block.save("store", [SaveItem("k", 1)]))
    assert saved.message("http") == f"failed saving state in state store store: {text}"
    deleted = refused(block.delete("store", DeleteItem("k")))
    assert deleted.message("http") == f"failed deleting state with key k: {text}"
    for error, tag in ((saved, "ERR_STATE_SAVE"), (deleted, "ERR_STATE_DELETE")):
        assert (error.row.http_status, error.row.grpc_code, error.row.tag) == (status, code, tag)
        assert error.details("http") == []
        assert [detail["reason"] for detail in error.details("grpc")] == [tag]


def test_a_failed_read_names_key_and_store() -> None:
    store = Recorder()
    store.failures = {"app||k": [ComponentError("down")]}
    error = refused(block_of(store).get("store", "k"))
    assert error.message("http") == "fail to get k from state store store: down"


def test_a_bulk_delete_has_its_own_code() -> None:
    store = Recorder()
    store.failures = {"app||b": [ETagError(mismatch=True, cause="x")]}
    error = refused(block_of(store).bulk_delete("store", [DeleteItem("a"), DeleteItem("b")]))
    assert (error.row.tag, error.row.http_status) == ("ERR_STATE_BULK_DELETE", 409)
    assert error.message("grpc") == (
        "failed deleting state in state store store: possible etag mismatch. error from state store: "
        "possible etag mismatch. error from state store: x"
    )


# -- the retry policy that a client of 2020 names itself


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits are noted instead of waited for."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("daprd.blocks.state.insisting.asyncio.sleep", sleep)
    return waited


@pytest.mark.parametrize(
    ("option", "waited"),
    [
        (RetryOption(0.2, 3, "linear"), [0.2, 0.2, 0.2]),
        (RetryOption(0.2, 3, ""), [0.2, 0.2, 0.2]),
        (RetryOption(0.2, 3, "exponential"), [0.2, 0.4, 0.8]),
        (RetryOption(0, 2, "exponential"), [0.1, 0.2]),
        (RetryOption(40, 3, "exponential"), [40, 60, 60]),
        (RetryOption(0.2, 0, "linear"), []),
    ],
    ids=str,
)
def test_a_write_is_repeated_as_the_client_says_and_then_fails(
    option: RetryOption, waited: list[float], pauses: list[float]
) -> None:
    for write in ("save", "delete"):
        store = Recorder()
        store.failures = {"app||k": [ComponentError(str(number)) for number in range(10)]}
        block = block_of(store)
        pauses.clear()
        if write == "save":
            error = refused(block.save("store", [SaveItem("k", 1, retry=option)]))
        else:
            error = refused(block.delete("store", DeleteItem("k", retry=option)))
        assert pauses == waited
        assert len(store.asked) == 1 + option.threshold
        assert error.message("http").endswith(f": {option.threshold}")


def test_a_repetition_that_succeeds_ends_them(pauses: list[float]) -> None:
    store = Recorder()
    store.failures = {"app||b": [ComponentError("once")]}
    items = [SaveItem("a", 1), SaveItem("b", 1, retry=RetryOption(0.1, 5)), SaveItem("c", 1)]
    asyncio.run(done(block_of(store).save("store", items)))
    assert sorted(request.key for request in store.asked) == ["app||a", "app||b", "app||b", "app||c"]
    assert pauses == [0.1]


def test_in_a_bulk_write_each_item_has_its_own_option(pauses: list[float]) -> None:
    store = Recorder()
    store.failures = {"app||a": [ComponentError("for good")], "app||b": [ComponentError("once")]}
    items = [SaveItem("a", 1), SaveItem("b", 1, retry=RetryOption(0.1, 5))]
    assert refused(block_of(store).save("store", items)).message("http").endswith(": for good")
    assert [request.key for request in store.asked].count("app||b") == 2


def test_a_condition_that_fails_is_not_tried_again(pauses: list[float]) -> None:
    store = Recorder()
    store.failures = {"app||k": [ETagError(mismatch=True)]}
    refused(block_of(store).save("store", [SaveItem("k", 1, etag="1", retry=RetryOption(0.1, 5))]))
    assert (len(store.asked), pauses) == (1, [])


def test_where_a_resiliency_policy_repeats_it_alone_counts(pauses: list[float]) -> None:
    store = Recorder()
    store.failures = {"app||k": [ComponentError("one"), ComponentError("two"), ComponentError("three")]}
    block = block_of(store, policies=ComponentPolicies(Retry(1)))
    error = refused(block.save("store", [SaveItem("k", 1, retry=RetryOption(0.1, 5))]))
    assert error.message("http").endswith(": two")
    assert (len(store.asked), pauses) == (2, [])


@pytest.mark.parametrize("wrong", [(0.1, 1, "random"), (-1, 1, ""), (0.1, -1, "")])
def test_an_option_that_makes_no_sense_is_refused(wrong: tuple[float, int, str]) -> None:
    with pytest.raises(ValueError, match="retry"):
        RetryOption(*wrong)


# -- policies


def test_operations_run_under_the_policy_of_the_store() -> None:
    policies = ComponentPolicies(Retry(2))
    store = Recorder()
    store.failures = {"app||k": [ComponentError("one"), ComponentError("two")]}
    got = asyncio.run(done(block_of(store, policies=policies).get("store", "k")))
    assert (got.data, len(store.asked)) == (b'"v"', 3)
    assert set(policies.asked) == {("store", "Statestore", "outbound")}


def test_after_the_last_retry_the_cause_is_told() -> None:
    store = Recorder()
    store.failures = {"app||k": [ComponentError("one"), ComponentError("two")]}
    error = refused(block_of(store, policies=ComponentPolicies(Retry(1))).save("store", [SaveItem("k", 1)]))
    assert error.message("http").endswith(": two")


def test_an_etag_that_does_not_fit_is_not_tried_again() -> None:
    store = Recorder()
    store.failures = {"app||k": [ETagError(mismatch=True)]}
    error = refused(block_of(store, policies=ComponentPolicies(Retry(5))).save("store", [SaveItem("k", 1, etag="1")]))
    assert (error.row.http_status, len(store.asked)) == (409, 1)


def test_of_a_bulk_write_only_what_failed_is_tried_again() -> None:
    store = Recorder()
    store.failures = {"app||b": [ComponentError("once")]}
    items = [SaveItem(key, 1) for key in "abc"]
    asyncio.run(done(block_of(store, policies=ComponentPolicies(Retry(3))).save("store", items)))
    assert [request.key for request in store.asked] == ["app||a", "app||b", "app||c", "app||b"]


def test_a_condition_that_failed_in_a_bulk_write_is_told_although_the_rest_was_repeated() -> None:
    store = Recorder()
    store.failures = {"app||a": [ETagError(mismatch=True)], "app||b": [ComponentError("once")]}
    items = [SaveItem("a", 1, etag="1"), SaveItem("b", 1)]
    error = refused(block_of(store, policies=ComponentPolicies(Retry(3))).save("store", items))
    assert (error.row.http_status, [request.key for request in store.asked]) == (409, ["app||a", "app||b", "app||b"])


@pytest.mark.parametrize(
    ("ended", "text"), [(TimeoutError(), "context deadline exceeded"), (CircuitOpenError(), "circuit breaker is open")]
)
def test_a_policy_that_ends_an_operation_says_why(ended: Exception, text: str) -> None:
    error = refused(block_of(InMemoryStateStore(CONTEXT), policies=ComponentPolicies(Refuse(ended))).get("store", "k"))
    assert error.row.http_status == 500
    assert text in error.message("http")


# -- answering at once


def test_an_in_memory_store_without_a_policy_answers_without_a_coroutine() -> None:
    async def main() -> None:
        block = block_of(InMemoryStateStore(CONTEXT))
        assert block.save("store", [SaveItem("k", {"a": 1})]) is None
        got = block.get("store", "k")
        assert isinstance(got, GetResult)
        assert got.data == b'{"a":1}'
        assert block.delete("store", DeleteItem("k", etag=got.etag)) is None
        with pytest.raises(DaprError, match="possible etag mismatch"):
            block.delete("store", DeleteItem("k", etag="x"))

    asyncio.run(main())


def test_with_a_policy_it_answers_through_it() -> None:
    block = block_of(InMemoryStateStore(CONTEXT), policies=ComponentPolicies(Retry(1)))
    assert asyncio.run(done(block.save("store", [SaveItem("k", 1)]))) is None
    assert asyncio.run(done(block.get("store", "k"))).data == b"1"


# -- metrics


@pytest.mark.parametrize("kind", [Recorder, lambda: InMemoryStateStore(CONTEXT)], ids=["waiting", "instant"])
def test_every_operation_is_counted_with_its_outcome(kind: Any) -> None:
    metrics = Metrics()

    async def main() -> None:
        store = kind()
        block = block_of(store, observer=metrics)
        await done(block.save("store", [SaveItem("k", 1)]))
        await done(block.save("store", [SaveItem("k", 1), SaveItem("l", 1)]))
        await done(block.get("store", "k"))
        await block.bulk_get("store", ["k"])
        await block.transact("store", [SaveItem("k", 1)])
        await block.bulk_delete("store", [DeleteItem("l")])
        if isinstance(store, Recorder):
            store.failures = {"app||k": [ETagError(mismatch=True)]}
        with pytest.raises(DaprError):
            await done(block.delete("store", DeleteItem("k", etag="x")))
        with pytest.raises(DaprError):
            block.get("store", "a||b")
        assert await block.bulk_get("store", []) == []

    asyncio.run(main())
    assert metrics.told == [
        ("store", "set", True),
        ("store", "set", True),
        ("store", "get", True),
        ("store", "bulk_get", True),
        ("store", "transaction", True),
        ("store", "bulk_delete", True),
        ("store", "delete", False),
    ]


# -- encryption


def test_an_encrypted_store_holds_no_plain_text_and_gives_it_back() -> None:
    store = Recorder()
    cipher = StateCipher("store", EncryptionKey("k1", KEY))
    asyncio.run(done(block_of(store, cipher=cipher).save("store", [SaveItem("k", "secret words")])))
    sealed = store.asked[0].value
    text, _, name = sealed.rpartition(b"||")
    assert (name, len(base64.b64decode(text))) == (b"k1", 12 + len("secret words") + 16)
    assert not store.asked[0].is_json
    assert cipher.decrypt(sealed) == b"secret words"


@pytest.mark.parametrize(
    ("value", "read"),
    [("value1", b"value1"), ({"b": 1, "a": "<"}, b'{"b":1,"a":"<"}'), (1.5, b"1.5"), (b"\xff", b"\xff")],
)
def test_an_encrypted_string_reads_back_without_quotes_and_anything_else_as_json(value: Any, read: bytes) -> None:
    async def main() -> None:
        block = block_of(InMemoryStateStore(CONTEXT), cipher=StateCipher("store", EncryptionKey("k1", KEY)))
        block.save("store", [SaveItem("k", value)])
        got = block.get("store", "k")
        assert isinstance(got, GetResult)
        assert got.data == read
        assert [(item.key, item.data) for item in await block.bulk_get("store", ["k", "none"])] == [
            ("k", read),
            ("none", None),
        ]

    asyncio.run(main())


def test_a_replaced_key_still_reads_what_it_wrote() -> None:
    old = StateCipher("store", EncryptionKey("old", KEY)).encrypt(b"v")
    new = StateCipher("store", EncryptionKey("new", KEY[::-1]), EncryptionKey("old", KEY))
    assert new.decrypt(old) == b"v"
    assert new.encrypt(b"v").endswith(b"||new")


@pytest.mark.parametrize("size", [16, 24, 32])
def test_keys_of_all_aes_sizes(size: int) -> None:
    cipher = StateCipher("store", EncryptionKey("k", "ab" * size))
    assert cipher.decrypt(cipher.encrypt(b"v")) == b"v"


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        (b'"plain"', "encryption key name not found on record"),
        (b"abc||other", "encryption key name not found on record"),
        (b"!!!||k1", "was not written with this key"),
        (base64.b64encode(bytes(40)) + b"||k1", "was not written with this key"),
        (b"||k1", "was not written with this key"),
    ],
)
def test_what_cannot_be_decrypted_is_an_error(stored: bytes, text: str) -> None:
    with pytest.raises(ComponentError, match=f"could not decrypt data for state store store: .*{text}"):
        StateCipher("store", EncryptionKey("k1", KEY)).decrypt(stored)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (EncryptionKey("", KEY), "secretKeyRef cannot be empty"),
        (EncryptionKey("k", ""), "encryption key cannot be empty"),
        (EncryptionKey("k", "zz"), "not hexadecimal"),
        (EncryptionKey("k", "abcd"), "has 2 bytes"),
    ],
)
def test_a_wrong_key_is_refused_without_showing_it(key: EncryptionKey, text: str) -> None:
    with pytest.raises(ComponentError, match=f"failed to extract encryption key: .*{text}") as caught:
        StateCipher("store", key)
    assert KEY not in str(caught.value) + repr(key)


def test_a_value_that_cannot_be_decrypted_fails_the_read_and_in_bulk_only_its_item() -> None:
    store = Recorder()
    block = block_of(store, cipher=StateCipher("store", EncryptionKey("k1", KEY)))
    assert "could not decrypt" in refused(block.get("store", "k")).message("http")
    items = asyncio.run(block.bulk_get("store", ["k"]))
    assert (items[0].data, items[0].error.startswith("could not decrypt")) == (None, True)


# -- replacement


def test_a_removed_store_comes_back_when_the_requests_on_it_have_ended() -> None:
    class Slow(Recorder):
        def __init__(self) -> None:
            super().__init__()
            self.entered = asyncio.Event()
            self.leave = asyncio.Event()

        async def get(self, key: str, *, metadata: Mapping[str, str], consistency: str = "") -> GetResult:
            self.entered.set()
            await self.leave.wait()
            return GetResult(b"old")

    async def main() -> None:
        old, new = Slow(), Recorder()
        block = block_of(old)
        reading = asyncio.ensure_future(done(block.get("store", "k")))
        await old.entered.wait()
        removing = asyncio.ensure_future(block.remove("store"))
        await asyncio.sleep(0)
        assert "store" not in block
        block.add("store", new, {})
        assert (await done(block.get("store", "k"))).data == b'"v"'
        assert not removing.done()
        old.leave.set()
        assert (await reading).data == b"old"
        assert await removing is old

    asyncio.run(main())
