"""From what the model said to what happened."""

from collections.abc import Sequence

from service.domain.events import extraction
from service.flow import ArticleState
from service.ports import Claim, Units


def extract(claims: Sequence[Claim], units: Units, threshold: float) -> list[Claim]:
    """Store the events the articles state, still without their parties."""
    fresh = [c for c in claims if c.state == ArticleState.CLASSIFIED]
    with units() as unit:
        held = unit.works.move(fresh, ArticleState.EXTRACTED)
        ids = [c.id for c in held]
        articles, codings = unit.articles.get(ids), unit.articles.codings(ids)
        for article_id in ids:
            coded = codings[article_id]
            found = extraction.extract(coded.sentences, coded.codings, articles[article_id].published_at, threshold)
            unit.articles.save_events(article_id, found)
    return [*held, *(c for c in claims if c.state != ArticleState.CLASSIFIED)]
