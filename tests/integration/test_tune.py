"""What the database holds is a history to tune on: read, not coded again."""

from collections.abc import Sequence

from service.adapters.nlp.fingerprints import RensaFingerprints
from service.adapters.storage.memory import MemoryUnits
from service.domain.alerting.rule import Rule
from service.domain.evaluation.tuning import Budget
from service.domain.events.signal import Signal
from service.operations.replay import Replay, VirtualClock
from service.operations.tune import Aim, Tunable, stored, tune
from tests.fakes import LEVEL, World, article, owner_of


def test_only_what_is_booked_is_history(world: World) -> None:
    assert stored(world.units) is None
    world.firing()
    world.ingest(article("later", text="Iran and Pakistan talk of other things, and nobody has read this yet."))
    found = stored(world.units)
    assert found is not None
    ids = [a.id for a in found.articles]
    assert "later" not in ids
    with world.units(read_only=True) as unit:
        assert [list(told) for told in found.events] == list(unit.articles.events(ids).values())
    assert any(found.events)


def test_its_pages_are_those_that_went_out(world: World) -> None:
    world.firing()
    found = stored(world.units)
    assert found is not None
    calls = len(world.classifier.calls)

    def engine(rules: Sequence[Rule]) -> Replay:
        clock = VirtualClock()
        units = MemoryUnits(clock.now)
        return Replay(units, clock, owner_of, world.gazetteer.geography, rules, world.gauge, RensaFingerprints())

    present = Tunable("level", "steps", LEVEL.steps[0].enter, Signal.ESCALATION, {LEVEL.steps[0].enter: LEVEL})
    result = tune(found, [present], [LEVEL], Aim(Budget.parse("9/day")), engine, lambda _: None)
    assert [page.subject for page in result.proof.told["level"]] == ["dyad:IRN-PAK"]
    assert result.is_short
    assert len(world.classifier.calls) == calls
