"""News for pages: the real pipeline on the service's own database, with a classifier that goes by words."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from service.bootstrap import Detente
from service.domain.news.article import Article
from service.domain.risk.incident import Report
from service.flow import Task
from service.pipeline.score import enter
from tests.contract.test_articles import an_event
from tests.fakes import NOON, World, article
from tests.unit.api.conftest import put_together

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EVIL = '<script>alert("x")</script> & "Iran" \u202e'
"""What a title may hold."""


def service_at(folder: Path, at: datetime = NOON, **settings: Any) -> Detente:
    """A service on this folder, whose tables are there, at a moment."""
    (folder / "clock").write_text(at.isoformat())
    return put_together(folder, clock_file=str(folder / "clock"), **settings)


@contextmanager
def newsroom(migrated: Path, folder: Path, *articles: Article) -> Iterator[Detente]:
    """A service on a database of its own in this folder, which has read these articles."""
    shutil.copy(migrated, folder / "detente.db")
    found = service_at(folder)
    if articles:
        tell(found, *articles)
    yield found
    found.close()


def told(
    article_id: str, sentence: str, at: datetime, publisher: str = "Reuters", title: str = "", url: str = ""
) -> Article:
    """An article of one sentence that counts, and of words of its own."""
    own = " ".join(f"{article_id}w{n}" for n in range(40))
    return Article(article_id, title, f"{sentence}\n{own}", publisher, url, at, at)


def tell(detente: Detente, *articles: Article) -> World:
    """Read these articles and let the rules look."""
    world = World(detente.units.engine, detente.gazetteer)  # type: ignore[attr-defined]
    world.clock.moment = detente.clock.now()
    world.ingest(*articles)
    for task in (Task.ANALYSE, Task.ASSESS):
        world.drain(task)
    world.evaluate()
    return world


def week() -> list[Article]:
    """Iran and Pakistan fight and talk, India and Pakistan did so a month ago; one title is hostile."""
    return [
        told("old", "India attacked Pakistan on the border.", NOON - 30 * DAY, "BBC", "An old quarrel"),
        told(
            "a1", "Iran attacked Pakistan with drones.", NOON - 2 * HOUR, "Reuters", EVIL, "https://reuters.example/a1"
        ),
        told("a2", "Iran attacked Pakistan at dawn.", NOON - HOUR, "BBC", "Dawn", "javascript:alert(1)"),
        told("a3", "Iran attacked Pakistan again.", NOON - 3 * DAY, "BBC", "Again"),
        told("a4", "Iran and Pakistan signed a ceasefire.", NOON - 2 * DAY, "Reuters", "Talks"),
        told("a5", "Turkey attacked Syria.", NOON - 5 * DAY, "Reuters", "Elsewhere"),
    ]


def crowd(detente: Detente, pairs: int = 130) -> None:
    """About 250 subjects that have moved for 90 days."""
    chance = Random(5)
    codes = sorted(detente.gazetteer.geography.countries)[:100]
    sides = [tuple(chance.sample(codes, 2)) for _ in range(pairs)]
    made = []
    for n in range(8 * pairs):
        one, other = sides[n % pairs]
        at = NOON - 90 * DAY * chance.random() ** 2
        event = replace(an_event(f"c{n}", at=at), actors=(one,), recipients=(other,), places=(other,), regions=())
        made.append(Report(f"c{n}#0", f"c{n}", f"owner {n % 9}", "A", event))
    with detente.units() as unit:
        for report in made:
            unit.articles.add(article(report.article_id), "test", report.id)
            unit.articles.save_events(report.article_id, [report.event])
    with detente.units(serial=True) as unit:
        enter(made, unit, detente.gazetteer.geography, NOON)
