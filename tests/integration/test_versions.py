"""A feed that prints an article again with other words revises it; nobody else can, and nothing is lost."""

from datetime import datetime, timedelta

import pytest

from service.domain.news.article import Article, content_hash
from service.domain.news.duplicate import derived_id
from service.domain.news.version import MOST
from service.domain.risk.subject import Subject
from service.flow import Task
from service.operations.correction import retract
from service.operations.scores import reading
from service.pipeline.books import Gauge
from service.pipeline.ingest import BRIEF, store
from service.pipeline.revise import Undo
from tests.fakes import NOON, World

URL = "https://wire.example/1"
LONG = " ".join(f"word{n}" for n in range(BRIEF))


def item(text: str, url: str = URL, *, title: str = "", at: datetime = NOON, publisher: str = "Wire") -> Article:
    return Article(derived_id(title, text, url), title, text, publisher, url, at, NOON)


STRIKE = item("Iran attacked Pakistan on Sunday.\nThe strike hit a village near the border.")
TRUCE = item("Iran and Pakistan agreed on a ceasefire.\nNothing had happened near the border.")


def bring(world: World, *items: Article, origin: str = "feed:wire", pages: bool = False) -> tuple[str, ...]:
    with world.units(serial=True) as unit:
        undo = Undo(lambda: world.gazetteer.geography, world.clock.now())
        return store(items, origin, unit, world.queue, undo, pages=pages).outcomes


def work(world: World) -> None:
    world.drain(Task.ANALYSE)
    world.drain(Task.ASSESS)


def level(world: World) -> float:
    later = NOON + timedelta(hours=1)
    return reading(world.units, Subject.parse("dyad:IRN-PAK"), later, Gauge(), {}).score.level


def versions(world: World, article_id: str) -> list[tuple[int, str, str]]:
    with world.units(read_only=True) as unit:
        return [(v.number, v.text, v.reason) for v in unit.articles.versions(article_id)]


def test_other_words_at_the_address_of_an_article_revise_it(world: World) -> None:
    assert bring(world, STRIKE) == ("new",)
    work(world)
    assert level(world) > 0
    assert bring(world, TRUCE) == ("updated",)
    assert level(world) == 0.0, "the old text is undone at once"
    work(world)
    with world.units(read_only=True) as unit:
        assert [str(e.signal) for e in unit.articles.events([STRIKE.id])[STRIKE.id]] == ["de-escalation"]
        assert not unit.articles.get([TRUCE.id])
    assert versions(world, STRIKE.id) == [(1, STRIKE.text, "updated")]


def test_an_unchanged_item_is_a_duplicate_for_ever(world: World) -> None:
    for _ in range(3):
        bring(world, STRIKE)
    bring(world, TRUCE)
    assert bring(world, TRUCE) == ("duplicate",)
    assert bring(world, *[TRUCE] * 9) == ("duplicate",) * 9
    assert len(versions(world, STRIKE.id)) == 1


def test_a_correction_keeps_the_reason(world: World) -> None:
    bring(world, item(STRIKE.text, title="Strike near Quetta"))
    corrected = item(f"(Corrects place) {STRIKE.text}", title="CORRECTED: Strike near Quetta")
    assert bring(world, corrected) == ("updated",)
    ((_, _, reason),) = versions(world, derived_id("Strike near Quetta", STRIKE.text, URL))
    assert reason == "corrected by its publisher"


@pytest.mark.parametrize("origin", ["feed:other", "push:key", "ingest:file"])
def test_another_origin_never_touches_an_article(world: World, origin: str) -> None:
    bring(world, STRIKE)
    assert bring(world, TRUCE, origin=origin) == ("new",)
    assert versions(world, STRIKE.id) == []


def test_without_the_means_to_undo_nothing_is_revised(world: World) -> None:
    bring(world, STRIKE)
    with world.units() as unit:
        assert store([TRUCE], "feed:wire", unit, world.queue).outcomes == ("new",)
    assert versions(world, STRIKE.id) == []


def test_an_id_of_its_own_is_kept(world: World) -> None:
    bring(world, STRIKE)
    own = Article("own", "", TRUCE.text, "Wire", URL, NOON, NOON)
    assert bring(world, own) == ("new",)


def test_items_that_share_an_address_are_all_kept(world: World) -> None:
    front = "https://wire.example/"
    assert bring(world, item(STRIKE.text, front)) == ("new",)
    assert bring(world, item(TRUCE.text, front)) == ("new",), "a front page is no article's own"
    shared = [item(f"Report {n} of the day, with words of its own.", "https://wire.example/live") for n in range(5)]
    assert bring(world, *shared) == ("new",) * 5
    assert bring(world, *shared) == ("duplicate",) * 5
    for one in shared:
        assert bring(world, one) == ("duplicate",), "one of them alone is still the same"
        assert versions(world, one.id) == []


def test_the_report_of_another_day_takes_nothing_back(world: World) -> None:
    bring(world, STRIKE)
    next_day = item(TRUCE.text, at=NOON + timedelta(days=1))
    assert bring(world, next_day) == ("new",)
    assert versions(world, STRIKE.id) == []


def test_who_changes_a_text_too_often_is_not_followed(world: World) -> None:
    outcomes = [bring(world, item(f"Count {n} of the dead rises in Quetta."))[0] for n in range(MOST + 2)]
    assert outcomes == ["new", *["updated"] * (MOST - 1), "conflict", "conflict"]


def test_what_was_taken_back_here_stays_so(world: World) -> None:
    bring(world, STRIKE)
    work(world)
    retract(STRIKE.id, "false", world.units, world.gazetteer.geography, world.clock)
    assert bring(world, item(f"{STRIKE.text} Again.")) == ("duplicate",)
    work(world)
    assert level(world) == 0.0


def test_a_version_is_stored_with_its_undoing_or_not_at_all(world: World) -> None:
    bring(world, STRIKE)
    work(world)
    before = level(world)
    with pytest.raises(RuntimeError, match="killed"), world.units(serial=True) as unit:
        store([TRUCE], "feed:wire", unit, world.queue, Undo(lambda: world.gazetteer.geography, NOON))
        raise RuntimeError("killed before the commit")
    assert level(world) == before
    assert versions(world, STRIKE.id) == []


def test_a_brief_item_waits_for_its_page(world: World) -> None:
    brief, full = item("Iran attacked Pakistan."), item(LONG, "https://wire.example/2")
    nowhere = item("Iran attacked Pakistan again.", "")
    assert bring(world, brief, full, nowhere, pages=True) == ("new",) * 3
    assert world.queue.of(Task.COMPLETE) == [(brief.id,)]
    assert world.queue.of(Task.ANALYSE) == [(full.id, nowhere.id)]
    with world.units() as unit:
        assert unit.articles.state(brief.id) == ("announced", "")
        page = Article(brief.id, "", LONG, "Wire", URL, NOON, NOON)
        unit.articles.complete(page, content_hash("", LONG))
    assert bring(world, brief, pages=True) == ("duplicate",), "what the feed says has not changed"
    assert bring(world, item("Iran attacked Pakistan twice."), pages=True) == ("updated",)
    with world.units(read_only=True) as unit:
        assert unit.articles.state(brief.id) == ("announced", "")
    assert world.queue.of(Task.COMPLETE) == [(brief.id,), (brief.id,)]


def test_without_pages_a_brief_item_is_read_as_it_is(world: World) -> None:
    bring(world, STRIKE)
    assert world.queue.of(Task.ANALYSE) == [(STRIKE.id,)]
