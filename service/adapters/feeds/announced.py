"""Articles of which only an address is known, and perhaps a title: their pages are still to be read."""

from datetime import UTC, datetime, timedelta

from service.adapters.feeds.files import parse_time
from service.domain.news.article import Article, Flag
from service.domain.news.dates import dated, day_in
from service.domain.news.duplicate import canonical_url, derived_id
from service.domain.news.lookalike import unmixed
from service.domain.news.text import MAX_TITLE, clean
from service.errors import Refusal, RefusedInput

LONGEST_URL = 2000
"""Characters of an address; one that is cut would lead elsewhere."""
_LONGEST_TAG = 35
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)
_TOLERANCE = timedelta(hours=1)


def announced(url: str, title: str, published_at: str | None, publisher: str, language: str, now: datetime) -> Article:
    """An article without text. One whose date cannot be read, or lies ahead, counts as published now, and says so.

    A day in its address counts where it is plainly earlier. Raises RefusedInput for what is no address of a web page.
    """
    address = web_address(url)
    title = unmixed(clean(title, MAX_TITLE)).replace("\n", " ")
    published, flags = _when(published_at, now)
    article = Article(
        id=derived_id(title, "", address),
        title=title,
        text="",
        publisher=unmixed(clean(publisher, 200)).replace("\n", " "),
        url=address,
        published_at=published,
        fetched_at=now,
        language=language if language.replace("-", "").isalnum() and len(language) <= _LONGEST_TAG else "",
        flags=flags,
    )
    return dated(article, day_in(address), now)


def web_address(url: str) -> str:
    """The address without blanks around it. Raises RefusedInput unless it leads to a web page."""
    address = url.strip()
    if not address:
        raise RefusedInput(Refusal.MISSING_FIELD, "there is no address")
    if len(address) > LONGEST_URL or not address.isprintable() or not canonical_url(address):
        raise RefusedInput(Refusal.UNSUPPORTED, f"the address must be one of a web page, at most {LONGEST_URL} long")
    return address


def _when(published_at: str | None, now: datetime) -> tuple[datetime, tuple[Flag, ...]]:
    try:
        moment = parse_time(published_at, _LATEST) if published_at else None
    except RefusedInput:
        moment = None
    if moment is None:
        return now, (Flag.UNDATED,)
    return (now, (Flag.FUTURE,)) if moment > now + _TOLERANCE else (moment, ())
