"""Take articles in: each is stored once, and workers are told."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.news.article import Article, content_hash
from service.domain.news.canary import may_have
from service.flow import Task
from service.ports import Queue, UnitOfWork, Units

BATCH = 16
"""Articles a nudge names: about what one forward pass of the model takes well."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of the articles, in their order: "new", "duplicate", or "conflict" when its id is another text's."""

    outcomes: tuple[str, ...] = ()

    @property
    def counts(self) -> Counter[str]:
        """How many were new, duplicate or in conflict."""
        return Counter(self.outcomes)


def ingest(articles: Sequence[Article], origin: str, units: Units, queue: Queue) -> Intake:
    """Store the articles in one transaction. Storing one again changes nothing."""
    with units() as unit:
        return store(articles, origin, unit, queue)


def store(articles: Sequence[Article], origin: str, unit: UnitOfWork, queue: Queue) -> Intake:
    """Store the articles within a transaction that does more, such as moving a feed's cursor."""
    outcomes = tuple(_add(article, origin, unit) for article in articles)
    new_ids = [article.id for article, outcome in zip(articles, outcomes, strict=True) if outcome == "new"]
    for start in range(0, len(new_ids), BATCH):
        batch = new_ids[start : start + BATCH]
        unit.after_commit(lambda ids=batch: queue.nudge(Task.ANALYSE, ids))  # type: ignore[misc]
    return Intake(outcomes)


def _add(article: Article, origin: str, unit: UnitOfWork) -> str:
    """An id that is kept for canaries is another text's, whether it is there yet or not."""
    if not may_have(article.id, origin):
        return "conflict"
    return unit.articles.add(article, origin, content_hash(article.title, article.text))
