"""Rules that watch the surge, and the peace that DEESC rules may ask for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.storage.records import memory_from_json, memory_to_json
from service.domain.alerting.decide import decide, due_at
from service.domain.alerting.record import Record, record, says_something_new
from service.domain.alerting.rule import (
    Accord,
    Decision,
    Evidence,
    Facts,
    Memory,
    ReasonKind,
    Rule,
    Severity,
    State,
)
from service.domain.risk.surge import Stir
from tests.unit.domain.build import CONFIRMED, DAY, DEESC, HOUR, LEVEL, NOW, SURGE, UNCONFIRMED, facts
from tests.unit.domain.strategies import modest

SURGES = st.floats(0, 30)
PEACE = Accord("incident", NOW, 5.0, 2)


def seen(surge: float, at: datetime = NOW, evidence: Evidence = CONFIRMED, fresh: float = 0.5) -> Facts:
    return facts(10, at, evidence, stir=Stir(surge, 0.0, fresh))


def course(rule: Rule, surges: Sequence[float], every: timedelta = 6 * HOUR, **more: float) -> list[Decision]:
    """The decisions on surges that follow one another."""
    memory, made = Memory(), []
    for n, surge in enumerate(surges):
        made.append(decide(rule, memory, seen(surge, NOW + n * every, **more)))  # type: ignore[arg-type]
        memory = made[-1].memory
    return made


def test_a_surge_fires_at_once_and_says_what_it_is_measured_in() -> None:
    decision = decide(SURGE, Memory(), seen(4.25))
    assert (decision.memory.state, decision.severity, decision.notify) == (State.FIRING, Severity.WARNING, True)
    assert decision.kind is ReasonKind.FIRING
    assert decision.reason == "surge 4.2 is 3.7 or more: at least as much in two days as usually in 4 days"
    assert decision.memory.told_surge == 4.25


def test_less_than_a_usual_day_is_not_put_in_days() -> None:
    assert decide(replace(SURGE, enter=0.5, leave=0.2), Memory(), seen(0.75)).reason == "surge 0.8 is 0.5 or more"
    one = decide(replace(SURGE, enter=1, leave=0.2), Memory(), seen(1.5)).reason
    assert one.endswith("as usually in 1 day")


def test_a_surge_that_must_hold_waits() -> None:
    patient = replace(SURGE, hold=2 * HOUR)
    made = course(patient, [4, 4, 4, 4], every=HOUR)
    assert [d.memory.state for d in made] == [State.PENDING, State.PENDING, State.FIRING, State.FIRING]
    assert [d.notify for d in made] == [False, False, True, False]
    assert due_at(patient, made[0].memory) == NOW + 2 * HOUR
    assert [d.memory.told_surge for d in made] == [0, 0, 4, 4]


@modest
@given(st.floats(0, 3.69))
def test_below_enter_nothing_begins(surge: float) -> None:
    decision = decide(SURGE, Memory(), seen(surge))
    assert (decision.memory, decision.kind) == (Memory(), ReasonKind.BELOW_ENTER)
    assert decision.reason == f"surge {surge:.1f} is below 3.7"


@modest
@given(st.lists(st.floats(3.7, 30), min_size=1, max_size=8), st.booleans(), st.integers(0, 9), st.floats(0, 1))
def test_background_or_old_news_alone_never_fires(surges: list[float], lead: bool, owners: int, sure: float) -> None:
    memory = Memory()
    for n, surge in enumerate(surges):
        told = Evidence(owners, sure, "A", has_lead=lead)
        decision = decide(SURGE, memory, seen(surge, NOW + n * HOUR, told, fresh=0.0 if lead else 0.7))
        memory = decision.memory
        assert (memory.state, decision.notify, decision.kind) == (State.INACTIVE, False, ReasonKind.NOT_NEW)
    assert decision.reason == f"surge {surges[-1]:.1f} without news of danger"


@modest
@given(st.lists(SURGES, min_size=1, max_size=20), st.sampled_from(Severity))
def test_from_quarantine_alone_it_is_info_at_most(surges: list[float], loud: Severity) -> None:
    memory = Memory()
    for n, surge in enumerate(surges):
        told = seen(surge, NOW + n * 6 * HOUR, Evidence(has_lead=True))
        decision = decide(replace(SURGE, severity=loud), memory, told)
        memory = decision.memory
        assert decision.severity is Severity.INFO
        if memory.state is State.FIRING and surge >= SURGE.leave:
            assert decision.reason.endswith("; unconfirmed: quarantined publishers so far")


def test_when_others_join_it_is_told_again_and_louder() -> None:
    first = decide(SURGE, Memory(), seen(4, NOW, UNCONFIRMED))
    again = decide(SURGE, first.memory, seen(5, NOW + HOUR, UNCONFIRMED))
    told = decide(SURGE, again.memory, seen(5.5, NOW + 2 * HOUR))
    later = decide(SURGE, told.memory, seen(5.6, NOW + 3 * HOUR, UNCONFIRMED))
    made = (first, again, told, later)
    assert [(d.notify, d.severity) for d in made] == [
        (True, Severity.INFO),
        (False, Severity.INFO),
        (True, Severity.WARNING),
        (False, Severity.WARNING),
    ]
    assert [d.memory.told_surge for d in made] == [4, 4, 5.5, 5.5]


def test_what_gets_worse_is_told_again_by_what_was_told_last() -> None:
    made = course(SURGE, [4, 5.9, 6, 8.9, 9, 5, 9])
    assert [d.notify for d in made] == [True, False, True, False, True, False, False]
    assert made[2].reason == (
        "surge 6.0 is 1.5 times the 4.0 told before, or more: at least as much in two days as usually in 6 days"
    )
    assert made[5].reason.startswith("surge 5.0 is 3.7 or more"), "and not what was told anew before"


def test_only_news_tells_again() -> None:
    first = decide(SURGE, Memory(), seen(4))
    grown = decide(SURGE, first.memory, seen(9, NOW + HOUR, fresh=0.0))
    recalled = decide(SURGE, first.memory, seen(9, NOW + HOUR, replace(CONFIRMED, has_lead=False)))
    assert not grown.notify
    assert not recalled.notify
    assert grown.memory.told_surge == recalled.memory.told_surge == 4


def test_what_was_told_below_enter_is_not_told_again_below_enter() -> None:
    """A rule that fires with nothing told, as one whose kind was changed, waits for a surge worth telling."""
    held = Memory(State.FIRING, 1, NOW, NOW, NOW, "warning", confirmed=True)
    assert not decide(SURGE, held, seen(2)).notify
    assert decide(SURGE, held, seen(4)).notify


def test_it_lasts_above_leave_and_a_while_longer() -> None:
    made = course(SURGE, [4, 1.85, 1.8, 1.8, 1.8, 1.8, 1.8], every=DAY)
    assert [str(d.kind) for d in made] == ["firing"] * 2 + ["kept-firing"] * 2 + ["resolved"] + ["below-enter"] * 2
    assert made[1].reason == "surge 1.9 has not fallen below 1.85"
    assert made[2].reason == "surge 1.8 is below 1.85; kept firing until it has been so for 3 d"
    assert [d.notify for d in made] == [True, False, False, False, True, False, False]
    assert made[4].memory.told_surge == 0, "the next one is told afresh"


def test_a_surge_while_it_is_kept_is_the_same_alert() -> None:
    made = course(SURGE, [4, 1, 4.5, 1, 7], every=DAY)
    assert [d.notify for d in made] == [True, False, False, False, True]
    assert {d.memory.state for d in made} == {State.FIRING}


@modest
@given(st.lists(st.tuples(SURGES, st.booleans()), max_size=30), st.floats(1, 10), st.floats(0, 10), st.integers(0, 3))
def test_where_a_higher_enter_fires_the_lower_fires_too(
    steps: list[tuple[float, bool]], enter: float, more: float, hold: int
) -> None:
    low = replace(SURGE, enter=enter, leave=enter / 2, hold=hold * 3 * HOUR)
    high = replace(low, enter=enter + more, leave=(enter + more) / 2)
    stable = replace(high, leave=low.leave)
    held, begun = {rule: Memory() for rule in "lhs"}, dict.fromkeys("lhs", 0)
    for n, (surge, fresh) in enumerate(steps):
        told = seen(surge, NOW + n * 6 * HOUR, fresh=0.4 if fresh else 0.0)
        for name, rule in zip("lhs", (low, high, stable), strict=True):
            before, held[name] = held[name].state, decide(rule, held[name], told).memory
            begun[name] += before is not State.FIRING and held[name].state is State.FIRING
        if State.FIRING in {held["h"].state, held["s"].state}:
            assert held["l"].state is State.FIRING
    assert begun["s"] <= begun["l"], "with the same leave it does not begin more often either"


@modest
@given(st.lists(SURGES, max_size=30))
def test_each_message_is_a_beginning_an_end_or_half_as_much_again(surges: list[float]) -> None:
    told = 0.0
    for decision, surge in zip(course(SURGE, surges), surges, strict=True):
        if decision.notify and decision.memory.state is State.FIRING:
            assert surge >= (1.5 * told if told else 3.7)
            told = surge
        elif decision.notify:
            told = 0.0


# What is remembered and kept.


def test_what_was_told_survives_the_database_and_old_rows_are_read() -> None:
    memory = decide(SURGE, Memory(), seen(4.5)).memory
    assert memory_from_json(memory_to_json(memory)) == memory
    old = {k: v for k, v in memory_to_json(memory).items() if k != "told_surge"}
    assert memory_from_json(old) == replace(memory, told_surge=0.0)


def kept(rule: Rule, told: Facts) -> Record:
    return record(rule, Memory(), decide(rule, Memory(), told), told, {})


def test_the_record_holds_the_stir_and_what_the_rule_goes_by() -> None:
    found = kept(SURGE, seen(4.5)).facts
    assert {name: found[name] for name in ("surge", "peace", "fresh")} == {"surge": 4.5, "peace": 0.0, "fresh": 0.5}
    assert found["rule"] == {
        "kind": "SURGE",
        "for": 0,
        "keep": 72 * 3600,
        "enter": 3.7,
        "leave": 1.85,
        "again": 1.5,
        "severity": "warning",
    }


def test_rules_that_do_not_look_at_the_stir_keep_none() -> None:
    for rule in (LEVEL, DEESC):
        found = kept(rule, seen(4.5)).facts
        assert "surge" not in found
        assert "peace" not in found["rule"]


@pytest.mark.parametrize("change", [{"enter": 4}, {"leave": 1}, {"again": 2}, {"severity": Severity.HIGH}])
def test_a_surge_rule_that_was_changed_is_kept_anew(change: dict[str, object]) -> None:
    changed = replace(SURGE, **change)  # type: ignore[arg-type]
    assert says_something_new(kept(changed, seen(1)), kept(SURGE, seen(1)))
    assert not says_something_new(kept(SURGE, seen(2)), kept(SURGE, seen(1)))


# Peace.


@pytest.mark.parametrize(("peace", "tells"), [(0.0, False), (0.49, False), (0.5, True), (2.0, True)])
def test_a_rule_can_ask_how_much_peace_there_is(peace: float, tells: bool) -> None:
    strict = replace(DEESC, peace=0.5)
    decision = decide(strict, Memory(), facts(50, accord=PEACE, stir=Stir(peace=peace)))
    assert (decision.notify, decision.memory.state is State.FIRING) == (tells, tells)
    if not tells:
        assert decision.kind is ReasonKind.LITTLE_PEACE
        assert decision.reason == f"peace news stirs {peace:.2f}, below 0.5"
    assert kept(strict, facts(50)).facts["rule"]["peace"] == 0.5


def test_without_the_wish_no_peace_is_asked_for() -> None:
    assert decide(DEESC, Memory(), facts(50, accord=PEACE)).notify
    assert [rule.asks_stir for rule in (LEVEL, SURGE, DEESC, replace(DEESC, peace=0.1))] == [False, True, False, True]
