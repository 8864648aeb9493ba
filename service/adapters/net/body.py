"""Bodies, unpacked as they come, within bounds."""

import zlib
from collections.abc import Iterator
from io import BytesIO

from service.errors import FetchFailed

STEP = 2**18
"""Bytes that are unpacked at a time."""
MOST_MEMBERS = 1000
"""Parts of which a gzip file may be put together."""
GZIP = frozenset({"gzip", "x-gzip"})
PLAIN = frozenset({"", "identity"})
_MAGIC = b"\x1f\x8b"


class Body:
    """Collects what a server sends as its body. `coding` is what it says of it in Content-Encoding.

    One coding at most, of those every server has: a second one would multiply what the first one made of few bytes.
    """

    def __init__(self, coding: str, most_wire: int, most_decoded: int) -> None:
        self.most_wire, self.most_decoded, self._wire = most_wire, most_decoded, 0
        self._buffer, self._unpacker = BytesIO(), _unpacker(coding.strip().lower())

    def take(self, chunk: bytes) -> None:
        """One more piece from the network. Raises FetchFailed when it is too much or cannot be unpacked."""
        self._wire += len(chunk)
        if self._wire > self.most_wire:
            raise self._too_large()
        if self._unpacker is None:
            self._keep((chunk,))
        else:
            self._keep(self._unpacker.take(chunk))

    def whole(self) -> bytes:
        """All of it, after the last piece. Raises FetchFailed when the end is missing."""
        if self._unpacker is not None and self._wire:
            self._keep(self._unpacker.rest())
            if not self._unpacker.is_whole:
                raise FetchFailed("the compressed body ends too early")
        return self._buffer.getvalue()

    def _keep(self, pieces: Iterator[bytes] | tuple[bytes]) -> None:
        try:
            for piece in pieces:
                if self._buffer.tell() + len(piece) > self.most_decoded:
                    raise self._too_large()
                self._buffer.write(piece)
        except zlib.error:
            raise FetchFailed("the compressed body is broken") from None

    def _too_large(self) -> FetchFailed:
        return FetchFailed(f"the body is larger than {self.most_wire} bytes, or {self.most_decoded} decompressed")


class _Unpacker:
    """gzip, also of several members or with anything behind the last, and deflate, with its header or without."""

    def __init__(self, *, is_gzip: bool) -> None:
        self.is_gzip, self._members, self._ended, self._lead = is_gzip, 0, False, b""
        self._inflate: zlib._Decompress | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the last member has its end."""
        return self._members > 0 and self._inflate is None

    def take(self, chunk: bytes) -> Iterator[bytes]:
        """What these bytes unpack to, in steps. Raises zlib.error or FetchFailed."""
        while chunk and not self._ended:
            if self._inflate is None:
                chunk = self._begin(self._lead + chunk)
            if self._inflate is not None:
                yield self._inflate.decompress(chunk, STEP)
                chunk = self._inflate.unconsumed_tail
                if self._inflate.eof:
                    chunk = self._inflate.unused_data
                    self._inflate, self._ended = None, not self.is_gzip

    def rest(self) -> Iterator[bytes]:
        """What was unpacked and not yet handed out, after the last chunk."""
        while self._inflate is not None:
            piece = self._inflate.decompress(b"", STEP)
            yield piece
            if self._inflate.eof:
                self._inflate = None
            elif not piece:
                return

    def _begin(self, chunk: bytes) -> bytes:
        """Start a member where one begins, and return what it is to read. What is behind the last is left unread."""
        if len(chunk) < len(_MAGIC):
            self._lead = chunk
            return b""
        self._lead = b""
        if self.is_gzip and self._members and not chunk.startswith(_MAGIC):
            self._ended = True
            return b""
        self._members += 1
        if self._members > MOST_MEMBERS:
            raise FetchFailed(f"the compressed body is put together of more than {MOST_MEMBERS} parts")
        self._inflate = zlib.decompressobj(31 if self.is_gzip else _bits(chunk))
        return chunk


def _unpacker(coding: str) -> _Unpacker | None:
    if coding in PLAIN:
        return None
    if coding not in GZIP and coding != "deflate":
        raise FetchFailed("the body has a content coding we did not ask for")
    return _Unpacker(is_gzip=coding in GZIP)


def _bits(head: bytes) -> int:
    """How zlib is to read deflate: many servers leave out the header that belongs to it."""
    has_header = head[0] & 15 == zlib.DEFLATED and int.from_bytes(head[:2], "big") % 31 == 0
    return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS
