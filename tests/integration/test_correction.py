"""A corrected or retracted article leaves the scores as if its old text had never come."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.risk.subject import Subject
from service.errors import NotFound
from service.flow import Task
from service.operations.correction import correct, retract
from service.operations.scores import reading
from service.pipeline.books import Gauge
from service.pipeline.score import score
from tests.fakes import NOON, World, article, dump, owner_of

BOOKS = ("bucket", "posting", "report", "owner_day", "event")


def books(world: World) -> dict[str, object]:
    """All that is booked; sums that are nothing are no sums."""
    found = dump(world.engine)
    rows = {name: found[name] for name in BOOKS}
    for name in ("bucket", "owner_day"):
        rows[name] = [row for row in rows[name] if row[-2 if name == "bucket" else -1] != "0"]
    return rows


def work(world: World) -> None:
    world.drain(Task.ANALYSE)
    world.drain(Task.ASSESS)


def put(world: World, new: object) -> list[str]:
    return correct([new], "test", world.units, world.queue, world.gazetteer.geography, world.clock)  # type: ignore[list-item]


def take_back(world: World, article_id: str, reason: str = "") -> None:
    retract(article_id, reason, world.units, world.gazetteer.geography, world.clock)


def level(world: World) -> float:
    later = NOON + timedelta(hours=1)
    return reading(world.units, Subject.parse("dyad:IRN-PAK"), later, Gauge(), {}).score.level


CEASEFIRE = "Iran and Pakistan agreed on a ceasefire.\nOther words than before stand here."


def test_a_retracted_article_leaves_nothing_in_the_books(world: World) -> None:
    world.ingest(article("a1", publisher="BBC"))
    work(world)
    before, was = books(world), level(world)
    world.ingest(article("a2"))
    work(world)
    assert level(world) > was
    take_back(world, "a2", "the strike did not take place")
    assert books(world) == before
    assert level(world) == was
    with world.units(read_only=True) as unit:
        assert unit.articles.state("a2") == ("ignored", "retracted: the strike did not take place")
        assert "dyad:IRN-PAK" in unit.ledger.take_changed()
        (old,) = unit.articles.versions("a2")
        assert (old.number, old.text, old.reason) == (1, article("a2").text, "retracted: the strike did not take place")


def test_retracting_again_changes_nothing(world: World) -> None:
    world.ingest(article("a1"))
    work(world)
    take_back(world, "a1", "wrong")
    before = dump(world.engine)
    take_back(world, "a1", "wrong")
    assert dump(world.engine) == before


def test_what_nobody_stored_cannot_be_retracted(world: World) -> None:
    with pytest.raises(NotFound, match="no article has the id 'a9'"):
        take_back(world, "a9")


def test_a_corrected_article_counts_as_if_it_had_always_said_so(world: World) -> None:
    world.ingest(article("a1", publisher="BBC"), article("a2", CEASEFIRE))
    work(world)
    right = books(world)
    fresh = article("a2")
    put(world, fresh)
    work(world)
    assert books(world) != right
    assert put(world, article("a2", CEASEFIRE)) == ["corrected"]
    work(world)
    assert books(world) == right
    with world.units(read_only=True) as unit:
        assert [v.text for v in unit.articles.versions("a2")] == [CEASEFIRE, fresh.text]
        assert unit.articles.state("a2") == ("scored", "")


def test_the_same_text_corrects_nothing(world: World) -> None:
    world.ingest(article("a1"))
    work(world)
    before = dump(world.engine)
    assert put(world, article("a1")) == ["duplicate"]
    assert dump(world.engine) == before
    assert put(world, article("a3")) == ["new"]


def test_an_article_corrected_while_it_is_read_is_read_anew(world: World) -> None:
    world.ingest(article("a1"))
    claims = world.extract(world.classify(world.deduplicate(world.claim(Task.ANALYSE, "a1"))))
    assert put(world, article("a1", CEASEFIRE)) == ["corrected"]
    assert world.attribute(claims) == []
    work(world)
    with world.units(read_only=True) as unit:
        assert [str(e.signal) for e in unit.articles.events(["a1"])["a1"]] == ["de-escalation"]


def test_an_article_retracted_before_it_is_booked_is_never_booked(world: World) -> None:
    world.ingest(article("a1"))
    world.drain(Task.ANALYSE)
    claims = world.claim(Task.ASSESS, "a1")
    take_back(world, "a1")
    assert score(claims, world.units, owner_of, world.gazetteer.geography, world.clock) == []
    assert level(world) == 0.0
    assert world.claim(Task.ANALYSE, "a1") == []
    assert world.claim(Task.ASSESS, "a1") == []


def test_what_repeats_a_retracted_article_may_come_again(world: World) -> None:
    world.ingest(article("a1"))
    work(world)
    take_back(world, "a1")
    world.ingest(replace(article("a1"), id="a2"))
    work(world)
    assert level(world) > 0.0, "another paper that stands by the story is heard"
