"""A watched folder as a feed: whatever appears or changes in it is read once, in the order of its change."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, repeat
from pathlib import Path, PurePath
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from service.adapters.clock import SystemClock
from service.adapters.feeds.files import ARCHIVES, LARGEST, TYPES, kind_of, read_bytes, read_lines
from service.adapters.feeds.folder_files import Entry, Mark, entries, opened
from service.adapters.feeds.warc import PageReader, read_archive
from service.adapters.feeds.warc_records import Place
from service.domain.news.article import Article
from service.errors import FetchFailed, Refusal
from service.ports import Feed, Refused, Reply

SETTLED = timedelta(seconds=2)
"""A file that changed more recently is still being written: it is left for the next poll."""
MOST_FOUND = 500
MOST_BYTES = 20 * 2**20
WITHIN = 15.0
"""Articles, bytes and seconds of one poll; what is more comes with the next, which follows at once."""
_HEAD = 4096


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was found, and where in the file it ends; "" where a file is only read as a whole."""

    found: Article | Refused | None
    place: str = ""


class FolderFetcher:
    """Implements `ports.Fetcher` for folders of this machine. A feed's address is `file://` and the path."""

    def __init__(self, reader: PageReader, within: float = WITHIN, settled: timedelta = SETTLED) -> None:
        self.reader, self.within, self.settled = reader, within, settled

    def fetch(self, feed: Feed, now: datetime) -> Reply:
        """Read what has changed since the last poll. Raises FetchFailed when the folder cannot be looked into."""
        root = Path(unquote(urlsplit(feed.url).path))
        try:
            found, closed = entries(root)
        except OSError as error:
            raise FetchFailed(f"the folder cannot be looked into: {error.strerror}") from None
        mark = Mark.parse(feed.cursor)
        latest = (SystemClock().now() - self.settled).timestamp() * 1e9
        poll = _Poll(root, feed, now, self.reader, time.monotonic() + self.within)
        mark = poll.read([entry for entry in found if entry.changed <= latest and mark.is_before(entry)], mark)
        refused = [Refused(_shown(root, name), Refusal.UNREADABLE, "the folder is closed to us") for name in closed]
        return Reply(
            items=tuple(poll.articles),
            etag="",
            last_modified="",
            not_modified=not (poll.articles or poll.refused or refused) and str(mark) == feed.cursor,
            refused=(*poll.refused, *refused),
            cursor=str(mark),
            more=poll.is_cut,
        )


class _Poll:
    """One poll: what it has found, and whether it had to leave something to the next."""

    def __init__(self, root: Path, feed: Feed, now: datetime, reader: PageReader, ends: float) -> None:
        self.root, self.feed, self.now, self.reader, self.ends = root, feed, now, reader, ends
        self.articles: list[Article] = []
        self.refused: list[Refused] = []
        self.bytes, self.is_cut = 0, False

    def read(self, due: list[Entry], mark: Mark) -> Mark:
        """Read on from a mark, as far as may be at once; returns how far that was."""
        for number, entry in enumerate(due):
            if number and (self._is_full() or self.bytes + min(entry.size, LARGEST) > MOST_BYTES):
                self.is_cut = True
                break
            mark = self._read(entry, mark.place_in(entry))
            if self.is_cut:
                break
        return mark

    def _read(self, entry: Entry, start: str) -> Mark:
        before = _offset(start)
        for step in self._steps(entry, start):
            self._keep(step.found)
            if step.place and self._is_full(_offset(step.place) - before):
                self.is_cut = True
                self.bytes += _offset(step.place) - before
                return Mark(entry.changed, entry.name, step.place)
        self.bytes += entry.size - before
        return Mark(entry.changed, entry.name)

    def _is_full(self, more: int = 0) -> bool:
        found = len(self.articles) + len(self.refused)
        return found >= MOST_FOUND or self.bytes + more >= MOST_BYTES or time.monotonic() >= self.ends

    def _keep(self, found: Article | Refused | None) -> None:
        if isinstance(found, Refused):
            self.refused.append(found)
        elif found:
            self.articles.append(replace(found, publisher=found.publisher or self.feed.publisher))

    def _steps(self, entry: Entry, start: str) -> Iterator[Step]:
        where = _shown(self.root, entry.name)
        if not entry.is_file:
            yield Step(Refused(where, Refusal.UNSUPPORTED, "it is neither a file nor a folder"))
            return
        try:
            with opened(self.root, entry.name) as file:
                yield from self._contents(file, entry, where, start)
        except FileNotFoundError:
            return  # taken away since it was seen
        except OSError as error:
            yield Step(Refused(where, Refusal.UNREADABLE, error.strerror or "cannot be read"))

    def _contents(self, file: BinaryIO, entry: Entry, where: str, start: str) -> Iterator[Step]:
        kind, place = kind_of(PurePath(where)), _place(start)
        if kind == ".jsonl":
            yield from _lines(file, where, place, self.now)
        elif kind in ARCHIVES:
            for passed in read_archive(file, where, self.reader, self.now, place):
                yield Step(passed.found, str(passed.place))
        elif kind in TYPES and entry.size > LARGEST:
            yield Step(Refused(where, Refusal.TOO_LARGE, f"larger than {LARGEST} bytes"))
        else:
            content = file.read(LARGEST if kind in TYPES else _HEAD)
            yield from map(Step, read_bytes(content, kind, where, self.now))


class _Lines:
    """Lines of a file from a place on, none longer than need be to see that it is too long."""

    def __init__(self, file: BinaryIO, start: Place) -> None:
        file.seek(start.offset)
        self._file, self.passed = file, start.nth

    @property
    def place(self) -> Place:
        """Where the next line begins, and how many there are before it."""
        return Place(self._file.tell(), self.passed)

    def __iter__(self) -> Iterator[bytes]:
        while line := self._file.readline(LARGEST + 2):
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = self._file.readline(LARGEST)
            self.passed += 1
            yield line


def _lines(file: BinaryIO, where: str, start: Place, now: datetime) -> Iterator[Step]:
    """Blank lines stand for those read before, so that a refused one is named by its number."""
    lines = _Lines(file, start)
    for found in read_lines(chain(repeat(b"\n", start.nth), lines), where, now):
        is_end = isinstance(found, Refused) and found.refusal is Refusal.EMPTY and start.nth > 0
        yield Step(None if is_end else found, str(lines.place))


def _place(written: str) -> Place:
    offset, _, nth = written.partition("+")
    return Place(int(offset or 0), int(nth or 0))


def _offset(written: str) -> int:
    return _place(written).offset


def _shown(root: Path, name: bytes) -> str:
    return f"{root}/{name.decode('utf-8', 'replace')}"
