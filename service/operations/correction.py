"""Articles that are corrected or taken back by who printed them."""

from collections.abc import Sequence

from service.domain.events.geography import Geography
from service.domain.news.article import Article, content_hash
from service.domain.news.canary import may_have
from service.errors import NotFound
from service.flow import Task
from service.pipeline.revise import RETRACTED, Undo, revise
from service.pipeline.score import withdraw
from service.ports import Clock, Queue, UnitOfWork, Units


def correct(
    articles: Sequence[Article], origin: str, units: Units, queue: Queue, geography: Geography, clock: Clock
) -> list[str]:
    """Store these articles; one whose id is known with another text takes its place and is read anew.

    Returns "new", "duplicate" (nothing to correct), "corrected" or, where the id is kept for others, "conflict" for
    each. What the old text did to the scores is undone in the same transaction.
    """
    with units(serial=True) as unit:
        outcomes = [_correct(article, origin, unit, geography, clock) for article in articles]
        read = [a.id for a, outcome in zip(articles, outcomes, strict=True) if outcome in {"new", "corrected"}]
        if read:
            unit.after_commit(lambda: queue.nudge(Task.ANALYSE, read))
    return outcomes


def _correct(article: Article, origin: str, unit: UnitOfWork, geography: Geography, clock: Clock) -> str:
    if not may_have(article.id, origin):
        return "conflict"
    outcome = unit.articles.add(article, origin, content_hash(article.title, article.text))
    if outcome != "conflict":
        return outcome
    revise(article, origin, "corrected", unit, Undo(lambda: geography, clock.now()))
    return "corrected"


def retract(article_id: str, reason: str, units: Units, geography: Geography, clock: Clock) -> None:
    """Undo exactly what an article did to the scores and set it aside. Doing it again changes nothing.

    Raises NotFound.
    """
    told = f"{RETRACTED}: {reason}" if reason else RETRACTED
    with units(serial=True) as unit:
        if not unit.articles.get([article_id]):
            raise NotFound(f"no article has the id {article_id!r}")
        if unit.articles.state(article_id)[1].startswith(RETRACTED):
            return
        withdraw([article_id], unit, geography, clock.now())
        unit.articles.retract(article_id, told)
