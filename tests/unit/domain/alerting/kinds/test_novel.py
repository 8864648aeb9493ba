"""NOVEL: the first act of its kind, and the alerts it raises."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from service.domain.alerting.decide import decide, due_at
from service.domain.alerting.rule import (
    Decision,
    Facts,
    Memory,
    Novelty,
    ReasonKind,
    Rule,
    Severity,
    State,
)
from service.domain.risk.surge import Stir
from tests.unit.domain.build import (
    ALLCLEAR,
    DAY,
    HOUR,
    LEVEL,
    NOVEL,
    NOW,
    RISE,
    SURGE,
    UNCONFIRMED,
    act,
    facts,
    firing,
)

LONG_AGO = NOW - 400 * DAY
QUICK = replace(LEVEL, hold=timedelta(0))
FIRST = "the first use of force in 180 d"


def seen(
    kind: str = "ASSAULT.aerial",
    before: datetime | None = None,
    began: datetime | None = LONG_AGO,
    at: datetime = NOW,
    **more: object,
) -> Facts:
    told = act(kind, **more) if kind else None  # type: ignore[arg-type]
    return facts(50, at, novelty=Novelty(told, before, began, NOW - 180 * DAY))


@pytest.mark.parametrize(
    ("given", "kind", "reason"),
    [
        (seen(), ReasonKind.FIRING, f"{FIRST}: ASSAULT.aerial"),
        (seen(""), ReasonKind.NO_ACT, "no act of rung 4 or more in 24 h"),
        (facts(50), ReasonKind.NO_ACT, "no act of rung 4 or more in 24 h"),
        (
            seen(before=NOW - DAY),
            ReasonKind.NOT_FIRST,
            "not the first in 180 d: the last one before was 2024-01-18 18:00Z",
        ),
        (
            seen(began=NOW - 30 * DAY),
            ReasonKind.SHORT_BOOKS,
            "the books begin 2023-12-20 18:00Z, too late to tell of 180 d",
        ),
        (seen(began=None), ReasonKind.SHORT_BOOKS, "the books are empty, too late to tell of 180 d"),
        (seen(began=NOW - 180 * DAY), ReasonKind.FIRING, f"{FIRST}: ASSAULT.aerial"),
        (
            seen(owners=1, sure=False),
            ReasonKind.UNCONFIRMED,
            f"{FIRST}: ASSAULT.aerial; unconfirmed: one owner group so far",
        ),
    ],
)
def test_what_is_the_first(given: Facts, kind: ReasonKind, reason: str) -> None:
    decision = decide(NOVEL, Memory(), given)
    assert (decision.kind, decision.reason) == (kind, reason)
    assert decision.notify is (kind in {ReasonKind.FIRING, ReasonKind.UNCONFIRMED})
    assert decision.severity is Severity.INFO


@pytest.mark.parametrize(("rung", "name"), [(1, "words"), (3, "shows of force"), (5, "war")])
def test_the_rung_is_named(rung: int, name: str) -> None:
    reason = decide(replace(NOVEL, rung=rung), Memory(), seen("ASSAULT.invasion")).reason
    assert reason == f"the first {name} in 180 d: ASSAULT.invasion"


def course(rule: Rule, *given: Facts) -> list[Decision]:
    memory, made = Memory(), []
    for each in given:
        made.append(decide(rule, memory, each))
        memory = made[-1].memory
    return made


def test_it_is_told_once_and_ends_quietly() -> None:
    kept = replace(NOVEL, keep=6 * HOUR)
    made = course(kept, seen(), seen(at=NOW + HOUR), seen("", at=NOW + 2 * HOUR), seen("", at=NOW + 9 * HOUR))
    assert [str(d.kind) for d in made] == ["firing", "firing", "kept-firing", "resolved"]
    assert [d.notify for d in made] == [True, False, False, False]


def test_it_can_be_asked_to_wait() -> None:
    patient = replace(NOVEL, hold=HOUR)
    made = course(patient, seen(), seen(at=NOW + HOUR))
    assert [d.memory.state for d in made] == [State.PENDING, State.FIRING]
    assert due_at(patient, made[0].memory) == NOW + HOUR


@pytest.mark.parametrize(
    ("rule", "given", "plain", "raised"),
    [
        (QUICK, facts(45), Severity.WARNING, Severity.HIGH),
        (QUICK, facts(61), Severity.HIGH, Severity.CRITICAL),
        (QUICK, facts(81), Severity.CRITICAL, Severity.CRITICAL),
        (QUICK, facts(81, evidence=UNCONFIRMED), Severity.INFO, Severity.INFO),
        (SURGE, facts(10, stir=Stir(5, fresh=0.5)), Severity.WARNING, Severity.HIGH),
    ],
)
def test_what_begins_while_it_fires_is_one_severity_louder(
    rule: Rule, given: Facts, plain: Severity, raised: Severity
) -> None:
    assert decide(rule, Memory(), given).severity is plain
    louder = decide(rule, Memory(), replace(given, novel=FIRST))
    assert louder.severity is raised
    assert (louder.memory.raised, f"; {FIRST}" in louder.reason) == (FIRST, True)


def test_what_fired_before_is_not_raised() -> None:
    decision = decide(QUICK, firing(), replace(facts(45), novel=FIRST))
    assert (decision.severity, decision.memory.raised, decision.notify) == (Severity.WARNING, "", False)


def test_what_waited_when_it_happened_is_raised_and_stays_so_until_it_is_over() -> None:
    made = course(
        replace(LEVEL, keep=timedelta(0)),
        replace(facts(45), novel=FIRST),
        facts(45, NOW + HOUR),
        facts(45, NOW + 2 * HOUR),
        facts(10, NOW + 3 * HOUR),
        facts(45, NOW + 4 * HOUR),
        facts(45, NOW + 5 * HOUR),
    )
    assert [str(d.memory.state) for d in made] == ["pending", "firing", "firing", "resolved", "pending", "firing"]
    assert [d.severity for d in made[1:3]] == [Severity.HIGH, Severity.HIGH]
    assert [d.notify for d in made] == [False, True, False, True, False, True]
    assert (made[5].severity, made[5].memory.raised) == (Severity.WARNING, "")


def test_a_confirmation_that_comes_later_is_as_loud_as_it_was_raised() -> None:
    first = decide(QUICK, Memory(), replace(facts(45, evidence=UNCONFIRMED), novel=FIRST))
    later = decide(QUICK, first.memory, facts(45, NOW + HOUR))
    assert (first.severity, later.severity, later.notify) == (Severity.INFO, Severity.HIGH, True)


@pytest.mark.parametrize("rule", [RISE, ALLCLEAR])
def test_other_kinds_are_not_raised(rule: Rule) -> None:
    given = facts(10, resolved_at=NOW - 9 * DAY)
    assert decide(rule, Memory(), replace(given, novel=FIRST)) == decide(rule, Memory(), given)
