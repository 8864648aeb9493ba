"""What an article gets from its page."""

from dataclasses import replace
from datetime import datetime

from service.domain.news.article import Article
from service.domain.news.dates import dated
from service.domain.news.text import words

LONG = 5
"""Letters from which a word tells something of its text."""
FEWEST = 3
"""Such words below which nothing can be told by them."""
SHARED = 1 / 3
"""Share of them that stands on the article's own page at least. Of walls – consent, sign-in – next to none does."""


def tells_of(article: Article, page: str) -> bool:
    """Whether a page, given as its title and text, is that of an article, by the words its feed told of it.

    >>> moment = datetime(2026, 3, 1)
    >>> said = Article("a", "Kestrel moves two brigades", "", "", "", moment, moment)
    >>> tells_of(said, "Two brigades of Kestrel were on the move on Sunday."), tells_of(said, "Please accept cookies.")
    (True, False)
    """
    told = {word for word in words(article.document) if len(word) >= LONG}
    return len(told) < FEWEST or len(told & set(words(page))) >= SHARED * len(told)


def completed(
    article: Article, title: str, text: str, language: str, published_at: datetime | None, now: datetime
) -> Article:
    """The article with what its page says: the longer text, and the earlier of both dates."""
    found = replace(
        article,
        title=article.title or title,
        text=max(text, article.text, key=len),
        language=article.language or language,
    )
    return dated(found, published_at, now)
