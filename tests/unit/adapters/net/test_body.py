"""Bodies unpacked within bounds."""

import gzip
import random
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.net.body import MOST_MEMBERS, STEP, Body
from service.errors import FetchFailed

TEXT = b"They talk, and they do not agree. " * 500


def unpack(coding: str, packed: bytes, *, piece: int = 65536, wire: int = 2**20, decoded: int = 2**21) -> bytes:
    body = Body(coding, wire, decoded)
    for start in range(0, len(packed), piece):
        body.take(packed[start : start + piece])
    return body.whole()


def raw_deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


CODINGS = {
    "": bytes, "identity": bytes, "gzip": gzip.compress, "X-GZip ": gzip.compress, "deflate": zlib.compress,
    " DEFLATE": raw_deflate,
}  # fmt: skip


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("piece", [1, 2, 3, 1000, 10**6])
def test_every_coding_is_unpacked_however_it_comes(coding: str, piece: int) -> None:
    assert unpack(coding, CODINGS[coding](TEXT), piece=piece) == TEXT


@pytest.mark.parametrize("coding", CODINGS)
def test_a_body_of_nothing_is_empty(coding: str) -> None:
    assert unpack(coding, b"") == b""
    assert unpack(coding, CODINGS[coding](b"")) == b""


@pytest.mark.parametrize(
    "coding", ["br", "zstd", "compress", "gzip, gzip", "gzip,deflate", "gzip, identity", "nonsense", "*", "gzip;q=1"]
)
def test_a_coding_we_did_not_ask_for_is_refused(coding: str) -> None:
    with pytest.raises(FetchFailed, match="content coding"):
        Body(coding, 1, 1)


@pytest.mark.parametrize("piece", [1, 7, 10**6])
def test_members_are_put_together_and_what_is_behind_them_is_left(piece: int) -> None:
    members = gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(TEXT)
    assert unpack("gzip", members, piece=piece) == b"one " + TEXT
    for garbage in (b"\0" * 512, b"\x1f", b"x", b"<!-- cached -->", gzip.compress(b"x")[1:]):
        assert unpack("gzip", members + garbage, piece=piece) == b"one " + TEXT


@pytest.mark.parametrize("coding", ["gzip", "deflate", " DEFLATE"])
@pytest.mark.parametrize("piece", [1, 10**6])
def test_half_a_body_is_never_taken_for_a_whole_one(coding: str, piece: int) -> None:
    packed = CODINGS[coding](TEXT)
    for end in (1, 2, 5, 11, len(packed) // 2, len(packed) - 1):
        with pytest.raises(FetchFailed, match=r"ends too early|broken"):
            unpack(coding, packed[:end], piece=piece)


def test_half_a_second_member_neither() -> None:
    packed = gzip.compress(TEXT)
    for end in (2, 11, len(packed) - 1):
        with pytest.raises(FetchFailed, match="ends too early"):
            unpack("gzip", packed + packed[:end])


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_what_cannot_be_unpacked_is_broken(coding: str) -> None:
    packed = bytearray(CODINGS[coding](TEXT))
    packed[-3] ^= 255
    for broken in (bytes(packed), b"no such thing", b"\xff" * 100):
        with pytest.raises(FetchFailed, match=r"broken|too early"):
            unpack(coding, broken)


def test_more_parts_than_a_file_has_are_refused() -> None:
    part = gzip.compress(b"")
    assert unpack("gzip", part * MOST_MEMBERS) == b""
    with pytest.raises(FetchFailed, match="more than 1000 parts"):
        unpack("gzip", part * (MOST_MEMBERS + 1))


def test_what_is_still_to_be_handed_out_at_the_end_is_not_lost() -> None:
    for more in range(1, 9000, 100):
        content = bytes(STEP + more)
        assert unpack("deflate", raw_deflate(content)) == content


def test_the_limits_are_exact() -> None:
    packed = gzip.compress(TEXT)
    assert unpack("gzip", packed, wire=len(packed), decoded=len(TEXT)) == TEXT
    for wire, decoded in ((len(packed) - 1, len(TEXT)), (len(packed), len(TEXT) - 1)):
        with pytest.raises(FetchFailed, match=f"larger than {wire} bytes, or {decoded} decompressed"):
            unpack("gzip", packed, wire=wire, decoded=decoded)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_takes_no_more_memory_than_its_limit(coding: str) -> None:
    packer = zlib.compressobj(9, wbits=31 if coding == "gzip" else 15)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(64)) + packer.flush()
    tracemalloc.start()
    with pytest.raises(FetchFailed, match="larger than"):
        unpack(coding, bomb, decoded=10 * 2**20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * 2**20 * 1.25 + 4 * STEP


def test_a_body_within_the_limit_is_not_held_twice() -> None:
    packed = gzip.compress(bytes(8 * 2**20))
    tracemalloc.start()
    assert len(unpack("gzip", packed, decoded=10 * 2**20)) == 8 * 2**20
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 2**20 * 1.25 + 4 * STEP


@given(
    st.sampled_from(sorted(CODINGS)),
    st.binary(max_size=300),
    st.integers(1, 400),
    st.randoms(use_true_random=False),
    st.booleans(),
)
def test_no_body_breaks_the_limits_or_raises_anything_else(
    coding: str, content: bytes, most: int, chance: random.Random, is_sound: bool
) -> None:
    packed = bytearray(CODINGS[coding](content * chance.randint(1, 9)))
    for _ in range(0 if is_sound else chance.randint(1, 5)):
        packed.insert(chance.randrange(len(packed) + 1), chance.randrange(256))
    body, given_out, left = Body(coding, most, 2 * most), b"", bytes(packed)
    try:
        while left:
            size = chance.randint(1, 50)
            body.take(left[:size])
            left = left[size:]
        given_out = body.whole()
    except FetchFailed:
        return
    assert len(packed) <= most
    assert len(given_out) <= 2 * most
    if is_sound:
        assert given_out in {content * n for n in range(1, 10)}
