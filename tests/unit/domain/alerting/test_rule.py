from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.alerting.decide import decide, due_at
from service.domain.alerting.rule import (
    Accord,
    Decision,
    Evidence,
    Memory,
    ReasonKind,
    Rule,
    RuleKind,
    Severity,
    State,
)
from tests.unit.domain.build import (
    ALLCLEAR,
    CONFIRMED,
    DAY,
    DEESC,
    HOUR,
    LEVEL,
    NOW,
    UNCONFIRMED,
    facts,
    firing,
    score_at,
)
from tests.unit.domain.strategies import modest

QUARTER = timedelta(minutes=15)
PEACE = Accord("incident", NOW, 5.0, 2)
LEVELS = st.floats(0, 100)


def course(rule: Rule, *steps: tuple[float, timedelta], memory: Memory | None = None) -> list[Decision]:
    """The decisions on levels that follow one another; each step is a level and the time since the last."""
    now, held, made = NOW, memory or Memory(), []
    for level, later in steps:
        now += later
        made.append(decide(rule, held, facts(level, now)))
        held = made[-1].memory
    return made


def states(made: list[Decision]) -> list[State]:
    return [d.memory.state for d in made]


# LEVEL: entering.


def test_a_level_fires_after_it_has_held() -> None:
    made = course(LEVEL, (45, HOUR), (45, QUARTER / 2), (45, QUARTER / 2))
    assert states(made) == [State.PENDING, State.PENDING, State.FIRING]
    assert [d.notify for d in made] == [False, False, True]
    assert made[0].reason == "level 45.0 (elevated) is 40 or more; waits until it has held for 15 min"
    assert made[2].reason == "level 45.0 (elevated) is 40 or more"
    assert made[2].severity is Severity.WARNING


@pytest.mark.parametrize("between", [39.9, 28.0, 0.0])
def test_a_level_that_does_not_hold_never_fires(between: float) -> None:
    made = course(LEVEL, (45, HOUR), (between, QUARTER), (45, QUARTER))
    assert states(made) == [State.PENDING, State.INACTIVE, State.PENDING]
    assert not any(d.notify for d in made)


def test_a_pending_step_gives_way_to_a_lower_one() -> None:
    made = course(LEVEL, (65, HOUR), (50, QUARTER))
    assert (made[1].memory.state, made[1].memory.rung, made[1].severity) == (State.FIRING, 1, Severity.WARNING)


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        (40, Severity.WARNING),
        (59.9, Severity.WARNING),
        (60, Severity.HIGH),
        (80, Severity.CRITICAL),
        (100, Severity.CRITICAL),
    ],
)
def test_the_step_reached_gives_the_severity(level: float, severity: Severity) -> None:
    assert course(LEVEL, (level, HOUR), (level, QUARTER))[1].severity is severity


@modest
@given(st.floats(0, 39.99))
def test_below_the_first_step_nothing_begins(level: float) -> None:
    assert decide(LEVEL, Memory(), facts(level)) == Decision(
        Memory(), ReasonKind.BELOW_ENTER, f"level {level:.1f} is below 40", Severity.INFO, notify=False
    )


@modest
@given(st.floats(40, 100), st.integers(0, 9), st.floats(0, 1))
def test_background_alone_never_fires(level: float, owners: int, sure: float) -> None:
    recap = Evidence(owners, sure, "A", has_lead=False)
    held = Memory()
    for n in range(4):
        decision = decide(LEVEL, held, facts(level, NOW + n * HOUR, recap))
        held = decision.memory
        assert (held.state, decision.notify) == (State.INACTIVE, False)
    assert decision.reason == f"level {level:.1f} without news of danger"


@modest
@given(st.floats(40, 100))
def test_nothing_new_in_a_day_never_fires(level: float) -> None:
    assert decide(LEVEL, Memory(), facts(level, score=score_at(level, e_24h=0.0))).memory.state is State.INACTIVE


@modest
@given(st.floats(40, 100))
def test_unconfirmed_danger_is_for_information(level: float) -> None:
    first = decide(LEVEL, Memory(), facts(level, NOW, UNCONFIRMED))
    fired = decide(LEVEL, first.memory, facts(level, NOW + QUARTER, UNCONFIRMED))
    assert (fired.notify, fired.severity, fired.memory.told) == (True, Severity.INFO, "info")
    assert fired.reason.endswith("; unconfirmed: one owner group so far")
    told = decide(LEVEL, fired.memory, facts(level, NOW + HOUR, CONFIRMED))
    assert told.notify
    assert told.severity > Severity.INFO or told.severity is not Severity.INFO
    assert not decide(LEVEL, told.memory, facts(level, NOW + 2 * HOUR, UNCONFIRMED)).notify


