"""Articles of which little more than the address is known."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.adapters.feeds.announced import LONGEST_URL, announced, web_address
from service.domain.news.article import Flag
from service.errors import Refusal, RefusedInput

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://paper.example/talks"


def test_an_address_is_enough() -> None:
    article = announced(URL, "", None, "", "", NOW)
    assert (article.url, article.title, article.text, article.published_at) == (URL, "", "", NOW)
    assert article.flags == (Flag.UNDATED,)


def test_what_is_told_is_cleaned() -> None:
    article = announced(f" {URL}\n", "Talks\u202e\nbegin", "2026-03-01T10:00:00+01:00", "The\nPaper", "en-GB", NOW)
    assert (article.url, article.title, article.publisher) == (URL, "Talks begin", "The Paper")
    assert (article.published_at, article.language, article.flags) == (NOW - timedelta(hours=3), "en-GB", ())


@pytest.mark.parametrize("written", ["soon", "1900-01-01", "2026-02-30", "9" * 100])
def test_a_date_that_is_none_counts_as_now_and_is_flagged(written: str) -> None:
    article = announced(URL, "", written, "", "", NOW)
    assert (article.published_at, article.flags) == (NOW, (Flag.UNDATED,))


def test_a_date_ahead_counts_as_now_and_an_earlier_day_in_the_address_counts() -> None:
    assert announced(URL, "", "2026-03-02", "", "", NOW).flags == (Flag.FUTURE,)
    old = announced("https://paper.example/2019/03/05/talks", "", "2026-03-01", "", "", NOW)
    assert (old.published_at.date().isoformat(), old.flags) == ("2019-03-05", (Flag.OLD,))


def test_a_language_that_is_no_tag_is_left_out() -> None:
    assert announced(URL, "", None, "", "<b>", NOW).language == ""


def test_the_id_depends_on_address_and_title_alone() -> None:
    first = announced(URL, "Talks begin", "2026-03-01", "One", "en", NOW)
    again = announced(f"{URL}?utm_source=x", "Talks  begin", None, "", "", NOW + timedelta(days=1))
    assert first.id == again.id
    assert first.id != announced(URL, "Talks end", None, "", "", NOW).id
    assert first.id != announced(f"{URL}/2", "Talks begin", None, "", "", NOW).id


@pytest.mark.parametrize(
    ("url", "refusal"),
    [
        ("", Refusal.MISSING_FIELD),
        ("BBC Monitoring", Refusal.UNSUPPORTED),
        ("javascript:alert(1)", Refusal.UNSUPPORTED),
        ("ftp://paper.example/x", Refusal.UNSUPPORTED),
        ("file:///etc/passwd", Refusal.UNSUPPORTED),
        ("http://", Refusal.UNSUPPORTED),
        ("https://paper.example/a\u202eb", Refusal.UNSUPPORTED),
        ("https://paper.example/" + "x" * LONGEST_URL, Refusal.UNSUPPORTED),
    ],
)
def test_what_is_no_address_of_a_page_is_refused(url: str, refusal: Refusal) -> None:
    with pytest.raises(RefusedInput) as caught:
        announced(url, "A title", None, "", "", NOW)
    assert caught.value.refusal is refusal


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=30), st.text(max_size=20))
def test_nothing_but_a_refusal_comes_of_odd_input(url: str, title: str, date: str, language: str) -> None:
    try:
        address = web_address(url)
    except RefusedInput:
        address = ""
    article = announced(address or URL, title, date, title, language, NOW)
    assert article.published_at.tzinfo
    assert "\n" not in article.title
