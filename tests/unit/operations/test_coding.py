"""Coding many articles with a store."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from service.bootstrap import Detente, model
from service.domain.events.extraction import Band
from service.domain.news.article import Article
from service.operations.coding import BATCH, code_all, key, read_batch
from service.operations.preview import Desk
from service.ports import KeptCoding
from tests.fakes import NOON, FakeClassifier, FakeRecogniser, FakeSplitter, World, article


@dataclass
class CountingCoder:
    """Says the id back, and remembers the batches."""

    batches: list[list[str]] = field(default_factory=list)
    fails_at: int = -1

    def code(self, batches: Sequence[Sequence[Article]]) -> Iterator[list[KeptCoding]]:
        for n, batch in enumerate(batches):
            if n == self.fails_at:
                raise KeyboardInterrupt
            self.batches.append([a.id for a in batch])
            yield [KeptCoding((), (a.id,)) for a in batch]


@dataclass
class MemoryStore:
    """Keeps codings in memory."""

    kept: dict[str, KeptCoding] = field(default_factory=dict)

    def get(self, keys: Sequence[str]) -> Mapping[str, KeptCoding]:
        return {k: self.kept[k] for k in keys if k in self.kept}

    def put(self, codings: Mapping[str, KeptCoding]) -> None:
        self.kept |= codings


def test_what_is_kept_is_not_coded_again_and_the_order_is_that_of_the_articles() -> None:
    articles = [article(f"a{n}") for n in range(BATCH + 3)]
    store, done = MemoryStore(), list[int]()
    code_all(articles[5:8], CountingCoder(), store, "v1", done.append)
    coder = CountingCoder()
    found = code_all(articles, coder, store, "v1", done.append)
    assert [c.named for c in found] == [(a.id,) for a in articles]
    assert [len(b) for b in coder.batches] == [BATCH]
    assert {"a5", "a6", "a7"}.isdisjoint(coder.batches[0])
    assert done == [0, 3, 3, BATCH]


def test_the_same_text_twice_is_coded_once() -> None:
    coder = CountingCoder()
    one = article("a")
    found = code_all([one, replace(one, id="b")], coder, MemoryStore(), "v1", lambda _: None)
    assert [len(batch) for batch in coder.batches] == [1]
    assert found[0] == found[1]


def test_what_was_coded_before_an_interruption_is_kept() -> None:
    articles = [article(f"a{n}") for n in range(2 * BATCH)]
    store = MemoryStore()
    with pytest.raises(KeyboardInterrupt):
        code_all(articles, CountingCoder(fails_at=1), store, "v1", lambda _: None)
    assert len(store.kept) == BATCH


@pytest.mark.parametrize(
    "other",
    [
        {"text": "other"},
        {"title": "other"},
        {"published_at": NOON + timedelta(hours=1)},
        {"language": "fr"},
    ],
)
def test_the_key_changes_with_all_that_coding_depends_on_and_with_nothing_else(other: dict[str, object]) -> None:
    one = article("a", "the text", title="t")
    assert key(replace(one, **other), "v1") != key(one, "v1")  # type: ignore[arg-type]
    assert key(one, "v2") != key(one, "v1")
    assert key(replace(one, id="b", publisher="p", url="u"), "v1") == key(one, "v1")
    assert key(replace(one, title="a", text="bc"), "v") != key(replace(one, title="ab", text="c"), "v")


def test_a_batch_is_read_by_the_desk_with_the_countries_it_names(world: World) -> None:
    desk = Desk(FakeClassifier(), world.gazetteer, FakeSplitter(), FakeRecogniser(), Band(0.5, 0.5))
    told = article("a", "Iran attacked Pakistan in Balochistan, Pakistan says.")
    french = replace(article("b", "L'Iran a attaqué mardi un camp au Pakistan, selon le ministère."), language="fr")
    read, unread = read_batch(desk, [told, french])
    assert read.named == ("IRN", "PAK")
    assert [(e.actors, e.recipients) for e in read.events] == [(("IRN",), ("PAK",))]
    assert (read.ignored, unread.events) == ("", ())
    assert unread.ignored.startswith("language fr")


def test_codings_are_forgotten_when_what_reads_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def version(**model: object) -> str:
        return Detente(None, {"data_dir": tmp_path, "model": model}).coding_version

    now = version()
    assert version() == now
    assert version(threshold=0.7) != now
    sources = model._code_that_reads()
    assert len(sources) > 20
    monkeypatch.setattr(model, "_code_that_reads", lambda: [*sources[:-1], sources[-1] + b"# changed"])
    assert version() != now


def test_the_desk_in_a_child_codes_as_the_desk_here(tmp_path: Path) -> None:
    detente = Detente(None, {"data_dir": tmp_path, "model": {"threshold": 0.65}}, cores=2)
    told = [article(f"a{n}", "Israeli warplanes bombed army bases inside Syria overnight.") for n in range(2)]
    here = read_batch(detente.desk, told)
    elsewhere = list(detente.coder.code([told[:1], told[1:]]))
    assert elsewhere == [here[:1], here[1:]]
    assert here[0].events
