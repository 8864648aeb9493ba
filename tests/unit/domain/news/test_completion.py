"""What an article gets from its page, and whether it is its page at all."""

import doctest
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.domain.news import completion
from service.domain.news.article import Article, Flag
from service.domain.news.completion import Page, completed, tells_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAGES = sorted((Path(__file__).parents[3] / "data" / "pages").glob("*.txt"))
WALLS = (
    "We and our partners store and access information on your device, such as cookies, to measure how content is used.",
    "Please enable JavaScript and disable any ad blocker to continue. If you are a subscriber, sign in to your account.",
    "Checking your browser before you are let in. This process is automatic and will take up to five seconds.",
)


def said(title: str, text: str = "") -> Article:
    return Article("a", title, text, "Wire", "https://wire.example/a", NOON, NOON)


def test_its_examples_hold() -> None:
    assert doctest.testmod(completion).failed == 0


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_is_known_by_its_headline_or_its_first_paragraph_and_a_wall_is_not(path: Path) -> None:
    title, _, text = path.read_text(encoding="utf-8").partition("\n")
    first = text.strip().partition("\n")[0][:300]
    for told in (said(title), said(title, first), said("", first)):
        assert tells_of(told, Page(title, text))
    if path.stem not in FOREIGN:
        assert not any(tells_of(said(title, first), Page("", wall)) for wall in WALLS)


FOREIGN = {"chinese-gb18030"}
"""Texts without blanks have too few words to tell by."""


def test_nothing_known_is_completed_by_any_page() -> None:
    assert tells_of(said(""), Page("", "Anything"))
    whole = completed(said(""), Page("A title", "A text of the page.", language="en", flags=(Flag.CUT,)), NOON)
    assert (whole.title, whole.text, whole.language) == ("A title", "A text of the page.", "en")
    assert whole.flags == (Flag.CUT,)
