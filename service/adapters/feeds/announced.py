"""Articles of which only an address is known, and perhaps a title: their pages are still to be read."""

from datetime import datetime

from service.adapters.feeds.files import derived_id, parse_time
from service.domain.news.article import Article, Flag
from service.domain.news.duplicate import canonical_url
from service.domain.news.text import MAX_TITLE, clean
from service.errors import Refusal, RefusedInput

LONGEST_URL = 2000
"""Characters of an address; one that is cut would lead elsewhere."""
_LONGEST_TAG = 35


def announced(url: str, title: str, published_at: str | None, publisher: str, language: str, now: datetime) -> Article:
    """An article without text. One whose date cannot be read counts as published now, and says so.

    Raises RefusedInput for what is no address of a web page.
    """
    address = web_address(url)
    title = clean(title, MAX_TITLE).replace("\n", " ")
    published, flags = _when(published_at, now)
    return Article(
        id=derived_id(title, "", address),
        title=title,
        text="",
        publisher=clean(publisher, 200).replace("\n", " "),
        url=address,
        published_at=published,
        fetched_at=now,
        language=language if language.replace("-", "").isalnum() and len(language) <= _LONGEST_TAG else "",
        flags=flags,
    )


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
        return (parse_time(published_at, now), ()) if published_at else (now, (Flag.UNDATED,))
    except RefusedInput:
        return now, (Flag.UNDATED,)
