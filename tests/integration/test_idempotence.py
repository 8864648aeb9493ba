"""Every step, run a second time with the same claims, changes nothing: the rows are the same, nobody is told twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.adapters.storage.schema import alert
from service.domain.news.completion import Page
from service.domain.news.pace import Bounds
from service.flow import ArticleState, Task
from service.pipeline.fetch import Manners, fetch
from service.ports import Claim, Feed, Reply
from tests.fakes import FakeFetcher, World, article, dump

MANNERS = Manners(
    Bounds(*[timedelta(minutes=15)] * 3), timedelta(seconds=2), lambda: CompiledGazetteer.load().geography
)
Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(params=["in a row", "after all else"])
def later(request: pytest.FixtureRequest, world: World) -> Callable[[], None]:
    """What happens between the two runs: nothing, or everything that follows in the pipeline."""

    def rest() -> None:
        if request.param == "after all else":
            for task in (Task.ANALYSE, Task.ASSESS):
                world.drain(task)
            world.evaluate()
            for task in (Task.DISPATCH, Task.DELIVER):
                world.drain(task)

    return rest


def twice(
    world: World, run: Callable[[], object], later: Callable[[], None], seen: Callable[[Rows], Rows] = lambda rows: rows
) -> None:
    """Run, let others go on, run again: the second time leaves no trace in the tables, the queue or the outbox."""
    empty = dump(world.engine)
    run()
    assert dump(world.engine) != empty, "the first run must do something"
    later()
    before, nudges, sent = dump(world.engine), list(world.queue.nudges), list(world.notifier.sent)
    run()
    assert seen(dump(world.engine)) == seen(before)
    assert world.queue.nudges == nudges
    assert world.notifier.sent == sent


def analysed(world: World, *steps: str) -> list[Claim]:
    """Claims of three articles, two of them near copies, taken through these steps of the analysis."""
    first = article("a1")
    copy = article("a2", first.text + " Reuters.")
    world.ingest(first, copy, article("a3", publisher="BBC"), article("a4", "Nothing of note happened here today."))
    claims = world.claim(Task.ANALYSE, "a1", "a2", "a3", "a4")
    for step in steps:
        claims = getattr(world, step)(claims)
    return claims


def test_fetch_twice_changes_nothing(world: World, later: Callable[[], None]) -> None:
    with world.units() as unit:
        unit.feeds.sync([Feed("wire", "https://wire.example/rss", "Wire")])
    claims = world.claim(Task.FETCH, "wire")
    fetcher = FakeFetcher([Reply((article("a1"), article("a3", publisher="BBC")), "etag 1", "", not_modified=False)])
    twice(
        world,
        lambda: fetch(claims, world.units, fetcher, world.clock, world.queue, MANNERS),
        later,
    )


def test_ingest_twice_changes_nothing(world: World, later: Callable[[], None]) -> None:
    twice(world, lambda: world.ingest(article("a1"), article("a2", publisher="BBC")), later)


def test_complete_twice_changes_nothing(world: World, later: Callable[[], None]) -> None:
    announced = replace(article("a1", "Iran attacked Pakistan."), url="https://wire.example/a1")
    world.pages.pages[announced.url] = Page("Iran attacks Pakistan", article("a1").text)
    with world.units() as unit:
        unit.articles.add(announced, "feed:wire", "hash", ArticleState.ANNOUNCED)
    claims = world.claim(Task.COMPLETE, "a1")
    twice(world, lambda: world.complete(claims), later)


def test_deduplicate_twice_changes_nothing(world: World) -> None:
    claims = analysed(world)
    twice(world, lambda: world.deduplicate(claims), lambda: None)


def test_classify_twice_changes_nothing(world: World) -> None:
    claims = analysed(world, "deduplicate")
    assert [claim.id for claim in claims] == ["a1", "a3", "a4"]
    twice(world, lambda: world.classify(claims), lambda: None)


def test_extract_twice_changes_nothing(world: World) -> None:
    claims = analysed(world, "deduplicate", "classify")
    twice(world, lambda: world.extract(claims), lambda: None)


def test_attribute_twice_changes_nothing(world: World, later: Callable[[], None]) -> None:
    claims = analysed(world, "deduplicate", "classify", "extract")
    twice(world, lambda: world.attribute(claims), later)


def test_score_twice_changes_nothing(world: World) -> None:
    world.ingest(article("a1"), article("a2", publisher="BBC"))
    world.drain(Task.ANALYSE)
    claims = world.claim(Task.ASSESS, "a1", "a2")

    def rest() -> None:
        world.evaluate()
        world.drain(Task.DISPATCH)
        world.drain(Task.GATHER)
        world.drain(Task.DELIVER)

    twice(world, lambda: world.score(claims), rest)


def test_evaluate_twice_changes_nothing(world: World) -> None:
    world.ingest(article("a1"), article("a2", publisher="BBC"))
    world.drain(Task.ANALYSE)
    world.drain(Task.ASSESS)
    twice(world, world.evaluate, lambda: None, apart_from_the_reason)


def apart_from_the_reason(rows: Rows) -> Rows:
    """A condition that was "reached" at first "has not fallen" the next time: the alert says what is so now."""
    place = list(alert.c.keys()).index("reason")
    return {**rows, "alert": [(*row[:place], *row[place + 1 :]) for row in rows["alert"]]}


def test_route_twice_changes_nothing(world: World) -> None:
    claims = world.claim(Task.DISPATCH, world.firing())
    twice(world, lambda: world.route(claims), lambda: None)


def test_group_twice_changes_nothing(world: World) -> None:
    world.firing()
    world.drain(Task.DISPATCH)
    claims = world.claim(Task.GATHER, *(group_id for ids in world.queue.of(Task.GATHER) for group_id in ids))
    twice(world, lambda: world.group(claims), lambda: None)


def test_notify_twice_changes_nothing(world: World) -> None:
    claims = world.claim(Task.DELIVER, *world.outbox())
    twice(world, lambda: world.notify(claims), lambda: None)
    assert len(world.notifier.sent) == len(claims)
