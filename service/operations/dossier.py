"""All that is known of one article, with no more of its text than may be shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.events.event import Event
from service.domain.news.article import TITLE_BREAK, Article
from service.domain.news.owner import Owner
from service.errors import NotFound
from service.operations.excerpt import Span, excerpt
from service.operations.highlight import Name, names_in
from service.pipeline.score import OwnerOf
from service.ports import CodedArticle, Moved, Repeat, Units, Version

MOST_MOVED, MOST_REPEATS = 200, 50


@dataclass(frozen=True, slots=True)
class Dossier:
    """An article, where it stands, and what hangs together with it.

    `language` is the one it was read in, or else the declared one; `original` the id of the article that it repeats, ""
    for none; `shown` are the parts of its text that may be shown.
    """

    article: Article
    state: str
    reason: str
    owner: Owner
    language: str
    events: Sequence[Event]
    names: Sequence[Name]
    shown: Sequence[Span]
    original: str
    repeats: Sequence[Repeat]
    versions: Sequence[Version]
    moved: Sequence[Moved]


def dossier(units: Units, article_id: str, owner_of: OwnerOf) -> Dossier:
    """The dossier of the article with this id. Raises NotFound."""
    with units(read_only=True) as unit:
        article = unit.articles.get([article_id]).get(article_id)
        if article is None:
            raise NotFound(f"no article has the id {article_id!r}")
        events = unit.articles.events([article_id])[article_id]
        coded = unit.articles.codings([article_id]).get(article_id)
        state, reason = unit.articles.state(article_id)
        return Dossier(
            article=article,
            state=state,
            reason=reason,
            owner=owner_of(article.publisher, article.url, article.credit),
            language=_language(article, coded),
            events=events,
            names=names_in(coded) if coded else (),
            shown=_shown(article, coded, events),
            original=unit.articles.original(article_id),
            repeats=unit.articles.repeats(article_id, MOST_REPEATS),
            versions=unit.articles.versions(article_id),
            moved=unit.articles.moved(article_id, MOST_MOVED),
        )


def _language(article: Article, coded: CodedArticle | None) -> str:
    return coded.sentences[0].language if coded and coded.sentences else article.language


def _shown(article: Article, coded: CodedArticle | None, events: Sequence[Event]) -> list[Span]:
    start = len(article.title) + len(TITLE_BREAK) if article.title else 0
    sentences = [(s.start, s.end) for s in coded.sentences] if coded else [(e.start, e.end) for e in events]
    return excerpt(article.document, start, sentences, events)
