"""The records of a web archive, packed or plain: where each begins, and how far each is sound."""

import io
import mmap
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from typing import Any, BinaryIO, NamedTuple, ParamSpec, TypeVar

from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeadersParserException

READ = frozenset({"response", "resource"})
"""Kinds of records that are read."""
MOST_OF_ONE = 2 * 2**20 + 2**18
"""Bytes of a record that are kept in memory."""
LONGEST_HEAD = 2**18
"""Bytes of the headers of a record."""
_PIECE = 2**16
_GZIP = b"\x1f\x8b\x08"
_BEGIN = b"WARC/"
Given = ParamSpec("Given")
Value = TypeVar("Value")


class Broken(Exception):
    """The archive does not go on as it should."""


class Place(NamedTuple):
    """Where a record begins: at a byte of the file or, where several are packed into one, as the how manieth there."""

    offset: int = 0
    nth: int = 0

    def __str__(self) -> str:
        return f"{self.offset}+{self.nth}" if self.nth else str(self.offset)


BEGINNING = Place()


@dataclass(frozen=True, slots=True)
class Record:
    """`block` is the first of its `length` bytes, as many as may be read of it."""

    place: Place
    kind: str
    headers: Any
    length: int
    block: bytes


def _as_broken(read: Callable[Given, Value]) -> Callable[Given, Value]:
    """The same, raising Broken for all that can be wrong with an archive."""

    @wraps(read)
    def safely(*given: Given.args, **named: Given.kwargs) -> Value:
        try:
            return read(*given, **named)
        except (ArchiveLoadFailed, StatusAndHeadersParserException):
            raise Broken("the record has no sound headers") from None
        except EOFError:
            raise Broken("the archive breaks off within the record") from None
        except zlib.error:
            raise Broken("the record cannot be unpacked") from None

    return safely


class Records:
    """The records from a place on. `place` is where the last one begins, `next` the one after it."""

    def __init__(self, file: BinaryIO, start: Place) -> None:
        file.seek(start.offset)
        is_packed = file.read(len(_GZIP)) == _GZIP
        file.seek(start.offset)
        self._unpacked = _Unpacked(file) if is_packed else None
        self._lines = _Lines(io.BufferedReader(self._unpacked, _PIECE) if self._unpacked else file)
        self._file, self._passed = file, start.nth
        self.place, self.next = start, Place(start.offset, -1)
        self._loader = ArcWarcRecordLoader()

    def __iter__(self) -> Iterator[Record]:
        """Each is whole when it comes: what follows it has been looked at. Raises Broken."""
        begin = self._begin()
        while begin:
            self.place = self.next
            record, broken = self._read(begin), None
            try:
                begin = self._begin()
            except Broken as error:
                if not self._is_behind():
                    raise
                broken = error
            if self.place.nth >= self._passed:
                yield record
            if broken:
                self.place = self.next
                raise broken
            self._passed = self._passed if self.next.nth else 0

    def _is_behind(self) -> bool:
        """Whether another packed piece has begun: then what is wrong is wrong there, and the last record is sound."""
        if self._unpacked is None or self._unpacked.member == self.place.offset:
            return False
        self.next = Place(self._unpacked.member)
        return True

    @_as_broken
    def _begin(self) -> bytes:
        """The first line of a record, b"" at the end; `next` is where it stands."""
        while True:
            at = self._file.tell()
            line = self._lines.readline()
            if line.strip() or not line:
                self.next = self._place(self._unpacked.member if self._unpacked else at)
                if line and not line.startswith(_BEGIN):
                    raise Broken("the record is longer or shorter than it says")
                return line

    def _place(self, offset: int) -> Place:
        return Place(offset, self.next.nth + 1 if offset == self.next.offset else 0)

    @_as_broken
    def _read(self, begin: bytes) -> Record:
        self._lines.start()
        record = self._loader.parse_record_stream(self._lines, begin, "warc", no_record_parse=True)
        said = record.rec_headers.get_header("Content-Length") or ""
        if not (said.isascii() and said.isdigit()):
            raise Broken("the record does not say how long it is")
        length, kind = int(said), record.rec_type or ""
        block = record.raw_stream.read(min(length, MOST_OF_ONE)) if kind in READ and length else b""
        self._skip(record.raw_stream, length - len(block))
        return Record(self.place, kind, record.rec_headers, length, block)

    @staticmethod
    def _skip(stream: Any, length: int) -> None:
        while length > 0:
            piece = stream.read(min(length, _PIECE))
            if not piece:
                raise EOFError
            length -= len(piece)


class _Lines:
    """Lines of bounded length, of headers of bounded length: a few packed bytes could be millions."""

    def __init__(self, file: Any) -> None:
        self._file, self._left = file, LONGEST_HEAD
        self.read = file.read

    def start(self) -> None:
        """Another record begins."""
        self._left = LONGEST_HEAD

    def readline(self, length: int | None = None) -> bytes:
        """As of a file. Raises Broken when headers do not end."""
        line: bytes = self._file.readline(LONGEST_HEAD if length is None else min(length, LONGEST_HEAD))
        self._left = self._left - len(line) if line.strip() else LONGEST_HEAD
        if self._left < 0:
            raise Broken("the headers of the record do not end")
        return line


class _Unpacked(io.RawIOBase):
    """What is packed in a file of gzip members, which all have their checksums looked at.

    `member` is where in the file that one begins of which bytes came last. Raises zlib.error or EOFError.
    """

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file, self.member = file, file.tell()
        self._inflate, self._packed = zlib.decompressobj(31), b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Bytes of one member, 0 at the end of the last."""
        while True:
            if self._inflate.eof:
                self._next()
            self._packed = self._packed or self._file.read(_PIECE)
            if not self._packed and self._file.tell() == self.member:
                return 0
            piece = self._inflate.decompress(self._packed, len(buffer))
            if not (piece or self._packed or self._inflate.eof):
                raise EOFError
            self._packed = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            if piece:
                buffer[: len(piece)] = piece
                return len(piece)

    def _next(self) -> None:
        self.member = self._file.tell() - len(self._packed)
        self._inflate = zlib.decompressobj(31)


def next_after(file: BinaryIO, offset: int) -> Place | None:
    """Where the next record begins that looks like one, packed or plain; None where there is none."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        packed, plain = whole.find(_GZIP, offset + 1), whole.find(b"\n" + _BEGIN, offset + 1)
        while packed >= 0 and not _unpacks(whole[packed : packed + 512]):
            packed = whole.find(_GZIP, packed + 1)
    found = [at for at in (packed, plain + 1) if at > 0]
    return Place(min(found)) if found else None


def _unpacks(head: bytes) -> bool:
    """Whether a record is packed here, and it is not three bytes that happen to look so."""
    with suppress(zlib.error):
        return zlib.decompressobj(31).decompress(head, len(_BEGIN)) == _BEGIN
    return False
