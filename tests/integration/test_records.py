"""The evaluation keeps what it decided, in the transaction that decided it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.adapters.storage.marks import SqlMarks
from service.domain.alerting.directory import Directory
from service.domain.alerting.route import Withheld, WithheldKind
from service.domain.alerting.rule import Rule, RuleKind
from service.flow import Task
from service.pipeline.evaluate import Keeping
from service.ports import Claim
from tests.fakes import LEVEL, NOON, World, article, dump

DYAD = "dyad:IRN-PAK"


def bring(world: World, *names: str) -> None:
    world.ingest(*(article(name, publisher=f"Wire {name}") for name in names))
    world.drain(Task.ANALYSE)
    world.drain(Task.ASSESS)
    world.evaluate()


def kinds(world: World, subject: str, rule: str = "level") -> list[str]:
    with world.units(read_only=True) as unit:
        return [str(kept.kind) for kept in unit.decisions.of(rule, subject)]


def test_what_is_said_again_is_not_kept_again(world: World) -> None:
    world.keeping = Keeping({"model": "fake 1"})
    bring(world, "a1")
    assert kinds(world, DYAD) == ["firing"], "one report of grade A is sure enough"
    before = dump(world.engine)["decision"]
    world.evaluate()
    bring(world, "a2")
    assert dump(world.engine)["decision"] == before
    with world.units(read_only=True) as unit:
        (kept,) = unit.decisions.of("level", DYAD)
        assert (kept.at, kept.notify, kept.facts["evidence"]["owners"]) == (NOON, True, 1)
        assert (kept.versions["model"], "scale" in kept.versions) == ("fake 1", True)


def test_a_rule_that_says_nothing_of_a_subject_says_so(world: World) -> None:
    world.rules = (replace(LEVEL, name="far", steps=LEVEL.steps[1:]), Rule("peace", RuleKind.DEESC, ("dyad:*",)))
    bring(world, "a1", "a2")
    assert kinds(world, DYAD, "far") == ["below-enter"]
    assert kinds(world, DYAD, "peace") == ["no-peace-news"]
    assert kinds(world, "country:IRN", "peace") == [], "what a rule does not cover it is not asked"
    with world.units(read_only=True) as unit:
        assert unit.alerts.names() == [], "and there is no alert"


def test_what_was_decided_is_lost_with_its_transaction(world: World) -> None:
    class Broken(Exception):
        pass

    world.ingest(article("a1"))
    world.drain(Task.ANALYSE)
    world.drain(Task.ASSESS)

    def fail(*_: object) -> None:
        raise Broken

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SqlMarks, "set", fail)
        with pytest.raises(Broken):
            world.evaluate()
    assert kinds(world, DYAD) == []
    world.evaluate()
    assert kinds(world, DYAD) == ["firing"]


def test_old_words_are_thrown_away_and_the_standing_one_is_said_again(world: World) -> None:
    world.rules = (replace(LEVEL, steps=LEVEL.steps[1:]),)
    world.keeping = Keeping(decisions=timedelta(days=2))
    bring(world, "a1")
    world.clock.moment = NOON + timedelta(days=1)
    bring(world, "a2")
    assert kinds(world, DYAD) == ["below-enter"]
    world.clock.moment = NOON + timedelta(days=3)
    world.evaluate()
    assert kinds(world, DYAD) == []
    bring(world, "a3")
    with world.units(read_only=True) as unit:
        assert [kept.at for kept in unit.decisions.of("level", DYAD)] == [NOON + timedelta(days=3)]


def waiting(world: World) -> list[Claim]:
    bring(world, "a1", "a2")
    ids = [i for ids in world.queue.of(Task.DISPATCH) for i in ids]
    return world.claim(Task.DISPATCH, *ids)


def test_who_speaks_for_a_country_is_kept(world: World) -> None:
    world.route(waiting(world))
    world.drain(Task.GATHER)
    inhibited = Withheld(WithheldKind.INHIBITED, DYAD)
    assert world.withheld() == {"country:IRN": inhibited, "country:PAK": inhibited}


def test_that_nobody_is_configured_is_kept(world: World) -> None:
    world.directory = Directory()
    world.route(waiting(world))
    assert world.withheld()[DYAD] == Withheld(WithheldKind.NO_RECEIVER)