@pytest.mark.parametrize(
    ("evidence", "confirmed"),
    [
        (Evidence(2, 0.3, "C"), True),
        (Evidence(1, 0.95, "A"), True),
        (Evidence(1, 0.80, "A"), True),
        (Evidence(1, 0.79, "A"), False),
        (Evidence(1, 0.80, "B"), False),
        (Evidence(), False),
    ],
)
def test_who_confirms(evidence: Evidence, confirmed: bool) -> None:
    assert evidence.confirmed is confirmed


# LEVEL: while it fires.


@modest
@given(st.lists(st.floats(28, 59.99), min_size=1, max_size=20))
def test_between_leave_and_enter_nothing_changes(levels: list[float]) -> None:
    made = course(LEVEL, *((level, HOUR) for level in levels), memory=firing())
    assert {(d.memory.state, d.memory.rung, d.notify) for d in made} == {(State.FIRING, 1, False)}


@modest
@given(st.lists(LEVELS, min_size=1, max_size=20))
def test_people_hear_again_only_when_it_gets_worse(levels: list[float]) -> None:
    made = course(LEVEL, *((level, HOUR) for level in levels), memory=firing())
    order = list(Severity)
    loudest = order.index(Severity.WARNING)
    for decision in made:
        if decision.memory.state is not State.FIRING:
            break
        if decision.notify:
            assert order.index(decision.severity) > loudest
            loudest = order.index(decision.severity)


@modest
@given(st.lists(LEVELS, max_size=20))
def test_a_decision_is_made_of_its_arguments_alone(levels: list[float]) -> None:
    steps = [(level, HOUR) for level in levels]
    assert course(LEVEL, *steps) == course(LEVEL, *steps)


def test_a_step_up_is_told_at_once() -> None:
    made = course(LEVEL, (50, HOUR), (61, HOUR), (85, HOUR), memory=firing())
    assert [(d.severity, d.notify) for d in made] == [
        (Severity.WARNING, False),
        (Severity.HIGH, True),
        (Severity.CRITICAL, True),
    ]
    assert made[1].reason == "level 61.0 (high) is 60 or more"


def test_a_step_is_left_below_its_lower_edge_and_not_told_again_on_return() -> None:
    made = course(LEVEL, (61, HOUR), (45, HOUR), (44.9, HOUR), (61, HOUR), memory=firing())
    assert [d.memory.rung for d in made] == [2, 2, 1, 2]
    assert [d.notify for d in made] == [True, False, False, False]
    assert made[1].reason == "level 45.0 (elevated) has not fallen below 45"


@pytest.mark.parametrize(("quiet", "state"), [(71 * HOUR, State.FIRING), (72 * HOUR, State.RESOLVED)])
def test_firing_outlasts_its_condition(quiet: timedelta, state: State) -> None:
    made = course(LEVEL, (50, HOUR), (20, HOUR), (20, quiet - HOUR), memory=firing())
    assert states(made)[-1] is state
    assert made[-1].notify is (state is State.RESOLVED)
    assert made[1].reason == "level 20.0 is below 28; kept firing until it has been so for 3 d"


@modest
@given(st.lists(st.tuples(st.floats(0, 27.99), st.floats(0.1, 24)), max_size=10))
def test_it_never_ends_before_it_has_been_quiet_long_enough(steps: list[tuple[float, float]]) -> None:
    quiet = timedelta(0)
    for decision, (_, hours) in zip(
        course(LEVEL, *((level, hours * HOUR) for level, hours in steps), memory=firing()), steps, strict=True
    ):
        quiet += hours * HOUR
        assert (decision.memory.state is State.FIRING) is (quiet < LEVEL.keep)


def test_a_rise_in_between_begins_the_wait_anew() -> None:
    made = course(LEVEL, (20, DAY), (28, DAY), (20, DAY), (20, DAY), (20, DAY), memory=firing())
    assert states(made) == [State.FIRING] * 4 + [State.RESOLVED]


def test_a_resolved_alert_stays_so_until_it_begins_anew() -> None:
    over = Memory(State.RESOLVED, since=NOW, fired_at=NOW - DAY, resolved_at=NOW)
    assert decide(LEVEL, over, facts(10, NOW + DAY)).memory == over
    again = course(LEVEL, (45, DAY), (45, QUARTER), memory=over)
    assert states(again) == [State.PENDING, State.FIRING]
    assert again[1].notify
    assert again[1].memory.fired_at == NOW + DAY + QUARTER


