"""A text somebody published."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from service.domain.news.text import normalise

TITLE_BREAK = "\n\n"


class Flag(StrEnum):
    """What is odd about a text as it came, so that a reader can judge it."""

    UNDATED = "undated"
    """It had no date that could be read: it counts as published when it was fetched."""
    FUTURE = "future"
    """It was dated ahead of the clock: it counts as published when it was fetched."""
    OLD = "old"
    """It is older than it says: its address, page or first line has an earlier date, which counts."""
    LOOKALIKES = "lookalikes"
    """Letters of other alphabets stood inside its words; they were put into the alphabet of the word."""
    CUT = "cut"
    """Its title or text was longer than is kept."""


@dataclass(frozen=True, slots=True)
class Article:
    """One published text. `published_at` and `fetched_at` are UTC-aware; `publisher` and `url` may be unknown ("").

    `language` is the tag that its publisher declares, as `en-GB`, which may be wrong; "" without one. `credit` is the
    agency whose report this is in the hands of another publisher, "" where there is none.
    """

    id: str
    title: str
    text: str
    publisher: str
    url: str
    published_at: datetime
    fetched_at: datetime
    language: str = ""
    credit: str = ""
    flags: tuple[Flag, ...] = ()

    @property
    def document(self) -> str:
        """Title, blank line and text: the string all event offsets count in."""
        return document(self.title, self.text)


def document(title: str, text: str) -> str:
    """Title, blank line, text; the text alone when there is no title."""
    return f"{title}{TITLE_BREAK}{text}" if title else text


def content_hash(title: str, text: str) -> str:
    """SHA-256 over the normalised words: equal for texts that differ only in case, spacing or quotes."""
    return sha256(normalise(document(title, text)).encode()).hexdigest()
