"""Feeds as one list of articles and refusals."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from service.adapters.feeds.reader import shared_reader
from service.domain.news.article import Article
from service.ports import Refused


def parse_feed(
    content: bytes, headers: Mapping[str, str], where: str, publisher: str, now: datetime
) -> Iterator[Article | Refused]:
    """The first 500 items of a feed, and what was refused of it. Raises RefusedInput or ReaderUnavailable."""
    found = shared_reader().feed(content, headers, where, publisher, now)
    yield from found.items
    yield from found.refused
