"""Take articles in: each is stored once, and workers are told."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.domain.news.article import Article, content_hash
from service.domain.news.canary import may_have
from service.domain.news.duplicate import canonical_url, derived_id, is_of_one_page
from service.domain.news.text import word_count
from service.domain.news.version import MOST, in_place_of, is_version, reason
from service.flow import ArticleState, Task
from service.pipeline.revise import RETRACTED, Undo, revise
from service.ports import Earlier, Queue, UnitOfWork, Units

BATCH: Mapping[Task, int] = {Task.ANALYSE: 16, Task.COMPLETE: 1}
"""Articles a nudge names: about what one forward pass of the model takes well; each page is waited for by itself."""
BRIEF = 60
"""Words below which a text is what a feed says of an article, and its page is read."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of the articles, in their order.

    "new", "duplicate", "updated" where it is a new version of one we have, or "conflict" when its id is another text's
    or it has changed too often.
    """

    outcomes: tuple[str, ...] = ()

    @property
    def counts(self) -> Counter[str]:
        """How many there were of each."""
        return Counter(self.outcomes)


@dataclass(frozen=True, slots=True)
class _Stored:
    outcome: str
    id: str
    state: ArticleState


def ingest(articles: Sequence[Article], origin: str, units: Units, queue: Queue) -> Intake:
    """Store the articles in one transaction. Storing one again changes nothing."""
    with units() as unit:
        return store(articles, origin, unit, queue)


def store(
    articles: Sequence[Article],
    origin: str,
    unit: UnitOfWork,
    queue: Queue,
    undo: Undo | None = None,
    *,
    pages: bool = False,
) -> Intake:
    """Store the articles within a transaction that does more, such as moving a feed's cursor.

    With `undo` an article without an id of its own takes the place of the one that the same origin brought from its
    address before; that needs a serial transaction. With `pages` those with little text wait for their page.
    """
    alone = _alone(articles)
    stored = [_store(article, origin, unit, undo if article.id in alone else None, pages=pages) for article in articles]
    for state, task in ((ArticleState.RECEIVED, Task.ANALYSE), (ArticleState.ANNOUNCED, Task.COMPLETE)):
        ids = [one.id for one in stored if one.outcome in {"new", "updated"} and one.state is state]
        for start in range(0, len(ids), BATCH[task]):
            batch = ids[start : start + BATCH[task]]
            unit.after_commit(lambda task=task, ids=batch: queue.nudge(task, ids))  # type: ignore[misc]
    return Intake(tuple(one.outcome for one in stored))


def _alone(articles: Sequence[Article]) -> frozenset[str]:
    """The ids of those that can be met again at their address: it is a page of its own, and of no other here."""
    addresses = {a.id: canonical_url(a.url) for a in articles if a.id == derived_id(a.title, a.text, a.url)}
    times = Counter(addresses.values())
    return frozenset(id_ for id_, address in addresses.items() if times[address] == 1 and is_of_one_page(address))


def _store(article: Article, origin: str, unit: UnitOfWork, undo: Undo | None, *, pages: bool) -> _Stored:
    """An id that is kept for canaries is another text's, whether it is there yet or not."""
    is_announced = pages and article.url and word_count(article.text) < BRIEF
    state = ArticleState.ANNOUNCED if is_announced else ArticleState.RECEIVED
    if not may_have(article.id, origin):
        return _Stored("conflict", article.id, state)
    digest = content_hash(article.title, article.text)
    earlier = unit.articles.at_address(canonical_url(article.url), origin) if undo else None
    if undo and earlier and earlier.came == digest:
        return _Stored("duplicate", earlier.id, state)
    if undo and earlier and (old := _older(article, earlier.id, unit)):
        return _Stored(_replace(old, earlier, article, origin, unit, undo, state), earlier.id, state)
    return _Stored(unit.articles.add(article, origin, digest, state), article.id, state)


def _older(article: Article, earlier_id: str, unit: UnitOfWork) -> Article | None:
    """The article of which this one is a new version; None where it is another one, or stored beside it already."""
    known = unit.articles.get([earlier_id, article.id])
    old = known[earlier_id]
    return old if is_version(article, old) and known.keys() == {earlier_id} else None


def _replace(
    old: Article, earlier: Earlier, new: Article, origin: str, unit: UnitOfWork, undo: Undo, state: ArticleState
) -> str:
    """What was taken back here stays so, whatever its publisher makes of it."""
    if unit.articles.state(old.id)[1].startswith(RETRACTED):
        return "duplicate"
    if earlier.versions + 1 >= MOST:
        return "conflict"
    revise(in_place_of(old, new), origin, reason(new), unit, undo, state)
    return "updated"
