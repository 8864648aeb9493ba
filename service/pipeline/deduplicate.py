"""Set articles aside that repeat one we have."""

from collections.abc import Sequence
from datetime import timedelta

from service.domain.news.article import Article
from service.domain.news.duplicate import NEAR, containment, shingles
from service.flow import ArticleState
from service.ports import Books, Claim, Fingerprints, Units

WINDOW = timedelta(days=14)
"""How far back a near duplicate is looked for, by date of publication."""


def deduplicate(claims: Sequence[Claim], units: Units, fingerprints: Fingerprints) -> list[Claim]:
    """Claims of articles with something new in them; the others become `ignored`, with the reason."""
    fresh = [c for c in claims if c.state == ArticleState.RECEIVED]
    unique: list[Claim] = []
    with units(serial=True) as unit:
        held = unit.works.move(fresh, ArticleState.DEDUPLICATED)
        texts = unit.articles.get([c.id for c in held])
        for claim in held:
            repeated = repeats(texts[claim.id], unit, fingerprints)
            if repeated is None:
                unique.append(claim)
                continue
            original, how = repeated
            unit.works.finish([claim], ArticleState.IGNORED, f"{how} duplicate of {original}")
            unit.articles.set_duplicate(claim.id, original)
    return [*unique, *(c for c in claims if c.state != ArticleState.RECEIVED)]


def repeats(article: Article, unit: Books, fingerprints: Fingerprints) -> tuple[str, str] | None:
    """The id of the article this one repeats and how, or None; its own bands are stored then."""
    if original := unit.articles.first_with_hash(article.id):
        return original, "exact"
    own = shingles(article.document)
    bands = fingerprints.bands(own)
    for other in unit.articles.sharing_band(article.id, bands, article.published_at - WINDOW):
        if containment(own, shingles(other.document)) >= NEAR:
            return other.id, "near"
    unit.articles.set_bands(article.id, bands)
    return None
