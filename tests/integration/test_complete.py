"""An announced article gets the text of its page, or goes on without it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.news.article import Article, Flag
from service.domain.news.completion import Page
from service.errors import FetchFailed, Gone, ReaderUnavailable, Refusal, RefusedInput
from service.flow import ArticleState, Kind, Task
from service.pipeline.asking import READER_BACK
from service.pipeline.complete import TRIES, WAIT, complete
from service.pipeline.line import carry
from tests.fakes import NOON, World, article, pass_time, row

URL = "https://wire.example/2026/a1"
SAID = replace(article("a1", "Iran attacked Pakistan."), title="Strikes", url=URL, fetched_at=NOON)
LONG = Page("Iran attacks Pakistan", "Iran attacked Pakistan on Sunday. " * 30, language="en-GB")


def announce(world: World, announced: Article = SAID) -> None:
    with world.units() as unit:
        assert unit.articles.add(announced, "feed:wire", "what came", ArticleState.ANNOUNCED) == "new"


def stored(world: World) -> Article:
    with world.units(read_only=True) as unit:
        return unit.articles.get(["a1"])["a1"]


def state(world: World) -> tuple[str, str]:
    with world.units(read_only=True) as unit:
        return unit.articles.state("a1")


def test_the_text_of_its_page_is_read(world: World) -> None:
    announce(world)
    world.pages.pages[URL] = LONG
    assert world.carry(Task.COMPLETE, "a1") == 1
    assert state(world) == ("received", "")
    assert (stored(world).title, stored(world).text, stored(world).language) == ("Strikes", LONG.text, "en-GB")
    assert world.queue.of(Task.ANALYSE) == [("a1",)]
    with world.units() as unit:
        assert unit.articles.add(SAID, "feed:wire", "what came") == "duplicate", "what came is still known"


def test_a_page_with_less_than_its_feed_said_adds_nothing(world: World) -> None:
    announce(world)
    world.pages.pages[URL] = Page("Please sign in", "Subscribe.")
    assert world.carry(Task.COMPLETE, "a1") == 1
    assert stored(world).document == SAID.document


def test_a_page_that_tells_of_something_else_is_no_page_of_it(world: World) -> None:
    announce(world)
    world.pages.pages[URL] = Page("Your privacy", "We and our partners store cookies on your device. " * 40)
    assert world.carry(Task.COMPLETE, "a1") == 1
    assert state(world) == ("received", "its page tells of something else")
    assert stored(world).document == SAID.document


def test_the_earlier_date_of_the_page_counts(world: World) -> None:
    announce(world)
    world.pages.pages[URL] = replace(LONG, published_at=NOON - timedelta(days=900))
    world.carry(Task.COMPLETE, "a1")
    assert stored(world).published_at == NOON - timedelta(days=900)
    assert stored(world).flags == (Flag.OLD,)


@pytest.mark.parametrize("error", [Gone("the server answers 410"), RefusedInput(Refusal.NO_TEXT, "no readable text")])
def test_a_page_that_cannot_be_had_is_not_asked_for_again(world: World, error: Exception) -> None:
    announce(world)
    world.pages.pages[URL] = error  # type: ignore[assignment]
    assert world.carry(Task.COMPLETE, "a1") == 1
    assert state(world)[0] == "received"
    assert state(world)[1].startswith("its page could not be read: ")
    assert stored(world).document == SAID.document


def test_a_page_that_fails_is_asked_for_again_and_then_done_without(world: World) -> None:
    announce(world)
    for n in range(1, TRIES + 1):
        assert world.carry(Task.COMPLETE, "a1") == (1 if n == TRIES else 0)
        assert world.carry(Task.COMPLETE, "a1") == 0, "not before its time"
        pass_time(world.engine, WAIT * 2**n)
    assert len(world.pages.asked) == TRIES
    assert state(world)[0] == "received"


def test_nothing_known_of_it_is_the_end_of_an_article(world: World) -> None:
    announce(world, replace(SAID, title="", text=""))
    world.pages.pages[URL] = RefusedInput(Refusal.NO_TEXT, "no readable text")
    world.carry(Task.COMPLETE, "a1")
    assert state(world)[0] == "ignored"
    assert world.queue.of(Task.ANALYSE) == []


TOLD = replace(SAID, text="Iran attacked Pakistan on Sunday, and Pakistan answered with strikes of its own on Monday.")
GAP = timedelta(seconds=30)


def test_news_that_the_feed_told_is_not_held_up_by_a_page_that_fails(world: World) -> None:
    announce(world, TOLD)
    assert world.carry(Task.COMPLETE, "a1") == 1
    assert state(world) == ("received", "its page could not be read: the server answers 404")
    assert stored(world).text == TOLD.text


@pytest.mark.parametrize(("minutes", "is_asked"), [(0, True), (3, False)])
def test_news_that_the_feed_told_waits_a_while_for_a_server_that_is_busy(
    world: World, minutes: int, is_asked: bool
) -> None:
    announce(world, TOLD)
    world.pages.pages[URL] = LONG
    with world.units() as unit:
        unit.hosts.rest("wire.example", timedelta(minutes=1))
    world.clock.moment += timedelta(minutes=minutes)
    step = [lambda claims: complete(claims, world.units, world.pages, world.clock, world.queue, GAP)]
    for _ in range(2):
        carry(Task.COMPLETE, ["a1"], world.units, step, world.patience)
        pass_time(world.engine, timedelta(minutes=1))
    assert stored(world).text == (LONG.text if is_asked else TOLD.text)
    assert (state(world)[0], bool(world.pages.asked)) == ("received", is_asked)


def test_where_nothing_can_be_read_here_the_page_waits(world: World) -> None:
    announce(world, TOLD)
    world.pages.pages[URL] = ReaderUnavailable("too much is being read")
    assert world.carry(Task.COMPLETE, "a1") == 0
    assert state(world)[0] == "announced"
    world.pages.pages[URL] = LONG
    pass_time(world.engine, READER_BACK)
    assert world.carry(Task.COMPLETE, "a1") == 1
    assert stored(world).text == LONG.text


def test_a_server_is_left_alone_between_pages_and_when_it_asks_for_it(world: World) -> None:
    announce(world)
    with world.units() as unit:
        other = replace(article("a2", "Iran met Pakistan."), url=URL + "?2")
        unit.articles.add(other, "feed:wire", "other", ArticleState.ANNOUNCED)
    world.pages.pages[URL] = world.pages.pages[URL + "?2"] = FetchFailed("the server answers 429", wait=3600)
    claims = world.claim(Task.COMPLETE, "a1", "a2")
    assert complete(claims, world.units, world.pages, world.clock, world.queue, GAP) == []
    assert len(world.pages.asked) == 1
    pass_time(world.engine, timedelta(minutes=50))
    assert complete(world.claim(Task.COMPLETE, "a2"), world.units, world.pages, world.clock, world.queue, GAP) == []
    assert len(world.pages.asked) == 1, "it wants to be left alone for an hour"
    assert row(world.engine, Kind.ARTICLE, "a2")["attempt"] == 0