# DEESC.


@pytest.mark.parametrize(
    ("accord", "rate", "fired", "tells"),
    [
        pytest.param(PEACE, 0.02, False, True, id="hot by its rate"),
        pytest.param(PEACE, 0.0, True, True, id="hot by its alert"),
        pytest.param(PEACE, 0.019, False, False, id="not hot"),
        pytest.param(None, 0.5, True, False, id="no peace"),
        pytest.param(Accord("i", NOW, 4.0, 1), 0.5, False, True, id="just strong enough"),
        pytest.param(Accord("i", NOW, 3.9, 9), 0.5, True, False, id="mere talk"),
    ],
)
def test_peace_is_told_on_a_hot_dyad_when_it_is_strong(
    accord: Accord | None,
    rate: float,
    fired: bool,
    tells: bool,
) -> None:
    decision = decide(DEESC, Memory(), facts(50, accord=accord, score=score_at(50, e_30d=rate), fired_within_30d=fired))
    assert decision.notify is tells
    assert (decision.memory.state is State.FIRING) is tells


@pytest.mark.parametrize(
    ("owners", "said"),
    [
        (0, "quarantined publishers only, unconfirmed"),
        (1, "1 owner group, unconfirmed"),
        (2, "2 owner groups"),
        (5, "5 owner groups"),
    ],
)
def test_peace_says_who_reported_it(owners: int, said: str) -> None:
    decision = decide(DEESC, Memory(), facts(50, accord=Accord("i", NOW, 5.0, owners)))
    assert decision.reason == f"de-escalation reported (intensity +5.0), {said}"
    assert decision.severity is Severity.INFO


def test_peace_of_quarantined_publishers_is_info_until_others_tell_it() -> None:
    loud = replace(DEESC, severity=Severity.WARNING)
    rumour = decide(loud, Memory(), facts(50, accord=Accord("i", NOW, 5.0, 0)))
    again = decide(loud, rumour.memory, facts(50, NOW + HOUR, accord=Accord("i", NOW, 5.0, 0)))
    vouched = decide(loud, again.memory, facts(50, NOW + 2 * HOUR, accord=PEACE))
    weaker = decide(loud, vouched.memory, facts(50, NOW + 3 * HOUR, accord=Accord("j", NOW, 5.0, 0)))
    made = (rumour, again, vouched, weaker)
    assert [d.severity for d in made] == [Severity.INFO, Severity.INFO, Severity.WARNING, Severity.INFO]
    assert [d.notify for d in made] == [True, False, True, False]
    assert weaker.memory.told == Severity.WARNING


def test_news_that_only_quarantined_publishers_tell_is_unconfirmed() -> None:
    rumour = Evidence(has_lead=True)
    fired = decide(replace(LEVEL, hold=timedelta(0)), Memory(), replace(facts(95), evidence=rumour))
    assert fired.severity is Severity.INFO
    assert fired.reason.endswith("; unconfirmed: quarantined publishers so far")


def test_peace_is_told_once_and_ends_quietly() -> None:
    first = decide(DEESC, Memory(), facts(50, accord=PEACE))
    again = decide(DEESC, first.memory, facts(50, NOW + HOUR, accord=PEACE))
    kept = decide(DEESC, again.memory, facts(50, NOW + DAY))
    over = decide(DEESC, kept.memory, facts(50, NOW + DAY + HOUR))
    assert [d.notify for d in (first, again, kept, over)] == [True, False, False, False]
    assert states([first, again, kept, over]) == [State.FIRING, State.FIRING, State.FIRING, State.RESOLVED]
    assert decide(DEESC, over.memory, facts(50, NOW + 9 * DAY, accord=PEACE)).notify


def test_peace_can_be_asked_to_wait() -> None:
    patient = replace(DEESC, hold=2 * HOUR)
    first = decide(patient, Memory(), facts(50, accord=PEACE))
    again = decide(patient, first.memory, facts(50, NOW + HOUR, accord=PEACE))
    told = decide(patient, again.memory, facts(50, NOW + 2 * HOUR, accord=PEACE))
    assert states([first, again, told]) == [State.PENDING, State.PENDING, State.FIRING]
    assert [d.notify for d in (first, again, told)] == [False, False, True]
    assert first.reason.endswith("; waits until it has held for 2 h")
    assert due_at(patient, first.memory) == NOW + 2 * HOUR
    gone = decide(patient, first.memory, facts(50, NOW + HOUR))
    assert (gone.memory.state, gone.notify) == (State.INACTIVE, False)


