"""What holds for rules of every kind, whatever they see."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.storage.records import memory_from_json, memory_to_json
from service.domain.alerting.alert import Alert
from service.domain.alerting.decide import decide
from service.domain.alerting.ending import what_ends
from service.domain.alerting.record import record
from service.domain.alerting.rule import (
    Accord,
    Climb,
    Ears,
    Evidence,
    Facts,
    Memory,
    Novelty,
    Rule,
    Severity,
    State,
)
from service.domain.risk.surge import Stir
from service.operations.missing import Position, verdict
from tests.unit.domain.build import (
    ALLCLEAR,
    CONFIRMED,
    DAY,
    DEESC,
    HOUR,
    LEVEL,
    NOVEL,
    NOW,
    RISE,
    SILENCE,
    SURGE,
    UNCONFIRMED,
    act,
    custom,
    facts,
    score_at,
)
from tests.unit.domain.strategies import modest

OWN = custom("level >= 50", "event_type in [ASSAULT]", leave_when=["level < 30"])
EVERY = [
    replace(rule, hold=hold, keep=keep)
    for rule in (LEVEL, SURGE, NOVEL, RISE, DEESC, ALLCLEAR, SILENCE, OWN)
    for hold, keep in ((timedelta(0), timedelta(0)), (2 * HOUR, 5 * HOUR))
]
TIMES = st.one_of(st.none(), st.integers(0, 400).map(lambda days: NOW - days * DAY))
ACTS = st.one_of(st.none(), st.sampled_from([act(), act(owners=1, sure=False), act("ACCUSE.allege")]))


@st.composite
def seen(draw: st.DrawFn) -> Facts:
    """Anything that may be known of a subject."""
    level, began, told = draw(st.floats(0, 100)), draw(TIMES), draw(ACTS)
    lead = draw(st.booleans())
    evidence = draw(st.sampled_from([Evidence(), UNCONFIRMED, CONFIRMED, Evidence(has_lead=lead)]))
    return facts(
        level,
        NOW,
        evidence,
        score=score_at(level, e_24h=draw(st.sampled_from([0.0, 0.1])), e_30d=draw(st.floats(0, 1))),
        stir=Stir(draw(st.floats(0, 9)), draw(st.floats(0, 2)), draw(st.floats(0, 1))),
        accord=draw(st.one_of(st.none(), st.builds(Accord, st.just("i"), st.just(NOW), st.floats(0, 10), st.integers(0, 3)))),
        resolved_at=draw(TIMES),
        surprise=draw(st.one_of(st.none(), st.floats(0, 9))),
        acts=(told,) if told else (),
        novelty=draw(st.one_of(st.none(), st.just(Novelty(told, draw(TIMES), began, NOW - 180 * DAY)))),
        climb=draw(st.one_of(st.none(), st.just(Climb(draw(st.floats(0, 100)), NOW, began, NOW - 7 * DAY)))),
        ears=draw(st.one_of(st.none(), st.builds(Ears, st.sampled_from([(), ("bbc",)]), st.one_of(st.none(), st.integers(0, 20).map(lambda h: h * HOUR))))),
        novel=draw(st.sampled_from(["", "the first use of force in 180 d"])),
    )  # fmt: skip


STEPS = st.lists(st.tuples(seen(), st.sampled_from([timedelta(minutes=30), HOUR, 6 * HOUR])), min_size=1, max_size=12)


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: f"{rule.kind}-{rule.hold}")
@modest
@given(STEPS)
def test_the_way_of_an_alert(rule: Rule, steps: list[tuple[Facts, timedelta]]) -> None:
    memory, now = Memory(), NOW
    for each, later in steps:
        now += later
        given_now = replace(each, now=now)
        decision = decide(rule, memory, given_now)
        after = decision.memory
        assert decide(rule, memory, given_now) == decision, "same input, same answer"
        assert memory_from_json(memory_to_json(after)) == after
        assert decision.reason
        if decision.notify:
            assert after.state in {State.FIRING, State.RESOLVED}
        if after.state is State.FIRING:
            assert after.told in set(Severity), "what fires was told, once at least"
            held = after.since and now - after.since >= rule.hold
            assert held or memory.state is State.FIRING
        if memory.state is State.FIRING and memory.last_true_at and now - memory.last_true_at < rule.keep:
            assert after.state is State.FIRING, "what fires is kept"
        check_what_is_said(rule, memory, given_now)
        memory = after


def check_what_is_said(rule: Rule, memory: Memory, given_now: Facts) -> None:
    """Every decision can be kept, told later by how much it missed, and what would end it."""
    decision = decide(rule, memory, given_now)
    kept = record(rule, memory, decision, given_now, {})
    assert verdict(kept, Position(given_now.score, given_now.stir), given_now.now).says
    alert = Alert(rule.name, given_now.subject, {}, decision.memory.state, decision.severity, "", NOW, decision.memory)
    assert what_ends(alert, rule, given_now.score.level, given_now.stir.surge)
