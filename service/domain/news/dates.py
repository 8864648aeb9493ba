"""When a text was published, whatever is said of it."""

from dataclasses import replace
from datetime import datetime, timedelta

from service.domain.news.article import Article, Flag

OLDER = timedelta(days=2)
"""By how much another date must be earlier to count: time zones and later updates explain less."""


def dated(article: Article, other: datetime | None, now: datetime) -> Article:
    """The article with another date that is known of it, where that one is plainly earlier. Flagged then."""
    if other is None or other > now or article.published_at - other <= OLDER:
        return article
    return replace(article, published_at=other, flags=tuple(dict.fromkeys((*article.flags, Flag.OLD))))
