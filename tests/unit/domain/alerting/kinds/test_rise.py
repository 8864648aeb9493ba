"""RISE: the level has climbed by so many points in a span."""

from dataclasses import replace
from datetime import datetime

import pytest

from service.domain.alerting.decide import decide, due_at
from service.domain.alerting.rule import (
    ALARMS,
    Climb,
    Evidence,
    Facts,
    Memory,
    ReasonKind,
    RuleKind,
    Severity,
    State,
)
from tests.unit.domain.build import CONFIRMED, DAY, HOUR, NOW, RISE, UNCONFIRMED, facts, score_at


def seen(
    level: float,
    lowest: float,
    at: datetime = NOW,
    evidence: Evidence = CONFIRMED,
    began: datetime | None = NOW - 90 * DAY,
    **more: object,
) -> Facts:
    return facts(level, at, evidence, climb=Climb(lowest, at - 3 * DAY, began, at - 7 * DAY), **more)


FIRES = Memory(State.FIRING, 1, NOW, NOW, NOW, "warning", confirmed=True)


@pytest.mark.parametrize(
    ("memory", "given", "kind", "reason"),
    [
        (
            Memory(),
            seen(36.4, 20.1),
            ReasonKind.FIRING,
            "level rose by 16.3 in 7 d, from 20.1 to 36.4: 15 or more",
        ),
        (Memory(), seen(34, 20), ReasonKind.BELOW_ENTER, "level rose by 14.0 in 7 d, below 15"),
        (Memory(), seen(35, 20), ReasonKind.FIRING, "level rose by 15.0 in 7 d, from 20.0 to 35.0: 15 or more"),
        (
            Memory(),
            seen(36, 20, evidence=Evidence()),
            ReasonKind.NOT_NEW,
            "level rose by 16.0 in 7 d without news of danger",
        ),
        (
            Memory(),
            seen(36, 20, score=score_at(36, e_24h=0.0)),
            ReasonKind.NOT_NEW,
            "level rose by 16.0 in 7 d without news of danger",
        ),
        (
            Memory(),
            seen(90, 0, began=NOW - 6 * DAY),
            ReasonKind.SHORT_BOOKS,
            "the books begin 2024-01-13 18:00Z, too late to tell of 7 d",
        ),
        (Memory(), seen(90, 0, began=None), ReasonKind.SHORT_BOOKS, "the books are empty, too late to tell of 7 d"),
        (Memory(), facts(90), ReasonKind.SHORT_BOOKS, "the books are empty, too late to tell of 7 d"),
        (
            Memory(),
            seen(36, 20, evidence=UNCONFIRMED),
            ReasonKind.UNCONFIRMED,
            "level rose by 16.0 in 7 d, from 20.0 to 36.0: 15 or more; unconfirmed: one owner group so far",
        ),
        (
            FIRES,
            seen(28, 20, evidence=Evidence()),
            ReasonKind.FIRING,
            "level rose by 8.0 in 7 d, from 20.0 to 28.0: it has not fallen below 7.5",
        ),
        (FIRES, seen(27, 20), ReasonKind.RESOLVED, "level rose by 7.0 in 7 d, below 7.5"),
    ],
)
def test_what_is_a_rise(memory: Memory, given: Facts, kind: ReasonKind, reason: str) -> None:
    decision = decide(RISE, memory, given)
    assert (decision.kind, decision.reason) == (kind, reason)


def test_a_confirmed_rise_is_as_loud_as_its_rule() -> None:
    assert decide(RISE, Memory(), seen(36, 20)).severity is Severity.WARNING
    assert decide(RISE, Memory(), seen(36, 20, evidence=UNCONFIRMED)).severity is Severity.INFO


def test_it_waits_and_is_kept_as_its_rule_says() -> None:
    slow, memory, made = replace(RISE, hold=HOUR, keep=DAY), Memory(), []
    for level, at in [(36, NOW), (36, NOW + HOUR), (20, NOW + 2 * HOUR), (20, NOW + 25 * HOUR), (20, NOW + 26 * HOUR)]:
        made.append(decide(slow, memory, seen(level, 20, at)))
        memory = made[-1].memory
    assert [str(d.kind) for d in made] == ["waits-for", "firing", "kept-firing", "resolved", "below-enter"]
    assert [d.notify for d in made] == [False, True, False, True, False]
    assert due_at(slow, made[0].memory) == NOW + HOUR


def test_it_tells_of_danger() -> None:
    assert RuleKind.RISE in ALARMS
