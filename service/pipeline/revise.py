"""Put a new text in the place of an article's old one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from service.domain.events.geography import Geography
from service.domain.news.article import Article, content_hash
from service.flow import ArticleState
from service.pipeline.score import withdraw
from service.ports import UnitOfWork

RETRACTED = "retracted"
"""How the reason of an article that was taken back begins."""


@dataclass(frozen=True, slots=True)
class Undo:
    """What it takes to undo what an article did to the scores, at a moment."""

    geography: Callable[[], Geography]
    at: datetime


def revise(
    new: Article,
    origin: str,
    reason: str,
    unit: UnitOfWork,
    undo: Undo,
    state: ArticleState = ArticleState.RECEIVED,
) -> None:
    """What the old text of the article with this id did to the scores is undone; the new one is read anew.

    `reason` stands beside the old version. Needs a serial transaction.
    """
    withdraw([new.id], unit, undo.geography(), undo.at)
    unit.articles.replace(new, origin, content_hash(new.title, new.text), reason, state)
