"""An address or a dateline can give a text's age away."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.domain.news.article import Article, Flag
from service.domain.news.dates import OLDER, dated, day_in, day_of_dateline

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = datetime(2019, 3, 5, 12, tzinfo=UTC)
ARTICLE = Article("a", "", "Words.", "Paper", "", NOW, NOW)


@pytest.mark.parametrize(
    "path",
    [
        "/2019/03/05/talks",
        "/world/2019/3/5.html",
        "/world/2019/mar/05",
        "/2019/March/05/talks",
        "/2019-03-05/doc-1",
        "/20190305/talks",
        "/news/20190305-talks",
    ],
)
def test_a_day_in_the_path_is_found(path: str) -> None:
    assert day_in(f"https://paper.example{path}") == DAY


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://[",
        "https://paper.example/1990/03/05/",
        "https://paper.example/2019/13/05/",
        "https://paper.example/2019/02/30/",
        "https://paper.example/2019/03/",
        "https://paper.example/2019/03/0512",
        "https://paper.example/news/world-20190305",
        "https://paper.example/news/20190305",
        "https://paper.example/a?d=/2019/03/05/",
    ],
)
def test_what_is_no_day_or_may_be_a_number_is_none(url: str) -> None:
    assert day_in(url) is None


@pytest.mark.parametrize(
    "text",
    [
        "KABUL, March 5, 2019 - Talks",
        "KABUL, Afghanistan, Mar. 5, 2019 (Reuters) - Talks",
        "Rio de Janeiro, 05 March 2019 — Talks",
        "MOSCOW, March 5, 2019. /TASS/. Talks",
        "Kabul, March 5, 2019\nTalks",
    ],
)
def test_a_dateline_with_its_year_is_read(text: str) -> None:
    assert day_of_dateline(text) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "KABUL, March 5 - Talks",
        "March 5, 2019 - a day nobody forgets",
        "On March 5, 2019 - a day nobody forgets",
        "In Kabul, March 5, 2019 - was a hot day",
        "Iran said that its envoy left Kabul, March 5, 2019 - and",
        "KABUL, February 30, 2019 - Talks",
        "A strike in Kabul.\nKABUL, March 5, 2019 - Talks",
        "",
    ],
)
def test_a_day_in_a_sentence_is_no_dateline(text: str) -> None:
    assert day_of_dateline(text) is None


@pytest.mark.parametrize("text", ["A" * 50_000, "A " * 25_000, "A, " * 25_000, "Aa Aa Aa Aa, " * 9_000])
def test_no_text_takes_long(text: str) -> None:
    assert day_of_dateline(text) is None


def test_only_a_plainly_earlier_date_counts() -> None:
    old = dated(ARTICLE, DAY, NOW)
    assert (old.published_at, old.flags) == (DAY, (Flag.OLD,))
    assert dated(old, DAY - timedelta(days=9), NOW).flags == (Flag.OLD,)
    for other in (None, NOW - OLDER, NOW + timedelta(days=1), NOW):
        assert dated(ARTICLE, other, NOW) == ARTICLE
    assert dated(replace(ARTICLE, flags=(Flag.CUT,)), DAY, NOW).flags == (Flag.CUT, Flag.OLD)
