"""A text at an article's address is mostly a new version of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.domain.news.article import Article, Flag
from service.domain.news.version import SOON, in_place_of, is_version, reason

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + SOON + timedelta(minutes=1)
WORDS = " ".join(f"word{n}" for n in range(40))
OLD = Article("old", "Strike near Quetta", WORDS, "Wire", "https://wire.example/1", NOW, NOW)
OTHER = replace(OLD, id="new", title="Harvest begins", text="Nothing in it is the same.", published_at=LATER)


@pytest.mark.parametrize(
    "new",
    [
        replace(OTHER, published_at=NOW),
        replace(OTHER, published_at=NOW - timedelta(days=9)),
        replace(OTHER, title="Strike near  QUETTA"),
        replace(OTHER, text=f"Now ten are dead. {WORDS}"),
        replace(OTHER, title="CORRECTED: Harvest begins"),
    ],
)
def test_what_is_soon_alike_or_a_correction_is_a_version(new: Article) -> None:
    assert is_version(new, OLD)


@pytest.mark.parametrize("new", [OTHER, replace(OTHER, title="", text=f"{WORDS[:60]} {WORDS.replace('word', 'more')}")])
def test_another_report_at_the_same_address_takes_nothing_back(new: Article) -> None:
    assert not is_version(new, OLD)
    assert not is_version(new, replace(OLD, title=""))


def test_a_version_has_the_id_of_the_old_one_and_its_date_where_it_has_none() -> None:
    assert in_place_of(OLD, OTHER) == replace(OTHER, id="old")
    undated = replace(OTHER, flags=(Flag.UNDATED,))
    assert in_place_of(OLD, undated) == replace(undated, id="old", published_at=NOW)


def test_a_correction_is_called_one() -> None:
    assert reason(OTHER) == "updated"
    assert reason(replace(OTHER, title="CORRECTED: Harvest begins")) == "corrected by its publisher"
