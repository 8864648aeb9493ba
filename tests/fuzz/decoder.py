"""Bodies: never more than the limits, never anything but FetchFailed. The first bytes choose coding, limits, pieces."""

from tests.fuzz.harness import fuzz

if __name__ == "__main__":
    fuzz("decoder")

from service.adapters.net.body import Body
from service.errors import FetchFailed

CODINGS = ("gzip", "deflate", "", "identity", "x-gzip", "br", "gzip, gzip")
SEEDS = (
    b"\x00\x40\x10\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xcbH\xcd\xc9\xc9\x07\x00\x86\xa6\x106\x05\x00\x00\x00",
    b"\x01\x40\x01x\x9c\xcbH\xcd\xc9\xc9\x07\x00\x06,\x02\x15",
    b"\x01\x40\x02\xcbH\xcd\xc9\xc9\x07\x00",
    b"\x02\x02\x01hello",
    b"\x05\x00\x00x",
    b"",
)


def one(data: bytes) -> None:
    """One body."""
    coding, most, piece = (*data[:3], 0, 0, 0)[:3]
    sent, kept = data[3:], b""
    try:
        body = Body(CODINGS[coding % len(CODINGS)], most * 16, most * 64)
        for start in range(0, len(sent), piece + 1):
            body.take(sent[start : start + piece + 1])
        kept = body.whole()
    except FetchFailed:
        return
    assert len(sent) <= most * 16
    assert len(kept) <= most * 64