def test_peace_that_is_not_told_says_why() -> None:
    assert decide(DEESC, Memory(), facts(50)).reason == "no peace news"
    mild = facts(50, accord=Accord("i", NOW, 3.25, 9))
    assert decide(DEESC, Memory(), mild).reason == "peace news of intensity +3.2 is below +4"
    cold = facts(5, accord=PEACE, score=score_at(5, e_30d=0.004))
    assert decide(DEESC, Memory(), cold).reason == "not hot: 0.004 is below 0.02"


# ALLCLEAR.


def quiet(level: float, at: datetime, memory: Memory, resolved_at: datetime | None = NOW) -> Decision:
    return decide(ALLCLEAR, memory, facts(level, at, resolved_at=resolved_at))


@modest
@given(st.lists(st.floats(0, 24.99), min_size=20, max_size=40))
def test_the_all_clear_is_given_once(levels: list[float]) -> None:
    memory, given_at = Memory(), []
    for day, level in enumerate(levels):
        decision = quiet(level, NOW + day * DAY, memory)
        memory = decision.memory
        given_at += [day] if decision.notify else []
    assert given_at == [7]


def test_the_all_clear_waits_for_seven_days_in_a_row() -> None:
    memory, told = Memory(), []
    for day, level in enumerate([20, 20, 20, 25, 20, 20, 20, 20, 20, 20, 20, 20]):
        decision = quiet(level, NOW + day * DAY, memory)
        memory = decision.memory
        told += [(day, decision.reason)] if decision.notify else []
    assert told == [(11, "level 20.0 has stayed below 25 for 7 d")]


def test_the_all_clear_says_since_when_it_waits() -> None:
    first = quiet(20, NOW, Memory())
    assert first.reason == "level below 25 since 2024-01-19 18:00Z, not yet for 7 d"
    assert quiet(30, NOW + DAY, first.memory).reason == "level 30.0 is not below 25"


def test_without_an_alert_there_is_no_all_clear() -> None:
    assert quiet(0, NOW + 9 * DAY, Memory(State.PENDING, 1, NOW, NOW), resolved_at=None) == Decision(
        Memory(), ReasonKind.NOTHING_RESOLVED, "no alert was resolved here", Severity.INFO
    )


def test_the_next_alert_has_its_own_all_clear() -> None:
    given_once = quiet(20, NOW + 7 * DAY, Memory(State.PENDING, 1, NOW, NOW))
    assert given_once.notify
    assert quiet(20, NOW + 8 * DAY, given_once.memory).reason == "the all-clear was given"
    waits = quiet(20, NOW + 30 * DAY, given_once.memory, resolved_at=NOW + 29 * DAY)
    assert waits.memory.state is State.PENDING
    assert quiet(20, NOW + 37 * DAY, waits.memory, resolved_at=NOW + 29 * DAY).notify


# Subjects.


@pytest.mark.parametrize(
    ("patterns", "subject", "covers"),
    [
        (("*",), "m49:034", True),
        (("dyad:*",), "dyad:IRN-PAK", True),
        (("dyad:*",), "country:IRN", False),
        (("country:IRN", "country:PAK"), "country:PAK", True),
        (("dyad:IRN-*",), "dyad:IRN-PAK", True),
        (("dyad:irn-*",), "dyad:IRN-PAK", False),
        ((), "dyad:IRN-PAK", False),
    ],
)
def test_a_rule_covers_what_its_patterns_match(patterns: tuple[str, ...], subject: str, covers: bool) -> None:
    assert Rule("r", RuleKind.LEVEL, patterns).covers(subject) is covers


def test_a_level_that_rises_for_a_moment_after_the_end_does_not_cost_the_all_clear() -> None:
    """Resolved, then pending for less than `for`: the end is still remembered, and when it was."""
    ended = Memory(State.RESOLVED, since=NOW, fired_at=NOW - DAY, resolved_at=NOW)
    risen = decide(LEVEL, ended, facts(45, NOW + DAY))
    assert risen.memory.state is State.PENDING
    fallen = decide(LEVEL, risen.memory, facts(20, NOW + DAY))
    assert fallen.memory.state is State.RESOLVED
    assert fallen.memory.resolved_at == NOW
    assert not fallen.notify


def test_only_a_rule_that_waits_has_a_time_to_look_again() -> None:
    assert due_at(LEVEL, Memory(State.PENDING, 1, NOW)) == NOW + LEVEL.hold
    assert due_at(ALLCLEAR, Memory(State.PENDING, 1, NOW)) == NOW + ALLCLEAR.quiet
    assert due_at(LEVEL, firing()) is None
    assert due_at(LEVEL, Memory()) is None
