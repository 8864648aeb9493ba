"""Whether what now stands at an address is another version of what stood there, or another article."""

from dataclasses import replace
from datetime import timedelta

from service.domain.news.article import Article, Flag
from service.domain.news.correction import is_correction
from service.domain.news.duplicate import containment, shingles
from service.domain.news.text import normalise

MOST = 20
"""Versions of one article; who changes a text more often is not followed."""
SOON = timedelta(hours=12)
"""Within this time of the old one everything new at an address is a version of it."""
ALIKE = 1 / 3
"""Share of the smaller text's shingles found in the other from which a later one is a version, too."""


def is_version(new: Article, old: Article) -> bool:
    """Whether a text at an article's address takes its place.

    A page that has another report every day does not take back yesterday's: that one is later, has another title and
    other words, and does not call itself a correction.
    """
    if new.published_at - old.published_at <= SOON or is_correction(new.title, new.text):
        return True
    if new.title and normalise(new.title) == normalise(old.title):
        return True
    return containment(shingles(new.document), shingles(old.document)) >= ALIKE


def in_place_of(old: Article, new: Article) -> Article:
    """The new version under the id of the old one. An undated one was published when the old one was."""
    published = old.published_at if Flag.UNDATED in new.flags else new.published_at
    return replace(new, id=old.id, published_at=published)


def reason(new: Article) -> str:
    """Why there is another version."""
    return "corrected by its publisher" if is_correction(new.title, new.text) else "updated"
