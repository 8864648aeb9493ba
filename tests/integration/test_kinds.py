"""Folders and GDELT through the steps of the pipeline: what is found is stored once, however often workers die."""

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import text

from service.adapters.feeds import folder
from service.adapters.feeds.fetchers import EveryKind
from service.adapters.net.addresses import Reach
from service.domain.news.completion import Page
from service.domain.news.pace import Bounds
from service.errors import StorageUnavailable
from service.flow import ArticleState, Kind, Task
from service.pipeline.fetch import Manners, fetch
from service.pipeline.line import carry
from service.ports import Feed, FeedKind, Units
from tests.fakes import World, pass_time, row
from tests.unit.adapters.feeds.test_folder import lines, write
from tests.unit.adapters.feeds.test_gdelt import LAST, Mirror, stamp

LONG = timedelta(hours=2)


@pytest.fixture
def fetcher() -> EveryKind:
    return EveryKind(Reach(allow_private=True), {})


def poll(world: World, fetcher: EveryKind, feed: Feed, units: Units | None = None) -> int:
    using = units or world.units
    bounds = Bounds(timedelta(minutes=15), timedelta(minutes=5), timedelta(hours=1))
    manners = Manners(bounds, timedelta(0), lambda: world.gazetteer.geography)
    step = [lambda claims: fetch(claims, using, fetcher, world.clock, world.queue, manners)]
    return carry(Task.FETCH, [feed.id], using, step, world.patience)


class Fragile:
    """Transactions that break off at their end, now and then."""

    def __init__(self, real: Units, dice: random.Random) -> None:
        self.real, self.dice = real, dice

    @contextmanager
    def __call__(self, **how: Any) -> Iterator[Any]:
        with self.real(**how) as unit:
            yield unit
            if self.dice.random() < 0.3:
                raise StorageUnavailable("the database is away")


@pytest.mark.parametrize("seed", range(3))
def test_a_folder_is_read_once_whatever_breaks(
    seed: int, world: World, fetcher: EveryKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "MOST_FOUND", 3)
    monkeypatch.setattr(folder, "SystemClock", SoonClock)
    inbox = tmp_path / "in"
    for n in range(5):
        write(inbox / f"{n}.txt", f"text{n}")
    (inbox / "many.jsonl").write_text(lines(*range(10)))
    feed = Feed("box", inbox.as_uri(), "The Box", kind=FeedKind.FOLDER)
    with world.units() as unit:
        unit.feeds.sync([feed])
    fragile = Fragile(world.units, random.Random(seed))
    for _ in range(60):
        with suppress(StorageUnavailable):
            poll(world, fetcher, feed, fragile)
        pass_time(world.engine, LONG)
    with world.engine.connect() as connection:
        stored = connection.execute(text("select title, publisher from article order by title")).all()
    assert len(stored) == 15
    assert {publisher for _, publisher in stored} == {"The Box"}


class SoonClock:
    """Ten seconds on, when what was just written has settled."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=10)


def test_what_gdelt_names_is_read_on_its_page(world: World, fetcher: EveryKind, httpserver: HTTPServer) -> None:
    mirror = Mirror(httpserver)
    world.clock.moment = LAST + timedelta(minutes=5)
    with world.units() as unit:
        unit.feeds.sync([mirror.feed])
    assert poll(world, fetcher, mirror.feed) == 1
    with world.engine.connect() as connection:
        (known,) = connection.execute(text("select id, title, url, state from article")).all()
    assert (known.title, known.url, known.state) == ("", f"https://paper.example/{stamp(LAST)}", ArticleState.ANNOUNCED)
    words = "Kestrel and Marl agreed to restore their ambassadors after talks on Monday."
    world.pages.pages[known.url] = Page("Kestrel and Marl make up", words)
    world.carry(Task.COMPLETE, known.id)
    read = row(world.engine, Kind.ARTICLE, known.id)
    assert (read["title"], read["text"], read["state"]) == ("Kestrel and Marl make up", words, ArticleState.RECEIVED)
    pass_time(world.engine, LONG)
    assert poll(world, fetcher, mirror.feed) == 1
    assert mirror.asked.count("lastupdate.txt") == 2
    assert len(mirror.asked) == 3, "what was read is not asked for again"
