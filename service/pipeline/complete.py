"""Read the pages of articles that were announced without their text."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from service.domain.news.article import Article, content_hash
from service.domain.news.dates import dated
from service.domain.news.owner import host_of
from service.domain.news.text import has_substance
from service.errors import DetenteError, FetchFailed, Gone, RefusedInput
from service.flow import ArticleState, Task
from service.ports import Claim, Clock, Page, Pages, Queue, UnitOfWork, Units

TRIES = 3
"""How often a page is asked for before an article goes on with what its feed said."""
WAIT = timedelta(minutes=2)
"""Until a page is asked for again; twice as long at each further time."""


def complete(
    claims: Sequence[Claim], units: Units, pages: Pages, clock: Clock, queue: Queue, host_gap: timedelta
) -> list[Claim]:
    """Put the text of its page into each article and hand it on to be analysed.

    A server is asked no more often than `host_gap` allows. An article whose page cannot be had goes on with what its
    feed said of it; one of which nothing is known ends as `ignored`.
    """
    with units(read_only=True) as unit:
        articles = unit.articles.get([c.id for c in claims])
    return [
        done for claim in claims for done in _complete(claim, articles[claim.id], units, pages, clock, queue, host_gap)
    ]


def _complete(
    claim: Claim, article: Article, units: Units, pages: Pages, clock: Clock, queue: Queue, host_gap: timedelta
) -> list[Claim]:
    host = host_of(article.url)
    with units() as unit:
        if not unit.works.held([claim]):
            return []
        if wait := unit.hosts.take(host, host_gap):
            unit.works.put_back(claim, wait)
            return []
    try:
        page = pages.page(article.url, clock.now())
    except DetenteError as error:
        return _failed(claim, article, error, units, queue)
    return _finish(claim, with_page(article, page, clock.now()), "", units, queue)


def with_page(article: Article, page: Page, now: datetime) -> Article:
    """The article with the text of its page, where that is the longer one, and the earlier of both dates."""
    text = max(page.text, article.text, key=len)
    title = article.title or page.title
    completed = replace(article, title=title, text=text, language=article.language or page.language)
    return dated(completed, page.published_at, now)


def _failed(claim: Claim, article: Article, error: DetenteError, units: Units, queue: Queue) -> list[Claim]:
    may_help = isinstance(error, FetchFailed) and not isinstance(error, Gone) and claim.attempt < TRIES
    if not may_help:
        return _finish(claim, article, f"its page could not be read: {_reason(error)}", units, queue)
    with units() as unit:
        wait = getattr(error, "wait", None)
        if wait:
            unit.hosts.rest(host_of(article.url), timedelta(seconds=wait))
        unit.works.fail(claim, str(error), WAIT * 2 ** (claim.attempt - 1))
    return []


def _finish(claim: Claim, article: Article, note: str, units: Units, queue: Queue) -> list[Claim]:
    """One transaction: the text, where the article stands, and who is to go on with it."""
    with units() as unit:
        if not has_substance(article.document):
            return unit.works.finish([claim], ArticleState.IGNORED, note or "its page has no text")
        done = unit.works.finish([claim], ArticleState.RECEIVED, note or None)
        if done:
            _store(article, unit)
            unit.after_commit(lambda: queue.nudge(Task.ANALYSE, [article.id]))
    return done


def _store(article: Article, unit: UnitOfWork) -> None:
    unit.articles.complete(article, content_hash(article.title, article.text))


def _reason(error: DetenteError) -> str:
    return f"{error.refusal}: {error}" if isinstance(error, RefusedInput) else str(error)
