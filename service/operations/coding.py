"""Coding many articles, over all cores, with what was coded before kept on disk."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import islice

from service.domain.news.article import Article
from service.operations.preview import Coded, Desk
from service.ports import Coder, CodingStore, KeptCoding

BATCH = 128
"""Articles coded and kept at a time: what an interruption loses at most on each core."""


def key(article: Article, version: str) -> str:
    """What a coding depends on: the words, the day that dates and names are read for, and all that reads them."""
    parts = (version, article.title, article.text, article.published_at.isoformat(), article.language)
    return sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def code_all(
    articles: Sequence[Article],
    coder: Coder,
    store: CodingStore,
    version: str,
    advance: Callable[[int], None],
) -> list[KeptCoding]:
    """The coding of each article, in order; what the store lacks is coded and kept, batch by batch.

    `advance` is told how many more are done. The same text of the same moment is coded once.
    """
    keys = [key(article, version) for article in articles]
    found = dict(store.get(list(dict.fromkeys(keys))))
    missing = {k: article for k, article in zip(keys, articles, strict=True) if k not in found}
    advance(len(articles) - len(missing))
    wanted = list(_batches(list(missing.items())))
    for batch, codings in zip(wanted, coder.code([[a for _, a in batch] for batch in wanted]), strict=True):
        fresh = {k: coding for (k, _), coding in zip(batch, codings, strict=True)}
        store.put(fresh)
        found |= fresh
        advance(len(batch))
    return [found[k] for k in keys]


def _batches(pairs: Sequence[tuple[str, Article]]) -> Iterator[list[tuple[str, Article]]]:
    rest = iter(pairs)
    while batch := list(islice(rest, BATCH)):
        yield batch


def read_batch(desk: Desk, articles: Sequence[Article]) -> list[KeptCoding]:
    """What is kept of the codings of these articles."""
    return [_kept(desk, article, coded) for article, coded in zip(articles, desk.read(articles), strict=True)]


def _kept(desk: Desk, article: Article, coded: Coded) -> KeptCoding:
    names = desk.gazetteer.mentions(article.document, coded.language, article.published_at.date())
    named = dict.fromkeys(name.countries[0] for name in names if len(name.countries) == 1)
    return KeptCoding(coded.events, tuple(named), coded.ignored)
