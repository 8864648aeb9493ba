"""Take articles in: each is stored once, and workers are told."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from service.domain.news.article import Article, content_hash
from service.flow import Task
from service.ports import Queue, UnitOfWork, Units

BATCH = 16
"""Articles a nudge names: about what one forward pass of the model takes well."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of the articles: how many were new, duplicate or in conflict, and the ids that are new."""

    counts: Counter[str] = field(default_factory=Counter)
    new_ids: tuple[str, ...] = ()


def ingest(articles: Sequence[Article], origin: str, units: Units, queue: Queue) -> Intake:
    """Store the articles in one transaction. Storing one again changes nothing."""
    with units() as unit:
        return store(articles, origin, unit, queue)


def store(articles: Sequence[Article], origin: str, unit: UnitOfWork, queue: Queue) -> Intake:
    """Store the articles within a transaction that does more, such as moving a feed's cursor."""
    counts: Counter[str] = Counter()
    new_ids = []
    for article in articles:
        outcome = unit.articles.add(article, origin, content_hash(article.title, article.text))
        counts[outcome] += 1
        if outcome == "new":
            new_ids.append(article.id)
    for start in range(0, len(new_ids), BATCH):
        batch = new_ids[start : start + BATCH]
        unit.after_commit(lambda ids=batch: queue.nudge(Task.ANALYSE, ids))  # type: ignore[misc]
    return Intake(counts, tuple(new_ids))
