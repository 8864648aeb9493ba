"""Read the pages of articles that were announced without their text."""

from collections.abc import Sequence
from datetime import timedelta

from service.domain.news.article import Article, content_hash
from service.domain.news.completion import completed, tells_of
from service.domain.news.owner import host_of
from service.domain.news.text import has_substance, word_count
from service.errors import DetenteError, Gone, ReaderUnavailable
from service.flow import ArticleState, Task
from service.pipeline.asking import READER_BACK, heed, reason, wish_of
from service.ports import Claim, Clock, Pages, Queue, UnitOfWork, Units

TRIES = 3
"""How often the page of an article is asked for of which its feed said next to nothing."""
WAIT = timedelta(minutes=2)
"""Until a page is asked for again; twice as long at each further time."""
FEW = 10
"""Words in which a feed has told the news: the page adds to it, and news is not held up for that."""
PATIENCE = timedelta(minutes=2)
"""For how long at most an article that its feed has told waits until the server of its page may be asked."""


def complete(
    claims: Sequence[Claim], units: Units, pages: Pages, clock: Clock, queue: Queue, host_gap: timedelta
) -> list[Claim]:
    """Put the text of its page into each article and hand it on to be analysed.

    A server is asked no more often than `host_gap` allows. An article whose page cannot be had goes on with what its
    feed said of it, at once where that is news; one of which nothing is known ends as `ignored`.
    """
    with units(read_only=True) as unit:
        articles = unit.articles.get([c.id for c in claims])
    return [
        done for claim in claims for done in _complete(claim, articles[claim.id], units, pages, clock, queue, host_gap)
    ]


def _complete(
    claim: Claim, article: Article, units: Units, pages: Pages, clock: Clock, queue: Queue, host_gap: timedelta
) -> list[Claim]:
    with units() as unit:
        if not unit.works.held([claim]):
            return []
        wait = unit.hosts.take(host_of(article.url), host_gap)
        is_worth_it = not is_told(article) or clock.now() - article.fetched_at + wait <= PATIENCE
        if wait and is_worth_it:
            unit.works.put_back(claim, wait)
            return []
    if wait:
        return _finish(claim, article, "its page was not read: its server is to be left alone", units, queue)
    try:
        page = pages.page(article.url, clock.now())
    except DetenteError as error:
        return _failed(claim, article, error, units, queue)
    if not tells_of(article, page):
        return _finish(claim, article, "its page tells of something else", units, queue)
    return _finish(claim, completed(article, page, clock.now()), "", units, queue)


def _failed(claim: Claim, article: Article, error: DetenteError, units: Units, queue: Queue) -> list[Claim]:
    if isinstance(error, ReaderUnavailable):
        with units() as unit:
            unit.works.put_back(claim, READER_BACK)
        return []
    with units() as unit:
        heed(wish_of(error), article.url, unit)
    if not _may_help(error) or is_told(article) or claim.attempt >= TRIES:
        return _finish(claim, article, f"its page could not be read: {reason(error)}", units, queue)
    with units() as unit:
        unit.works.fail(claim, str(error), WAIT * 2 ** (claim.attempt - 1))
    return []


def is_told(article: Article) -> bool:
    """Whether its feed has told the news itself."""
    return word_count(article.text) >= FEW


def _may_help(error: DetenteError) -> bool:
    """Whether asking once more may."""
    return error.retryable and not isinstance(error, Gone)


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
