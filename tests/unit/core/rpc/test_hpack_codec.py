"""HPACK against the examples of RFC 7541 and against the ``hpack`` library as an independent witness."""

import hpack as witness
import pytest
from hpack.table import HeaderTable
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.rpc.hpack import Decoder, HpackError, encode, encode_field, encoder, huffman
from dapr_core.rpc.hpack.encoder import encode_integer
from dapr_core.rpc.hpack.static import STATIC

NAMES = st.sampled_from([b":path", b":status", b"content-type", b"x-a", b"x-b", b"grpc-timeout", b"authorization"])
FIELDS = st.lists(st.tuples(NAMES, st.binary(max_size=200)), max_size=12)


def test_the_static_table_is_the_rfcs() -> None:
    assert STATIC == HeaderTable.STATIC_TABLE


@given(st.binary(max_size=300))
def test_huffman_strings_round_trip(data: bytes) -> None:
    assert huffman.decode(huffman.encode(data)) == data


def test_huffman_code_is_the_rfcs() -> None:
    assert huffman.encode(b"www.example.com").hex() == "f1e3c2e5f23a6ba0ab90f4ff"  # RFC 7541 C.4.1


@pytest.mark.parametrize(
    "code", [b"\xff\xff\xff\xff", b"\x00\x00\x00", b"\xff", b"\x1f\xff"], ids=["EOS", "zeros", "8 ones", "long padding"]
)
def test_bad_huffman_padding_is_refused(code: bytes) -> None:
    with pytest.raises(HpackError):
        huffman.decode(code)


@given(st.lists(FIELDS, min_size=1, max_size=8), st.booleans())
def test_we_decode_what_the_witness_encodes_with_its_dynamic_table(blocks: list, huffman_coded: bool) -> None:  # type: ignore[type-arg]
    encoder, decoder = witness.Encoder(), Decoder(list_limit=10**6)
    for fields in blocks:
        assert decoder.decode(encoder.encode(fields, huffman=huffman_coded)) == fields


@given(st.lists(FIELDS, min_size=1, max_size=8), st.lists(st.integers(0, 4096), max_size=8))
def test_table_size_updates_keep_both_ends_equal(blocks: list, sizes: list) -> None:  # type: ignore[type-arg]
    encoder, decoder = witness.Encoder(), Decoder(list_limit=10**6)
    for fields, size in zip(blocks, sizes, strict=False):
        encoder.header_table_size = size
        assert decoder.decode(encoder.encode(fields)) == fields


@given(FIELDS)
def test_the_witness_decodes_what_we_encode(fields: list[tuple[bytes, bytes]]) -> None:
    decoded = witness.Decoder(max_header_list_size=10**6).decode(encode(fields), raw=True)
    assert [tuple(field) for field in decoded] == fields


@given(FIELDS)
def test_our_blocks_are_self_contained_unless_they_carry_credentials(fields: list[tuple[bytes, bytes]]) -> None:
    decoder = Decoder(list_limit=10**6)
    assert decoder.decode(encode(fields)) == fields
    assert decoder.self_contained == all(name != b"authorization" for name, _ in fields)


@given(st.binary(max_size=120))
def test_any_bytes_give_fields_or_an_hpack_error(block: bytes) -> None:
    decoder = Decoder(list_limit=1000)
    try:
        fields = decoder.decode(block)
    except HpackError:
        return
    assert sum(len(name) + len(value) + 32 for name, value in fields) <= 1000


def test_the_rfcs_request_examples_fill_the_dynamic_table() -> None:
    decoder = Decoder()
    first = bytes.fromhex("828684410f7777772e6578616d706c652e636f6d")  # RFC 7541 C.3.1
    second = bytes.fromhex("828684be58086e6f2d6361636865")  # C.3.2
    assert decoder.decode(first)[-1] == (b":authority", b"www.example.com")
    assert not decoder.self_contained
    assert decoder.decode(second)[-2:] == [(b":authority", b"www.example.com"), (b"cache-control", b"no-cache")]


