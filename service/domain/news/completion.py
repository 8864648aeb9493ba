"""What an article gets from its page."""

from dataclasses import dataclass, replace
from datetime import datetime

from service.domain.news.article import Article, Flag
from service.domain.news.dates import dated
from service.domain.news.text import words

LONG = 5
"""Letters from which a word tells something of its text."""
FEWEST = 3
"""Such words below which nothing can be told by them."""
SHARED = 1 / 3
"""Share of them that stands on the article's own page at least. Of walls – consent, sign-in – next to none does."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says: all but `text` may be empty or None. `published_at` is what the page itself says.

    `flags` are what is odd about its words.
    """

    title: str
    text: str
    published_at: datetime | None = None
    language: str = ""
    url: str = ""
    flags: tuple[Flag, ...] = ()


def tells_of(article: Article, page: Page) -> bool:
    """Whether a page is that of an article, by the words its feed told of it.

    >>> moment = datetime(2026, 3, 1)
    >>> said = Article("a", "Kestrel moves two brigades", "", "", "", moment, moment)
    >>> tells_of(said, Page("", "Two brigades of Kestrel were on the move.")), tells_of(said, Page("", "Take cookies."))
    (True, False)
    """
    told = {word for word in words(article.document) if len(word) >= LONG}
    found = words(f"{page.title} {page.text}")
    return len(told) < FEWEST or len(told.intersection(found)) >= SHARED * len(told)


def completed(article: Article, page: Page, now: datetime) -> Article:
    """The article with what its page says: the longer text, and the earlier of both dates."""
    found = replace(
        article,
        title=article.title or page.title,
        text=max(page.text, article.text, key=len),
        language=article.language or page.language,
        flags=tuple(dict.fromkeys((*article.flags, *page.flags))),
    )
    return dated(found, page.published_at, now)
