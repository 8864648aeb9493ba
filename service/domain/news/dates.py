"""When a text was published, whatever is said of it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from urllib.parse import urlsplit

from service.domain.news.article import Article, Flag

OLDER = timedelta(days=2)
"""By how much another date must be earlier to count: time zones and later updates explain less."""
FIRST_YEAR = 1995
"""Addresses and agencies' texts of before then are not found on the web with such a date."""
NOON = 12
"""The hour that stands for a day: no time zone's day is further away."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBER: Mapping[str, int] = MappingProxyType({name: number for number, name in enumerate(_MONTHS, 1)})
_MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
_IN_PATH = (
    re.compile(
        rf"/(?P<year>\d{{4}})[/-](?P<month>\d{{1,2}}|{_MONTH})[/-](?P<day>\d{{1,2}})(?=[/_.-]|$)", re.IGNORECASE
    ),
    re.compile(r"/(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?=[/_-])"),
)
"""A day as a part of a path. Eight digits count only at the head of a part: at its end they are mostly an id."""
_NAMED_DAY = (
    rf"(?:(?P<month>{_MONTH})\.? (?P<day>\d{{1,2}}),? (?P<year>\d{{4}})"
    rf"|(?P<day2>\d{{1,2}}) (?P<month2>{_MONTH})\.?,? (?P<year2>\d{{4}}))"
)
_NAME = r"[^\W\d_a-z][\w.'’-]{0,20}(?: (?:(?:of|de|del|la|el|al|do|da) )?[^\W\d_a-z][\w.'’-]{0,20}){0,3}"
_PLACE = rf"(?!(?:In|On|At|The|By)\b){_NAME}(?:[,/] ?{_NAME}){{0,2}}"
_DATELINE = re.compile(
    rf"{_PLACE}[,:] ?(?i:{_NAMED_DAY})\.?(?: ?[(/][\w.'’ -]{{2,40}}[)/]\.?\s|\s*(?:[-–—:]|$))", re.MULTILINE
)


def dated(article: Article, other: datetime | None, now: datetime) -> Article:
    """The article with another date that is known of it, where that one is plainly earlier. Flagged then."""
    if other is None or other > now or article.published_at - other <= OLDER:
        return article
    return replace(article, published_at=other, flags=tuple(dict.fromkeys((*article.flags, Flag.OLD))))


def day_in(url: str) -> datetime | None:
    """Noon (UTC) of the day that stands in the path of an address, None without one.

    >>> day_in("https://a.example/world/2019/mar/05/talks"), day_in("https://a.example/news/world-20190305")
    (datetime.datetime(2019, 3, 5, 12, 0, tzinfo=datetime.timezone.utc), None)
    """
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    days = (_day(found) for pattern in _IN_PATH if (found := pattern.search(path)))
    return next(filter(None, days), None)


def day_of_dateline(text: str) -> datetime | None:
    """Noon (UTC) of the day that a text's dateline gives with its year, as "KABUL, March 5, 2019 -"; None without."""
    found = _DATELINE.match(text)
    return _day(found) if found else None


def _day(found: re.Match[str]) -> datetime | None:
    parts = {name.rstrip("2"): value for name, value in found.groupdict().items() if value}
    month = parts["month"].lower()
    number = int(month) if month.isdigit() else _NUMBER[month[:3]]
    try:
        day = datetime(int(parts["year"]), number, int(parts["day"]), NOON, tzinfo=UTC)
    except ValueError:
        return None
    return day if day.year >= FIRST_YEAR else None
