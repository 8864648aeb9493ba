"""Feeds asked now: what each would bring, and what is wrong with it."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from service.domain.news.article import Article, Flag
from service.errors import DetenteError, FetchFailed, Gone, ReaderUnavailable, Refusal, RefusedInput
from service.operations.feed_check import AT_ONCE, Outcome, check, check_all
from service.ports import Feed, FeedKind, Refused, Reply
from tests.fakes import NOON, FakeClock, article

FEED = Feed("wire", "https://wire.example/rss", "Wire", etag="old", cursor="7", moved_to="https://else.example")
LONG = "word " * 150


class Answering:
    """A fetcher whose answers are given by the feed's id."""

    def __init__(self, answers: Mapping[str, Reply | DetenteError] | None = None, takes: float = 0.0) -> None:
        self.answers, self.takes = answers or {}, takes
        self.asked: list[Feed] = []
        self.now: dict[str, int] = {}
        self.most: dict[str, int] = {}
        self.most_at_once = 0
        self.lock = threading.Lock()

    def fetch(self, feed: Feed, now: datetime) -> Reply:
        del now
        server = feed.url.split("/")[2]
        with self.lock:
            self.asked.append(feed)
            self.now[server] = self.now.get(server, 0) + 1
            self.most[server] = max(self.most.get(server, 0), self.now[server])
            self.most_at_once = max(self.most_at_once, sum(self.now.values()))
        time.sleep(self.takes)
        with self.lock:
            self.now[server] -= 1
        answer = self.answers.get(feed.id, Reply((), "", "", not_modified=False))
        if isinstance(answer, DetenteError):
            raise answer
        return answer


def reply(*articles: Article, refused: Sequence[Refused] = (), moved_to: str = "") -> Reply:
    return Reply(articles, "new", "", not_modified=False, refused=tuple(refused), moved_to=moved_to)


def test_it_is_asked_as_if_for_the_first_time() -> None:
    fetcher = Answering()
    check(FEED, fetcher, NOON)
    assert fetcher.asked == [Feed("wire", "https://wire.example/rss", "Wire")]
    check(replace(FEED, kind=FeedKind.SITEMAP, pages=False), fetcher, NOON)
    assert (fetcher.asked[1].kind, fetcher.asked[1].pages) == (FeedKind.SITEMAP, False)


def test_what_it_would_bring_is_told() -> None:
    new, old = article("a", text=LONG, at=NOON - timedelta(hours=3)), article("b", text="Short.", at=NOON)
    undated = replace(old, published_at=NOON + timedelta(hours=1), flags=(Flag.UNDATED,))
    found = check(FEED, Answering({"wire": reply(new, replace(old, published_at=NOON), undated)}), NOON)
    assert (found.outcome, found.items, found.newest, found.said) == (Outcome.OK, 3, NOON, "")
    assert found.whole == pytest.approx(1 / 3)
    assert found.title == new.publisher
    assert found.is_good


@pytest.mark.parametrize(
    ("answer", "outcome", "says"),
    [
        (Gone("the server answered 410"), Outcome.GONE, "410: it is gone for good; find its new address"),
        (FetchFailed("the server answered 503"), Outcome.FAILED, "the server answered 503"),
        (ReaderUnavailable("too much is being read"), Outcome.FAILED, "too much is being read"),
        (RefusedInput(Refusal.NOT_A_FEED, "a page; it names a feed: X"), Outcome.REFUSED, "it names a feed: X"),
        (reply(), Outcome.OK, "it has no items now"),
        (
            reply(refused=[Refused("item 1", Refusal.NO_TEXT, "no words")]),
            Outcome.REFUSED,
            "1 of 1 items are not taken",
        ),
        (
            reply(article("a", at=NOON), refused=[Refused("item 2", Refusal.NO_TEXT, "no words")]),
            Outcome.OK,
            "1 of 2 items are not taken, as item 2: no words",
        ),
        (reply(article("a", at=NOON - timedelta(days=40))), Outcome.OK, "its newest article is 40 days old"),
        (
            reply(article("a", at=NOON), moved_to="https://new.example/rss?a=1"),
            Outcome.OK,
            "it has moved for good: write https://new.example/rss?a=1 into feeds.yaml",
        ),
    ],
)
def test_what_is_wrong_and_what_to_do_is_said(answer: Reply | DetenteError, outcome: Outcome, says: str) -> None:
    found = check(FEED, Answering({"wire": answer}), NOON)
    assert (found.outcome, found.is_good) == (outcome, outcome is Outcome.OK)
    assert says in found.said


def test_many_are_asked_at_once_but_one_of_a_server_at_a_time() -> None:
    feeds = [Feed(f"f{n}", f"https://s{n % 20}.example/{n}", "") for n in range(60)]
    fetcher, told = Answering({"f3": FetchFailed("no")}, takes=0.01), []
    found = check_all(feeds, fetcher, FakeClock(), told.append)
    assert [one.name for one in found] == [feed.id for feed in feeds]
    assert [one.name for one in found if not one.is_good] == ["f3"]
    assert sum(told) == 60
    assert set(fetcher.most.values()) == {1}
    assert 1 < fetcher.most_at_once <= AT_ONCE


def test_a_server_is_left_alone_between_two_of_its_feeds() -> None:
    feeds = [Feed(f"f{n}", f"https://one.example/{n}", "") for n in range(3)]
    began = time.monotonic()
    check_all(feeds, Answering(), FakeClock(), pause=timedelta(milliseconds=50))
    assert time.monotonic() - began >= 0.1


def test_an_error_of_ours_is_not_hidden() -> None:
    class Broken:
        def fetch(self, feed: Feed, now: datetime) -> Reply:
            raise KeyError(feed, now)

    with pytest.raises(KeyError):
        check_all([FEED], Broken(), FakeClock())