@pytest.mark.parametrize(
    "block",
    [b"\x80", b"\xff\x00", b"\x40", b"\x00\x05ab", b"\xff\xff\xff\xff\xff\xff\xff", b"\x82\x20", b"\x3f\xff\x7f"],
    ids=["index 0", "beyond", "no name", "short string", "endless integer", "late update", "update too large"],
)
def test_broken_blocks_are_refused(block: bytes) -> None:
    with pytest.raises(HpackError):
        Decoder().decode(block)


def test_a_list_beyond_its_limit_is_cut_but_the_table_goes_on() -> None:
    encoder, decoder = witness.Encoder(), Decoder(list_limit=100)
    decoder.decode(encoder.encode([(b"x-big", b"v" * 200), (b"x-last", b"1")]))
    assert decoder.oversized
    assert decoder.decode(encoder.encode([(b"x-last", b"1")])) == [(b"x-last", b"1")]
    assert not decoder.oversized


def test_a_small_block_that_expands_without_end_stays_bounded() -> None:
    decoder = Decoder(list_limit=65_536)
    decoder.decode(b"\x40\x01a\x7f\xa1\x1e" + b"v" * 4000)
    fields = decoder.decode(b"\xbe" * 60_000)
    assert decoder.oversized
    assert len(fields) <= 65_536 // 4000


def test_credentials_are_never_indexed() -> None:
    assert encode_field(b"authorization", b"Bearer x")[0] & 0xF0 == 0x10
    assert encode_field(b"dapr-api-token", b"x")[0] & 0xF0 == 0x10
    assert encode_field(b"x-a", b"x")[0] & 0xF0 == 0x00


@pytest.mark.parametrize(
    ("value", "bits", "expected"), [(10, 5, "0a"), (1337, 5, "1f9a0a"), (42, 8, "2a")], ids=["C.1.1", "C.1.2", "C.1.3"]
)
def test_integers_are_the_rfcs_examples(value: int, bits: int, expected: str) -> None:
    assert encode_integer(value, bits).hex() == expected


@pytest.mark.parametrize("size", [1, 4096, 4097, 2**20])
def test_an_update_beyond_the_acknowledged_limit_is_refused(size: int) -> None:
    decoder = Decoder()
    decoder.limit_table(0)
    with pytest.raises(HpackError, match="exceeds the announced 0"):
        decoder.decode(encode_integer(size, 5, 0x20) + encode([(b"x-a", b"1")]))


def test_an_update_within_the_acknowledged_limit_empties_the_table() -> None:
    decoder = Decoder()
    decoder.decode(b"\x40\x03x-a\x011")
    decoder.limit_table(0)
    assert decoder.decode(b"\x20" + encode([(b"x-b", b"2")])) == [(b"x-b", b"2")]
    with pytest.raises(HpackError, match="no field has index 62"):
        decoder.decode(b"\xbe")


def test_a_peer_that_goes_on_with_the_table_it_began_with_is_understood() -> None:
    decoder = Decoder()
    decoder.decode(b"\x40\x03x-a\x011")
    decoder.limit_table(0)
    assert decoder.decode(b"\xbe\x40\x03x-b\x012") == [(b"x-a", b"1"), (b"x-b", b"2")]


@given(
    st.lists(st.tuples(st.sampled_from([b"x-a", b"x-b", b"cookie", b"x-api-key"]), st.binary(max_size=200)), max_size=6)
)
def test_a_list_that_comes_again_gives_the_block_of_its_fields(fields: list[tuple[bytes, bytes]]) -> None:
    plain = b"".join([encode_field(name, value) for name, value in fields])
    assert [encode(fields) for _ in range(3)] == [plain] * 3


def test_blocks_are_remembered_from_the_second_time_on_within_bounds_and_without_credentials() -> None:
    once, often, secret, long = (
        [(name, b"v" * size)] for name, size in ((b"x-once", 9), (b"x-often", 9), (b"x-secret", 9), (b"x-long", 900))
    )
    encode(once)
    for fields in (often, secret, long) * 3:
        encode(fields)
    assert [tuple(fields) in encoder._blocks for fields in (once, often, secret, long)] == [False, True, False, False]
    for number in range(3000):
        encode([(b"x-n", b"%d" % number)])
        encode([(b"x-n", b"%d" % number)])
    assert len(encoder._blocks) <= 1024
    assert len(encoder._seen) <= 1024
