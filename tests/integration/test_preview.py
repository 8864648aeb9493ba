"""What an article would move: the same before it is stored and after it was scored."""

from datetime import timedelta

import pytest

from service.domain.events.extraction import Band
from service.domain.news.article import Article
from service.domain.risk.score import Scale
from service.flow import Task
from service.operations.preview import Desk, Preview, preview
from tests.fakes import LEVEL, NOON, FakeSplitter, World, article, owner_of


def shown(world: World, of: Article) -> Preview:
    desk = Desk(world.classifier, world.gazetteer, FakeSplitter(), world.recogniser, Band(0.5, 0.5))
    now = world.clock.now() + timedelta(days=1)
    return preview(of, desk, owner_of, world.gazetteer.geography, [LEVEL], Scale(), world.units, now)


def take_in(world: World, *articles: Article) -> None:
    world.ingest(*articles)
    world.drain(Task.ANALYSE)
    world.drain(Task.ASSESS)


@pytest.mark.parametrize("others", [0, 1, 2])
def test_an_article_counts_once_whether_it_is_stored_or_not(world: World, others: int) -> None:
    mine = article("mine", publisher="BBC")
    earlier = NOON - timedelta(hours=30)
    take_in(world, *(article(f"a{n}", publisher=f"paper {n}", at=earlier) for n in range(others)))
    before = shown(world, mine)
    take_in(world, mine)
    after = shown(world, mine)
    assert [m.subject for m in before.movements if m.level_after > m.level_before]
    assert (after.movements, after.prospects) == (before.movements, before.prospects)


def test_a_stored_article_that_is_coded_otherwise_today_still_counts_once(world: World) -> None:
    mine = article("mine")
    earlier = Article("mine", "", "Iran and Pakistan signed a ceasefire.", "Reuters", "", NOON, NOON)
    before = shown(world, mine)
    take_in(world, earlier)
    assert shown(world, mine).movements == before.movements
