"""What an article would move: the same before it is stored and after it was scored."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.alerting.condition import parse
from service.domain.alerting.rule import Rule, RuleKind
from service.domain.events.event import Event
from service.domain.events.extraction import Band
from service.domain.events.signal import ArticleRole
from service.domain.news.article import Article
from service.domain.risk.score import Scale
from service.flow import Task
from service.operations.preview import Desk, Preview, label, preview
from tests.fakes import LEVEL, NOON, FakeSplitter, World, article, owner_of
from tests.unit.domain.build import event

PEACE, STRIKE = event("AGREE.deescalate", ["IRN", "PAK"], []), event()


def shown(world: World, of: Article, rule: Rule = LEVEL) -> Preview:
    desk = Desk(world.classifier, world.gazetteer, FakeSplitter(), world.recogniser, Band(0.5, 0.5))
    now = world.clock.now() + timedelta(days=1)
    return preview(of, desk, owner_of, world.gazetteer.geography, [rule], Scale(), world.units, now)


@pytest.mark.parametrize(("kind", "prospects"), [("ASSAULT", {"dyad:IRN-PAK"}), ("AID", set())])
def test_conditions_are_held_against_what_the_article_tells_of(world: World, kind: str, prospects: set[str]) -> None:
    when = (parse(f"event_type in [{kind}]"), parse("subject_kind == dyad"))
    found = shown(world, article("mine", publisher="BBC"), Rule("own", RuleKind.CUSTOM, when=when))
    assert {prospect.subject for prospect in found.prospects} == prospects


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


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param([PEACE], "DE-ESCALATION", id="peace"),
        pytest.param([PEACE, replace(STRIKE, role=ArticleRole.BACKGROUND)], "DE-ESCALATION", id="what is recalled"),
        pytest.param([PEACE, replace(STRIKE, actors=(), recipients=())], "DE-ESCALATION", id="nobody's"),
        pytest.param([PEACE, STRIKE, STRIKE], "ESCALATION", id="the heavier side"),
        pytest.param([PEACE, replace(STRIKE, intensity=-5.0)], "MIXED", id="as much of both"),
        pytest.param([replace(STRIKE, role=ArticleRole.BACKGROUND)], "ESCALATION", id="nothing but background"),
        pytest.param([], "NONE", id="nothing"),
    ],
)
def test_the_label_is_that_of_the_news(told: list[Event], expected: str) -> None:
    assert label(told) == expected
