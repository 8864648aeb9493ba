"""Copies, wire copy and old news: whose voice each text is, whatever order they come in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from service.adapters.nlp.fingerprints import RensaFingerprints
from service.domain.news.article import Article
from service.domain.news.credit import Agencies
from service.domain.news.owner import QUARANTINE, Listed
from service.flow import Task
from service.pipeline.deduplicate import OLD_NEWS, WINDOW, Voices, deduplicate
from tests.fakes import NOON, World, dump, owner_of

AGENCIES = Agencies([Listed("Reuters", "Reuters", "A", is_agency=True), Listed("AFP", "AFP", "A", is_agency=True)])
DAY = timedelta(days=1)
WORDS = " ".join(f"word{n}" for n in range(120))
STORY = f"Iran attacked Pakistan on Sunday.\n{WORDS}"
PRINTED = f"Iran attacked Pakistan on Sunday.\n{WORDS} The paper adds a line of its own to it."


@pytest.fixture
def newsroom(world: World) -> World:
    world.agencies = AGENCIES
    return world


def text(id_: str, publisher: str, words: str = STORY, *, at: datetime = NOON, title: str = "") -> Article:
    return Article(id_, title, words, publisher, "", at, at)


def take(world: World, *articles: Article) -> None:
    """Bring them one by one, each the whole way."""
    for article in articles:
        world.ingest(article)
        world.drain(Task.ANALYSE)
        world.drain(Task.ASSESS)


def states(world: World, *ids: str) -> list[tuple[str, str]]:
    with world.units(read_only=True) as unit:
        return [unit.articles.state(id_) for id_ in ids]


def credit(world: World, id_: str) -> str:
    with world.units(read_only=True) as unit:
        return unit.articles.get([id_])[id_].credit


def owners(world: World) -> dict[str, str]:
    """Article → the owner group its reports are booked under."""
    with world.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT event_id, owner FROM report").all()
    return {event.partition("#")[0]: owner for event, owner in rows}


def sums(world: World) -> dict[str, object]:
    """What the books come to; sums that are nothing are no sums."""
    found = dump(world.engine)
    return {name: [row for row in found[name] if "0" not in row[-2:]] for name in ("bucket", "posting")}


def test_wire_copy_that_says_so_is_the_agencys_voice(newsroom: World) -> None:
    take(newsroom, text("paper", "BBC", f"KABUL (Reuters) - {STORY}"))
    assert credit(newsroom, "paper") == "Reuters"
    assert owners(newsroom) == {"paper": "Reuters"}


def test_an_agencys_text_after_its_copy_makes_no_second_voice(newsroom: World) -> None:
    take(newsroom, text("paper", "BBC", PRINTED), text("wire", "Reuters"))
    assert states(newsroom, "paper", "wire") == [("scored", ""), ("scored", "")]
    assert credit(newsroom, "paper") == "Reuters"
    assert owners(newsroom) == {"paper": "Reuters", "wire": "Reuters"}


def test_the_sums_are_those_of_the_other_order(engine_pair: Callable[[], World]) -> None:
    paper, wire = text("paper", "Weak", PRINTED), text("wire", "Reuters")
    books = []
    for order in ((paper, wire), (wire, paper)):
        world = engine_pair()
        take(world, *order)
        books.append(sums(world))
    assert books[0]["bucket"] == books[1]["bucket"]
    assert books[0]["bucket"]


@pytest.fixture
def engine_pair(newsroom: World) -> Callable[[], World]:
    """The same empty newsroom again and again."""
    from sqlalchemy import delete

    from service.adapters.storage.schema import metadata

    def fresh() -> World:
        with newsroom.engine.begin() as connection:
            if newsroom.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))
        return newsroom

    return fresh


def test_a_copy_on_its_way_is_booked_as_the_agencys(newsroom: World) -> None:
    newsroom.ingest(text("paper", "BBC", PRINTED))
    newsroom.drain(Task.ANALYSE)
    newsroom.ingest(text("wire", "Reuters"))
    newsroom.drain(Task.ANALYSE)
    assert owners(newsroom) == {}
    newsroom.carry(Task.ASSESS, "paper")
    newsroom.carry(Task.ASSESS, "wire")
    assert owners(newsroom) == {"paper": "Reuters", "wire": "Reuters"}


def test_a_kill_in_between_leaves_the_copy_as_it_was(newsroom: World) -> None:
    take(newsroom, text("paper", "BBC", PRINTED))
    newsroom.ingest(text("wire", "Reuters"))
    before = sums(newsroom)
    claims = newsroom.claim(Task.ANALYSE, "wire")

    class Killed:
        def now(self) -> datetime:
            raise RuntimeError("killed while it books")

    geography, voices = newsroom.gazetteer.geography, Voices(owner_of, AGENCIES)
    with pytest.raises(RuntimeError, match="killed"):
        deduplicate(claims, newsroom.units, RensaFingerprints(), voices, geography, Killed())
    assert (credit(newsroom, "paper"), owners(newsroom)) == ("", {"paper": "BBC"})
    assert sums(newsroom) == before
    newsroom.deduplicate(claims)
    assert owners(newsroom) == {"paper": "Reuters"}
    booked = sums(newsroom)
    newsroom.deduplicate(claims)
    assert sums(newsroom) == booked


def test_a_copy_after_the_agencys_text_is_an_echo(newsroom: World) -> None:
    take(newsroom, text("wire", "Reuters"), text("paper", "BBC", PRINTED))
    assert states(newsroom, "paper") == [("ignored", "near duplicate of wire")]


def test_an_agency_does_not_take_what_credits_another(newsroom: World) -> None:
    take(newsroom, text("paper", "BBC", f"KABUL (AFP) - {PRINTED}"), text("wire", "Reuters"))
    assert states(newsroom, "wire") == [("ignored", "near duplicate of paper")]
    assert credit(newsroom, "paper") == "AFP"


def test_two_agencies_do_not_become_one(newsroom: World) -> None:
    take(newsroom, text("afp", "AFP"), text("wire", "Reuters", PRINTED))
    assert states(newsroom, "wire") == [("ignored", "near duplicate of afp")]
    assert credit(newsroom, "afp") == ""


def test_who_copies_first_from_quarantine_silences_nobody(newsroom: World) -> None:
    take(newsroom, text("thief", "unknown site"), text("paper", "BBC", PRINTED))
    assert states(newsroom, "paper") == [("scored", "")]
    assert owners(newsroom) == {"thief": QUARANTINE, "paper": "BBC"}
    take(newsroom, text("exact", "Weak", STORY))
    assert states(newsroom, "exact") == [("ignored", "near duplicate of paper")]


def test_a_credit_lifts_nobody_out_of_quarantine(newsroom: World) -> None:
    take(newsroom, text("liar", "unknown site", f"KABUL (Reuters) - {STORY}"))
    assert owners(newsroom) == {"liar": QUARANTINE}
    take(newsroom, text("wire", "Reuters"))
    assert owners(newsroom) == {"liar": QUARANTINE, "wire": "Reuters"}


def test_copies_in_quarantine_are_echoes_of_each_other(newsroom: World) -> None:
    take(newsroom, text("one", "unknown one"), text("two", "unknown two", PRINTED))
    assert states(newsroom, "two") == [("ignored", "near duplicate of one")]


@pytest.mark.parametrize("age", [WINDOW + DAY, timedelta(days=365), OLD_NEWS - DAY])
def test_old_news_printed_again_is_set_aside(newsroom: World, age: timedelta) -> None:
    take(newsroom, text("old", "Reuters", at=NOON - age), text("again", "BBC", PRINTED))
    day = f"{NOON - age:%Y-%m-%d}"
    assert states(newsroom, "again") == [("ignored", f"republished: near copy of old of {day}")]


def test_what_is_older_than_that_or_only_like_it_is_news(newsroom: World) -> None:
    take(newsroom, text("old", "Reuters", at=NOON - OLD_NEWS - DAY), text("new", "BBC", PRINTED))
    assert states(newsroom, "new") == [("scored", "")]
    year = text("year", "AFP", f"{STORY} {' '.join(f'other{n}' for n in range(60))}", at=NOON - 365 * DAY)
    half = (
        f"Iran attacked Pakistan on Sunday.\n{WORDS[: len(WORDS) * 2 // 3]} {' '.join(f'fresh{n}' for n in range(60))}"
    )
    take(newsroom, replace(year, id="past"), text("anniversary", "Weak", half, at=NOON + 30 * DAY))
    assert states(newsroom, "anniversary") == [("scored", "")]


def test_news_in_brief_reads_alike_every_year(newsroom: World) -> None:
    brief = "Iran attacked Pakistan on Sunday, killing two people near the border, officials there said"
    take(newsroom, text("old", "Reuters", f"{brief}.", at=NOON - 365 * DAY), text("new", "BBC", f"{brief} later."))
    assert states(newsroom, "new") == [("scored", "")]


def bulletin(day: int) -> str:
    lines = [
        f"Sector {n}: {(day * 7 + n * 13) % 97} drones were shot down over the same river and town." for n in range(9)
    ]
    return "Iran attacked Pakistan on Sunday.\n" + "\n".join(lines)


@pytest.mark.parametrize("apart", [DAY, 365 * DAY])
def test_bulletins_with_other_figures_are_no_copies(newsroom: World, apart: timedelta) -> None:
    take(newsroom, text("old", "Weak", bulletin(1), at=NOON - apart), text("new", "BBC", bulletin(2)))
    assert states(newsroom, "new") == [("scored", "")]
    take(newsroom, text("copy", "CNN", f"{bulletin(2)} Nothing else was told that night."))
    assert states(newsroom, "copy") == [("ignored", "near duplicate of new")]


def test_a_houses_own_follow_up_is_read(newsroom: World) -> None:
    fresh = " ".join(f"fresh{n}" for n in range(70))
    later = f"Iran attacked Pakistan on Sunday.\n{fresh} {WORDS}"
    half = text("half", "BBC", f"Iran attacked Pakistan on Sunday.\n{' '.join(WORDS.split()[:75])} {fresh}")
    take(newsroom, text("first", "BBC"), half)
    assert states(newsroom, "half") == [("scored", "")]
    take(newsroom, text("theirs", "CNN", later))
    assert states(newsroom, "theirs") == [("ignored", "near duplicate of first")]
