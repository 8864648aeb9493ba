"""CUSTOM: conditions of the operator's own, with a way in and a way out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.alerting.condition import AnyOf, parse
from service.domain.alerting.decide import decide
from service.domain.alerting.rule import Evidence, Facts, Memory, ReasonKind, Rule, Severity, State
from service.domain.risk.surge import Stir
from tests.unit.domain.build import DAY, HOUR, NOW, UNCONFIRMED, act, custom, facts

LOUD = facts(52, surprise=3.4, confidence=0.5, acts=(act(),), stir=Stir(4.0))


@pytest.mark.parametrize(
    ("rule", "holds", "reason"),
    [
        (custom("level >= 50", "surprise >= 3"), True, "level 52 (>= 50), surprise 3.4 (>= 3)"),
        (custom("level >= 60", "surprise >= 3"), False, "level 52, asked is level >= 60"),
        (
            custom("level >= 60", "surprise >= 9"),
            False,
            "level 52, asked is level >= 60; surprise 3.4, asked is surprise >= 9",
        ),
        (custom("surge >= 4"), True, "surge 4 (>= 4)"),
        (custom("confidence > 0.5"), False, "confidence 0.5, asked is confidence > 0.5"),
        (custom("e_24h >= 0.1", "d_24h == 0"), True, "e_24h 0.1 (>= 0.1), d_24h 0 (== 0)"),
        (custom("subject_kind == dyad"), True, "subject_kind dyad (== dyad)"),
        (custom("subject_kind == country"), False, "subject_kind dyad, asked is subject_kind == country"),
        (
            custom("event_type in [ASSAULT]", "owner_groups >= 2", "rung >= 4", "intensity <= -9"),
            True,
            "event_type ASSAULT.aerial (in [ASSAULT]), owner_groups 2 (>= 2), rung 4 (>= 4), intensity -9.5 (<= -9)",
        ),
        (
            custom("event_type in [AID]"),
            False,
            "event_type ASSAULT.aerial, asked is event_type in [AID]",
        ),
    ],
)
def test_it_fires_when_all_of_it_holds(rule: Rule, holds: bool, reason: str) -> None:
    decision = decide(rule, Memory(), LOUD)
    assert decision.reason == reason
    assert decision.memory.state is (State.FIRING if holds else State.INACTIVE)
    assert decision.kind is (ReasonKind.FIRING if holds else ReasonKind.UNMET)
    assert bool(decision.unmet) is not holds
    assert decision.severity is (Severity.HIGH if holds else Severity.INFO)


def test_one_of_a_group_is_enough() -> None:
    either = replace(custom("level >= 50"), when=(AnyOf((parse("level >= 90"), parse("surge >= 4"))),))
    assert decide(either, Memory(), LOUD).memory.state is State.FIRING
    assert (
        decide(either, Memory(), replace(LOUD, stir=Stir(1.0))).reason == "level 52, asked is level >= 90 or surge >= 4"
    )


def course(rule: Rule, *given: Facts) -> list[str]:
    memory, made = Memory(), []
    for each in given:
        decision = decide(rule, memory, each)
        memory = decision.memory
        made.append(str(decision.kind))
    return made


def levels(*found: float) -> list[Facts]:
    return [facts(level, NOW + n * HOUR) for n, level in enumerate(found)]


def test_without_a_way_out_it_ends_when_it_holds_no_longer() -> None:
    rule = custom("level >= 50")
    assert course(rule, *levels(52, 49, 52)) == ["firing", "resolved", "firing"]


def test_it_leaves_where_its_rule_says() -> None:
    rule = custom("level >= 50", leave_when=["level < 30", "e_24h < 1"])
    assert course(rule, *levels(52, 49, 31, 29, 45)) == ["firing", "firing", "firing", "resolved", "condition-unmet"]
    firing = decide(rule, Memory(), facts(52)).memory
    assert decide(rule, firing, facts(31)).reason == "it has not left: level 31, asked is level < 30"
    assert decide(rule, firing, facts(29)).reason == "it has left: level 29 (< 30), e_24h 0.1 (< 1)"


def test_it_waits_and_is_kept_as_its_rule_says() -> None:
    slow = custom("level >= 50", hold=HOUR, keep=2 * HOUR)
    assert course(slow, *levels(52, 52, 40, 40, 40)) == [
        "waits-for",
        "firing",
        "kept-firing",
        "resolved",
        "condition-unmet",
    ]


def test_unconfirmed_it_is_information() -> None:
    decision = decide(custom("level >= 50"), Memory(), replace(LOUD, evidence=UNCONFIRMED))
    assert (decision.severity, decision.kind) == (Severity.INFO, ReasonKind.UNCONFIRMED)


def test_the_incident_that_it_is_about_confirms_it_even_if_it_is_peace() -> None:
    peace = facts(20, evidence=Evidence(), acts=(act("RETREAT.ceasefire"),))
    rule = custom("event_type in [RETREAT]")
    assert decide(rule, Memory(), peace).severity is Severity.HIGH
    rumour = replace(peace, acts=(act("RETREAT.ceasefire", owners=1, sure=False),))
    assert decide(rule, Memory(), rumour).severity is Severity.INFO


def test_a_surprise_that_is_not_known_raises_nothing() -> None:
    decision = decide(custom("surprise >= 0"), Memory(), replace(LOUD, surprise=None))
    assert (decision.memory.state, decision.reason) == (
        State.INACTIVE,
        "surprise is not known, asked is surprise >= 0",
    )


@pytest.mark.parametrize("keep", [timedelta(0), DAY])
def test_a_clear_end_is_told(keep: timedelta) -> None:
    rule = custom("level >= 50", keep=keep)
    firing = decide(rule, Memory(), facts(52)).memory
    over = decide(rule, firing, facts(10, NOW + 2 * DAY))
    assert (over.memory.state, over.notify) == (State.RESOLVED, True)
